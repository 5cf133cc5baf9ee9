/**
 * @file Kernels of the CPU that combine every row of one matrix with every row or column of another.
 */
import { allocate, dtypeOf, type TypedArray } from '../../dtype.js';
import type { KernelSpecs } from '../device.js';

/** A B, each of a batch, with either operand stored transposed. */
export function matmul(
  [a, b]: readonly TypedArray[],
  { batch, m, k, n, transposeA, transposeB }: KernelSpecs['matmul'],
): TypedArray {
  const out = allocate(dtypeOf(a!), batch * m * n);
  // One row of the result, in double precision whatever the type: rounded once, when it is stored.
  const row = new Float64Array(n);
  const [aRow, aColumn] = transposeA ? [1, m] : [k, 1];
  for (let block = 0; block < batch; block++) {
    for (let i = 0; i < m; i++) {
      const aStart = block * m * k + i * aRow;
      if (transposeB) dotRows(row, a!, aStart, aColumn, b!, block * k * n, k);
      else addRows(row, a!, aStart, aColumn, b!, block * k * n, k);
      out.set(row, (block * m + i) * n);
    }
  }
  return out;
}

/** row[j] = Σ_t a[t] b[t, j]: runs along the rows of B. */
function addRows(row: Float64Array, a: TypedArray, i: number, p: number, b: TypedArray, j: number, k: number): void {
  const n = row.length;
  row.fill(0);
  for (let t = 0; t < k; t++) {
    const factor = a[i + t * p]!;
    const start = j + t * n;
    for (let column = 0; column < n; column++) row[column]! += factor * b[start + column]!;
  }
}

/** row[j] = Σ_t a[t] b[j, t]: B is stored transposed, so each result is a dot product of two rows. */
function dotRows(row: Float64Array, a: TypedArray, i: number, p: number, b: TypedArray, j: number, k: number): void {
  for (let column = 0; column < row.length; column++) {
    const start = j + column * k;
    let sum = 0;
    for (let t = 0; t < k; t++) sum += a[i + t * p]! * b[start + t]!;
    row[column] = sum;
  }
}

/** The squared distance of every row of a to every row of b, from the differences themselves. */
export function squaredDistance(
  [a, b]: readonly TypedArray[],
  { n, m, d }: KernelSpecs['squaredDistance'],
): TypedArray {
  const out = allocate(dtypeOf(a!), n * m);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++) {
      let sum = 0;
      for (let t = 0; t < d; t++) {
        const difference = a![i * d + t]! - b![j * d + t]!;
        sum += difference * difference;
      }
      out[i * m + j] = sum;
    }
  }
  return out;
}
