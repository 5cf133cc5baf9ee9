/** @file Plain rows of numbers, and what closed forms return. */
import type { Tensor } from '../autograd/tensor.js';
import { checkElements, isTypedArray } from '../dtype.js';
import { ArgumentError } from '../errors.js';
import { asLabels, checkRows, type Labels } from '../losses/arguments.js';

/** Rows of numbers. */
export type Rows = number[][];

/** What one row does to another. */
export interface PairForce {
  /** The row that is moved (of the first argument, or of the batch). */
  readonly i: number;
  /** The row that moves it (of the second argument, or of the batch). */
  readonly j: number;
  /** Whether i is drawn towards j or driven away from it. */
  readonly kind: 'pull' | 'push';
  /** How hard: the size of the derivative of the loss with respect to the pair's distance or score. */
  readonly weight: number;
  /** Where gradient descent moves i because of j: a part of minus its gradient. */
  readonly force: readonly number[];
}

/** A loss in closed form. */
export interface ClosedForm {
  /** The loss. */
  readonly value: number;
  /** The gradient of each argument, row by row, in the order of the arguments. */
  readonly gradients: readonly Rows[];
  /** Who pulls and pushes whom. */
  readonly pairs: readonly PairForce[];
}

/** The rows of tensors of one shape `[N, D]`, with N at least `least`: what the losses take. */
export function rowsOf(op: string, tensors: readonly Tensor[], least = 1): Rows[] {
  checkRows(op, tensors, least);
  return tensors.map((x) => x.toArray() as Rows);
}

/** One label for each row, as numbers: what the losses take. */
export function numbersOf(
  op: string,
  labels: Labels,
  like: Tensor,
  options: { readonly binary?: boolean } = {},
): number[] {
  if (isTypedArray(labels) || Array.isArray(labels)) checkElements(op, 'int32', labels);
  return [...asLabels(op, labels, like, options).dataSync()];
}

/** The error of a batch in which nothing exists to compare: no closed form of nothing. */
export function nothing(op: string, missing: string): ArgumentError {
  return new ArgumentError(op, `the batch has no ${missing}`, 'sample other rows');
}

export const zerosLike = (rows: Rows): Rows => rows.map((row) => row.map(() => 0));
export const minus = (a: readonly number[], b: readonly number[]): number[] => a.map((v, k) => v - b[k]!);
export const times = (a: readonly number[], factor: number): number[] => a.map((v) => v * factor);
export const inner = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, v, k) => sum + v * b[k]!, 0);

/** Adds a vector to a row. */
export function addTo(row: number[], vector: readonly number[]): void {
  for (let k = 0; k < row.length; k++) row[k]! += vector[k]!;
}

/** A row at length 1, and how a gradient with respect to it becomes one with respect to the row: (I - ẑẑᵀ) / ‖z‖. */
export function direction(row: readonly number[]): {
  unit: number[];
  project: (gradient: readonly number[]) => number[];
} {
  const length = Math.sqrt(inner(row, row));
  if (length <= 1e-12) return { unit: times(row, 1e12), project: (gradient) => gradient.map(() => 0) };
  const unit = times(row, 1 / length);
  return { unit, project: (gradient) => times(minus(gradient, times(unit, inner(unit, gradient))), 1 / length) };
}
