/**
 * @file Classification by nearest neighbours: what an embedding is worth.
 */
import { checkList, checkObject, readOptions } from '../checks.js';
import { ArgumentError, ShapeError } from '../errors.js';
import { checkClasses, checkCount, checkPoints } from './points.js';

/** Labelled points, row-major. */
export interface LabelledPoints {
  /** `[labels.length, D]`, row-major. */
  readonly points: ArrayLike<number>;
  /** The class of each point. */
  readonly labels: ArrayLike<number>;
}

/** How many coordinates are summed before a distance is looked at. */
const BLOCK = 8;

/** Options of {@link knnAccuracy}. */
export interface KnnOptions {
  /** How many neighbours vote. Default 3. */
  readonly k?: number;
}

/**
 * The share of `queries` whose class is that of most of their k nearest `references`, by Euclidean distance.
 *
 * Where classes have equally many votes, the smallest class index wins, as in scikit-learn.
 *
 * @returns Between 0 and 1.
 * @throws {@link ArgumentError} when there are no queries or fewer than k references, or a number is NaN or infinite,
 *   {@link ShapeError} when rows differ.
 */
export function knnAccuracy(references: LabelledPoints, queries: LabelledPoints, options?: KnnOptions): number {
  const { k } = readOptions('knnAccuracy', options, { k: 3 });
  const size = rowSize('knnAccuracy', references, queries);
  const [count, total] = [references.labels.length, queries.labels.length];
  checkCount('knnAccuracy', k, count);
  if (total === 0) throw new ArgumentError('knnAccuracy', 'needs at least one query, got none');
  const reference = Float64Array.from(references.points);
  const point = new Float64Array(size);
  let right = 0;
  const nearest = new Float64Array(k);
  const who = new Int32Array(k);
  for (let query = 0; query < total; query++) {
    nearest.fill(Number.POSITIVE_INFINITY);
    for (let t = 0; t < size; t++) point[t] = queries.points[query * size + t]!;
    let furthest = Number.POSITIVE_INFINITY;
    for (let other = 0; other < count; other++) {
      let distance = 0;
      // What is too far after some coordinates is so after all of them.
      for (let start = 0; start < size && !(distance >= furthest); start += BLOCK) {
        const end = Math.min(start + BLOCK, size);
        for (let t = start; t < end; t++) {
          const difference = point[t]! - reference[other * size + t]!;
          distance += difference * difference;
        }
      }
      if (distance >= furthest) continue;
      let at = k - 1;
      for (; at > 0 && nearest[at - 1]! > distance; at--) {
        nearest[at] = nearest[at - 1]!;
        who[at] = who[at - 1]!;
      }
      nearest[at] = distance;
      who[at] = other;
      furthest = nearest[k - 1]!;
    }
    if (vote(who, references.labels) === queries.labels[query]) right++;
  }
  return right / total;
}

/** The length of a row, the same in both; all of them are numbers that can be measured. */
export function rowSize(op: string, references: LabelledPoints, queries: LabelledPoints): number {
  for (const [name, given] of Object.entries({ references, queries })) {
    checkObject(op, name, given);
    checkList(op, 'points', given.points);
    checkClasses(op, given.labels);
  }
  const [count, total] = [references.labels.length, queries.labels.length];
  const size = references.points.length / count;
  if (!Number.isInteger(size) || queries.points.length !== total * size) {
    throw new ShapeError(
      op,
      `rows differ: ${references.points.length} numbers for ${count} references, ${queries.points.length} for ${total} queries`,
    );
  }
  checkPoints(op, 'references', references.points, size);
  checkPoints(op, 'queries', queries.points, size);
  return size;
}

function vote(who: Int32Array, labels: ArrayLike<number>): number {
  const votes = new Map<number, number>();
  for (const index of who) votes.set(labels[index]!, (votes.get(labels[index]!) ?? 0) + 1);
  return [...votes].sort(([p, m], [q, n]) => n - m || p - q)[0]![0];
}
