/** @file The conventions of libraries on the batches that lists of triplets trip over, against the libraries themselves. */
import { describe, expect, test } from 'vitest';
import * as cg from '../../src/index.js';
import { type BatchTripletOptions, batchTripletLoss, conventions, type Tensor, tensor } from '../../src/index.js';
import { conventionCases, conventionError } from '../golden/conventions.js';

const named = conventionCases.map(
  (golden) => [`${golden.convention.join('.')} of ${golden.labels ?? 'triplets'}`, golden] as const,
);

test.each(named)('%s', (_, golden) => {
  // The library takes distances from inner products, and roots of their rounding.
  expect(conventionError(golden)).toBeLessThan(1e-7);
});

test('every convention of a batch was asked', () => {
  const asked = new Set(conventionCases.map(({ convention }) => convention.join('.')));
  for (const kind of ['sentenceTransformersHard', 'sentenceTransformers', 'metricLearning', 'torch']) {
    expect(asked).toContain(`triplet.${kind}`);
  }
  for (const kind of ['sentenceTransformers', 'metricLearning']) expect(asked).toContain(`contrastive.${kind}`);
});

describe('anchors of hard mining', () => {
  const z = tensor([
    [0, 0],
    [1, 0],
    [3, 0],
  ]);
  const hard: BatchTripletOptions = { squared: false, margin: 5, mining: 'hard' };

  test('by default only rows with a positive and a negative count; with all of them a row is its own positive', () => {
    expect(batchTripletLoss(z, [0, 0, 1], hard).item()).toBe(3.5);
    expect(batchTripletLoss(z, [0, 0, 1], { ...hard, anchors: 'all' }).item()).toBeCloseTo(10 / 3, 6);
    expect(conventions.triplet.sentenceTransformersHard).toEqual({ ...hard, anchors: 'all' });
  });

  test('with all rows every batch has a loss; by default such a batch is an error', () => {
    for (const [labels, loss] of [
      [[0, 1, 2], (4 + 4 + 3) / 3],
      [[1, 1, 1], 5],
    ] as const) {
      expect(() => batchTripletLoss(z, [...labels], hard)).toThrow('the batch has no triplet');
      expect(batchTripletLoss(z, [...labels], { ...hard, anchors: 'all' }).item()).toBeCloseTo(loss, 6);
    }
    const none = tensor([], { shape: [0, 2] });
    expect(() => batchTripletLoss(none, [], { ...hard, anchors: 'all' })).toThrow('the batch has no triplet');
  });

  test("a row that is no anchor by default, and nobody's negative, changes no gradient", () => {
    const gradient = (rows: number[][], labels: number[]): number[][] => {
      const x = tensor(rows, { requiresGrad: true });
      batchTripletLoss(x, labels, hard).backward();
      return x.grad!.toArray() as number[][];
    };
    const three = z.toArray() as number[][];
    const [more, less] = [gradient([...three, [9, 9]], [0, 0, 1, 2]), [...gradient(three, [0, 0, 1]), [0, 0]]];
    more.flat().forEach((g, i) => {
      expect(g).toBeCloseTo(less.flat()[i]!, 6);
    });
  });

  test('both are compiled, smooth or not, with the same numbers', () => {
    for (const anchors of ['complete', 'all'] as const) {
      for (const smooth of [false, true]) {
        const loss = (x: Tensor): Tensor => batchTripletLoss(x, [0, 0, 1], { ...hard, anchors, smooth });
        expect(cg.compile(loss)(z).item()).toBeCloseTo(loss(z).item(), 6);
      }
    }
  });

  test('other values, and other kinds of mining, are refused', () => {
    expect(() => batchTripletLoss(z, [0, 0, 1], { ...hard, anchors: 'some' as never })).toThrow(
      `batchTripletLoss: anchors must be 'complete' or 'all', got "some"`,
    );
    expect(() => batchTripletLoss(z, [0, 0, 1], { anchors: 'all' })).toThrow(
      `batchTripletLoss: with anchors: 'all', mining must be 'hard', got "all"`,
    );
  });
});
