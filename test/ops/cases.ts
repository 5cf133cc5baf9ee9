/**
 * @file What a row of the table of cases is, and the inputs that rows share.
 *
 * Values are kept 1e-2 away from kinks, and large enough that no rule passes because its gradient is about 0.
 */
import fc from 'fast-check';
import type { Tensor } from '../../src/index.js';
import * as cg from '../../src/index.js';
import { type CheckOptions, labels, type TensorFunction, values } from '../../src/testing/index.js';
import { flat, type Nested } from './references.js';

/** One row of the table. */
export interface Case extends Omit<CheckOptions, 'reference'> {
  /** The export that it covers. */
  readonly covers: string;
  /** What sets this row apart from others of the same export. */
  readonly variant?: string;
  readonly fn: TensorFunction;
  readonly inputs: fc.Arbitrary<Tensor[]>;
  /** The value, computed independently by plain loops over the inputs' elements. */
  readonly reference?: (...inputs: Nested[]) => Nested;
}

/** Inputs that all stay this far from 0. */
export const away =
  (gap: number) =>
  (inputs: Tensor[]): boolean =>
    inputs.every((x) => x.dataSync().every((v) => Math.abs(v) > gap));

/** Two inputs no elements of which tie. */
export const apart = ([a, b]: Tensor[]): boolean =>
  a!
    .sub(b!)
    .dataSync()
    .every((v) => Math.abs(v) > 1e-2);

/** Elements of one tensor no two of which tie. */
export const distinct = ([x]: Tensor[]): boolean => {
  const sorted = [...x!.dataSync()].sort((p, q) => p - q);
  return sorted.every((v, i) => i === 0 || v - sorted[i - 1]! > 1e-2);
};

/** Numbers of rows and of features. */
export const rows = (least: number): fc.Arbitrary<[number, number]> =>
  fc.tuple(fc.integer({ min: least, max: 5 }), fc.integer({ min: 1, max: 4 }));

/** Two embeddings of each of some rows. */
export const pairOfRows = (least = 1): fc.Arbitrary<Tensor[]> =>
  rows(least).chain(([n, d]) => fc.tuple(values([n, d]), values([n, d])));

/** Embeddings and a label for each row. */
export const withLabels = (parts: number, classes: number, least: number): fc.Arbitrary<Tensor[]> =>
  rows(least).chain(([n, d]) =>
    fc
      .tuple(fc.tuple(...Array.from({ length: parts }, () => values([n, d]))), labels(n, classes))
      .map(([tensors, y]) => [...tensors, y]),
  );

/** Long enough rows for a cosine: the second derivative grows with the cube of 1 / length. */
export const longRows = (inputs: Tensor[]): boolean =>
  inputs.every(
    (x) =>
      x.dtype === 'int32' ||
      x
        .square()
        .sum({ axis: -1 })
        .dataSync()
        .every((v) => v > 0.25),
  );
export const separated = ([z]: Tensor[]): boolean =>
  z!.shape[0]! < 2 || flat(cg.cdist(z!).toArray() as Nested).every((d, i) => i % (z!.shape[0]! + 1) === 0 || d > 0.05);
export const someTriplet = (inputs: Tensor[]): boolean => {
  const labels = [...inputs[1]!.dataSync()];
  return new Set(labels).size > 1 && new Set(labels).size < labels.length;
};

/** Rows no two distances between which tie. */
export const distinctDistances = ([z]: Tensor[]): boolean => {
  const n = z!.shape[0]!;
  const all = cg.cdist(z!).dataSync();
  const upper = [...all].filter((_, i) => Math.floor(i / n) < i % n).sort((p, q) => p - q);
  return upper.every((d, i) => i === 0 || d - upper[i - 1]! > 5e-3);
};
