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
  type ResizedCropOptions,
  resizedCrop,
  rotation,
  shift,
  verticalFlip,
} from '../../src/data/index.js';
import { Generator, ShapeError } from '../../src/index.js';

/** Draws of a test, all from one seed: a test that holds, holds always. */
const DRAWS = 2_000;

/** What an augmentation does to a row, again and again, as one number or several. */
function draws<Seen>(
  augmentation: Augmentation,
  row: Float32Array,
  shape: readonly number[],
  see: (changed: Float32Array) => Seen,
  count = DRAWS,
): Seen[] {
  const generator = new Generator(19);
  return Array.from({ length: count }, () => see(augmentation(row, shape, generator)));
}

/**
 * Kolmogorov and Smirnov: the largest distance of the empirical distribution from F, times √n. By chance above 1.95 once in
 * a thousand tests.
 */
function distanceFrom(values: readonly number[], F: (x: number) => number): number {
  const sorted = [...values].sort((p, q) => p - q);
  const n = sorted.length;
  return Math.sqrt(n) * Math.max(...sorted.map((x, i) => Math.max((i + 1) / n - F(x), F(x) - i / n)));
}
const ODD = 1.95;

const uniform =
  (least: number, most: number) =>
  (x: number): number =>
    Math.min(1, Math.max(0, (x - least) / (most - least)));

/** Pearson's χ² of counts that should be equal, less its mean, in its standard deviations. */
function unevenness(values: readonly unknown[], kinds: number): number {
  const counts = new Map<unknown, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const each = values.length / kinds;
  const missing = kinds - counts.size;
  const square = [...counts.values()].reduce((sum, count) => sum + (count - each) ** 2 / each, missing * each);
  return (square - (kinds - 1)) / Math.sqrt(2 * (kinds - 1));
}

/** How far a number of hits is from what a chance lets expect, in standard deviations. */
const surprise = (hits: number, of: number, chance: number): number =>
  Math.abs(hits - of * chance) / Math.sqrt(of * chance * (1 - chance));

/** The error function, by its series. */
function erf(x: number): number {
  let term = x;
  let sum = x;
  for (let k = 1; k < 80; k++) {
    term *= (-x * x) / k;
    sum += term / (2 * k + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

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

/** What of a picture is kept: shares of its sides and area, its ratio, and how far to the right and down it lies. */
interface Part {
  readonly wide: number;
  readonly high: number;
  readonly area: number;
  readonly ratio: number;
  readonly left: number;
  readonly top: number;
}

describe('resizedCrop', () => {
  const [height, width] = [24, 36];
  // One channel counts columns, the other rows; far from the sides a part's slope and offset can be read off.
  const ramp = Float32Array.from({ length: 2 * height * width }, (_, at) =>
    at < height * width ? at % width : Math.floor((at - height * width) / width),
  );
  const parts = (options: ResizedCropOptions, count = DRAWS): Part[] =>
    draws(
      resizedCrop(options),
      ramp,
      [2, height, width],
      (out) => {
        const [h, w] = [height / 2, width / 2];
        const x = (at: number): number => out[h * width + at]!;
        const y = (at: number): number => out[(height + at) * width + w]!;
        const [wide, high] = [x(w) - x(w - 1), y(h) - y(h - 1)];
        const left = (x(w) + 0.5 - (w + 0.5) * wide) / width;
        const top = (y(h) + 0.5 - (h + 0.5) * high) / height;
        return { wide, high, area: wide * high, ratio: wide / high, left, top };
      },
      count,
    );

  test('keeps all of the area where scale is [1, 1], at any ratios around 1', () => {
    for (const ratio of [undefined, [1, 1], [0.5, 2], [1, 3], [0.1, 1]] as const) {
      for (const { area, wide } of parts({ scale: [1, 1], ...(ratio && { ratio }) }, 300)) {
        expect(area).toBeCloseTo(1, 4);
        expect(wide).toBeCloseTo(1, 4);
      }
    }
  });

  test.each<[number, number]>([
    [0.9, 1],
    [0.5, 1],
    [0.08, 1],
    [0.3, 0.3],
  ])('keeps from %d to %d of the area, at ratios within their borders, inside the picture', (least, most) => {
    const seen = parts({ scale: [least, most] });
    for (const { area, ratio, left, top, wide, high } of seen) {
      expect(area).toBeGreaterThanOrEqual(least - 1e-4);
      expect(area).toBeLessThanOrEqual(most + 1e-4);
      expect(ratio).toBeGreaterThanOrEqual(0.75 - 1e-3);
      expect(ratio).toBeLessThanOrEqual(4 / 3 + 1e-3);
      for (const at of [left, top, 1 - left - wide, 1 - top - high]) expect(at).toBeGreaterThanOrEqual(-1e-4);
    }
  });

  test('where all fits: a uniform share, a uniform logarithm of the ratio, a uniform place', () => {
    const seen = parts({ scale: [0.1, 0.5], ratio: [0.5, 2] });
    expect(
      distanceFrom(
        seen.map(({ area }) => area),
        uniform(0.1, 0.5),
      ),
    ).toBeLessThan(ODD);
    expect(
      distanceFrom(
        seen.map(({ ratio }) => Math.log2(ratio)),
        uniform(-1, 1),
      ),
    ).toBeLessThan(ODD);
    const free = seen.filter(({ wide, high }) => wide < 0.98 && high < 0.98);
    expect(
      distanceFrom(
        free.map(({ left, wide }) => left / (1 - wide)),
        uniform(0, 1),
      ),
    ).toBeLessThan(ODD);
    expect(
      distanceFrom(
        free.map(({ top, high }) => top / (1 - high)),
        uniform(0, 1),
      ),
    ).toBeLessThan(ODD);
  });

  test('at one ratio, the share alone varies', () => {
    const seen = parts({ scale: [0.25, 1], ratio: [1, 1] });
    expect(
      distanceFrom(
        seen.map(({ area }) => area),
        uniform(0.25, 1),
      ),
    ).toBeLessThan(ODD);
  });

  test('where not all fits: what torchvision draws, up to ten times, then all of it', () => {
    // A part of share s fits when |ln ratio| <= -ln s. The chance is the share of such ratios, in steps of the area.
    const [least, most, reach] = [0.5, 1, Math.log(4 / 3)];
    const STEPS = 4_000;
    const fits = Array.from({ length: STEPS }, (_, i) => {
      const s = least + ((i + 0.5) / STEPS) * (most - least);
      return Math.min(1, -Math.log(s) / reach);
    });
    const chance = fits.reduce((sum, fit) => sum + fit, 0) / STEPS;
    const failing = (1 - chance) ** 10;
    const below = (x: number): number =>
      fits.slice(0, Math.floor(((x - least) / (most - least)) * STEPS)).reduce((sum, fit) => sum + fit, 0) /
      (STEPS * chance);
    const seen = parts({});
    const whole = seen.filter(({ wide, high }) => wide > 1 - 1e-4 && high > 1 - 1e-4).length;
    expect(whole / DRAWS).toBeLessThan(failing + 0.01);
    const steps = seen.map(({ area }) => area);
    expect(distanceFrom(steps, (x) => (1 - failing) * below(x) + (x >= 1 - 1e-9 ? failing : 0))).toBeLessThan(ODD);
    // A narrow range near all of it falls back often.
    const narrow = parts({ scale: [0.999, 1] });
    const fallen = (1 - 0.0005 / reach) ** 10;
    const all = narrow.filter(({ area }) => area > 0.99999).length;
    expect(surprise(all, DRAWS, fallen)).toBeLessThan(6);
  });

  test('ratios that leave 1 out are kept; where they cannot fit, the largest part in the middle', () => {
    for (const { ratio, area } of parts({ scale: [0.1, 0.2], ratio: [4, 4] })) {
      expect(ratio).toBeCloseTo(4, 2);
      expect(area).toBeLessThanOrEqual(0.2 + 1e-4);
    }
    for (const { wide, high, top } of parts({ ratio: [4, 4] }, 300)) {
      expect([wide, high, top].map((v) => Number(v.toFixed(3)))).toEqual([1, 0.25, 0.375]);
    }
    for (const { wide, high, left } of parts({ ratio: [0.25, 0.5] }, 300).filter(({ wide }) => wide > 0.49)) {
      if (high < 1 - 1e-4) continue;
      expect(wide).toBeLessThanOrEqual(0.5 + 1e-4);
      expect(left).toBeLessThanOrEqual(0.5 + 1e-4);
    }
  });

  test('a row without a height keeps a uniform share of its width', () => {
    const line = Float32Array.from({ length: 60 }, (_, at) => at);
    for (const shape of [[60], [1, 60], [1, 1, 60]]) {
      const kept = draws(resizedCrop({ scale: [0.2, 0.6] }), line, shape, (out) => out[30]! - out[29]!);
      expect(distanceFrom(kept, uniform(0.2, 0.6))).toBeLessThan(ODD);
      const all = draws(resizedCrop({ scale: [1, 1] }), line, shape, (out) => [...out], 3);
      expect(all).toEqual(new Array(3).fill([...line]));
    }
  });
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
    [[1, 2], 'a list'],
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

test.each<[unknown, string]>([
  [{ scale: 0.5 }, 'scale must be the least and the most, got 0.5'],
  [{ scale: [0.5] }, 'scale must be the least and the most, got a list'],
  [{ scale: null }, 'scale must be the least and the most, got null'],
  [{ scale: [0.5, 1.1] }, 'scale must be'],
  [{ scale: [0, 1] }, 'scale must be'],
  [{ scale: [0.8, 0.5] }, 'scale must be'],
  [{ ratio: [2, 1] }, 'ratio must be'],
  [{ ratio: [0, 1] }, 'ratio must be'],
  [{ ratio: [1, Number.POSITIVE_INFINITY] }, 'ratio must be'],
  [{ ratio: [Number.NaN, 1] }, 'ratio must be'],
])('resizedCrop(%j) is refused', (options, message) => {
  expect(() => resizedCrop(options as ResizedCropOptions)).toThrow(`resizedCrop: ${message}`);
});
