/**
 * @file How well the nearest points of a query are of its class.
 *
 * Musgrave, Belongie, Lim: "A metric learning reality check", ECCV 2020, for R-precision and MAP@R.
 */
import { checkWhole, readOptions } from '../checks.js';
import { ArgumentError } from '../errors.js';
import { type LabelledPoints, rowSize } from './knn.js';

/** What to search, and what to search with. */
export interface Retrieval {
  /** The points that are searched. */
  readonly references: LabelledPoints;
  /** The points to search with. Default: the references, none of which then finds itself. */
  readonly queries?: LabelledPoints;
}

/** For each query that has a reference of its class: which references are, nearest first. Ties keep their order. */
function* relevance(op: string, retrieval: Retrieval): Generator<boolean[]> {
  const read = readOptions(op, retrieval, { references: undefined, queries: undefined });
  const { references, queries = references } = read as Retrieval;
  const size = rowSize(op, references, queries);
  const count = references.labels.length;
  let found = 0;
  for (let query = 0; query < queries.labels.length; query++) {
    const distances = new Float64Array(count);
    for (let other = 0; other < count; other++) {
      for (let t = 0; t < size; t++) {
        distances[other]! += (queries.points[query * size + t]! - references.points[other * size + t]!) ** 2;
      }
    }
    const order = [...distances.keys()].filter((other) => queries !== references || other !== query);
    order.sort((p, q) => distances[p]! - distances[q]!);
    const relevant = order.map((other) => references.labels[other] === queries.labels[query]);
    if (!relevant.includes(true)) continue;
    found++;
    yield relevant;
  }
  if (found === 0) throw new ArgumentError(op, 'no query has a reference of its class');
}

function average(op: string, retrieval: Retrieval, score: (relevant: readonly boolean[]) => number): number {
  let [sum, count] = [0, 0];
  for (const relevant of relevance(op, retrieval)) {
    sum += score(relevant);
    count++;
  }
  return sum / count;
}

const hits = (relevant: readonly boolean[], first: number): number => relevant.slice(0, first).filter(Boolean).length;

/**
 * The share of queries whose nearest reference is of their class. Queries without any reference of their class are left
 * out, here and below.
 *
 * @returns Between 0 and 1.
 * @throws {@link ArgumentError} when no query has a reference of its class, or a number is NaN or infinite, here and below;
 *   {@link ShapeError} when rows differ.
 */
export function precisionAtOne(retrieval: Retrieval): number {
  return average('precisionAtOne', retrieval, (relevant) => (relevant[0] ? 1 : 0));
}

/**
 * The share of queries with a reference of their class among the k nearest.
 *
 * @returns Between 0 and 1.
 * @throws {@link ArgumentError} unless k is a whole number, 1 or more.
 */
export function recallAtK(retrieval: Retrieval, options: { readonly k: number }): number {
  const { k } = readOptions('recallAtK', options, { k: Number.NaN });
  checkWhole('recallAtK', 'k', k);
  return average('recallAtK', retrieval, (relevant) => (hits(relevant, k) > 0 ? 1 : 0));
}

/** The number of references of a query's class: R. */
const relevantCount = (relevant: readonly boolean[]): number => hits(relevant, relevant.length);

/**
 * The share of a query's class among its R nearest references, R being the size of that class; mean over queries.
 *
 * @returns Between 0 and 1.
 */
export function rPrecision(retrieval: Retrieval): number {
  return average('rPrecision', retrieval, (relevant) => {
    const r = relevantCount(relevant);
    return hits(relevant, r) / r;
  });
}

/**
 * MAP@R: $\frac1R \sum_{i=1}^R [\text{hit}_i]\, \text{precision}_i$, mean over queries; unlike R-precision it rewards hits that
 * come first.
 *
 * @returns Between 0 and 1.
 */
export function meanAveragePrecisionAtR(retrieval: Retrieval): number {
  return average('meanAveragePrecisionAtR', retrieval, (relevant) => {
    const r = relevantCount(relevant);
    let sum = 0;
    for (let i = 0; i < r; i++) if (relevant[i]) sum += hits(relevant, i + 1) / (i + 1);
    return sum / r;
  });
}

/**
 * The mean over queries of 1 / the rank of the nearest reference of their class.
 *
 * @returns Between 0 and 1.
 */
export function meanReciprocalRank(retrieval: Retrieval): number {
  return average('meanReciprocalRank', retrieval, (relevant) => 1 / (relevant.indexOf(true) + 1));
}
