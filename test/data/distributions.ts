/** @file Whether what is drawn is distributed as it should be. */
import type { Augmentation } from '../../src/data/index.js';
import { Generator } from '../../src/index.js';

/** Draws of a test, all from one seed: a test that holds, holds always. */
export const DRAWS = 2_000;

/** What an augmentation does to a row, again and again, as one number or several. */
export function draws<Seen>(
  augmentation: Augmentation,
  row: Float32Array,
  shape: readonly number[],
  see: (changed: Float32Array) => Seen,
  count: number = DRAWS,
): Seen[] {
  const generator = new Generator(19);
  return Array.from({ length: count }, () => see(augmentation(row, shape, generator)));
}

/**
 * Kolmogorov and Smirnov: the largest distance of the empirical distribution from F, times √n. By chance above 1.95 once in
 * a thousand tests.
 */
export function distanceFrom(values: readonly number[], F: (x: number) => number): number {
  const sorted = [...values].sort((p, q) => p - q);
  const n = sorted.length;
  return Math.sqrt(n) * Math.max(...sorted.map((x, i) => Math.max((i + 1) / n - F(x), F(x) - i / n)));
}
export const ODD = 1.95;

export const uniform =
  (least: number, most: number) =>
  (x: number): number =>
    Math.min(1, Math.max(0, (x - least) / (most - least)));

/** Pearson's χ² of counts that should be equal, less its mean, in its standard deviations. */
export function unevenness(values: readonly unknown[], kinds: number): number {
  const counts = new Map<unknown, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const each = values.length / kinds;
  const missing = kinds - counts.size;
  const square = [...counts.values()].reduce((sum, count) => sum + (count - each) ** 2 / each, missing * each);
  return (square - (kinds - 1)) / Math.sqrt(2 * (kinds - 1));
}

/** How far a number of hits is from what a chance lets expect, in standard deviations. */
export const surprise = (hits: number, of: number, chance: number): number =>
  Math.abs(hits - of * chance) / Math.sqrt(of * chance * (1 - chance));

/** The error function, by its series. */
export function erf(x: number): number {
  let term = x;
  let sum = x;
  for (let k = 1; k < 80; k++) {
    term *= (-x * x) / k;
    sum += term / (2 * k + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}
