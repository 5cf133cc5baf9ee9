/** @file What augmentations draw is distributed as they document it, borders included. */
import { describe, expect, test } from 'vitest';
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
  rotation,
  shift,
  verticalFlip,
} from '../../src/data/index.js';
import { Generator, ShapeError } from '../../src/index.js';
import { DRAWS, distanceFrom, draws, erf, ODD, surprise, unevenness, uniform } from './distributions.js';

test('the tests of distributions notice what is a little off', () => {
  const generator = new Generator(1);
  const values = Array.from({ length: DRAWS }, () => generator.uniform());
  expect(distanceFrom(values, uniform(0, 1))).toBeLessThan(ODD);
  expect(distanceFrom(values, uniform(0, 1.1))).toBeGreaterThan(ODD);
  expect(
    distanceFrom(
      values.map((v) => v ** 1.2),
      uniform(0, 1),
    ),
  ).toBeGreaterThan(ODD);
  const whole = values.map((v) => Math.floor(5 * v));
  expect(unevenness(whole, 5)).toBeLessThan(4);
  expect(unevenness(whole, 6)).toBeGreaterThan(4);
  expect(
    unevenness(
      whole.map((v) => Math.max(v, 1)),
      5,
    ),
  ).toBeGreaterThan(4);
  expect(erf(1)).toBeCloseTo(0.842700793, 9);
});

test('noise is normal, of the standard deviation asked for, each feature on its own', () => {
  for (const s of [0.1, 2]) {
    const seen = draws(noise(s), new Float32Array(2), [2], ([a, b]) => [a!, b!] as const);
    const normal = (x: number): number => (1 + erf(x / s / Math.SQRT2)) / 2;
    expect(
      distanceFrom(
        seen.map(([a]) => a),
        normal,
      ),
    ).toBeLessThan(ODD);
    expect(
      distanceFrom(
        seen.map(([, b]) => b),
        normal,
      ),
    ).toBeLessThan(ODD);
    const correlation = seen.reduce((sum, [a, b]) => sum + a * b, 0) / (s * s * DRAWS);
    expect(Math.abs(correlation) * Math.sqrt(DRAWS)).toBeLessThan(3.5);
  }
  expect(draws(noise(0), Float32Array.of(1, 2), [2], (row) => [...row], 5)).toEqual(new Array(5).fill([1, 2]));
});

/** Where the one pixel went that is not 0. */
const placeOf = (row: Float32Array): number => row.findIndex((value) => value !== 0);

describe.each<[string, (most: number) => Augmentation]>([
  ['shift', (most) => shift(most)],
  ['crop', (most) => crop(most)],
])('%s', (_, make) => {
  const middle = (height: number, width: number): Float32Array => {
    const row = new Float32Array(height * width);
    row[((height - 1) / 2) * width + (width - 1) / 2] = 1;
    return row;
  };

  test.each([0, 1, 3])('moves by each whole number up to %i in both directions, all equally likely', (most) => {
    const kinds = (2 * most + 1) ** 2;
    const places = draws(make(most), middle(7, 9), [1, 7, 9], placeOf);
    expect(new Set(places).size).toBe(kinds);
    for (const at of places) {
      expect(Math.abs(Math.floor(at / 9) - 3)).toBeLessThanOrEqual(most);
      expect(Math.abs((at % 9) - 4)).toBeLessThanOrEqual(most);
    }
    if (kinds > 1) expect(unevenness(places, kinds)).toBeLessThan(4);
  });

  test('moves a row without a height sideways alone', () => {
    const places = draws(make(3), middle(1, 9), [9], placeOf);
    expect([Math.min(...places), Math.max(...places)]).toEqual([1, 7]);
    expect(unevenness(places, 7)).toBeLessThan(4);
  });
});

test('shift takes a pair: so many down, so many sideways', () => {
  const row = new Float32Array(25);
  row[12] = 1;
  const places = draws(shift([0, 2]), row, [1, 5, 5], placeOf);
  expect(unevenness(places, 5)).toBeLessThan(4);
  expect(new Set(places.map((at) => Math.floor(at / 5)))).toEqual(new Set([2]));
});

describe('flips', () => {
  const row = Float32Array.of(1, 2, 3, 4);
  const isFlipped = ([first]: Float32Array): boolean => first !== 1;
  test.each<[string, (chance: number) => Augmentation]>([
    ['horizontalFlip', horizontalFlip],
    ['verticalFlip', verticalFlip],
  ])('%s comes as often as its chance says, at 0 never and at 1 always', (_, make) => {
    const hits = (chance: number): number => draws(make(chance), row, [1, 2, 2], isFlipped).filter(Boolean).length;
    expect([hits(0), hits(1)]).toEqual([0, DRAWS]);
    for (const chance of [0.05, 0.5, 0.9]) expect(surprise(hits(chance), DRAWS, chance)).toBeLessThan(3.5);
  });
});

test.each([0.5, 10, 90, 180])('rotation turns by angles that are uniform up to %d degrees both ways', (most) => {
  // Columns and rows count up: what lies right of the middle, and below it, then gives the angle away.
  const size = 7;
  const ramp = Float32Array.from({ length: 2 * size * size }, (_, at) =>
    at < size * size ? at % size : Math.floor((at - size * size) / size),
  );
  const angles = draws(rotation(most), ramp, [2, size, size], (turned) => {
    const at = (channel: number, y: number, x: number): number => turned[(channel * size + y) * size + x]!;
    const [cos, sin] = [at(0, 3, 4) - at(0, 3, 3), at(0, 4, 3) - at(0, 3, 3)];
    // The rows turn with the columns.
    expect(at(1, 4, 3) - at(1, 3, 3)).toBeCloseTo(cos, 5);
    return (Math.atan2(sin, cos) * 180) / Math.PI;
  });
  expect(Math.max(...angles.map(Math.abs))).toBeLessThanOrEqual(most + 1e-4);
  expect(distanceFrom(angles, uniform(-most, most))).toBeLessThan(ODD);
});

test.each([1, 3, 4])('cutOut of %i has its middle at every pixel alike, and is cut off at the sides', (side) => {
  const [height, width] = [5, 6];
  const row = new Float32Array(height * width).fill(1);
  // The middle of a square of 4 is the pixel behind its middle.
  const cut = (y: number, x: number): string =>
    [...row.keys()]
      .filter((at) => {
        const [down, right] = [Math.floor(at / width) - y, (at % width) - x];
        const inside = (d: number): boolean => d >= -Math.floor(side / 2) && d < side - Math.floor(side / 2);
        return inside(down) && inside(right);
      })
      .join(' ');
  const expected = [...row.keys()].map((at) => cut(Math.floor(at / width), at % width));
  const seen = draws(cutOut(side), row, [1, height, width], (out) =>
    [...out.keys()].filter((at) => out[at] === 0).join(' '),
  );
  expect(new Set(seen)).toEqual(new Set(expected));
  // Some middles give the same zeros: each set as often as there are middles.
  for (const zeros of new Set(expected)) {
    const chance = expected.filter((other) => other === zeros).length / expected.length;
    expect(surprise(seen.filter((other) => other === zeros).length, DRAWS, chance)).toBeLessThan(4.5);
  }
});

test('featureDropout hits each feature with its chance, on its own, at 0 none and at 1 all', () => {
  const row = Float32Array.of(1, 1);
  const both = (chance: number): [number, number, number] => {
    const seen = draws(featureDropout(chance), row, [2], ([a, b]) => [a === 0, b === 0] as const);
    return [seen.filter(([a]) => a).length, seen.filter(([, b]) => b).length, seen.filter(([a, b]) => a && b).length];
  };
  expect(both(0)).toEqual([0, 0, 0]);
  expect(both(1)).toEqual([DRAWS, DRAWS, DRAWS]);
  for (const chance of [0.1, 0.5]) {
    const [a, b, together] = both(chance);
    expect(surprise(a, DRAWS, chance)).toBeLessThan(3.5);
    expect(surprise(b, DRAWS, chance)).toBeLessThan(3.5);
    expect(surprise(together, DRAWS, chance ** 2)).toBeLessThan(3.5);
  }
});

test('brightness adds one number to all, uniform both ways', () => {
  for (const most of [0.2, 5]) {
    const added = draws(brightness(most), new Float32Array(3), [3], (row) => {
      expect(new Set(row).size).toBe(1);
      return row[0]!;
    });
    expect(Math.max(...added.map(Math.abs))).toBeLessThanOrEqual(most);
    expect(distanceFrom(added, uniform(-most, most))).toBeLessThan(ODD);
  }
  expect(new Set(draws(brightness(0), Float32Array.of(3), [1], ([v]) => v))).toEqual(new Set([3]));
});

test('contrast stretches about the mean, uniform from 1 - most to 1 + most', () => {
  for (const most of [0.2, 1]) {
    const factors = draws(contrast(most), Float32Array.of(-1, 0, 1), [3], ([a, b, c]) => {
      expect(a! + b! + c!).toBeCloseTo(0, 5);
      return (c! - a!) / 2;
    });
    expect(Math.min(...factors)).toBeGreaterThanOrEqual(1 - most - 1e-6);
    expect(Math.max(...factors)).toBeLessThanOrEqual(1 + most + 1e-6);
    expect(distanceFrom(factors, uniform(1 - most, 1 + most))).toBeLessThan(ODD);
  }
  expect(new Set(draws(contrast(0), Float32Array.of(1, 5), [2], (row) => row.join()))).toEqual(new Set(['1,5']));
});

test('compose goes in order, each drawing after the one before', () => {
  const seen = draws(compose([brightness(1), contrast(1)]), Float32Array.of(0, 2), [2], ([a, b]) => [a!, b!] as const);
  expect(
    distanceFrom(
      seen.map(([a, b]) => (a + b) / 2),
      uniform(0, 2),
    ),
  ).toBeLessThan(ODD);
  expect(
    distanceFrom(
      seen.map(([a, b]) => (b - a) / 2),
      uniform(0, 2),
    ),
  ).toBeLessThan(ODD);
  const order = compose([(row) => row.map((v) => v + 1), (row) => row.map((v) => 2 * v)]);
  expect([...order(Float32Array.of(3), [1], new Generator())]).toEqual([8]);
});

test('an augmentation that changes the length of a row is an error, not another row', () => {
  const data = datasetOf(
    [
      [1, 2],
      [3, 4],
    ],
    ['a', 'b'],
  );
  const generator = new Generator(0);
  const of =
    (result: unknown): Augmentation =>
    () =>
      result as Float32Array;
  for (const [result, got] of [
    [Float32Array.of(1, 2, 3), '3 features'],
    [Float32Array.of(1), '1 features'],
    [[1, 2], '[1, 2]'],
    [undefined, 'undefined'],
  ] as const) {
    for (const op of ['augmentRows', 'compose']) {
      const augmentation = op === 'compose' ? compose([of(result), noise()]) : of(result);
      const run = (): unknown => augmentRows(data, [0, 1], augmentation, generator);
      expect(run).toThrow(ShapeError);
      expect(run).toThrow(`${op}: an augmentation must return a Float32Array of 2 features, got ${got}`);
    }
  }
  expect([...data.features]).toEqual([1, 2, 3, 4]);
});
