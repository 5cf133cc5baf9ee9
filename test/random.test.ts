/** @file The generator: known answers, repeatability and distribution. */
import { expect, test } from 'vitest';
import { ArgumentError, Generator, manualSeed, rand } from '../src/index.js';
import { threefry } from '../src/random.js';

const hex = (words: readonly number[]): string[] => words.map((word) => word.toString(16));

test('Threefry-2x32-20 gives the answers that its authors published', () => {
  expect(hex(threefry(0, 0, 0, 0))).toEqual(['6b200159', '99ba4efe']);
  expect(hex(threefry(-1, -1, -1, -1))).toEqual(['1cb996fc', 'bb002be7']);
  expect(hex(threefry(0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3))).toEqual(['c4923a9c', '483df7a0']);
});

test('a draw depends on seed and counter alone, up to the largest of either', () => {
  const draw = (seed: number, counter: number): [number, number] => {
    const generator = new Generator();
    generator.state = { seed, counter };
    return generator.bits();
  };
  expect(draw(5, 9)).toEqual(draw(5, 9));
  const big = 2 ** 40;
  const different = [draw(5, 9), draw(5, 10), draw(6, 9), draw(5 + big, 9), draw(5, 9 + big)];
  expect(new Set(different.map(String)).size).toBe(5);
});

test('uniforms are multiples of 2^-24 in [0, 1), equal as float32', () => {
  const generator = new Generator(1);
  const values = Array.from({ length: 20_000 }, () => generator.uniform());
  expect(values.every((v) => v >= 0 && v < 1 && Number.isInteger(v * 2 ** 24) && Math.fround(v) === v)).toBe(true);
  const bins = new Array<number>(16).fill(0);
  for (const value of values) bins[Math.floor(value * 16)]!++;
  const chiSquare = bins.reduce((sum, count) => sum + (count - 1250) ** 2 / 1250, 0);
  // 15 degrees of freedom: beyond 37.7 once in a thousand seeds.
  expect(chiSquare).toBeLessThan(37.7);
});

test('normals have mean 0, variance 1, kurtosis 3, and no infinities', () => {
  const generator = new Generator(2);
  const values = Array.from({ length: 40_000 }, () => generator.normal());
  const moment = (order: number): number => values.reduce((sum, v) => sum + v ** order, 0) / values.length;
  expect(Math.abs(moment(1))).toBeLessThan(0.02);
  expect(Math.abs(moment(2) - 1)).toBeLessThan(0.03);
  expect(Math.abs(moment(4) - 3)).toBeLessThan(0.2);
});

test('whole numbers cover [0, bound), permutations are permutations', () => {
  const generator = new Generator(3);
  expect(new Set(Array.from({ length: 200 }, () => generator.integer(5)))).toEqual(new Set([0, 1, 2, 3, 4]));
  const order = generator.permutation(50);
  expect([...order].sort((p, q) => p - q)).toEqual([...Array(50).keys()]);
  expect(order).not.toEqual([...Array(50).keys()]);
  expect(generator.permutation(0)).toEqual([]);
});

test('manualSeed repeats the default stream', () => {
  manualSeed(11);
  const first = rand([4]).toArray();
  manualSeed(11);
  expect(rand([4]).toArray()).toEqual(first);
  expect(rand([4]).toArray()).not.toEqual(first);
});

test.each([-1, 0.5, 2 ** 53, Number.NaN])('seed %d is refused', (seed) => {
  expect(() => new Generator(seed)).toThrow(ArgumentError);
  expect(() => manualSeed(seed)).toThrow(`Generator: seed must be a whole number from 0 to 2^53 - 1, got ${seed}`);
});

test('a bound below 1 is refused', () => {
  expect(() => new Generator().integer(0)).toThrow(
    'Generator.integer: bound must be a whole number from 1 to 2^32, got 0',
  );
});
