/** @file Augmentations: what each does to a row, and what none may do. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Augmentation,
  augmentRows,
  brightness,
  compose,
  contrast,
  crop,
  cutOut,
  datasetOf,
  featureDropout,
  horizontalFlip,
  noise,
  resizedCrop,
  rotation,
  shift,
  verticalFlip,
} from '../../src/data/index.js';
import { ArgumentError, Generator, ShapeError } from '../../src/index.js';
import { assertProperty } from '../support/depth.js';

const all: Record<string, Augmentation> = {
  noise: noise(),
  shift: shift(2),
  wrap: shift([0, 3], { fill: 'wrap' }),
  edge: shift(2, { fill: 'edge' }),
  crop: crop(),
  resizedCrop: resizedCrop(),
  horizontalFlip: horizontalFlip(),
  verticalFlip: verticalFlip(),
  rotation: rotation(30),
  cutOut: cutOut(2),
  featureDropout: featureDropout(),
  brightness: brightness(),
  contrast: contrast(),
  compose: compose([noise(), shift()]),
};
const shapes = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 3 });
const rowOf = (shape: readonly number[]): Float32Array =>
  Float32Array.from({ length: shape.reduce((product, length) => product * length, 1) }, (_, i) => i + 1);

test.each(Object.keys(all))('%s keeps the size, leaves the row alone, and is repeated by its seed', (name) => {
  const augmentation = all[name]!;
  assertProperty(
    fc.property(shapes, fc.nat(), (shape, seed) => {
      if (name === 'rotation' && shape.length !== 3) {
        expect(() => augmentation(rowOf(shape), shape, new Generator(seed))).toThrow(ShapeError);
        return;
      }
      const row = rowOf(shape);
      const changed = augmentation(row, shape, new Generator(seed));
      expect(changed).not.toBe(row);
      expect(changed.buffer).not.toBe(row.buffer);
      expect(row).toEqual(rowOf(shape));
      expect(changed).toHaveLength(row.length);
      expect(changed.every(Number.isFinite)).toBe(true);
      expect(augmentation(row, shape, new Generator(seed))).toEqual(changed);
    }),
    500,
  );
  // It does something, for some seed.
  const row = rowOf([2, 6, 6]);
  const results = Array.from({ length: 9 }, (_, seed) => augmentation(row, [2, 6, 6], new Generator(seed)));
  expect(results.some((changed) => changed.some((value, i) => value !== row[i]))).toBe(true);
});

const image = Float32Array.of(1, 2, 3, 4, 5, 6);
const apply = (augmentation: Augmentation, shape: readonly number[], seed = 0): number[] => [
  ...augmentation(image, shape, new Generator(seed)),
];

test('flips mirror each channel', () => {
  expect(apply(horizontalFlip(1), [1, 2, 3])).toEqual([3, 2, 1, 6, 5, 4]);
  expect(apply(horizontalFlip(1), [6])).toEqual([6, 5, 4, 3, 2, 1]);
  expect(apply(horizontalFlip(1), [2, 3])).toEqual([3, 2, 1, 6, 5, 4]);
  expect(apply(verticalFlip(1), [1, 2, 3])).toEqual([4, 5, 6, 1, 2, 3]);
  expect(apply(verticalFlip(1), [1, 3, 2])).toEqual([5, 6, 3, 4, 1, 2]);
  expect(apply(verticalFlip(1), [3, 2, 1])).toEqual([2, 1, 4, 3, 6, 5]);
  expect(apply(horizontalFlip(0), [6])).toEqual([...image]);
});

test('shifts are all those that can be, and fill as they are told', () => {
  const seen = (options: object): Set<string> =>
    new Set(Array.from({ length: 60 }, (_, seed) => apply(shift(1, options), [6], seed).join(' ')));
  expect(seen({})).toEqual(new Set(['1 2 3 4 5 6', '0 1 2 3 4 5', '2 3 4 5 6 0']));
  expect(seen({ fill: 'edge' })).toEqual(new Set(['1 2 3 4 5 6', '1 1 2 3 4 5', '2 3 4 5 6 6']));
  expect(seen({ fill: 'wrap' })).toEqual(new Set(['1 2 3 4 5 6', '6 1 2 3 4 5', '2 3 4 5 6 1']));
  const both = new Set(Array.from({ length: 300 }, (_, seed) => apply(crop(1), [1, 2, 3], seed).join(' ')));
  expect(both.size).toBe(9);
  expect(both).toContain('0 0 0 0 1 2');
  expect(both).toContain('5 6 0 0 0 0');
});

test('a quarter turn moves the corners on; the middle stays', () => {
  // The angle is uniform: of many, the one nearest to 90 degrees is taken by what it does.
  const square = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9);
  const turns = Array.from({ length: 400 }, (_, seed) => rotation(180)(square, [1, 3, 3], new Generator(seed)));
  for (const turned of turns) expect(turned[4]).toBeCloseTo(5, 5);
  const off = (target: number[]): number =>
    Math.min(...turns.map((turned) => Math.max(...target.map((value, i) => Math.abs(value - turned[i]!)))));
  expect(off([3, 6, 9, 2, 5, 8, 1, 4, 7])).toBeLessThan(0.3);
  expect(off([7, 4, 1, 8, 5, 2, 9, 6, 3])).toBeLessThan(0.3);
  expect(apply(rotation(0), [1, 2, 3])).toEqual([...image]);
});

test('a crop of all of the row is the row; a smaller one shows a part, stretched', () => {
  expect(apply(resizedCrop({ scale: [1, 1], ratio: [1, 1] }), [1, 2, 3])).toEqual([...image]);
  for (let seed = 0; seed < 20; seed++) {
    const half = apply(resizedCrop({ scale: [0.5, 0.5] }), [6], seed);
    for (let i = 2; i < 5; i++) {
      if (half[i]! > 1 && half[i]! < 6 && half[i - 1]! > 1) expect(half[i]! - half[i - 1]!).toBeCloseTo(0.5, 5);
    }
    expect(half.at(-1)! - half[0]!).toBeLessThan(2.6);
  }
});

test('a cut-out is a square of zeros in all channels', () => {
  const row = new Float32Array(2 * 8 * 8).fill(1);
  for (let seed = 0; seed < 40; seed++) {
    const out = cutOut(3)(row, [2, 8, 8], new Generator(seed));
    const zeros = [...out.keys()].filter((i) => out[i] === 0);
    const first = zeros.filter((i) => i < 64);
    expect(zeros.filter((i) => i >= 64).map((i) => i - 64)).toEqual(first);
    const span = (list: number[]): number => Math.max(...list) - Math.min(...list) + 1;
    const [high, wide] = [span(first.map((i) => Math.floor(i / 8))), span(first.map((i) => i % 8))];
    expect(first).toHaveLength(high * wide);
    expect(Math.max(high, wide)).toBeLessThanOrEqual(3);
    expect(Math.min(high, wide)).toBeGreaterThanOrEqual(2);
  }
});

test('noise, dropout, brightness and contrast have the spread that they are told', () => {
  const flat = new Float32Array(20_000).fill(2);
  const sd = (values: Float32Array): number => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  };
  const generator = new Generator(5);
  expect(sd(noise(0.5)(flat, [20_000], generator))).toBeCloseTo(0.5, 1);
  const dropped = featureDropout(0.3)(flat, [20_000], generator);
  expect(dropped.filter((value) => value === 0).length / 20_000).toBeCloseTo(0.3, 1);
  expect(new Set(dropped)).toEqual(new Set([0, 2]));
  for (let seed = 0; seed < 30; seed++) {
    const [b] = apply(brightness(0.5), [6], seed).map((value, i) => value - image[i]!);
    expect(Math.abs(b!)).toBeLessThanOrEqual(0.5);
    const stretched = apply(contrast(0.5), [6], seed);
    expect(stretched.reduce((sum, value) => sum + value, 0)).toBeCloseTo(21, 4);
    expect((stretched[5]! - stretched[0]!) / 5).toBeGreaterThanOrEqual(0.5);
    expect((stretched[5]! - stretched[0]!) / 5).toBeLessThanOrEqual(1.5);
  }
});

test('rows of a batch are changed each on its own, in two views of it differently', () => {
  const data = datasetOf(
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
    ['a', 'b'],
    { shape: [1, 1, 3] },
  );
  const generator = new Generator(0);
  expect([...augmentRows(data, [1, 0, 1], horizontalFlip(1), generator)]).toEqual([6, 5, 4, 3, 2, 1, 6, 5, 4]);
  const [a, b] = [augmentRows(data, [0], noise(), generator), augmentRows(data, [0], noise(), generator)];
  expect(a).not.toEqual(b);
  expect([...data.features]).toEqual([1, 2, 3, 4, 5, 6]);
  expect(() => augmentRows(data, [2], noise(), generator)).toThrow(ArgumentError);
});

test('what cannot be is refused when it is made, or for the row that it does not fit', () => {
  expect(() => noise(-1)).toThrow('noise: standardDeviation must be');
  expect(() => noise(Number.NaN)).toThrow(ArgumentError);
  expect(() => shift(0.5)).toThrow('shift: most must be a whole number or two, 0 or more, got 0.5');
  expect(() => shift(1, { fill: 'mirror' as 'edge' })).toThrow(
    "shift: fill must be 'zero', 'edge' or 'wrap', got \"mirror\"",
  );
  expect(() => crop(-1)).toThrow('crop: padding must be');
  expect(() => resizedCrop({ scale: [0, 1] })).toThrow(ArgumentError);
  expect(() => resizedCrop({ scale: [0.5, 2] })).toThrow(ArgumentError);
  expect(() => horizontalFlip(2)).toThrow('horizontalFlip: chance must be a finite number, from 0 to 1, got 2');
  expect(() => rotation(181)).toThrow(ArgumentError);
  expect(() => cutOut(0)).toThrow(ArgumentError);
  expect(() => crop(1)(image, [2, 2], new Generator())).toThrow('crop: needs a row of shape');
});
