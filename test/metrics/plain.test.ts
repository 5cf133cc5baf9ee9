/** @file Metrics against plain loops that follow their definitions, on random points and scores with many ties. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Generator, metrics } from '../../src/index.js';
import { assertProperty } from '../support/depth.js';

type Rows = number[][];
const sum = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);
const squared = (p: readonly number[], q: readonly number[]): number => sum(p.map((v, t) => (v - q[t]!) ** 2));
const unit = (row: readonly number[]): number[] => {
  const length = Math.sqrt(sum(row.map((v) => v * v)));
  return row.map((v) => (length === 0 ? 0 : v / length));
};
const flat = (rows: Rows): metrics.Points => ({ points: rows.flat(), count: rows.length });

/** Rows of few different numbers: many distances are equal, many numbers 0. */
const rowsOf = (size: number, least = 1, most = 12): fc.Arbitrary<Rows> =>
  fc.array(fc.array(fc.constantFrom(-2, -1, -0.25, 0, 0.5, 1, 2), { minLength: size, maxLength: size }), {
    minLength: least,
    maxLength: most,
  });
const labelled = (size: number, least = 1): fc.Arbitrary<[row: number[], label: number][]> =>
  rowsOf(size, least).chain((rows) =>
    fc.tuple(...rows.map((row) => fc.tuple(fc.constant(row), fc.integer({ min: -1, max: 2 })))),
  );
const points = (list: readonly [number[], number][]): metrics.LabelledPoints => ({
  points: list.flatMap(([row]) => row),
  labels: list.map(([, label]) => label),
});

test('the k nearest vote, the first of equally near ones; of equal votes the smallest class counts', () => {
  // More coordinates than are summed before a distance is looked at.
  const cases = fc.constantFrom(1, 2, 9, 17).chain((size) => {
    return fc.tuple(labelled(size), labelled(size), fc.nat());
  });
  assertProperty(
    fc.property(cases, ([references, queries, n]) => {
      const k = 1 + (n % references.length);
      const isRight = ([row, label]: [number[], number]): boolean => {
        const order = [...references].sort(([p], [q]) => squared(p, row) - squared(q, row)).slice(0, k);
        const votes = [-1, 0, 1, 2].map((one) => order.filter(([, own]) => own === one).length);
        return votes.indexOf(Math.max(...votes)) - 1 === label;
      };
      const wanted = queries.filter(isRight).length / queries.length;
      expect(metrics.knnAccuracy(points(references), points(queries), { k })).toBe(wanted);
      if (references.length >= 3) {
        const three = metrics.knnAccuracy(points(references), points(queries), { k: 3 });
        expect(metrics.knnAccuracy(points(references), points(queries))).toBe(three);
      }
    }),
    1000,
  );
});

test('k-means begins at centres drawn by their squared distance, and ends where no point is nearer to another mean', () => {
  const cases = fc.oneof(
    fc.constantFrom(1, 2, 3).chain((size) => fc.tuple(rowsOf(size), fc.nat(), fc.nat({ max: 99 }))),
    // Few means of many points move more than once; of many means of few places some have no points.
    fc.tuple(rowsOf(2, 12, 24), fc.integer({ min: 1, max: 3 }), fc.nat({ max: 99 })),
    fc.tuple(rowsOf(1, 8, 16), fc.integer({ min: 2, max: 7 }), fc.nat({ max: 99 })),
  );
  const first = (list: readonly number[]): number => list.indexOf(Math.min(...list));
  assertProperty(
    fc.property(cases, ([rows, n, seed]) => {
      const k = 1 + (n % rows.length);
      const generator = new Generator(seed);
      let centres: Rows = [rows[generator.integer(rows.length)]!];
      while (centres.length < k) {
        const weights = rows.map((row) => Math.min(...centres.map((centre) => squared(row, centre))));
        const drawn = generator.uniform() * sum(weights);
        const chosen = weights.findIndex((_, i) => drawn < sum(weights.slice(0, i + 1)));
        centres.push(rows[chosen === -1 ? generator.integer(rows.length) : chosen]!);
      }
      let clusters: number[] = [];
      for (let before = '?'; before !== clusters.join(); ) {
        before = clusters.join();
        clusters = rows.map((row) => first(centres.map((centre) => squared(row, centre))));
        centres = centres.map((centre, c) => {
          const members = rows.filter((_, i) => clusters[i] === c);
          return members.length === 0
            ? centre
            : centre.map((_, t) => sum(members.map((row) => row[t]! / members.length)));
        });
      }
      expect([...metrics.kMeans(flat(rows), { k, generator: new Generator(seed) })]).toEqual(clusters);
    }),
    6000,
  );
});

/** A generator that draws what it is told. */
const drawing = (integer: () => number, uniform: () => number): Generator =>
  Object.assign(new Generator(), { integer, uniform });

test('a point that is a centre is drawn no more, even by 0', () => {
  const generator = drawing(
    () => 0,
    () => 0,
  );
  expect([...metrics.kMeans(flat([[0], [1]]), { k: 2, generator })]).toEqual([0, 1]);
});

test('a cluster that loses its last point keeps its centre where it was', () => {
  const rows = [
    [5, 10],
    [14, -1],
    [6, 9],
    [11, 0],
    [13, -1],
    [-1, 12],
    [2, 9],
    [3, 10],
  ];
  // The last three are the first centres; the one of row 6 is left by all in the third round.
  const draws = [662 / 663, 648 / 657];
  const generator = drawing(
    () => 7,
    () => draws.shift()!,
  );
  expect([...metrics.kMeans(flat(rows), { k: 3, generator })]).toEqual([1, 0, 1, 0, 0, 2, 2, 2]);
});

test('the smallest of distances count, and of thresholds that are equally good the highest', () => {
  const near = points([
    [[2e-10], 0],
    [[1e-10], 1],
  ]);
  expect(metrics.knnAccuracy(near, points([[[0], 1]]), { k: 1 })).toBe(1);
  expect(metrics.calibrateThreshold([4, 3, 2, 1], [1, 0, 1, 0])).toEqual({ threshold: 4, accuracy: 0.75 });
});

test('alignment, uniformity and the deviation of features follow their formulas, also with points at 0', () => {
  const cases = fc
    .constantFrom(1, 2, 3)
    .chain((size) =>
      fc.integer({ min: 2, max: 6 }).chain((count) => fc.tuple(rowsOf(size, count, count), rowsOf(size, count, count))),
    );
  assertProperty(
    fc.property(cases, fc.constantFrom(1, 2, 3), ([a, b], power) => {
      const [x, y] = [a.map(unit), b.map(unit)];
      const apart = sum(x.map((row, i) => Math.sqrt(squared(row, y[i]!)) ** power)) / x.length;
      expect(metrics.alignment(flat(a), flat(b), { alpha: power })).toBeCloseTo(apart, 10);
      const pairs = x.flatMap((p, i) => x.slice(i + 1).map((q) => Math.exp(-power * squared(p, q))));
      expect(metrics.uniformity(flat(a), { t: power })).toBeCloseTo(Math.log(sum(pairs) / pairs.length), 10);
      const deviations = x[0]!.map((_, t) => {
        const mean = sum(x.map((row) => row[t]!)) / x.length;
        return Math.sqrt(sum(x.map((row) => (row[t]! - mean) ** 2)) / x.length);
      });
      expect(metrics.featureDeviation(flat(a))).toBeCloseTo(sum(deviations) / deviations.length, 10);
    }),
    500,
  );
  const [one, two] = [flat([[1, 0]]), flat([[1, 0, 0]])];
  expect(() => metrics.alignment(one, two)).toThrow('alignment: needs partners, got 1 and 1 rows');
  expect(metrics.featureDeviation(one)).toBe(0);
});

test('the equal error rate is where the line through the points of the ROC curve has as many misses', () => {
  const pairs = fc
    .array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.constantFrom(0, 1)), { minLength: 2, maxLength: 30 })
    .filter((list) => new Set(list.map(([, same]) => same)).size === 2);
  assertProperty(
    fc.property(pairs, (list) => {
      const [scores, same] = [list.map(([score]) => score), list.map(([, kind]) => kind)];
      const { thresholds, falseAccepts, trueAccepts } = metrics.rocCurve(scores, same);
      const misses = [...trueAccepts].map((share) => 1 - share);
      const at = misses.findIndex((miss, i) => falseAccepts[i]! >= miss);
      const { rate, threshold } = metrics.equalErrorRate(scores, same);
      expect(threshold).toBe(thresholds[at]);
      // On the way from the point before to this one.
      const [a, b] = [falseAccepts[at - 1]!, falseAccepts[at]!];
      const [p, q] = [misses[at - 1]!, misses[at]!];
      const way = (p - a) / (p - a + b - q);
      expect(rate).toBeCloseTo(a + way * (b - a), 12);
      expect(rate).toBeCloseTo(p + way * (q - p), 12);
    }),
    1000,
  );
});

describe('what cannot be measured is refused', () => {
  const generator = new Generator(1);
  const some = points([
    [[0], 0],
    [[1], 1],
  ]);
  const none: metrics.LabelledPoints = { points: [], labels: [] };
  test.each<[string, () => unknown, string]>([
    ['no labels', () => metrics.normalizedMutualInformation([], []), 'needs at least one label, got none'],
    ['a first label of NaN', () => metrics.normalizedMutualInformation([Number.NaN, 1], [1, 1]), 'got NaN at row 0'],
    ['no cluster', () => metrics.kMeans(flat([[1]]), { k: 0, generator }), 'k must be a whole number from 1 to 1'],
    ['half a cluster', () => metrics.kMeans(flat([[1], [2]]), { k: 1.5, generator }), 'from 1 to 2, got 1.5'],
    ['no neighbour', () => metrics.knnAccuracy(some, some, { k: 0 }), 'k must be a whole number from 1 to 2, got 0'],
    ['half a neighbour', () => metrics.knnAccuracy(some, some, { k: 1.5 }), 'from 1 to 2, got 1.5'],
    ['more neighbours than points', () => metrics.knnAccuracy(some, some, { k: 3 }), 'from 1 to 2, got 3'],
    ['no query', () => metrics.knnAccuracy(some, none, { k: 1 }), 'needs at least one query, got none'],
    ['half a row', () => metrics.knnAccuracy({ points: [1, 2, 3], labels: [0, 1] }, some, { k: 1 }), 'rows differ: 3'],
    [
      'rows of halves',
      () => metrics.knnAccuracy({ points: [1, 2, 3], labels: [0, 1] }, { points: [1, 2, 3], labels: [0, 1] }, { k: 1 }),
      'rows differ: 3 numbers for 2 references',
    ],
    ['longer queries', () => metrics.knnAccuracy(some, { points: [1, 2], labels: [0] }, { k: 1 }), 'rows differ: 2'],
    ['half a hit', () => metrics.recallAtK({ references: some }, { k: 1.5 }), 'k must be a whole number, 1 or more'],
    ['points of no number', () => metrics.uniformity({ points: [], count: 2 }), '0 numbers are no 2 rows'],
    [
      'half a point',
      () => metrics.uniformity({ points: [1, 2], count: 0.5 }),
      'count must be a whole number, 1 or more, got 0.5',
    ],
    ['half a coordinate', () => metrics.uniformity({ points: [1, 2, 3], count: 2 }), '3 numbers are no 2 rows'],
    ['a score without a label', () => metrics.rocAuc([1, 2, 3], [0, 1]), 'got 3 scores and 2 labels'],
    ['a label of 2', () => metrics.rocAuc([1, 2, 3], [0, 1, 2]), 'labels must be 0 or 1, got 2 at pair 2'],
    ['pairs that all differ', () => metrics.rocAuc([1, 2], [0, 0]), 'needs pairs of both kinds, got 0 same ones of 2'],
    ['pairs that are all the same', () => metrics.rocAuc([1, 2], [1, 1]), 'got 2 same ones of 2'],
    ['too large a number', () => metrics.uniformity(flat([[1.1e150], [1]])), 'points must be finite numbers'],
  ])('%s', (_, act, message) => {
    expect(act).toThrow(message);
  });

  test('the largest numbers that can be are measured', () => {
    expect(metrics.uniformity(flat([[1e150], [-1e150]]), { t: 1 })).toBeCloseTo(-4, 12);
    expect(metrics.kMeans(flat([[1], [1]]), { k: 2, generator })).toHaveLength(2);
    expect(metrics.kMeans(flat([[1]]), { k: 1, generator })).toEqual(Int32Array.of(0));
    expect(metrics.knnAccuracy(some, some, { k: 2 })).toBe(0.5);
  });
});
