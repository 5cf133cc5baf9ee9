/**
 * @file How far clusters agree with classes.
 */
import { readOptions } from '../checks.js';
import { ArgumentError, ShapeError } from '../errors.js';
import { Generator } from '../random.js';
import { checkClasses, checkCount } from './points.js';
import { type Points, pointSize } from './spread.js';

/** The logarithm's argument is never 0: only what occurs is counted. */
function entropy(counts: Iterable<number>, total: number): number {
  let sum = 0;
  for (const count of counts) sum -= (count / total) * Math.log(count / total);
  return sum;
}

/** How often each of some keys comes. */
export function countOf<Key>(keys: Iterable<Key>): Map<Key, number> {
  const counts = new Map<Key, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

/**
 * The normalised mutual information of two labellings: $\frac{2 I(A; B)}{H(A) + H(B)}$; 1 where they are the same up to names,
 * 0 where they are independent. Two labellings with one class each count as the same.
 *
 * @returns Between 0 and 1.
 * @throws {@link ShapeError} when the lengths differ, {@link ArgumentError} when there is nothing, or a label is NaN.
 */
export function normalizedMutualInformation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  for (const labels of [a, b]) checkClasses('normalizedMutualInformation', labels);
  if (a.length !== b.length) {
    throw new ShapeError('normalizedMutualInformation', `lengths differ: ${a.length} and ${b.length}`);
  }
  if (a.length === 0) throw new ArgumentError('normalizedMutualInformation', 'needs at least one label, got none');
  const total = a.length;
  const pairs = Array.from(a, (label, i) => `${label} ${b[i]}`);
  const own = entropy(countOf(Array.from(a)).values(), total);
  const other = entropy(countOf(Array.from(b)).values(), total);
  if (own + other === 0) return 1;
  const information = own + other - entropy(countOf(pairs).values(), total);
  return Math.max(0, (2 * information) / (own + other));
}

/**
 * Clusters by k-means (Lloyd's iterations from k-means++ centres), until no point moves.
 *
 * Arthur, Vassilvitskii: "k-means++: the advantages of careful seeding", SODA 2007.
 *
 * @returns For each point the number of its cluster.
 * @throws {@link ArgumentError} unless k is a whole number from 1 to the number of points, and all are finite.
 * @throws {@link ShapeError} when the numbers are not as many points as said.
 */
export function kMeans(z: Points, options: { readonly k: number; readonly generator: Generator }): Int32Array {
  const { k, generator } = readOptions('kMeans', options, { k: Number.NaN, generator: undefined });
  Generator.check('kMeans', generator);
  const size = pointSize('kMeans', z);
  const { points, count } = z;
  checkCount('kMeans', k, count);
  const rows = Array.from({ length: count }, (_, i) =>
    Float64Array.from({ length: size }, (__, t) => points[i * size + t]!),
  );
  const apart = (p: Float64Array, q: Float64Array): number => p.reduce((sum, v, t) => sum + (v - q[t]!) ** 2, 0);
  const centres = [rows[generator.integer(count)]!];
  while (centres.length < k) {
    const weights = rows.map((row) => Math.min(...centres.map((centre) => apart(row, centre))));
    let rest = generator.uniform() * weights.reduce((sum, w) => sum + w, 0);
    const chosen = weights.findIndex((weight) => {
      rest -= weight;
      return rest < 0;
    });
    centres.push(rows[chosen < 0 ? generator.integer(count) : chosen]!);
  }
  const clusters = new Int32Array(count).fill(-1);
  for (let moved = true; moved; ) {
    moved = false;
    rows.forEach((row, i) => {
      const distances = centres.map((centre) => apart(row, centre));
      const nearest = distances.indexOf(Math.min(...distances));
      if (clusters[i] !== nearest) [clusters[i], moved] = [nearest, true];
    });
    for (let c = 0; c < k; c++) {
      const members = rows.filter((_, i) => clusters[i] === c);
      if (members.length === 0) continue;
      centres[c] = Float64Array.from({ length: size }, (_, t) =>
        members.reduce((sum, row) => sum + row[t]! / members.length, 0),
      );
    }
  }
  return clusters;
}
