/** @file The losses at their edges: full collapse, extreme scores, coincident points, nothing to compare. */
import { describe, expect, test } from 'vitest';
import * as cg from '../../src/index.js';
import { type Tensor, tensor, zeros } from '../../src/index.js';
import { furthest } from '../../src/testing/index.js';

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

describe('at full collapse, to 1e-12', () => {
  const z = (n: number): Tensor => cg.full([n, 3], 0.7, { dtype: 'float64' });
  const factor = 0.2 / 0.07;
  const labels = [0, 0, 1, 1, 1, 2];
  test.each<[string, () => Tensor, number]>([
    ['contrastive', () => cg.batchContrastiveLoss(z(6), labels, { margin: 2 }), 0.5 * (11 / 15) * 4],
    ['triplet', () => cg.batchTripletLoss(z(6), labels, { margin: 0.4 }), 0.4],
    ['triplet, hard', () => cg.batchTripletLoss(z(6), labels, { margin: 0.4, mining: 'hard' }), 0.4],
    ['triplet, semi-hard', () => cg.batchTripletLoss(z(6), labels, { margin: 0.4, mining: 'semiHard' }), 0.4],
    ['InfoNCE', () => cg.infoNCELoss(z(6), z(6), { negatives: z(9) }), Math.log(10)],
    ['NT-Xent', () => cg.ntXentLoss(z(5), z(5)), Math.log(9)],
    ['SupCon', () => cg.supConLoss(z(6), labels, { temperature: 0.2, baseTemperature: 0.07 }), Math.log(5) * factor],
    ['SupCon of views', () => cg.supConLoss(cg.full([3, 2, 2], 1, { dtype: 'float64' }), [0, 1, 0]), Math.log(5)],
    [
      'SupCon, other positives excluded',
      () =>
        cg.supConLoss(z(6), [0, 0, 0, 1, 1, 1], {
          temperature: 0.2,
          baseTemperature: 0.07,
          denominator: 'otherPositivesExcluded',
        }),
      Math.log(1 + 3) * factor,
    ],
    ['mutual information', () => cg.mutualInformationLoss(z(6), z(6)), Math.log(6)],
    ['jsd', () => cg.mutualInformationLoss(z(6).mul(0), z(6), { estimator: 'jsd' }), 2 * Math.log(2)],
    ['dv', () => cg.mutualInformationLoss(z(6), z(6), { estimator: 'dv' }), 0],
  ])('%s', (_, loss, wanted) => {
    expect(Math.abs(loss().item() - wanted)).toBeLessThanOrEqual(1e-12);
  });
});

describe('every loss at every extreme: finite values and gradients, or the documented error', () => {
  const batchesOf: Record<string, [number[][], number[]]> = {
    'all the same': [Array.from({ length: 5 }, () => [1, 2]), [0, 0, 1, 1, 2]],
    'zero vectors': [Array.from({ length: 4 }, () => [0, 0]), [0, 0, 1, 1]],
    'rows of 1e4': [
      [
        [1e4, 0],
        [0, 1e4],
        [-1e4, 1e4],
        [1e4, 1e4],
      ],
      [0, 0, 1, 1],
    ],
    'one class': [
      [
        [1, 0],
        [0, 1],
        [1, 1],
      ],
      [4, 4, 4],
    ],
    'all classes different': [
      [
        [1, 0],
        [0, 1],
        [1, 1],
      ],
      [0, 1, 2],
    ],
    'one row': [[[1, 2]], [0]],
    'two rows': [
      [
        [1, 2],
        [2, 1],
      ],
      [0, 0],
    ],
  };
  const named: Record<string, (z: Tensor, y: number[], temperature: number) => Tensor> = {
    contrastiveLoss: (z, y) =>
      cg.contrastiveLoss(
        z,
        z.detach(),
        y.map((label) => label % 2),
      ),
    batchContrastiveLoss: (z, y) => cg.batchContrastiveLoss(z, y),
    'batchContrastiveLoss, per kind': (z, y) => cg.batchContrastiveLoss(z, y, { average: 'nonZeroPerKind' }),
    tripletLoss: (z) => cg.tripletLoss(z, z.detach(), cg.flip(z.detach(), { axis: 0 }), { squared: false }),
    'batchTripletLoss, all': (z, y) => cg.batchTripletLoss(z, y, { squared: false }),
    'batchTripletLoss, hard': (z, y) => cg.batchTripletLoss(z, y, { mining: 'hard', squared: false }),
    'batchTripletLoss, semiHard': (z, y) => cg.batchTripletLoss(z, y, { mining: 'semiHard', squared: false }),
    'batchTripletLoss, distanceWeighted': (z, y) => cg.batchTripletLoss(z, y, { mining: 'distanceWeighted' }),
    infoNCELoss: (z, _, temperature) => cg.infoNCELoss(z, z.detach(), { temperature }),
    'infoNCELoss, raw': (z, _, temperature) => cg.infoNCELoss(z, z.detach(), { temperature, normalize: false }),
    ntXentLoss: (z, _, temperature) => cg.ntXentLoss(z, z.detach(), { temperature }),
    supConLoss: (z, y, temperature) => cg.supConLoss(z, y, { temperature }),
    'supConLoss, excluded': (z, y, temperature) =>
      cg.supConLoss(z, y, { temperature, denominator: 'otherPositivesExcluded' }),
    mutualInformationLoss: (z, _, temperature) => cg.mutualInformationLoss(z, z.detach(), { temperature }),
    jsd: (z, _, temperature) => cg.mutualInformationLoss(z, z.detach(), { estimator: 'jsd', temperature }),
    dv: (z, _, temperature) => cg.mutualInformationLoss(z, z.detach(), { estimator: 'dv', temperature }),
  };
  const documented = /the batch has no (pair|triplet|positive)|needs at least 2 rows, got 1/;

  describe.each(Object.entries(named))('%s', (_, loss) => {
    test.each(Object.entries(batchesOf))('%s', (__, [rows, labels]) => {
      for (const temperature of [1e-3, 0.1, 1e3]) {
        const z = f64(rows);
        let value: Tensor;
        try {
          value = loss(z, labels, temperature);
        } catch (error) {
          expect((error as Error).message).toMatch(documented);
          return;
        }
        expect(Number.isFinite(value.item())).toBe(true);
        expect(gradientOf(value, z).every(Number.isFinite)).toBe(true);
      }
    });
  });

  test('the naive formulation fails here, so that these tests bite', () => {
    const z = f64([
      [1e4, 0],
      [0, 1e4],
    ]);
    const scores = z.matmul(z.detach(), { transposeB: true });
    const naive = scores
      .exp()
      .div(scores.exp().sum({ axis: 1, keepDims: true }))
      .log();
    expect(naive.toArray()).toEqual([
      [Number.NaN, -Infinity],
      [-Infinity, Number.NaN],
    ]);
    const same = f64([[1, 2]]);
    const distance = same.sub(same.detach()).square().sum({ axis: 1 }).sqrt();
    expect(gradientOf(distance.sum(), same)).toEqual([Number.NaN, Number.NaN]);
    const zero = f64([[0, 0]]);
    const unit = zero.div(zero.square().sum({ axis: 1, keepDims: true }).sqrt());
    expect(gradientOf(unit.sum(), zero).every(Number.isNaN)).toBe(true);
  });
});

describe('eager and recorded, a loss refuses the same things in the same words', () => {
  const rows = (n: number): Tensor => cg.randn([n, 3], { generator: new cg.Generator(2) });
  const messageOf = (act: () => unknown): string => {
    try {
      act();
    } catch (error) {
      return (error as Error).message;
    }
    return 'no error';
  };
  const t = (value: number): Tensor => tensor(value);
  test.each<[string, (labels: number[], temperature: Tensor) => Tensor, number[], number[], number, number]>([
    ['contrastive labels', (y) => cg.contrastiveLoss(rows(4), rows(4), y), [0, 1, 1, 0], [0, 1, 3, 0], 1, 1],
    ['distances', (y) => cg.contrastiveLossFromDistance(cg.ones([4]), y), [0, 1, 1, 0], [0, 1, -1, 0], 1, 1],
    ['triplets', (y) => cg.batchTripletLoss(rows(4), y), [0, 0, 1, 1], [0, 1, 2, 3], 1, 1],
    ['hard triplets', (y) => cg.batchTripletLoss(rows(4), y, { mining: 'hard' }), [0, 0, 1, 1], [5, 5, 5, 5], 1, 1],
    ['SupCon', (y) => cg.supConLoss(rows(4), y), [0, 0, 1, 1], [0, 1, 2, 3], 1, 1],
    [
      'SupCon temperature',
      (y, temperature) => cg.supConLoss(rows(4), y, { temperature }),
      [0, 0, 1, 1],
      [0, 0, 1, 1],
      1,
      0,
    ],
    ['InfoNCE temperature', (_, temperature) => cg.infoNCELoss(rows(4), rows(4), { temperature }), [], [], 0.1, -1],
    [
      'NT-Xent temperature',
      (_, temperature) => cg.ntXentLoss(rows(4), rows(4), { temperature }),
      [],
      [],
      0.1,
      Number.NaN,
    ],
    [
      'MI temperature',
      (_, temperature) => cg.mutualInformationLoss(rows(4), rows(4), { temperature }),
      [],
      [],
      1,
      Infinity,
    ],
  ])('%s', (_, loss, good, bad, goodTemperature, badTemperature) => {
    const recorded = cg.compile(loss);
    // Replayed from the first call on: other kernels than the eager ones, other last digits.
    expect(furthest(recorded(good, t(goodTemperature)), loss(good, t(goodTemperature))).error).toBeLessThan(1e-6);
    const eager = messageOf(() => loss(bad, t(badTemperature)));
    expect(eager).toMatch(/must be|the batch has no/);
    expect(messageOf(() => recorded(bad, t(badTemperature)))).toBe(eager);
    expect(messageOf(() => cg.compile(loss)(bad, t(badTemperature)))).toBe(eager);
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
