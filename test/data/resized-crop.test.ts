/** @file The parts that resizedCrop cuts out are distributed as it documents them, borders included. */
import { describe, expect, test } from 'vitest';
import { type ResizedCropOptions, resizedCrop } from '../../src/data/index.js';
import { DRAWS, distanceFrom, draws, ODD, surprise, uniform } from './distributions.js';

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

test.each<[unknown, string]>([
  [{ scale: 0.5 }, 'scale must be the least and the most, got 0.5'],
  [{ scale: [0.5] }, 'scale must be the least and the most, got [0.5]'],
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
