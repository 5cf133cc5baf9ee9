/** @file What metrics ask of the points that they measure. */
import { checkList, isWhole, wrong } from '../checks.js';
import { ArgumentError } from '../errors.js';

/** The square of a difference of two such numbers is finite. */
const MOST = 1e150;

/**
 * Throws unless every coordinate is a number, and not too large to be squared: nothing is near NaN, and nothing far from it.
 *
 * @param name - What the points are.
 * @param size - The length of a row.
 */
export function checkPoints(op: string, name: string, points: ArrayLike<number>, size: number): void {
  for (let i = 0; i < points.length; i++) {
    if (Math.abs(points[i]!) <= MOST) continue;
    const requirement = `${name} must be finite numbers, ${MOST} at most`;
    throw new ArgumentError(op, `${requirement}, got ${points[i]} in row ${Math.floor(i / size)}`);
  }
}

/** Throws unless `k` is a whole number from 1 to `most`. */
export function checkCount(op: string, k: number, most: number): void {
  if (!isWhole(k, 1) || k > most) throw wrong(op, 'k', `a whole number from 1 to ${most}`, k);
}

/** Throws on a label that is NaN, which would be of no class, not even its own. */
export function checkClasses(op: string, labels: ArrayLike<number>): void {
  checkList(op, 'labels', labels);
  const at = Array.prototype.findIndex.call(labels, Number.isNaN);
  if (at >= 0) throw new ArgumentError(op, `labels must be numbers, got NaN at row ${at}`);
}
