/**
 * @file How embeddings lie in their space: near their partners, evenly, in how many dimensions.
 */
import { checkList, checkObject, checkWhole, isWhole, readOptions } from '../checks.js';
import { ArgumentError, ShapeError } from '../errors.js';
import { checkPoints } from './points.js';

/** Embeddings, row-major. */
export interface Points {
  /** `[count, D]`, row-major. */
  readonly points: ArrayLike<number>;
  /** How many there are. */
  readonly count: number;
}

/** How many numbers a point has; all of them are numbers that can be measured. */
export function pointSize(op: string, z: Points): number {
  checkObject(op, 'its points', z);
  const { points, count } = z;
  checkList(op, 'points', points);
  checkWhole(op, 'count', count);
  const size = points.length / count;
  if (!isWhole(size, 1)) throw new ShapeError(op, `${points.length} numbers are no ${count} rows`);
  checkPoints(op, 'points', points, size);
  return size;
}

/** Every row brought to length 1; a row of length 0 stays. */
function unitRows(op: string, z: Points): Float64Array[] {
  const size = pointSize(op, z);
  const { points, count } = z;
  return Array.from({ length: count }, (_, i) => {
    const row = Float64Array.from({ length: size }, (__, t) => points[i * size + t]!);
    const length = Math.hypot(...row);
    return length > 0 ? row.map((v) => v / length) : row;
  });
}

const squaredDistance = (a: Float64Array, b: Float64Array): number =>
  a.reduce((sum, v, t) => sum + (v - b[t]!) ** 2, 0);

/**
 * How near partners are on the unit sphere: $\frac1N \sum_i \lVert \hat a_i - \hat b_i \rVert^\alpha$; 0 is best.
 *
 * Wang, Isola: "Understanding contrastive representation learning through alignment and uniformity on the hypersphere",
 * ICML 2020.
 *
 * @param a - One of each pair of partners.
 * @param b - The other, in the same order.
 * @param options - `alpha`, default 2.
 * @throws {@link ShapeError} when the two differ in shape, {@link ArgumentError} when a number is NaN or infinite.
 */
export function alignment(a: Points, b: Points, options?: { readonly alpha?: number }): number {
  const { alpha } = readOptions('alignment', options, { alpha: 2 });
  const [left, right] = [unitRows('alignment', a), unitRows('alignment', b)];
  if (left.length !== right.length || left[0]!.length !== right[0]!.length) {
    throw new ShapeError('alignment', `needs partners, got ${a.count} and ${b.count} rows`);
  }
  return left.reduce((sum, row, i) => sum + squaredDistance(row, right[i]!) ** (alpha / 2), 0) / left.length;
}

/**
 * How evenly points cover the unit sphere: $\ln \frac{2}{N(N-1)} \sum_{i<j} e^{-t \lVert \hat z_i - \hat z_j \rVert^2}$; lower is
 * better, 0 is collapse. Source: as for {@link alignment}.
 *
 * @param z - Two points or more.
 * @param options - `t`, default 2.
 * @throws {@link ArgumentError} on fewer than two points, or when a number is NaN or infinite.
 */
export function uniformity(z: Points, options?: { readonly t?: number }): number {
  const { t } = readOptions('uniformity', options, { t: 2 });
  const rows = unitRows('uniformity', z);
  if (rows.length < 2) throw new ArgumentError('uniformity', `needs at least 2 points, got ${rows.length}`);
  let sum = 0;
  for (let i = 0; i < rows.length; i++) {
    for (let j = 0; j < i; j++) sum += Math.exp(-t * squaredDistance(rows[i]!, rows[j]!));
  }
  return Math.log((2 * sum) / (rows.length * (rows.length - 1)));
}

/**
 * The standard deviation of each feature of the normalised points, mean over features: 0 at collapse, about 1/√D where
 * they are spread evenly.
 *
 * Chen, He: "Exploring simple siamese representation learning", CVPR 2021.
 *
 * @throws {@link ArgumentError} when a number is NaN or infinite.
 */
export function featureDeviation(z: Points): number {
  const rows = unitRows('featureDeviation', z);
  const size = rows[0]!.length;
  let total = 0;
  for (let t = 0; t < size; t++) {
    const mean = rows.reduce((sum, row) => sum + row[t]!, 0) / rows.length;
    total += Math.sqrt(rows.reduce((sum, row) => sum + (row[t]! - mean) ** 2, 0) / rows.length);
  }
  return total / size;
}

/**
 * How many dimensions the points really use: $e^{-\sum_k p_k \ln p_k}$ with p the singular values over their sum; 1 at
 * dimensional collapse, D where all count the same.
 *
 * Roy, Vetterli: "The effective rank", EUSIPCO 2007; as a measure of representations Garrido et al.: "RankMe", 2023.
 *
 * @throws {@link ArgumentError} when all points are 0, or a number is NaN or infinite.
 */
export function effectiveRank(z: Points): number {
  const size = pointSize('effectiveRank', z);
  const { points, count } = z;
  // The products of columns, or those of rows where these are fewer: what is not 0 of their eigenvalues is the same.
  const [n, others, along, across] = size <= count ? [size, count, 1, size] : [count, size, size, 1];
  const gram = Array.from({ length: n }, (_, p) =>
    Float64Array.from({ length: n }, (__, q) => {
      let sum = 0;
      for (let i = 0; i < others; i++) sum += points[i * across + p * along]! * points[i * across + q * along]!;
      return sum;
    }),
  );
  const singular = eigenvalues(gram).map((value) => Math.sqrt(Math.max(value, 0)));
  const total = singular.reduce((sum, value) => sum + value, 0);
  if (total === 0) throw new ArgumentError('effectiveRank', 'all points are 0');
  const shares = singular.map((value) => value / total).filter((share) => share > 0);
  return Math.exp(-shares.reduce((sum, share) => sum + share * Math.log(share), 0));
}

/** The eigenvalues of a symmetric matrix, by Jacobi's rotations (the matrix is used up). */
function eigenvalues(a: Float64Array[]): number[] {
  const n = a.length;
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0;
    let diagonal = 0;
    a.forEach((row, i) => {
      row.forEach((v, j) => {
        if (i === j) diagonal += v * v;
        else off += v * v;
      });
    });
    if (off <= 1e-30 * diagonal) break;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate(a, p, q);
  }
  return a.map((row, i) => row[i]!);
}

/** One rotation: makes a[p][q] zero. */
function rotate(a: Float64Array[], p: number, q: number): void {
  const apq = a[p]![q]!;
  if (apq === 0) return;
  const theta = (a[q]![q]! - a[p]![p]!) / (2 * apq);
  const tangent = Math.sign(theta || 1) / (Math.abs(theta) + Math.hypot(theta, 1));
  const cosine = 1 / Math.hypot(tangent, 1);
  const sine = tangent * cosine;
  for (const row of a) {
    const [x, y] = [row[p]!, row[q]!];
    row[p] = cosine * x - sine * y;
    row[q] = sine * x + cosine * y;
  }
  const [rowP, rowQ] = [a[p]!, a[q]!];
  for (let k = 0; k < a.length; k++) {
    const [x, y] = [rowP[k]!, rowQ[k]!];
    rowP[k] = cosine * x - sine * y;
    rowQ[k] = sine * x + cosine * y;
  }
}
