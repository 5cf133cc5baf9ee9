/** @file Pairs and triplets as lists, and the report on a batch. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as cg from '../../src/index.js';
import { tensor } from '../../src/index.js';
import { labels as labelsOf, values } from '../../src/testing/index.js';
import { distance2, matrix, minedGaps, type Nested } from '../ops/references.js';
import { assertProperty } from '../support/depth.js';

test('every pair once, every triplet once, with their counts', () => {
  const { a, b, same, counts } = cg.allPairs([7, 7, 9]);
  expect([a, b, same]).toEqual([
    [0, 0, 1],
    [1, 2, 2],
    [1, 0, 0],
  ]);
  expect(counts).toEqual({ positives: 1, negatives: 2 });
  const triplets = cg.allTriplets(tensor([7, 7, 9], { dtype: 'int32' }));
  expect([triplets.anchors, triplets.positives, triplets.negatives]).toEqual([
    [0, 1],
    [1, 0],
    [2, 2],
  ]);
  expect(triplets.counts).toEqual({ triplets: 2, active: 2 });
  expect(cg.allTriplets([1, 1]).counts.triplets).toBe(0);
});

test('mined triplets are those of the loops, and of the loss', () => {
  const batches = fc.integer({ min: 2, max: 8 }).chain((n) =>
    fc.tuple(
      values([n, 2]),
      fc.integer({ min: 1, max: n }).chain((classes) => labelsOf(n, classes)),
    ),
  );
  assertProperty(
    fc.property(batches, fc.constantFrom('all', 'hard', 'semiHard'), ([z, y], mining) => {
      const rows = matrix(z.toArray() as Nested);
      const d = (i: number, j: number): number => Math.sqrt(distance2(rows[i]!, rows[j]!));
      const gaps = minedGaps(rows, [...y.dataSync()], mining, d);
      const listed = cg.mineTriplets(z, y, { mining, margin: 0.5 });
      const own = listed.anchors.map((a, i) => d(a, listed.positives[i]!) - d(a, listed.negatives[i]!));
      expect(own).toHaveLength(gaps.length);
      own.forEach((gap, i) => {
        expect(gap).toBeCloseTo(gaps[i]!, 12);
      });
      expect(listed.counts).toEqual({ triplets: gaps.length, active: gaps.filter((gap) => gap + 0.5 > 1e-15).length });
      if (gaps.length === 0) return;
      const loss = cg.batchTripletLoss(z, y, { mining, margin: 0.5, squared: false }).item();
      const mean = gaps.reduce((sum, gap) => sum + Math.max(gap + 0.5, 0), 0) / gaps.length;
      expect(loss).toBeCloseTo(mean, 12);
    }),
    200,
  );
  expect(() => cg.mineTriplets(tensor([[0], [1], [2]]), [0, 0, 1], { mining: 'best' as 'all' })).toThrow(
    "mineTriplets: mining must be 'all', 'hard', 'semiHard' or 'distanceWeighted', got \"best\"",
  );
});

const kinds = (z: number[][], y: number[], options = {}): string[] =>
  cg.validateBatch(tensor(z), y, options).problems.map(({ kind }) => kind);

test('validateBatch finds each problem, with its rows, and nothing in a good batch', () => {
  const good = [
    [1, 0],
    [0.8, 0.6],
    [0, 1],
    [-0.6, 0.8],
  ];
  expect(cg.validateBatch(tensor(good), [0, 0, 1, 1])).toEqual({
    counts: { rows: 4, classes: 2, positives: 2, negatives: 4, withoutPositive: 0 },
    problems: [],
  });
  expect(kinds(good, [0, 0, 1, 2])).toEqual(['singletonClasses']);
  expect(kinds(good, [0, 1, 2, 3])).toEqual(['singletonClasses', 'noPositives']);
  expect(kinds(good, [0, 0, 0, 0])).toEqual(['noNegatives']);
  expect(
    kinds(
      [
        [1, 0],
        [1, 0],
        [0, 1],
        [-0.6, 0.8],
      ],
      [0, 0, 1, 1],
    ),
  ).toEqual(['duplicates']);
  expect(
    kinds(
      [
        [1, 0],
        [0, 1],
        [1, 1e-3],
        [-1, 0],
      ],
      [0, 0, 1, 1],
    ),
  ).toEqual(['probableFalseNegatives']);
  expect(
    kinds(
      [
        [1, 0],
        [0, 1],
        [0, 0],
        [-1, 0],
      ],
      [0, 0, 1, 1],
    ),
  ).toEqual(['zeroVectors']);
  expect(
    kinds(
      [
        [2, 0],
        [0, 1],
        [-1, -1],
        [-1, 0],
      ],
      [0, 0, 1, 1],
      { cosine: true },
    ),
  ).toEqual(['notNormalized']);
  expect(kinds(good, [0, 0, 1, 1], { margin: 2.5 })).toEqual(['unreachableMargin']);
  expect(kinds(good, [0, 0, 1, 1], { margin: 2.5, squared: true })).toEqual([]);
  const [problem] = cg.validateBatch(
    tensor([
      [1, 0],
      [1, 0],
      [0, 1],
      [-0.6, 0.8],
    ]),
    [0, 0, 1, 1],
  ).problems;
  expect(problem).toEqual({ kind: 'duplicates', message: '2 rows are equal to another', rows: [0, 1] });
  const messages = (labels: number[]): string[] =>
    cg.validateBatch(tensor(good).mul(2), labels, { cosine: true }).problems.map(({ message }) => message);
  expect(messages([0, 0, 1, 2])).toEqual([
    '2 rows alone in a class: no positive',
    '4 rows not of length 1, as a cosine loss takes all to be',
  ]);
  expect(messages([0, 0, 0, 1])[0]).toBe('1 row alone in a class: no positive');
  expect(() => cg.validateBatch(tensor(good), [0, 1])).toThrow(
    'validateBatch: needs one label for each of the 4 rows, got shape [2]',
  );
});
