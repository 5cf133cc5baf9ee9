/**
 * @file Random inputs for property-based tests: float64 tensors, since finite differences need their digits.
 */
import fc from 'fast-check';
import { tensor } from '../autograd/create.js';
import type { Tensor } from '../autograd/tensor.js';
import { checkWhole, describe, readOptions, wrong } from '../checks.js';
import { ArgumentError } from '../errors.js';
import { checkShape, type Shape, sizeOf } from '../shape.js';

/** The smallest and the largest element. */
export type Range = readonly [low: number, high: number];

/** Options of {@link shapes}. */
export interface ShapesOptions {
  /** The largest number of axes. Default 3. */
  readonly maxRank?: number;
  /** The largest size of an axis. Default 4. */
  readonly maxSide?: number;
}

/**
 * Shapes without empty axes: scalars, square matrices often (some errors show only there), sizes of 1.
 */
export function shapes(options?: ShapesOptions): fc.Arbitrary<Shape> {
  const { maxRank, maxSide } = readOptions('shapes', options, { maxRank: 3, maxSide: 4 });
  checkWhole('shapes', 'maxRank', maxRank, 0);
  checkWhole('shapes', 'maxSide', maxSide);
  const side = fc.integer({ min: 1, max: maxSide });
  const any = fc.array(side, { maxLength: maxRank });
  return maxRank < 2
    ? any
    : fc.oneof(
        fc.constant<Shape>([]),
        side.map((n) => [n, n]),
        any,
      );
}

/**
 * Two shapes that broadcast: of either, axes may have size 1 or, from the front, be missing.
 */
export function broadcastableShapes(options?: ShapesOptions): fc.Arbitrary<[Shape, Shape]> {
  return shapes(options).chain((shape) =>
    fc
      .tuple(
        fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }),
        fc.integer({ min: 0, max: shape.length }),
        fc.boolean(),
      )
      .map(([ones, missing, swap]): [Shape, Shape] => {
        const small = shape.map((size, axis) => (ones[axis] ? 1 : size)).slice(missing);
        return swap ? [small, shape] : [shape, small];
      }),
  );
}

/**
 * A float64 tensor of one shape, its elements on a grid of 4,001 steps in a range: far from what rounds, and never 0 in
 * the default range.
 *
 * @param shape - Of every tensor.
 * @param range - Default [-2, 2].
 */
export function values(shape: Shape, range: Range = [-2, 2]): fc.Arbitrary<Tensor> {
  checkShape('values', shape);
  checkRange('values', range);
  const [low, high] = range;
  const element = fc.integer({ min: 0, max: 3999 }).map((i) => low + ((high - low) * (i + 0.5)) / 4000);
  const length = sizeOf(shape);
  return fc
    .array(element, { minLength: length, maxLength: length })
    .map((data) => tensor(Float64Array.from(data), { shape }));
}

/** Throws an {@link ArgumentError} unless a value is two finite numbers. */
function checkRange(op: string, range: unknown): void {
  if (Array.isArray(range) && range.length === 2 && [...range].every(Number.isFinite)) return;
  throw wrong(op, 'a range', 'the least and the most', range);
}

/** One tensor of any shape, as the list of inputs that {@link checkOp} takes. */
export function anyTensor(range?: Range): fc.Arbitrary<Tensor[]> {
  if (range !== undefined) checkRange('anyTensor', range);
  return shapes().chain((shape) => values(shape, range).map((x) => [x]));
}

/** Two tensors that broadcast. */
export function broadcastableTensors(a?: Range, b?: Range): fc.Arbitrary<Tensor[]> {
  for (const range of [a, b]) if (range !== undefined) checkRange('broadcastableTensors', range);
  return broadcastableShapes().chain(([p, q]) => fc.tuple(values(p, a), values(q, b)));
}

/** The same tensor twice: what `mul(x, x)` does to a gradient. */
export function aliased(one: fc.Arbitrary<Tensor>): fc.Arbitrary<Tensor[]> {
  checkArbitrary('aliased', one, 'values(shape)');
  return one.map((x) => [x, x]);
}

/** Throws an {@link ArgumentError} unless a value draws random inputs, as `example` does. */
export function checkArbitrary(op: string, value: unknown, example = 'anyTensor()'): void {
  if (value instanceof fc.Arbitrary) return;
  throw new ArgumentError(op, `needs an arbitrary of fast-check, got ${describe(value)}`, `${example} is one`);
}

/** `int32` labels: `count` of them, from 0 to `classes` - 1. */
export function labels(count: number, classes: number): fc.Arbitrary<Tensor> {
  checkWhole('labels', 'count', count, 0);
  checkWhole('labels', 'classes', classes);
  checkShape('labels', [count]);
  return fc
    .array(fc.integer({ min: 0, max: classes - 1 }), { minLength: count, maxLength: count })
    .map((data) => tensor(data, { dtype: 'int32' }));
}
