/** @file What is wrong with a batch before a loss sees it. */
import type { Tensor } from '../autograd/tensor.js';
import { checkPositive, readOptions } from '../checks.js';
import { asLabels, checkRows, type Labels } from '../losses/arguments.js';
import { allPairs } from './pairs.js';

/** Something about a batch that a loss may suffer from. */
export interface BatchProblem {
  /** What kind of problem. */
  readonly kind:
    | 'notFinite'
    | 'singletonClasses'
    | 'noPositives'
    | 'noNegatives'
    | 'duplicates'
    | 'probableFalseNegatives'
    | 'zeroVectors'
    | 'notNormalized'
    | 'unreachableMargin';
  /** The problem in words. */
  readonly message: string;
  /** The rows concerned. */
  readonly rows: readonly number[];
}

/** What {@link validateBatch} returns. */
export interface BatchReport {
  /** What the batch consists of. */
  readonly counts: {
    /** Its rows. */
    readonly rows: number;
    /** Labels that differ. */
    readonly classes: number;
    /** Pairs of one class. */
    readonly positives: number;
    /** Pairs of two. */
    readonly negatives: number;
    /** Rows that no other row is of the same class as: supervised losses leave them out. */
    readonly withoutPositive: number;
  };
  /** What may be wrong; empty when nothing is. */
  readonly problems: readonly BatchProblem[];
}

/** Options of {@link validateBatch}. */
export interface ValidateOptions {
  /** The margin of the loss: on the unit sphere no distance exceeds 2, no squared one 4. */
  readonly margin?: number;
  /** Whether the loss takes rows to be of length 1 without bringing them there. Default false. */
  readonly cosine?: boolean;
  /** Whether distances are squared before the margin is applied. Default false. */
  readonly squared?: boolean;
  /** From which cosine on rows of two classes are probably of one. Default 0.999. */
  readonly falseNegativeCosine?: number;
}

const rowsOf = ({ length }: readonly number[]): string => (length === 1 ? '1 row' : `${length} rows`);

/**
 * Looks at a batch for what makes contrastive losses fail quietly: NaN and infinities, classes of one row, no negatives, duplicates,
 * rows of two classes that are all but equal, zero vectors, rows that a cosine loss takes to be normalised and are not, a margin
 * that the distance cannot reach.
 *
 * @param features - `[N, D]`.
 * @param labels - A class for each row.
 * @throws {@link ShapeError} unless there is one label for each row.
 * @throws {@link DTypeError} when a label is no whole number of `int32`.
 *
 * @example
 * ```ts
 * import { tensor, validateBatch } from 'contragrad';
 *
 * const rows = tensor([[1, 0], [0, 1], [0, 0]]);
 * const { problems } = validateBatch(rows, [0, 0, 1]);
 * console.log(problems[0]?.kind); // singletonClasses
 * console.log(problems[1]?.kind); // zeroVectors
 * ```
 */
export function validateBatch(features: Tensor, labels: Labels, options?: ValidateOptions): BatchReport {
  const read = readOptions('validateBatch', options, {
    margin: undefined,
    cosine: false,
    squared: false,
    falseNegativeCosine: 0.999,
  });
  const { margin, cosine, squared, falseNegativeCosine } = read;
  if (margin !== undefined) checkPositive('validateBatch', 'margin', margin);
  checkRows('validateBatch', [features], 0);
  const classes = [...asLabels('validateBatch', labels, features).dataSync()];
  const rows = features.toArray() as number[][];
  const { a, b, same, counts } = allPairs(labels);
  const lengths = rows.map((row) => Math.hypot(...row));
  const where = (holds: (row: number) => boolean): number[] => [...classes.keys()].filter(holds);
  const partners = (holds: (pair: number) => boolean): number[] => [
    ...new Set([...same.keys()].filter(holds).flatMap((pair) => [a[pair]!, b[pair]!])),
  ];
  const cosineOf = (pair: number): number => {
    const [p, q] = [a[pair]!, b[pair]!];
    return rows[p]!.reduce((sum, v, k) => sum + v * rows[q]![k]!, 0) / (lengths[p]! * lengths[q]!);
  };
  const isEqual = (pair: number): boolean => rows[a[pair]!]!.every((v, k) => v === rows[b[pair]!]![k]);

  const problems: BatchProblem[] = [];
  const report = (kind: BatchProblem['kind'], concerned: number[], message: string, always = false): void => {
    if (concerned.length > 0 || always) problems.push({ kind, message, rows: concerned });
  };
  const notFinite = where((row) => !rows[row]!.every(Number.isFinite));
  report('notFinite', notFinite, `${rowsOf(notFinite)} with NaN or infinity`);
  const singletons = where((row) => classes.filter((label) => label === classes[row]).length === 1);
  report('singletonClasses', singletons, `${rowsOf(singletons)} alone in a class: no positive`);
  report('noPositives', [], 'no two rows are of one class', counts.positives === 0);
  report('noNegatives', [], 'all rows are of one class', counts.negatives === 0);
  const duplicates = partners(isEqual);
  report('duplicates', duplicates, `${duplicates.length} rows are equal to another`);
  const close = partners((pair) => same[pair] === 0 && cosineOf(pair) > falseNegativeCosine);
  report('probableFalseNegatives', close, `${close.length} rows are all but equal to one of another class`);
  const zero = where((row) => lengths[row] === 0);
  report('zeroVectors', zero, `${rowsOf(zero)} of length 0: no direction, and no gradient of it`);
  const offSphere = cosine ? where((row) => Math.abs(lengths[row]! - 1) > 1e-3) : [];
  report('notNormalized', offSphere, `${rowsOf(offSphere)} not of length 1, as a cosine loss takes all to be`);
  const reach = squared ? 4 : 2;
  const onSphere = where((row) => Math.abs(lengths[row]! - 1) <= 1e-3).length === rows.length;
  report(
    'unreachableMargin',
    [],
    `no ${squared ? 'squared distance' : 'distance'} on the unit sphere exceeds ${reach}, the margin is ${margin}`,
    onSphere && margin !== undefined && margin > reach,
  );
  return {
    counts: { rows: rows.length, classes: new Set(classes).size, ...counts, withoutPositive: singletons.length },
    problems,
  };
}
