/** @file Shapes: broadcasting, axes, strides, rank 0 and empty axes. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ArgumentError, ShapeError } from '../src/errors.js';
import {
  broadcastShapes,
  broadcastStrides,
  inferShape,
  normalizeAxes,
  normalizeAxis,
  reducedShape,
  sizeOf,
  stridesOf,
} from '../src/shape.js';
import { assertProperty } from './support/depth.js';

const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });

test('size and strides count elements; a scalar has one', () => {
  expect(sizeOf([])).toBe(1);
  expect(sizeOf([3, 0, 2])).toBe(0);
  expect(stridesOf([2, 3, 4])).toEqual([12, 4, 1]);
  expect(stridesOf([])).toEqual([]);
});

test('broadcasting aligns at the end and is symmetric', () => {
  expect(broadcastShapes('f', [2, 1, 4], [3, 1])).toEqual([2, 3, 4]);
  expect(broadcastShapes('f', [], [5])).toEqual([5]);
  expect(broadcastShapes('f', [0, 3], [1, 3])).toEqual([0, 3]);
  expect(() => broadcastShapes('f', [0], [3])).toThrow(ShapeError);
  assertProperty(
    fc.property(shapes, shapes, (a, b) => {
      const both = (p: number[], q: number[]): unknown => {
        try {
          return broadcastShapes('f', p, q);
        } catch (error) {
          return error instanceof ShapeError;
        }
      };
      expect(both(a, b)).toEqual(both(b, a));
      expect(both(a, a)).toEqual(a);
      expect(both(a, [])).toEqual(a);
    }),
    500,
  );
});

test('broadcast strides read the same element again along stretched axes', () => {
  expect(broadcastStrides([3, 1], [2, 3, 4])).toEqual([0, 1, 0]);
  expect(broadcastStrides([], [2])).toEqual([0]);
});

test('axes count from either end', () => {
  expect(normalizeAxis('f', -1, 3)).toBe(2);
  expect(normalizeAxes('f', [-1, 0], 3)).toEqual([0, 2]);
  expect(normalizeAxes('f', undefined, 2)).toEqual([0, 1]);
  expect(normalizeAxes('f', [], 2)).toEqual([]);
  expect(() => normalizeAxis('f', 3, 3)).toThrow('f: axis 3 is out of range for rank 3; axes run from -3 to 2');
  expect(() => normalizeAxis('f', 0.5, 3)).toThrow(ShapeError);
  expect(() => normalizeAxes('f', [0, -3], 3)).toThrow('f: an axis is named twice in [0, -3]');
  expect(reducedShape([2, 3, 4], [1], true)).toEqual([2, 1, 4]);
  expect(reducedShape([2, 3, 4], [1], false)).toEqual([2, 4]);
});

test('one size may be left open, where the others divide the elements', () => {
  expect(inferShape('f', [-1, 3], [2, 6])).toEqual([4, 3]);
  expect(inferShape('f', [0, 5], [5, 0])).toEqual([0, 5]);
  expect(inferShape('f', [], [1])).toEqual([]);
  for (const wanted of [[-1, -1], [5], [-1, 5]]) expect(() => inferShape('f', wanted, [2, 6])).toThrow(ShapeError);
  for (const wanted of [[-2, -6], [2.5, 4.8], new Array(2), null]) {
    expect(() => inferShape('f', wanted as number[], [2, 6])).toThrow(ArgumentError);
  }
  // With no elements, any size would do: the open one is undecided.
  expect(() => inferShape('f', [-1, 0], [0])).toThrow(ShapeError);
});
