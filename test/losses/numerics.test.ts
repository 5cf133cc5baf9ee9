/** @file The losses at their edges: full collapse, extreme scores, coincident points, nothing to compare. */
import { describe, expect, test } from 'vitest';
import * as cg from '../../src/index.js';
import { type Tensor, tensor, zeros } from '../../src/index.js';

const f64 = (data: number[][]): Tensor => tensor(data, { dtype: 'float64', requiresGrad: true });
const gradientOf = (loss: Tensor, x: Tensor): number[] => [...cg.grad(loss, [x])[0]!.dataSync()];

describe('at full collapse', () => {
  const z = (): Tensor => zeros([6, 3], { dtype: 'float64', requiresGrad: true });
  const labels = [0, 0, 1, 1, 2, 2];

  test('the contrastive loss is half the share of different pairs times m², with gradient 0', () => {
    const x = z();
    const loss = cg.batchContrastiveLoss(x, labels, { margin: 2 });
    expect(loss.item()).toBeCloseTo(0.5 * (12 / 15) * 4, 14);
    expect(gradientOf(loss, x)).toEqual(new Array(18).fill(0));
    expect(cg.contrastiveLoss(z(), z(), [1, 0, 0, 1, 0, 0], { margin: 2 }).item()).toBeCloseTo((0.5 * 4 * 4) / 6, 14);
  });

  test.each([true, false])('the triplet loss is the margin, with gradient 0 (squared: %s)', (squared) => {
    const x = z();
    const loss = cg.batchTripletLoss(x, labels, { margin: 0.7, squared });
    expect(loss.item()).toBeCloseTo(0.7, 14);
    expect(gradientOf(loss, x)).toEqual(new Array(18).fill(0));
    expect(cg.tripletLoss(z(), z(), z(), { margin: 0.7, squared }).item()).toBeCloseTo(0.7, 14);
  });

  test('InfoNCE is log(K + 1), mutual information log N', () => {
    expect(cg.infoNCELoss(z(), z()).item()).toBeCloseTo(Math.log(6), 14);
    expect(cg.infoNCELoss(z(), z(), { negatives: zeros([9, 3], { dtype: 'float64' }) }).item()).toBeCloseTo(
      Math.log(10),
      14,
    );
    expect(cg.mutualInformationLoss(z(), z()).item()).toBeCloseTo(Math.log(6), 14);
  });
});

describe('extreme scores', () => {
  const scores = (own: number, other: number): [Tensor, Tensor] => [
    f64([
      [1, 0],
      [0, 1],
    ]),
    f64([
      [own, other],
      [other, own],
    ]),
  ];

  test.each([1e4, 1e3, 100])('a wrong choice by 2 x %d costs just that, with a gradient that is not 0', (size) => {
    const [q, k] = scores(-size, size);
    const loss = cg.mutualInformationLoss(q, k);
    expect(loss.item()).toBe(2 * size);
    expect(gradientOf(loss, q).every((g) => Number.isFinite(g) && g !== 0)).toBe(true);
  });

  test('a small loss keeps its digits', () => {
    const [q, k] = scores(10, -10);
    expect(cg.mutualInformationLoss(q, k).item()).toBe(Math.log1p(Math.exp(-20)));
    const axes = tensor(cg.eye(4).toArray());
    const loss = cg.infoNCELoss(axes, axes).item();
    // Four orthogonal pairs, perfect views, temperature 0.1: log(1 + 3e⁻¹⁰), in float32 to its last digits.
    expect(Math.abs(loss / Math.log1p(3 * Math.exp(-10)) - 1)).toBeLessThan(1e-6);
  });

  test.each([1e-3, 1e3])('temperature %d gives finite values and gradients', (temperature) => {
    const [q, k] = [
      f64([
        [1, 2],
        [3, -1],
      ]),
      f64([
        [-1, 0.5],
        [2, 2],
      ]),
    ];
    const loss = cg.infoNCELoss(q, k, { temperature });
    expect(Number.isFinite(loss.item())).toBe(true);
    expect(gradientOf(loss, q).every(Number.isFinite)).toBe(true);
  });

  test.each([1e-20, 1e20])('embeddings of size %d give finite gradients', (size) => {
    const x = f64([
      [size, 0],
      [0, size],
      [size, size],
    ]);
    for (const loss of [
      cg.batchContrastiveLoss(x, [0, 0, 1]),
      cg.infoNCELoss(x, x),
      cg.batchTripletLoss(x, [0, 0, 1]),
    ]) {
      expect(gradientOf(loss, x).every(Number.isFinite)).toBe(true);
    }
  });
});

test('a zero vector has no direction: its InfoNCE gradient is 0, the others are finite', () => {
  const x = f64([
    [0, 0],
    [1, 2],
  ]);
  const g = gradientOf(
    cg.infoNCELoss(
      x,
      f64([
        [1, 1],
        [2, 1],
      ]),
    ),
    x,
  );
  expect(g.slice(0, 2)).toEqual([0, 0]);
  expect(g.every(Number.isFinite)).toBe(true);
});

test('coincident points: the same are at rest, different ones get no push in any direction', () => {
  const a = f64([
    [1, 2],
    [1, 2],
  ]);
  expect(gradientOf(cg.contrastiveLoss(a, a.detach(), [1, 0]), a)).toEqual([0, 0, 0, 0]);
});

test('nothing to compare is an error, or 0 with gradient 0 on request; nothing active is 0', () => {
  const x = f64([
    [0, 0],
    [3, 4],
  ]);
  expect(() => cg.batchTripletLoss(x, [0, 1])).toThrow(cg.ArgumentError);
  const none = cg.batchTripletLoss(x, [0, 1], { onEmpty: 'zero' });
  expect([none.item(), ...gradientOf(none, x)].every((v) => v === 0)).toBe(true);
  const inactive = cg.batchContrastiveLoss(x, [0, 1], { average: 'nonZeroPerKind' });
  expect([inactive.item(), ...gradientOf(inactive, x)].every((v) => v === 0)).toBe(true);
});

test('reductions agree with each other', () => {
  const [a, p, n] = [
    f64([
      [1, 2],
      [0, 1],
    ]),
    f64([
      [1, 0],
      [2, 1],
    ]),
    f64([
      [0, 0],
      [1, 1],
    ]),
  ];
  const losses = [
    (reduction: 'mean' | 'sum' | 'none') => cg.contrastiveLoss(a, p, [0, 1], { margin: 3, reduction }),
    (reduction: 'mean' | 'sum' | 'none') => cg.tripletLoss(a, p, n, { margin: 5, reduction }),
    (reduction: 'mean' | 'sum' | 'none') => cg.infoNCELoss(a, p, { reduction }),
    (reduction: 'mean' | 'sum' | 'none') => cg.mutualInformationLoss(a, p, { reduction }),
  ];
  for (const loss of losses) {
    const rows = [...loss('none').dataSync()];
    expect(rows).toHaveLength(2);
    expect(loss('sum').item()).toBeCloseTo(rows[0]! + rows[1]!, 12);
    expect(loss('mean').item()).toBeCloseTo((rows[0]! + rows[1]!) / 2, 12);
  }
});

test('labels may be plain numbers, typed arrays or int32 tensors', () => {
  const x = f64([
    [0, 0],
    [1, 0],
    [0, 2],
  ]);
  const plain = cg.batchContrastiveLoss(x, [0, 0, 1]).item();
  expect(cg.batchContrastiveLoss(x, Int32Array.of(0, 0, 1)).item()).toBe(plain);
  expect(cg.batchContrastiveLoss(x, tensor([0, 0, 1], { dtype: 'int32' })).item()).toBe(plain);
  expect(() => cg.batchContrastiveLoss(x, tensor([0, 0, 1]))).toThrow(
    "batchContrastiveLoss: labels must be int32, got float32; use cast(labels, 'int32')",
  );
});
