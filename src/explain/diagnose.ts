/** @file What is wrong with a batch and its loss, in words, with the next thing to try. */
import { tensor, zeros } from '../autograd/create.js';
import { batchTripletLoss, tripletLoss } from '../losses/triplet.js';
import { effectiveRank } from '../metrics/spread.js';
import { type BatchProblem, type BatchReport, validateBatch } from '../mining/validate.js';
import { rowsOf } from './arguments.js';
import { type Attribution, attributed, drawingAgain, type InputsOf, type OptionsOf, prepared } from './attribution.js';
import { type AttributableLoss, type PairForm, placesOf } from './pair-forms.js';

/** Something that was found, and what to do about it. */
export interface Finding {
  /** What it is, safe to test against. */
  readonly kind:
    | 'notFinite'
    | 'collapse'
    | 'collapseValue'
    | 'lowRank'
    | 'nothingActive'
    | 'fewActive'
    | 'vanishingGradient'
    | 'explodingGradient'
    | 'saturated'
    | 'batch';
  /** What was seen. */
  readonly message: string;
  /** The next thing to try. */
  readonly advice: string;
}

/** What {@link diagnose} returns. */
export interface Diagnosis {
  /** The worst finding in words with its advice, or that nothing was found. */
  readonly verdict: string;
  /** All that was found, the worst first. */
  readonly findings: readonly Finding[];
  /** The loss. */
  readonly loss: number;
  /** The loss of an encoder that maps everything to one point: log N, the margin, … */
  readonly collapseValue: number;
  /** How far the embeddings are spread around their mean, relative to their length: 0 at collapse, 1 where the mean is 0. */
  readonly spread: number;
  /** How many dimensions the embeddings use, out of how many; null where all are 0, or some are not finite. */
  readonly effectiveRank: number | null;
  /** The length of an embedding. */
  readonly dimensions: number;
  /** How many of the pairs have a force at all. */
  readonly active: {
    /** Pairs that should be near. */
    readonly positives: Share;
    /** Pairs that should be apart. */
    readonly negatives: Share;
  };
  /** The lengths of the gradients of the rows. */
  readonly gradientNorms: {
    /** The shortest. */
    readonly least: number;
    /** The one in the middle. */
    readonly median: number;
    /** The longest. */
    readonly most: number;
  };
  /** What {@link validateBatch} says of the batch; without classes, of its rows alone. */
  readonly batch: BatchReport;
}

/** A part of a number of pairs. */
export interface Share {
  /** How many are meant. */
  readonly count: number;
  /** How many there are. */
  readonly total: number;
}

/**
 * Looks at a loss on a batch for what makes training fail quietly: collapse, against the constant that the loss has
 * there; few active pairs; few dimensions in use; gradients that vanish or explode; problems of the batch itself.
 *
 * @param lossFn - One of the losses of embeddings.
 * @param inputs - Its arguments before the options.
 * @param options - Its options.
 * @returns A verdict in words, and the figures behind it.
 * @throws `ArgumentError` as for {@link attribution}.
 *
 * @example
 * ```ts
 * import { batchTripletLoss, ones, type Tensor } from 'contragrad';
 * import { diagnose } from 'contragrad/explain';
 *
 * const batch: [Tensor, number[]] = [ones([4, 8]), [0, 0, 1, 1]];
 * const report = diagnose(batchTripletLoss, batch, { margin: 0.5 });
 * console.log(report.findings[0]?.kind); // collapse
 * console.log(report.collapseValue); // 0.5
 * ```
 */
export function diagnose<Loss extends AttributableLoss>(
  lossFn: Loss,
  inputs: InputsOf<Loss>,
  options: OptionsOf<Loss> = {} as OptionsOf<Loss>,
): Diagnosis {
  const form = prepared(lossFn, inputs, options);
  const split = attributed(form);
  // As the loss sees them.
  const rows = form.rows.flatMap(rowsOf).map((row) => (form.normalizes ? unit(row) : row));
  const norms = split.gradients
    .flat()
    .map(lengthOf)
    .sort((p, q) => p - q);
  const figures = {
    loss: split.value,
    collapseValue: drawingAgain(options as object, () => collapseValueOf(form)),
    spread: spreadOf(rows),
    effectiveRank: rankOf(rows),
    dimensions: rows[0]!.length,
    active: { positives: activeShare(split, 'positive'), negatives: activeShare(split, 'negative') },
    gradientNorms: { least: norms[0]!, median: norms[norms.length >> 1]!, most: norms.at(-1)! },
    batch: reportOf(form, rows, options as LossOptions),
  };
  const findings = findingsOf(lossFn, figures, options as LossOptions);
  const [worst] = findings;
  const verdict = worst === undefined ? healthy(figures) : `${worst.message}. ${worst.advice}.`;
  return { verdict, findings, ...figures };
}

/** What some of the losses are told. */
interface LossOptions {
  readonly margin?: number;
  readonly squared?: boolean;
  readonly normalize?: boolean;
}

type Figures = Omit<Diagnosis, 'verdict' | 'findings'>;

const lengthOf = (row: readonly number[]): number => Math.hypot(...row);
const unit = (row: readonly number[]): number[] => row.map((v) => v / Math.max(lengthOf(row), 1e-12));

/** The loss where all measures are those of one and the same point. */
function collapseValueOf(form: PairForm): number {
  const measures = form.blocks.map(({ shape }) => zeros(shape, { dtype: 'float64' }));
  return form.loss(...measures).item();
}

function spreadOf(rows: readonly (readonly number[])[]): number {
  const mean = rows[0]!.map((_, t) => rows.reduce((sum, row) => sum + row[t]!, 0) / rows.length);
  const square = (of: (row: readonly number[]) => number[]): number =>
    rows.reduce((sum, row) => sum + lengthOf(of(row)) ** 2, 0);
  const total = square((row) => [...row]);
  return total === 0 ? 0 : Math.sqrt(square((row) => row.map((v, t) => v - mean[t]!)) / total);
}

function activeShare({ forces }: Attribution, relation: 'positive' | 'negative'): Share {
  // Each pair is listed once for each of its two rows.
  const listed = forces.filter((force) => force.relation === relation);
  return { count: listed.filter(({ kind }) => kind !== 'none').length / 2, total: listed.length / 2 };
}

function rankOf(rows: readonly (readonly number[])[]): number | null {
  if (!rows.flat().every(Number.isFinite) || rows.every((row) => lengthOf(row) === 0)) return null;
  return effectiveRank({ points: rows.flat(), count: rows.length });
}

/** From how many dimensions on, two of a batch hardly point one way by chance. */
const ROOM = 8;

/** What {@link validateBatch} says; rows that a chain of positives joins count as one class. */
function reportOf(form: PairForm, rows: readonly (readonly number[])[], options: LossOptions): BatchReport {
  const at = placesOf(form);
  let classes = rows.map((_, i) => i);
  const pairs = form.blocks.flatMap((block) => block.pairs);
  for (const { left, right, positive } of pairs) {
    const [kept, joined] = [classes[at(left)]!, classes[at(right)]!];
    if (positive && kept !== joined) classes = classes.map((label) => (label === joined ? kept : label));
  }
  const isDistance = form.quantity === 'distance';
  const report = validateBatch(tensor(rows.map((row) => [...row])), classes, {
    ...(isDistance && { margin: options.margin ?? 1 }),
    cosine: !isDistance && options.normalize === false,
    squared: options.squared ?? false,
  });
  // A loss of given pairs knows nothing of the others, and one of distances takes any point.
  const complete =
    form.blocks.some(({ shape }) => shape.length > 1) || pairs.length === (rows.length * (rows.length - 1)) / 2;
  const ofPairs: readonly BatchProblem['kind'][] = [
    'singletonClasses',
    'noPositives',
    'noNegatives',
    'probableFalseNegatives',
  ];
  // Where an embedding has little room, or has learned nothing yet, many rows point one way: that says nothing of labels.
  const told = ({ rows: concerned }: BatchProblem): boolean =>
    !isDistance && rows[0]!.length >= ROOM && concerned.length <= rows.length / 4;
  const matters = (problem: BatchProblem): boolean =>
    (complete || !ofPairs.includes(problem.kind)) &&
    (problem.kind !== 'zeroVectors' || form.normalizes) &&
    (problem.kind !== 'probableFalseNegatives' || told(problem));
  return { ...report, problems: report.problems.filter(matters) };
}

const BATCH_ADVICE: Readonly<Record<BatchProblem['kind'], string>> = {
  notFinite:
    'Look for such rows in the data; if it has none, the encoder diverged: start again with a smaller learning rate',
  singletonClasses: 'Sample several rows of each class, for example P classes with K rows each',
  noPositives: 'Sample several rows of each class, or make two views of each sample',
  noNegatives: 'Sample more than one class',
  duplicates: 'Augment the views, or leave duplicates out of the batch',
  probableFalseNegatives: 'Check the labels of these rows, or leave such pairs out of the negatives',
  zeroVectors: 'Look for rows of zeros in the data, or units that are dead (ReLU at the end of an encoder)',
  notNormalized: 'Pass normalize: true, or bring rows to length 1 before',
  unreachableMargin: 'Choose a smaller margin',
};

const ENCODER_ADVICE =
  'Check that the inputs differ; if they do, the encoder no longer tells them apart: start again with a smaller learning rate';

const digits = (value: number): string => String(Number(value.toPrecision(4)));
const percent = (part: number): string => `${digits(100 * part)} %`;

/** What the figures mean, the worst first. */
function findingsOf(lossFn: AttributableLoss, figures: Figures, options: LossOptions): Finding[] {
  const { loss, collapseValue, spread, effectiveRank: rank, dimensions, active, gradientNorms, batch } = figures;
  const rows = batch.counts.rows;
  const found: Finding[] = [];
  const report = (holds: boolean, kind: Finding['kind'], message: string, advice: string): void => {
    if (holds) found.push({ kind, message, advice });
  };
  const isCollapsed = spread < 0.01;
  const pairs = active.positives.total + active.negatives.total;
  const activePairs = active.positives.count + active.negatives.count;
  const squaresDistances = [tripletLoss, batchTripletLoss].some((fn) => fn === lossFn) && options.squared !== false;

  report(
    !Number.isFinite(loss),
    'notFinite',
    `The loss is ${loss}`,
    'Find the operation that made it with detectAnomaly',
  );
  report(
    isCollapsed,
    'collapse',
    `All ${rows} embeddings are all but one point (spread ${percent(spread)}), where the loss is ${digits(collapseValue)}`,
    squaresDistances
      ? 'Squared distances have no slope there, so no step leads out: start again with squared: false, semi-hard negatives or a smaller learning rate'
      : 'Start again from another seed with a smaller learning rate, and check that the encoder tells its inputs apart',
  );
  report(
    !isCollapsed && collapseValue > 0 && Math.abs(loss - collapseValue) < 0.02 * collapseValue,
    'collapseValue',
    `The loss is within 2 % of what one point for everything gives (${digits(collapseValue)})`,
    'Early in training that is where a loss starts; if it stays there, raise the learning rate or look at the labels',
  );
  report(
    pairs > 0 && activePairs === 0,
    'nothingActive',
    `No pair has a force (loss ${digits(loss)})`,
    isCollapsed ? 'See the collapse' : 'The batch is solved: raise the margin, or mine harder negatives',
  );
  const { count, total } = active.negatives;
  report(
    activePairs > 0 && total >= 20 && count < 0.05 * total,
    'fewActive',
    count === 0
      ? `None of the ${total} negative pairs has a force`
      : `Only ${count} of ${total} negative pairs ${count === 1 ? 'has' : 'have'} a force`,
    count === 0
      ? 'The classes lie apart, so the batch is all but solved: raise the margin, or mine harder negatives'
      : 'Mine harder negatives, or average over the active ones only',
  );
  report(
    rank !== null && !isCollapsed && dimensions >= 4 && rank < Math.min(dimensions, rows) / 4,
    'lowRank',
    `The embeddings use ${digits(rank ?? 0)} of ${dimensions} dimensions`,
    'Take more or harder negatives, a smaller temperature, or shorter embeddings',
  );
  report(
    activePairs > 0 && gradientNorms.most < 1e-8 && loss > 1e-6,
    'vanishingGradient',
    `The loss is ${digits(loss)}, but no gradient is longer than ${digits(gradientNorms.most)}`,
    'Raise the temperature, or scale the embeddings down',
  );
  report(
    gradientNorms.most > 1e3,
    'explodingGradient',
    `A gradient is ${digits(gradientNorms.most)} long`,
    'Raise the temperature, normalize the embeddings, or take a smaller learning rate',
  );
  report(
    activePairs > 0 && collapseValue > 0 && loss < 1e-4 * collapseValue,
    'saturated',
    `The loss is all but 0 (${digits(loss)}): the batch is solved`,
    'Take larger batches, harder negatives or stronger augmentation',
  );
  for (const { kind, message, rows: concerned } of batch.problems) {
    // A few equal rows come from the data, many from the encoder.
    const isFromEncoder = kind === 'duplicates' && concerned.length > rows / 2;
    const advice = isFromEncoder ? ENCODER_ADVICE : BATCH_ADVICE[kind];
    report(true, 'batch', `${message[0]!.toUpperCase()}${message.slice(1)}`, advice);
  }
  return found;
}

function healthy({ loss, collapseValue, active, effectiveRank: rank, dimensions }: Figures): string {
  const { positives, negatives } = active;
  const share = `${positives.count + negatives.count} of ${positives.total + negatives.total} pairs have a force`;
  return (
    `Nothing looks wrong: loss ${digits(loss)} (one point for everything: ${digits(collapseValue)}), ${share}, ` +
    `${digits(rank ?? 0)} of ${dimensions} dimensions in use.`
  );
}
