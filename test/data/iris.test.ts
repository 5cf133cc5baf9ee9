/** @file The built-in textures: how badly they are told apart without an encoder, and the images drawn of them. */
import { PCA } from 'ml-pca';
import { expect, test } from 'vitest';
import { type Dataset, irisImages, irisTextures } from '../../src/data/index.js';
import { Generator, metrics } from '../../src/index.js';
import { cases } from '../support/depth.js';

const GENUINE = cases(2000);
const IMPOSTORS = cases(20_000);

/** Random pairs of one subject, and of two. */
function drawPairs({ labels, classes }: Dataset, generator: Generator): { a: number; b: number; same: number }[] {
  const rows = classes.map((_, subject) => [...labels.keys()].filter((row) => labels[row] === subject));
  return Array.from({ length: GENUINE + IMPOSTORS }, (_, i) => {
    const own = generator.integer(rows.length);
    if (i >= GENUINE) {
      const other = (own + 1 + generator.integer(rows.length - 1)) % rows.length;
      const [p, q] = [rows[own]!, rows[other]!];
      return { a: p[generator.integer(p.length)]!, b: q[generator.integer(q.length)]!, same: 0 };
    }
    const [a, b] = generator.permutation(rows[own]!.length).map((at) => rows[own]![at]!) as [number, number];
    return { a, b, same: 1 };
  });
}

const rowsOf = ({ features, count, size }: Dataset): number[][] =>
  Array.from({ length: count }, (_, row) => [...features.subarray(row * size, (row + 1) * size)]);

test('200 unseen subjects are told apart badly by raw strips, and by their principal components', () => {
  const train = irisTextures({ subjects: 150, imagesPerSubject: 8 });
  const unseen = irisTextures({ subjects: 200, imagesPerSubject: 8, firstSubject: 150 });
  const pairs = drawPairs(unseen, new Generator(0));
  const rate = (points: readonly (readonly number[])[]): number =>
    metrics.equalErrorRate(
      pairs.map(({ a, b }) => -Math.sqrt(points[a]!.reduce((sum, value, i) => sum + (value - points[b]![i]!) ** 2, 0))),
      pairs.map(({ same }) => same),
    ).rate;
  const raw = rate(rowsOf(unseen));
  const components = rate(
    new PCA(rowsOf(train), { method: 'covarianceMatrix' }).predict(rowsOf(unseen), { nComponents: 16 }).to2DArray(),
  );
  console.log(`equal error rate: raw strips ${raw.toFixed(3)}, PCA-16 ${components.toFixed(3)}`);
  expect(raw).toBeGreaterThan(0.2);
  expect(components).toBeGreaterThan(0.12);
});

test('images of eyes are from 0 to 1, three colours, dark in the middle, and of one subject alike', () => {
  const many = irisImages({ subjects: 6, imagesPerSubject: 2 });
  expect([many.count, many.shape, many.size]).toEqual([12, [3, 64, 64], 3 * 64 * 64]);
  expect([...many.groups!]).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
  expect(many.features.every((value) => value >= 0 && value <= 1)).toBe(true);
  const few = irisImages({ subjects: 1, imagesPerSubject: 2, firstSubject: 5 });
  expect([...few.features]).toEqual([...many.features.subarray(10 * many.size)]);
  for (let row = 0; row < 12; row++) {
    for (let channel = 0; channel < 3; channel++) {
      const at = (y: number, x: number): number => many.features[row * many.size + (channel * 64 + y) * 64 + x]!;
      expect(at(32, 32)).toBeLessThan(0.25);
      expect(at(1, 1)).toBeGreaterThan(0.65);
    }
  }
  // Two images of a subject go together more than those of two subjects, on the average.
  const iris = rowsOf(many).map((row) => {
    const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
    return row.map((value) => value - mean);
  });
  const alike = (a: number, b: number): number => {
    const dot = (p: number[], q: number[]): number => p.reduce((sum, value, i) => sum + value * q[i]!, 0);
    return dot(iris[a]!, iris[b]!) / Math.sqrt(dot(iris[a]!, iris[a]!) * dot(iris[b]!, iris[b]!));
  };
  const mean = (pairs: (readonly [number, number])[]): number =>
    pairs.reduce((sum, [a, b]) => sum + alike(a, b), 0) / pairs.length;
  const subjects = [0, 1, 2, 3, 4, 5];
  const own = mean(subjects.map((subject) => [2 * subject, 2 * subject + 1] as const));
  const others = mean(subjects.flatMap((p) => subjects.filter((q) => q > p).map((q) => [2 * p, 2 * q + 1] as const)));
  expect(own).toBeGreaterThan(others);
});
