/** @file What `contragrad explain` shows of each loss: a batch, the formula, the formula with the numbers put in. */
import { inner, minus } from '../closed-forms/vectors.js';
import { type Attribution, attribution } from '../explain/index.js';
import { block, cellsOf, shortNumber } from '../explain/numbers.js';
import {
  type ClosedForm,
  contrastiveGradient,
  contrastiveLoss,
  Generator,
  infoNCEGradient,
  infoNCELoss,
  mutualInformationGradient,
  mutualInformationLoss,
  type Tensor,
  tensor,
  tripletGradient,
  tripletLoss,
} from '../index.js';
import { BATCHES, LABELS, type Points } from './lesson-batches.js';
import type { ExplainSettings } from './settings.js';

/** One loss on one batch. */
export interface Lesson {
  /** What is explained. */
  readonly title: string;
  /** The arguments of the loss, by name. */
  readonly batch: Readonly<Record<string, Points>>;
  /** For the contrastive loss: 1 where a pair is the same. */
  readonly labels?: readonly number[];
  /** What else the graph should call by name. */
  readonly constants?: Readonly<Record<string, Tensor>>;
  /** Margin or temperature. */
  readonly options: Readonly<Record<string, number>>;
  /** The formula, and what its letters mean. */
  readonly formula: readonly string[];
  /** The formula with the numbers put in, term by term; then the loss, and what to notice. */
  readonly terms: readonly string[];
  /** Rows whose hinge has its kink here. */
  readonly kinks: readonly number[];
  /** The loss of the arguments. */
  loss(...inputs: Tensor[]): Tensor;
  /** The same in closed form. */
  closedForm(...inputs: Tensor[]): ClosedForm;
  /** Who pulls and pushes whom. */
  attribution(...inputs: Tensor[]): Attribution;
}

/** Closer to a kink than this, a finite difference sees both of its sides. */
const KINK = 1e-4;

/** The loss on its built-in batch, or on a random one that is at no kink. */
export function lessonOf(settings: ExplainSettings): Lesson {
  const make = LESSONS[settings.loss];
  const batch: Lesson['batch'] = BATCHES[settings.loss];
  if (settings.seed === undefined) return make(batch, settings);
  const generator = new Generator(settings.seed);
  const draw = (points: Points): Points =>
    points.map((point) => point.map(() => Math.round(60 * generator.normal()) / 100));
  for (;;) {
    const drawn = Object.fromEntries(Object.entries(batch).map(([name, points]) => [name, draw(points)]));
    const lesson = make(drawn, settings);
    const points = Object.values(drawn).flat();
    if (lesson.kinks.length === 0 && new Set(points.map(String)).size === points.length) return lesson;
  }
}

type Make = (batch: Lesson['batch'], settings: ExplainSettings) => Lesson;

const LESSONS: Readonly<Record<ExplainSettings['loss'], Make>> = {
  contrastive(batch, { margin = 1 }) {
    const [a, b] = Object.values(batch) as [Points, Points];
    const same = tensor(LABELS, { dtype: 'int32' });
    const squares = a.map((point, i) => squaredDistance(point, b[i]!));
    const gaps = squares.map((square) => margin - Math.sqrt(square));
    const terms = squares.map((square, i) => (LABELS[i] === 1 ? square : Math.max(gaps[i]!, 0) ** 2));
    return {
      title: 'Contrastive (siamese) loss',
      batch,
      labels: LABELS,
      constants: { same },
      options: { margin },
      formula: [
        'L = 1/(2N) Σᵢ yᵢ Dᵢ² + (1 - yᵢ) max(m - Dᵢ, 0)²',
        `Dᵢ = ‖aᵢ - bᵢ‖, yᵢ = 1 for a pair that is the same, N = ${a.length} pairs, m = ${margin}`,
      ],
      terms: [
        ...squares.map((square, i) => {
          const distance = `D² = ${squaresOf(a[i]!, b[i]!)} = ${shortNumber(square)}`;
          if (LABELS[i] === 1) return `  pair ${i + 1}, same:      ${distance}`;
          const hinge = `max(${margin} - √${shortNumber(square)}, 0)² = ${shortNumber(terms[i]!)}`;
          return `  pair ${i + 1}, different: ${distance}, ${hinge}`;
        }),
        meanOf(terms, 2),
        ...idle(
          'Pair',
          gaps.map((gap, i) => (LABELS[i] === 0 ? gap : 1)),
          'is further apart than the margin',
        ),
      ],
      kinks: rowsWhere(gaps, (gap, i) => LABELS[i] === 0 && (Math.abs(gap) < KINK || squares[i]! < KINK ** 2)),
      loss: (x, y) => contrastiveLoss(x!, y!, same, { margin }),
      closedForm: (x, y) => contrastiveGradient(x!, y!, LABELS, { margin }),
      attribution: (x, y) => attribution(contrastiveLoss, [x!, y!, LABELS], { margin }),
    };
  },

  triplet(batch, { margin = 1 }) {
    const [a, p, n] = Object.values(batch) as [Points, Points, Points];
    const squares = a.map((point, i) => [squaredDistance(point, p[i]!), squaredDistance(point, n[i]!)] as const);
    const gaps = squares.map(([near, far]) => near - far + margin);
    const terms = gaps.map((gap) => Math.max(gap, 0));
    return {
      title: 'Triplet loss',
      batch,
      options: { margin },
      formula: [
        'L = 1/N Σᵢ max(‖aᵢ - pᵢ‖² - ‖aᵢ - nᵢ‖² + m, 0)',
        `anchor a, positive p, negative n, N = ${a.length} triplets, margin m = ${margin}`,
      ],
      terms: [
        ...squares.map(([near, far], i) => {
          const inside = `${shortNumber(near)} - ${shortNumber(far)} + ${margin}`;
          return `  triplet ${i + 1}: max(${inside}, 0) = ${shortNumber(terms[i]!)}`;
        }),
        meanOf(terms),
        ...idle('Triplet', gaps, 'has its negative far enough away'),
      ],
      kinks: rowsWhere(gaps, (gap) => Math.abs(gap) < KINK),
      loss: (x, y, z) => tripletLoss(x!, y!, z!, { margin }),
      closedForm: (x, y, z) => tripletGradient(x!, y!, z!, { margin }),
      attribution: (x, y, z) => attribution(tripletLoss, [x!, y!, z!], { margin }),
    };
  },

  infonce(batch, { temperature = 0.5 }) {
    const [q, k] = Object.values(batch) as [Points, Points];
    const options = { temperature };
    return {
      title: 'InfoNCE loss',
      batch,
      options,
      formula: [
        'L = -1/N Σᵢ log( e^sᵢᵢ / Σⱼ e^sᵢⱼ ),   sᵢⱼ = qᵢ·kⱼ / (‖qᵢ‖ ‖kⱼ‖ τ)',
        `query q, its positive k in the same row, N = ${q.length} rows, temperature τ = ${temperature}`,
      ],
      terms: scoreTerms(batch, (x, y) => inner(x, y) / Math.sqrt(inner(x, x) * inner(y, y)) / temperature),
      kinks: rowsWhere([...q, ...k], (point) => inner(point, point) < KINK ** 2),
      loss: (x, y) => infoNCELoss(x!, y!, options),
      closedForm: (x, y) => infoNCEGradient(x!, y!, options),
      attribution: (x, y) => attribution(infoNCELoss, [x!, y!], options),
    };
  },

  mi(batch, { temperature = 1 }) {
    const [l] = Object.values(batch) as [Points];
    const options = { temperature };
    return {
      title: 'Mutual-information loss',
      batch,
      options,
      formula: [
        'L = -1/N Σᵢ log( e^sᵢᵢ / Σⱼ e^sᵢⱼ ),   sᵢⱼ = lᵢ·gⱼ / τ',
        `local l, global g of the same sample in the same row, N = ${l.length}, temperature τ = ${temperature}`,
      ],
      terms: scoreTerms(batch, (x, y) => inner(x, y) / temperature),
      kinks: [],
      loss: (x, y) => mutualInformationLoss(x!, y!, options),
      closedForm: (x, y) => mutualInformationGradient(x!, y!, options),
      attribution: (x, y) => attribution(mutualInformationLoss, [x!, y!], options),
    };
  },
};

const squaredDistance = (p: readonly number[], q: readonly number[]): number => inner(minus(p, q), minus(p, q));

const squaresOf = (p: readonly number[], q: readonly number[]): string =>
  minus(p, q)
    .map((v) => (v < 0 ? `(${shortNumber(v)})²` : `${shortNumber(v)}²`))
    .join(' + ');

/** The last line of the terms: their mean, times 1 / `factor`. */
function meanOf(terms: readonly number[], factor = 1): string {
  const value = terms.reduce((sum, term) => sum + term, 0) / terms.length / factor;
  const count = factor === 1 ? `${terms.length}` : `(${factor} · ${terms.length})`;
  return `L = (${terms.map((term) => shortNumber(term)).join(' + ')}) / ${count} = ${shortNumber(value)}`;
}

/** Names the rows whose hinge is closed. */
const idle = (what: string, gaps: readonly number[], why: string): string[] =>
  rowsWhere(gaps, (gap) => gap < 0).map((row) => `${what} ${row + 1} ${why}: no loss, hence no gradient.`);

/** The scores of all rows with all rows, and the loss of each row. */
function scoreTerms(batch: Lesson['batch'], score: (x: readonly number[], y: readonly number[]) => number): string[] {
  const [[left, rows], [right, others]] = Object.entries(batch) as [[string, Points], [string, Points]];
  const scores = rows.map((x) => others.map((y) => score(x, y)));
  const losses = scores.map((row, i) => {
    const top = Math.max(...row);
    return top + Math.log(row.reduce((sum, s) => sum + Math.exp(s - top), 0)) - row[i]!;
  });
  const table = block(
    [
      [`s`, ...others.map((_, j) => `${right}${j + 1}`)],
      ...cellsOf(scores).map((row, i) => [`${left}${i + 1}`, ...row]),
    ],
    70,
  );
  return [
    ...table.map((line) => `  ${line}`),
    ...scores.map((row, i) => {
      const powers = row.map((s) => `e^${shortNumber(s)}`);
      return `  row ${i + 1}: -log(${powers[i]} / (${powers.join(' + ')})) = ${shortNumber(losses[i]!)}`;
    }),
    meanOf(losses),
    'With pᵢⱼ = e^sᵢⱼ / Σⱼ e^sᵢⱼ, ∂L/∂sᵢⱼ = (pᵢⱼ - [i = j]) / N: find it at matmul.',
  ];
}

const rowsWhere = <Item>(items: readonly Item[], holds: (item: Item, i: number) => boolean): number[] =>
  items.flatMap((item, i) => (holds(item, i) ? [i] : []));
