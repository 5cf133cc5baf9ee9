/** @file The figures that a diagnosis rests on, measured in the terms of the loss. */
import { full, tensor } from '../autograd/create.js';
import type { Tensor } from '../autograd/tensor.js';
import type { Distance } from '../losses/measures.js';
import { batchTripletLoss, tripletLoss } from '../losses/triplet.js';
import { effectiveRank } from '../metrics/spread.js';
import { type BatchProblem, type BatchReport, validateBatch } from '../mining/validate.js';
import { reshape } from '../ops/layout.js';
import { rowsOf } from './arguments.js';
import type { Attribution, Force } from './attribution.js';
import type { Diagnosis, Share } from './diagnosis.js';
import { type AttributableLoss, type PairForm, placesOf } from './pair-forms.js';

/** The figures of a diagnosis. */
export type Figures = Omit<Diagnosis, 'verdict' | 'findings'>;

/** What some of the losses are told. */
interface LossOptions {
  readonly margin?: number;
  readonly squared?: boolean;
  readonly smooth?: boolean;
  readonly normalize?: boolean;
  readonly distance?: Distance;
  readonly mining?: string;
}

/** What findings need to know besides. */
export interface Signs {
  readonly quantity: 'distance' | 'similarity';
  /** Whether the loss squares distances before it takes their difference. */
  readonly squaresDistances: boolean;
  /** Whether only some of the pairs were chosen to count. */
  readonly isMined: boolean;
  readonly margin: number;
  /** How far the margin asks two rows to be apart; null for a loss by similarity. */
  readonly reach: number | null;
  readonly temperature: number;
  /** How far two scores lie apart, divided by the temperature. */
  readonly scoreRange: number;
  /** The least loss that embeddings on the unit sphere could have at this temperature, and at the coldest; else null. */
  readonly bounds: { readonly best: number; readonly ideal: number } | null;
  /** Pairs that should be near, and those that should be apart: by distance, or by similarity. */
  readonly positives: Measures;
  readonly negatives: Measures;
  /** How often a pair that should be near is nearer than one that should not: 1 where always, ½ by chance. */
  readonly order: number;
  /** Distances of all rows, the one in the middle. */
  readonly medianDistance: number;
  /** Of how many rows others are much nearer than by chance. */
  readonly neighbours: Neighbours;
  /** Null where the loss takes no labels of classes. */
  readonly company: Company | null;
  /** Pairs of rows of two inputs that should be near, and how many of these are equal. */
  readonly views: Share;
  /** The rows of the largest class, where the loss takes labels. */
  readonly largestClass: number | null;
  /** Whether rows that are equal are of one class. */
  readonly equalWithinClasses: boolean;
  /** Whether a gradient is NaN or infinite. */
  readonly isGradientFinite: boolean;
}

/** Counts of rows with another within a radius, which points that fill their dimensions by chance hardly have. */
interface Neighbours {
  readonly radius: number;
  /** One that should be near. */
  readonly near: number;
  /** One that should be apart. */
  readonly apart: number;
}

/** Rows of labelled classes by their nearest, as many as the class has other rows. */
interface Company {
  /** How many have two of other classes more than twice as near as any of their own. */
  readonly strangers: number;
  /** Which share of them is of their class, the mean over the rows that are no strangers. */
  readonly others: number;
}

/** Measures of pairs. */
interface Measures {
  readonly least: number;
  readonly mean: number;
  readonly most: number;
}

/** Below which spread rows are all but one point. */
export const ONE_POINT = 0.01;

type Rows = readonly (readonly number[])[];

const lengthOf = (row: readonly number[]): number => Math.hypot(...row);
const unit = (row: readonly number[]): number[] => row.map((v) => v / Math.max(lengthOf(row), 1e-12));
const gap = (a: readonly number[], b: readonly number[]): number => Math.hypot(...a.map((v, t) => v - b[t]!));
const meanOf = (rows: Rows): number[] =>
  rows[0]!.map((_, t) => rows.reduce((sum, row) => sum + row[t]! / rows.length, 0));
const middle = (values: readonly number[]): number => [...values].sort((p, q) => p - q)[values.length >> 1] ?? 0;

/** Everything that is measured of a loss and its batch. */
export function figuresOf(
  lossFn: AttributableLoss,
  form: PairForm,
  split: Attribution,
  options: LossOptions,
): [Figures, Signs] {
  // As the loss sees them.
  const rows = form.rows.flatMap(rowsOf).map((row) => (form.normalizes ? unit(row) : row));
  const isTriplet = [tripletLoss, batchTripletLoss].some((fn) => fn === lossFn);
  const squaresDistances = isTriplet && options.squared !== false;
  const { margin = 1, distance = 'euclidean' } = options;
  const isDistance = form.quantity === 'distance';
  const reach = isDistance ? reachOf(margin, distance, squaresDistances) : null;
  const { temperature = 1 } = form;
  const norms = split.gradients.flat().map(lengthOf);
  const sorted = [...norms].sort((p, q) => p - q);
  // What has only differences to go by knows no place to be far from.
  const isShiftFree = isDistance && !form.normalizes && distance !== 'dot';
  const mean = meanOf(rows);
  const spread = spreadOf(rows, distance === 'dot' ? null : reach);
  const rank = rankOf(isShiftFree && spread >= ONE_POINT ? rows.map((row) => row.map((v, t) => v - mean[t]!)) : rows);
  const classes = classesOf(form, rows.length);
  const measures = (relation: Force['relation']): number[] =>
    split.forces.filter((force) => force.relation === relation).map(({ measure }) => measure);
  const [near, far] = [measures('positive'), measures('negative')];
  const all = rows.flatMap((row, i) => rows.slice(0, i).map((other) => gap(row, other)));
  const medianDistance = middle(all);
  const figures: Figures = {
    loss: split.value,
    collapseValue: collapseValueOf(form, mean),
    spread,
    effectiveRank: rank,
    dimensions: rows[0]!.length,
    active: { positives: activeShare(split, 'positive'), negatives: activeShare(split, 'negative') },
    gradientNorms: { least: sorted[0]!, median: sorted[norms.length >> 1]!, most: sorted.at(-1)! },
    batch: reportOf(form, rows, classes, options, squaresDistances),
  };
  const scores = [...near, ...far];
  const signs: Signs = {
    quantity: form.quantity,
    squaresDistances,
    isMined: options.mining !== undefined && options.mining !== 'all',
    margin,
    reach,
    temperature,
    scoreRange: isDistance ? 0 : (most(scores) - least(scores)) / temperature,
    bounds: boundsOf(form),
    positives: summaryOf(near),
    negatives: summaryOf(far),
    order: orderOf(near, far, isDistance),
    medianDistance,
    neighbours: neighboursOf(form, rows, medianDistance, rank),
    company: form.rows.length > 1 ? null : companyOf(rows, classes),
    views: viewsOf(form, rows),
    largestClass: form.rows.length > 1 ? null : most(classes.map((label) => classes.filter((c) => c === label).length)),
    equalWithinClasses: rows.every((row, i) =>
      rows.slice(0, i).every((other, j) => classes[i] === classes[j] || gap(row, other) > 0),
    ),
    isGradientFinite: norms.every(Number.isFinite),
  };
  return [figures, signs];
}

const most = (values: readonly number[]): number => values.reduce((p, q) => Math.max(p, q), Number.NEGATIVE_INFINITY);
const least = (values: readonly number[]): number => values.reduce((p, q) => Math.min(p, q), Number.POSITIVE_INFINITY);

function summaryOf(values: readonly number[]): Measures {
  return {
    least: least(values),
    mean: values.reduce((sum, value) => sum + value, 0) / values.length,
    most: most(values),
  };
}

/** The Euclidean distance at which a pair is a margin apart from one at distance 0. */
function reachOf(margin: number, distance: Distance, squares: boolean): number {
  const plain = squares ? Math.sqrt(margin) : margin;
  if (distance === 'cosine') return Math.sqrt(2 * plain);
  return distance === 'squaredEuclidean' ? Math.sqrt(plain) : plain;
}

/** The largest distance of two rows on the unit sphere, squared where the loss squares it; null where it may be negative. */
function largestOnSphere(distance: Distance, dimensions: number, squares: boolean): number | null {
  if (distance === 'dot') return null;
  const p = typeof distance === 'object' ? distance.p : 2;
  const plain = distance === 'squaredEuclidean' ? 4 : 2 * Math.max(1, dimensions ** (1 / p - 1 / 2));
  return squares ? plain ** 2 : plain;
}

/** The loss where every row is one and the same point. */
function collapseValueOf(form: PairForm, mean: readonly number[]): number {
  const size = mean.length;
  const isPoint = mean.every(Number.isFinite) && (!form.normalizes || lengthOf(mean) > 1e-6);
  const point = isPoint ? mean : mean.map((_, t) => (form.normalizes && t === 0 ? 1 : 0));
  const copies = (count: number): Tensor =>
    tensor(
      Float64Array.from({ length: count * size }, (_, at) => point[at % size]!),
      { shape: [count, size] },
    );
  const measures = form.blocks.map(({ pairs, shape }) => {
    const rows = copies(pairs.length);
    return pairs.length === 0 ? full(shape, 0, { dtype: 'float64' }) : reshape(form.measure(rows, rows), shape);
  });
  const own = form.own?.(...form.rows.map((x) => copies(x.shape[0]!))).item() ?? 0;
  return (form.blocks.every(({ pairs }) => pairs.length === 0) ? 0 : form.loss(...measures).item()) + own;
}

/** The loss where all that should be alike is, and all else points the other way. */
function boundsOf(form: PairForm): Signs['bounds'] {
  if (form.quantity !== 'similarity' || !form.normalizes) return null;
  const at = (similar: number): number =>
    form
      .loss(
        ...form.blocks.map(({ pairs, shape }) =>
          tensor(
            Float64Array.from(pairs, ({ positive }) => (positive ? similar : -similar)),
            { shape },
          ),
        ),
      )
      .item();
  return { best: at(1), ideal: at(1e9) };
}

/** How far rows are spread: relative to `reach`, or to their own length. */
function spreadOf(rows: Rows, reach: number | null): number {
  const mean = meanOf(rows);
  const square = (of: (row: readonly number[]) => number[]): number =>
    rows.reduce((sum, row) => sum + lengthOf(of(row)) ** 2, 0);
  const around = square((row) => row.map((v, t) => v - mean[t]!));
  if (reach !== null) return Math.sqrt((2 * around) / Math.max(rows.length - 1, 1)) / reach;
  const total = square((row) => [...row]);
  return total === 0 ? 0 : Math.sqrt(around / total);
}

function activeShare({ forces }: Attribution, relation: Force['relation']): Share {
  // Each pair is listed once for each of its two rows.
  const listed = forces.filter((force) => force.relation === relation);
  return { count: listed.filter(({ kind }) => kind !== 'none').length / 2, total: listed.length / 2 };
}

function rankOf(rows: Rows): number | null {
  if (!rows.flat().every(Number.isFinite) || rows.every((row) => lengthOf(row) === 0)) return null;
  return effectiveRank({ points: rows.flat(), count: rows.length });
}

/** The share of all pairs (p, q) of two lists in which p is nearer, ties counting half; ½ where a list is empty. */
function orderOf(near: readonly number[], far: readonly number[], isDistance: boolean): number {
  const sorted = far.map((v) => (isDistance ? v : -v)).sort((p, q) => p - q);
  const below = (value: number, orEqual: boolean): number => {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const at = (low + high) >> 1;
      if (sorted[at]! < value || (orEqual && sorted[at] === value)) low = at + 1;
      else high = at;
    }
    return low;
  };
  let count = 0;
  for (const measure of near) {
    const value = isDistance ? measure : -measure;
    count += sorted.length - (below(value, false) + below(value, true)) / 2;
  }
  return near.length * far.length === 0 ? 0.5 : count / (near.length * far.length);
}

/**
 * How many times nearer than rows that fill `d` dimensions by chance a row must be to count as a neighbour: so near that a row
 * has less than 0.02 of them by chance.
 */
const nearer = (d: number): number => Math.min(0.3, 0.04 ** (1 / d));

/** How many rows have neighbours that should be near, or apart. */
function neighboursOf(form: PairForm, rows: Rows, median: number, rank: number | null): Neighbours {
  // Of n points that fill d dimensions, the nearest lies about n^(-1/d) times as far as the one in the middle. The sphere has
  // one dimension less than the space around it.
  const dimensions = Math.max(1, (rank ?? 1) - Number(form.normalizes));
  const radius = nearer(dimensions) * median * rows.length ** (-1 / dimensions);
  const place = placesOf(form);
  const [near, apart] = [new Set<number>(), new Set<number>()];
  for (const { left, right, positive } of form.blocks.flatMap((block) => block.pairs)) {
    const [p, q] = [place(left), place(right)];
    if (p === q || !(gap(rows[p]!, rows[q]!) < radius)) continue;
    for (const row of [p, q]) (positive ? near : apart).add(row);
  }
  return { radius, near: near.size, apart: apart.size };
}

/** Whether rows lie among those of their class; classes of one or two rows say nothing. */
function companyOf(rows: Rows, classes: readonly number[]): Company {
  const shares: number[] = [];
  let strangers = 0;
  rows.forEach((row, i) => {
    const others = rows.map((other, j) => ({ distance: gap(row, other), isOwn: classes[j] === classes[i], j }));
    const sorted = others.filter(({ j }) => j !== i).sort((p, q) => p.distance - q.distance);
    const own = sorted.filter(({ isOwn }) => isOwn);
    if (own.length < 2) return;
    const nearest = sorted.slice(0, own.length);
    if (own[0]!.distance > 2 * nearest[1]!.distance) strangers++;
    else shares.push(nearest.filter(({ isOwn }) => isOwn).length / own.length);
  });
  return { strangers, others: shares.reduce((sum, share) => sum + share, 0) / shares.length };
}

/** Pairs of rows of two inputs that should be alike, and how many are equal. */
function viewsOf(form: PairForm, rows: Rows): Share {
  const place = placesOf(form);
  const views = form.blocks
    .flatMap((block) => block.pairs)
    .filter(({ left, right, positive }) => positive && left.input !== right.input);
  const equal = views.filter(({ left, right }) => gap(rows[place(left)]!, rows[place(right)]!) === 0);
  return { count: equal.length, total: views.length };
}

/** A class for each row: those that a chain of positives joins are of one. */
function classesOf(form: PairForm, count: number): number[] {
  const at = placesOf(form);
  let classes = Array.from({ length: count }, (_, i) => i);
  for (const { left, right, positive } of form.blocks.flatMap((block) => block.pairs)) {
    const [kept, joined] = [classes[at(left)]!, classes[at(right)]!];
    if (positive && kept !== joined) classes = classes.map((label) => (label === joined ? kept : label));
  }
  return classes;
}

/** From how many dimensions on, two of a batch hardly point one way by chance. */
const ROOM = 8;

/** What {@link validateBatch} says of what this loss looks at. */
function reportOf(
  form: PairForm,
  rows: Rows,
  classes: readonly number[],
  { margin = 1, smooth = false, normalize, distance = 'euclidean' }: LossOptions,
  squares: boolean,
): BatchReport {
  const isDistance = form.quantity === 'distance';
  const cosine = !isDistance && normalize === false;
  const report = validateBatch(tensor(rows.map((row) => [...row])), classes, { cosine });
  // A loss of given pairs knows nothing of the others, and has no classes.
  const complete = form.blocks.some(({ shape }) => shape.length > 1) || form.rows.length === 1;
  // Where an embedding has little room, or has learned nothing yet, many rows point one way: that says nothing of labels.
  const told = ({ rows: concerned }: BatchProblem): boolean =>
    !isDistance && rows[0]!.length >= ROOM && concerned.length <= rows.length / 4;
  const ofClasses = ['singletonClasses', 'noPositives', 'noNegatives'];
  const matters = (problem: BatchProblem): boolean =>
    (form.rows.length === 1 || !ofClasses.includes(problem.kind)) &&
    (problem.kind !== 'zeroVectors' || form.normalizes) &&
    (problem.kind !== 'probableFalseNegatives' || (complete && told(problem)));
  const problems = report.problems.filter(matters);
  const onSphere = rows.every((row) => Math.abs(lengthOf(row) - 1) <= 1e-3);
  const largest = isDistance && onSphere && !smooth ? largestOnSphere(distance, rows[0]!.length, squares) : null;
  if (largest !== null && margin > largest) {
    const what = squares ? 'squared distance' : 'distance';
    const message = `no ${what} on the unit sphere exceeds ${Number(largest.toPrecision(4))}, the margin is ${margin}`;
    problems.push({ kind: 'unreachableMargin', message, rows: [] });
  }
  return { ...report, problems };
}
