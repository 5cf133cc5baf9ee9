/**
 * @file Shapes as plain arrays of sizes: strides, axes and broadcasting. Rank 0 and axes of size 0 are legal.
 */
import { checkWholes, describe, wrong } from './checks.js';
import { ShapeError } from './errors.js';

/** The sizes of a tensor's axes; `[]` is a scalar. */
export type Shape = readonly number[];

/** An axis, or several, counted from the end where negative. */
export type Axes = number | readonly number[];

/** The number of elements of a shape; 1 for a scalar. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const length of shape) size *= length;
  return size;
}

/** A shape as it stands in messages, for example `[3, 4]`. */
export function formatShape(shape: Shape): string {
  return `[${shape.map(describe).join(', ')}]`;
}

/** The error of shapes that do not meet a requirement. */
export function shapeError(op: string, requirement: string, ...shapes: readonly Shape[]): ShapeError {
  return new ShapeError(op, `${requirement}, got ${shapes.map(formatShape).join(' and ')}`);
}

/** Throws a {@link ShapeError} unless a shape is the one that is wanted. */
export function matchShape(op: string, name: string, shape: Shape, wanted: Shape): void {
  if (!sameShape(shape, wanted)) throw shapeError(op, `${name} must have shape ${formatShape(wanted)}`, shape);
}

/** Whether two shapes have the same axes. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis]);
}

/** Throws unless a value is the shape of a tensor: a list of whole numbers, 0 or more. */
export function checkShape(op: string, shape: Shape): void {
  if (!Array.isArray(shape)) throw wrong(op, 'a shape', 'a list of sizes', shape);
  checkWholes(op, 'sizes', shape, 0);
  checkSize(op, shape);
}

/** A gibibyte of `float32`: what is larger is a slip more often than it is meant, and would stop a page for seconds. */
const LARGEST = 2 ** 28;

/** How many elements a tensor has; throws a {@link ShapeError} for more than {@link LARGEST}. */
export function checkSize(op: string, shape: Shape): number {
  const size = sizeOf(shape);
  if (size <= LARGEST) return size;
  throw new ShapeError(op, `a tensor has at most 2^28 elements, got ${size} in ${formatShape(shape)}`);
}

/** Row-major strides, counted in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  return strides;
}

/**
 * The shape that two shapes broadcast to, by NumPy's rule: aligned at the end, sizes equal or 1.
 *
 * @throws {@link ShapeError} when a pair of sizes is neither equal nor 1.
 */
export function broadcastShapes(op: string, a: Shape, b: Shape): number[] {
  const rank = Math.max(a.length, b.length);
  const shape = new Array<number>(rank);
  for (let fromEnd = 1; fromEnd <= rank; fromEnd++) {
    const m = a[a.length - fromEnd] ?? 1;
    const n = b[b.length - fromEnd] ?? 1;
    if (m !== n && m !== 1 && n !== 1) {
      throw new ShapeError(
        op,
        `cannot broadcast ${formatShape(a)} with ${formatShape(b)} (${m} != ${n} on axis -${fromEnd})`,
        'sizes must be equal or 1, counted from the last axis',
      );
    }
    shape[rank - fromEnd] = m === 1 ? n : m;
  }
  return shape;
}

/** The strides that read a row-major tensor of `shape` as if it had the broadcast shape `target`: 0 on stretched axes. */
export function broadcastStrides(shape: Shape, target: Shape): number[] {
  const own = stridesOf(shape);
  const missing = target.length - shape.length;
  return target.map((_, axis) => (axis < missing || shape[axis - missing] === 1 ? 0 : own[axis - missing]!));
}

/**
 * An axis as an index from the start.
 *
 * @throws {@link ShapeError} when the shape has no such axis.
 */
export function normalizeAxis(op: string, axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    const range = rank === 0 ? 'a scalar has no axes' : `axes run from ${-rank} to ${rank - 1}`;
    throw new ShapeError(op, `axis ${describe(axis)} is out of range for rank ${rank}`, range);
  }
  return axis < 0 ? axis + rank : axis;
}

/**
 * Axes as sorted indices from the start; every axis when omitted.
 *
 * @throws {@link ShapeError} when the shape has no such axis, or one is named twice.
 */
export function normalizeAxes(op: string, axes: Axes | undefined, rank: number): number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, axis) => axis);
  const given = (Array.isArray(axes) ? axes : [axes]) as readonly number[];
  const list = given.map((axis) => normalizeAxis(op, axis, rank));
  if (new Set(list).size !== list.length) {
    throw new ShapeError(op, `an axis is named twice in ${describe(axes)}`);
  }
  return list.sort((p, q) => p - q);
}

/** The shape left when `axes` (sorted, from the start) are reduced: size 1 with `keepDims`, gone without. */
export function reducedShape(shape: Shape, axes: readonly number[], keepDims: boolean): number[] {
  return keepDims
    ? shape.map((length, axis) => (axes.includes(axis) ? 1 : length))
    : shape.filter((_, axis) => !axes.includes(axis));
}

/**
 * A shape with its one `-1` filled in so that it holds `size` elements.
 *
 * @throws {@link ShapeError} when the sizes cannot agree.
 */
export function inferShape(op: string, wanted: Shape, from: Shape): number[] {
  checkWholes(op, 'sizes', wanted, -1);
  const size = sizeOf(from);
  const known = sizeOf(wanted.filter((length) => length !== -1));
  const unknowns = wanted.length - wanted.filter((length) => length !== -1).length;
  if (unknowns > 1) throw new ShapeError(op, `only one size may be -1, got ${formatShape(wanted)}`);
  const shape = unknowns === 1 && known > 0 ? wanted.map((length) => (length === -1 ? size / known : length)) : wanted;
  if (shape.some((length) => !Number.isInteger(length) || length < 0) || sizeOf(shape) !== size) {
    throw new ShapeError(
      op,
      `cannot give ${formatShape(from)} (${size} elements) the shape ${formatShape(wanted)} (${known}${unknowns ? ' x ?' : ''} elements)`,
    );
  }
  return [...shape];
}
