/** @file The contrastive and triplet losses in closed form. */
import type { Tensor } from '../autograd/tensor.js';
import { checkPositive, readOptions } from '../checks.js';
import type { Labels } from '../losses/arguments.js';
import {
  addTo,
  type ClosedForm,
  inner,
  minus,
  nothing,
  numbersOf,
  type PairForce,
  type Rows,
  rowsOf,
  times,
  zerosLike,
} from './vectors.js';

/** Collects value, gradients and forces of pairs of rows. */
class Sum {
  value = 0;
  readonly pairs: PairForce[] = [];

  /** One pair with derivative `slope` of the loss with respect to the distance of two points `difference` apart. */
  pair(i: number, j: number, difference: readonly number[], slope: number, rowI: number[], rowJ: number[]): void {
    const distance = Math.sqrt(inner(difference, difference));
    // Coincident points have no direction.
    const gradient = times(difference, distance === 0 ? 0 : slope / distance);
    addTo(rowI, gradient);
    addTo(rowJ, times(gradient, -1));
    if (slope === 0) return;
    this.pairs.push({ i, j, kind: slope > 0 ? 'pull' : 'push', weight: Math.abs(slope), force: times(gradient, -1) });
  }
}

/** Options of the closed forms of contrastive losses. */
export interface ContrastiveFormOptions {
  /** Default 1. */
  readonly margin?: number;
  /** Whether the factor ½ stands before the terms. Default true. */
  readonly half?: boolean;
}

const CONTRASTIVE = { margin: 1, half: true } as const;
const TRIPLET = { margin: 1, squared: true } as const;

/** The options, checked, with their defaults. */
function readForm<Options extends { readonly margin?: number }>(
  op: string,
  options: Options | undefined,
  defaults: Required<Options>,
): Required<Options> {
  const read = readOptions(op, options, defaults) as Required<Options>;
  checkPositive(op, 'margin', read.margin);
  return read;
}

/** The loss of a pair at a distance, and its slope. */
function pairTerm(
  distance: number,
  same: boolean,
  { margin, half }: Required<ContrastiveFormOptions>,
): [number, number] {
  const factor = half ? 0.5 : 1;
  if (same) return [factor * distance ** 2, 2 * factor * distance];
  const gap = Math.max(margin - distance, 0);
  return [factor * gap ** 2, -2 * factor * gap];
}

/**
 * The contrastive loss of N pairs in closed form: with ½, $\partial L / \partial a_i = (a_i - b_i) / N$ for a pair that is
 * the same, $-(m - D_i)(a_i - b_i) / (D_i N)$ for a different one within the margin.
 *
 * @param a - `[N, D]`.
 * @param b - `[N, D]`.
 * @param labels - 1 where a pair is the same, 0 where not: numbers, or an `int32` tensor `[N]`.
 * @throws {@link ShapeError} when the rows differ, or there is not one label for each.
 * @throws {@link ArgumentError} when a label is not 0 or 1, or the margin is not positive.
 */
export function contrastiveGradient(
  a: Tensor,
  b: Tensor,
  labels: Labels,
  options?: ContrastiveFormOptions,
): ClosedForm {
  const name = 'contrastiveGradient';
  const read = readForm<ContrastiveFormOptions>(name, options, CONTRASTIVE);
  const [left, right] = rowsOf(name, [a, b]) as [Rows, Rows];
  const isSame = numbersOf(name, labels, a, { binary: true });
  const gradients = [zerosLike(left), zerosLike(right)] as const;
  const sum = new Sum();
  left.forEach((row, i) => {
    const difference = minus(row, right[i]!);
    const [value, slope] = pairTerm(Math.sqrt(inner(difference, difference)), isSame[i] === 1, read);
    sum.value += value / left.length;
    sum.pair(i, i, difference, slope / left.length, gradients[0][i]!, gradients[1][i]!);
  });
  return { value: sum.value, gradients, pairs: sum.pairs };
}

/**
 * {@link contrastiveGradient} over all N (N - 1) / 2 pairs of a batch: a pair is the same where its labels are equal.
 *
 * @throws {@link ShapeError} unless there is one label for each row.
 * @throws {@link ArgumentError} when there are fewer than two rows, or the margin is not positive.
 */
export function batchContrastiveGradient(
  embeddings: Tensor,
  labels: Labels,
  options?: ContrastiveFormOptions,
): ClosedForm {
  const name = 'batchContrastiveGradient';
  const read = readForm<ContrastiveFormOptions>(name, options, CONTRASTIVE);
  const [rows] = rowsOf(name, [embeddings], 0) as [Rows];
  const classes = numbersOf(name, labels, embeddings);
  if (rows.length < 2) throw nothing(name, 'pair of rows');
  const gradient = zerosLike(rows);
  const sum = new Sum();
  const count = (rows.length * (rows.length - 1)) / 2;
  rows.forEach((row, i) => {
    for (let j = i + 1; j < rows.length; j++) {
      const difference = minus(row, rows[j]!);
      const [value, slope] = pairTerm(Math.sqrt(inner(difference, difference)), classes[i] === classes[j], read);
      sum.value += value / count;
      sum.pair(i, j, difference, slope / count, gradient[i]!, gradient[j]!);
    }
  });
  return { value: sum.value, gradients: [gradient], pairs: sum.pairs };
}

/** Options of the closed forms of triplet losses. */
export interface TripletFormOptions {
  /** Default 1. */
  readonly margin?: number;
  /** Whether distances are squared. Default true. */
  readonly squared?: boolean;
}

interface Triplet {
  readonly rows: readonly [number[], number[], number[]];
  readonly gradients: readonly [number[], number[], number[]];
  readonly indices: readonly [number, number, number];
}

/** Adds 1/count of one triplet. */
function addTriplet(
  sum: Sum,
  { rows, gradients, indices }: Triplet,
  count: number,
  options: Required<TripletFormOptions>,
): void {
  const { margin, squared } = options;
  const [near, far] = [minus(rows[0], rows[1]), minus(rows[0], rows[2])];
  const [dNear, dFar] = [near, far].map((v) => Math.sqrt(inner(v, v))) as [number, number];
  const loss = (squared ? dNear ** 2 - dFar ** 2 : dNear - dFar) + margin;
  if (loss <= 0) return;
  sum.value += loss / count;
  const slope = (distance: number): number => (squared ? 2 * distance : 1) / count;
  sum.pair(indices[0], indices[1], near, slope(dNear), gradients[0], gradients[1]);
  sum.pair(indices[0], indices[2], far, -slope(dFar), gradients[0], gradients[2]);
}

/**
 * The triplet loss in closed form: squared, a violating triplet has the gradients $2(n - p)$, $2(p - a)$ and $2(a - n)$, over N.
 *
 * In `pairs`, i is the anchor's row and j that of its positive (pull) or negative (push).
 *
 * @throws {@link ShapeError} when the rows differ.
 * @throws {@link ArgumentError} when the margin is not positive.
 */
export function tripletGradient(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  options?: TripletFormOptions,
): ClosedForm {
  const read = readForm<TripletFormOptions>('tripletGradient', options, TRIPLET);
  const parts = rowsOf('tripletGradient', [anchor, positive, negative]) as [Rows, Rows, Rows];
  const gradients = parts.map(zerosLike) as [Rows, Rows, Rows];
  const sum = new Sum();
  const at = (of: [Rows, Rows, Rows], i: number): [number[], number[], number[]] => [of[0][i]!, of[1][i]!, of[2][i]!];
  parts[0].forEach((_, i) => {
    const triplet = { rows: at(parts, i), gradients: at(gradients, i), indices: [i, i, i] as const };
    addTriplet(sum, triplet, parts[0].length, read);
  });
  return { value: sum.value, gradients, pairs: sum.pairs };
}

/**
 * {@link tripletGradient} over every triplet of a batch.
 *
 * @throws {@link ShapeError} unless there is one label for each row.
 * @throws {@link ArgumentError} when the batch has no triplet, or the margin is not positive.
 */
export function batchTripletGradient(embeddings: Tensor, labels: Labels, options?: TripletFormOptions): ClosedForm {
  const name = 'batchTripletGradient';
  const read = readForm<TripletFormOptions>(name, options, TRIPLET);
  const [rows] = rowsOf(name, [embeddings], 0) as [Rows];
  const classes = numbersOf(name, labels, embeddings);
  const gradient = zerosLike(rows);
  const triplets = classes.flatMap((label, a) =>
    classes.flatMap((other, p) =>
      p === a || other !== label ? [] : classes.flatMap((third, n) => (third === label ? [] : [[a, p, n] as const])),
    ),
  );
  if (triplets.length === 0) throw nothing(name, 'triplet (two rows of one class and one of another)');
  const sum = new Sum();
  for (const indices of triplets) {
    const pick = (of: Rows): [number[], number[], number[]] => [of[indices[0]]!, of[indices[1]]!, of[indices[2]]!];
    addTriplet(sum, { rows: pick(rows), gradients: pick(gradient), indices }, triplets.length, read);
  }
  return { value: sum.value, gradients: [gradient], pairs: sum.pairs };
}
