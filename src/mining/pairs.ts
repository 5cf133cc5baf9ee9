/** @file Pairs and triplets of a batch as lists of rows, with their counts. Functions here read values. */
import { Tensor } from '../autograd/tensor.js';
import { checkChoice, readOptions, wrong } from '../checks.js';
import { convert, isTypedArray } from '../dtype.js';
import { ArgumentError, DTypeError } from '../errors.js';
import { asLabels, checkRows, type Labels } from '../losses/arguments.js';
import type { Mining } from '../losses/triplet.js';
import { countOf } from '../metrics/clusters.js';
import { checkPoints } from '../metrics/points.js';
import { Generator } from '../random.js';
import { formatShape } from '../shape.js';

/** Labels as plain numbers, checked as a loss checks them. */
export function plainLabels(op: string, labels: Labels): number[] {
  if (Tensor.isTensor(labels)) {
    if (labels.dtype !== 'int32' || labels.rank !== 1) {
      throw new DTypeError(op, `labels must be int32 [N], got ${labels.dtype} ${formatShape(labels.shape)}`);
    }
    return [...labels.dataSync()];
  }
  if (!Array.isArray(labels) && !isTypedArray(labels)) {
    throw wrong(op, 'labels', 'a list or a tensor', labels);
  }
  return [...convert(op, 'int32', labels as ArrayLike<number>)];
}

/** More of them fill the memory, and a batch loss needs no list. */
const MOST = 2 ** 24;

function checkCount(op: string, what: string, count: number): void {
  if (count > MOST) throw new ArgumentError(op, `lists at most 2^24 ${what}, got ${count}`, 'take a smaller batch');
}

/** Pairs of rows. */
export interface Pairs {
  /** The first row of each pair. */
  readonly a: number[];
  /** The second row of each pair, always the later one. */
  readonly b: number[];
  /** 1 where a pair is of one class, else 0. */
  readonly same: number[];
  /** How many are of one class, and how many are not. */
  readonly counts: {
    /** Pairs of one class. */
    readonly positives: number;
    /** Pairs of two. */
    readonly negatives: number;
  };
}

/**
 * All N (N - 1) / 2 pairs of a batch.
 *
 * @throws {@link DTypeError} when a label is no whole number of `int32`.
 * @throws {@link ArgumentError} for more than 2²⁴ pairs.
 */
export function allPairs(labels: Labels): Pairs {
  const classes = plainLabels('allPairs', labels);
  checkCount('allPairs', 'pairs', (classes.length * (classes.length - 1)) / 2);
  const pairs = { a: [] as number[], b: [] as number[], same: [] as number[] };
  classes.forEach((label, i) => {
    for (let j = i + 1; j < classes.length; j++) {
      pairs.a.push(i);
      pairs.b.push(j);
      pairs.same.push(label === classes[j] ? 1 : 0);
    }
  });
  const positives = pairs.same.reduce((sum, same) => sum + same, 0);
  return { ...pairs, counts: { positives, negatives: pairs.same.length - positives } };
}

/** Triplets of rows. */
export interface Triplets {
  /** The row that each triplet is about. */
  readonly anchors: number[];
  /** Another row of its class. */
  readonly positives: number[];
  /** A row of another class. */
  readonly negatives: number[];
  /** How many there are, and how many of them have a loss (all, where no distances are known). */
  readonly counts: {
    /** All triplets. */
    readonly triplets: number;
    /** Those with a loss. */
    readonly active: number;
  };
}

function listed(triplets: readonly (readonly [number, number, number])[], active: number): Triplets {
  const column = (index: 0 | 1 | 2): number[] => triplets.map((triplet) => triplet[index]);
  const counts = { triplets: triplets.length, active };
  return { anchors: column(0), positives: column(1), negatives: column(2), counts };
}

/**
 * Every triplet of a batch: any two rows of one class, with any row of another.
 *
 * @throws {@link DTypeError} when a label is no whole number of `int32`.
 * @throws {@link ArgumentError} for more than 2²⁴ triplets.
 */
export function allTriplets(labels: Labels): Triplets {
  const classes = plainLabels('allTriplets', labels);
  const sizes = countOf(classes);
  const all = classes.map((label) => (sizes.get(label)! - 1) * (classes.length - sizes.get(label)!));
  const total = all.reduce((sum, count) => sum + count, 0);
  checkCount('allTriplets', 'triplets', total);
  const rows = total === 0 ? [] : [...classes.keys()];
  const triplets = rows.flatMap((a) =>
    rows.flatMap((p) => {
      if (p === a || classes[p] !== classes[a]) return [];
      return rows.filter((n) => classes[n] !== classes[a]).map((n): [number, number, number] => [a, p, n]);
    }),
  );
  return listed(triplets, total);
}

/** Options of {@link mineTriplets}. */
export interface MineOptions {
  /** As for `batchTripletLoss`. Default `'all'`. */
  readonly mining?: Mining;
  /** What a triplet must exceed to be active: d(a, p) - d(a, n) + margin > 0. Default 1. */
  readonly margin?: number;
  /** Where distance-weighted mining draws from. Default: seed 0. */
  readonly generator?: Generator;
}

/**
 * The triplets that `batchTripletLoss` mines, as a list, by Euclidean distance.
 *
 * @param embeddings - `[N, D]`; on the unit sphere for `'distanceWeighted'`.
 * @param labels - The class of each row.
 * @throws {@link ArgumentError} on an unknown kind of mining, and on embeddings that are NaN or infinite.
 * @throws {@link DTypeError} when a label is no whole number of `int32`.
 */
export function mineTriplets(embeddings: Tensor, labels: Labels, options?: MineOptions): Triplets {
  const read = readOptions('mineTriplets', options, { mining: 'all', margin: 1, generator: undefined });
  const { mining, margin, generator = new Generator() } = read;
  checkChoice('mineTriplets', 'mining', mining, ['all', 'hard', 'semiHard', 'distanceWeighted']);
  Generator.check('mineTriplets', generator);
  checkRows('mineTriplets', [embeddings], 0);
  checkPoints('mineTriplets', 'embeddings', embeddings.dataSync(), embeddings.shape.at(-1)!);
  const rows = embeddings.toArray() as number[][];
  const classes = [...asLabels('mineTriplets', labels, embeddings).dataSync()];
  const distance = (i: number, j: number): number => Math.hypot(...rows[i]!.map((v, k) => v - rows[j]![k]!));
  const isActive = ([a, p, n]: readonly [number, number, number]): boolean =>
    distance(a, p) - distance(a, n) + margin > 0;
  const first = <T>(list: readonly T[], better: (x: T, y: T) => boolean): T | undefined =>
    list.reduce<T | undefined>((best, x) => (best === undefined || better(x, best) ? x : best), undefined);
  const mined = classes.flatMap((label, a): [number, number, number][] => {
    const positives = [...classes.keys()].filter((p) => p !== a && classes[p] === label);
    const negatives = [...classes.keys()].filter((n) => classes[n] !== label);
    const nearer = (x: number, y: number): boolean => distance(a, x) < distance(a, y);
    const further = (x: number, y: number): boolean => distance(a, x) > distance(a, y);
    if (negatives.length === 0 || positives.length === 0) return [];
    switch (mining) {
      case 'all':
        return positives.flatMap((p) => negatives.map((n): [number, number, number] => [a, p, n]));
      case 'hard':
        return [[a, first(positives, further)!, first(negatives, nearer)!]];
      case 'semiHard':
        return positives.map((p) => {
          const beyond = negatives.filter((n) => distance(a, n) > distance(a, p));
          return [a, p, beyond.length > 0 ? first(beyond, nearer)! : first(negatives, further)!];
        });
      default:
        return positives.map((p) => [a, p, drawNegative(negatives, (n) => distance(a, n), rows[a]!.length, generator)]);
    }
  });
  return listed(mined, mined.filter(isActive).length);
}

/** A negative by the inverse density of distances on the unit sphere, as in `batchTripletLoss`. */
function drawNegative(
  negatives: readonly number[],
  distance: (n: number) => number,
  size: number,
  generator: Generator,
): number {
  const logs = negatives.map((n) => {
    const square = Math.min(Math.max(distance(n) ** 2, 0.25), 4 * (1 - 1e-6));
    return ((2 - size) / 2) * Math.log(square) + ((3 - size) / 2) * Math.log(1 - square / 4);
  });
  const top = Math.max(...logs);
  const weights = logs.map((value) => Math.exp(value - top));
  let rest = generator.uniform() * weights.reduce((sum, weight) => sum + weight, 0);
  const chosen = weights.findIndex((weight) => {
    rest -= weight;
    return rest < 0;
  });
  return negatives[chosen < 0 ? negatives.length - 1 : chosen]!;
}
