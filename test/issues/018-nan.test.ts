/** @file NaN that a comparison swallowed, case by case; test/ops/special.test.ts has every row of the table. */
import { afterAll, describe, expect, test } from 'vitest';
import { gpu } from '../../src/devices/gpu/index.js';
import * as cg from '../../src/index.js';
import { compile, grad, nn, type Tensor, tensor } from '../../src/index.js';

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

/** The gradient of what `fn` makes of a vector, summed. */
const slope = (fn: (x: Tensor) => Tensor, data: number[]): number[] => {
  const x = tensor(data, { dtype: 'float64', requiresGrad: true });
  return [...grad(fn(x).sum(), [x])[0]!.dataSync()];
};

test('norms, distances and directions of NaN are NaN', () => {
  for (const p of [1, 1.5, 2, 3, infinity]) expect(cg.norm(tensor([nan, 1]), { p }).item()).toBeNaN();
  expect(slope((x) => cg.norm(x, { p: 3 }), [nan, 1])).toEqual([nan, nan]);
  expect(cg.norm(tensor([0, 0]), { p: 3 }).item()).toBe(0);
  expect(slope((x) => cg.norm(x, { p: 3 }), [0, 0])).toEqual([0, 0]);
  expect(cg.normalize(tensor([[nan, 1]])).toArray()).toEqual([[nan, nan]]);
  expect(cg.normalize(tensor([[0, 0]])).toArray()).toEqual([[0, 0]]);
  expect(cg.cdist(tensor([[nan, 1]]), tensor([[0, 1]])).item()).toBeNaN();
});

test('a diverged encoder does not look perfect: the losses of NaN rows are NaN', () => {
  const [bad, good] = [tensor([[nan, 0]]), tensor([[1, 0]])];
  for (const label of [0, 1]) {
    for (const p of [1, 2, 3, infinity]) {
      expect(cg.contrastiveLoss(bad, good, [label], { distance: { p } }).item()).toBeNaN();
    }
  }
  // Row 3 is nobody's positive: it is in the loss as a negative only.
  const z = tensor([
    [0, 0],
    [2, 0],
    [0, 0.25],
    [nan, 2],
    [2, 0.25],
  ]);
  for (const mining of ['all', 'hard', 'semiHard', 'distanceWeighted'] as const) {
    expect([mining, cg.batchTripletLoss(z, [0, 1, 0, 2, 1], { mining }).item()]).toEqual([mining, nan]);
  }
});

test('gradients at NaN are those of PyTorch: to both in maximum and minimum, none in clamp', () => {
  const pair = (fn: typeof cg.maximum, a: number, b: number): number[] =>
    slope((x) => fn(x.slice({ ends: [1] }), x.slice({ starts: [1] })), [a, b]);
  for (const fn of [cg.maximum, cg.minimum]) {
    expect(pair(fn, nan, 1)).toEqual([1, 1]);
    expect(pair(fn, 1, nan)).toEqual([1, 1]);
    expect(pair(fn, 1, 1)).toEqual([0.5, 0.5]);
  }
  for (const bounds of [{ min: 0 }, { max: 1 }, { min: 0, max: 1 }]) {
    const clamp = (x: Tensor): Tensor => cg.clamp(x, bounds);
    expect(clamp(tensor([nan])).item()).toBeNaN();
    expect(slope(clamp, [nan, 0.5, 0, 1])).toEqual([0, 1, 1, 1]);
  }
  expect(slope(cg.relu, [nan, -1, 0, 2])).toEqual([1, 0, 0, 1]);
  for (const fn of [cg.max, cg.min]) expect(slope((x) => fn(x), [1, nan, 0])).toEqual([0, 1, 0]);
  expect(slope(cg.safeSqrt, [nan, 0, 4])).toEqual([nan, 0, 0.25]);
});

test('powers are those of C, and gradients those of PyTorch', () => {
  const powers = (a: number[], b: number[]): number[] => [...cg.pow(tensor(a), tensor(b)).dataSync()];
  const step = compile((a: Tensor, b: Tensor) => cg.pow(a, b));
  const bases = [1, 1, 1, -1, -1, nan, 0, -1, 2];
  const exponents = [nan, infinity, -infinity, infinity, -infinity, 0, 0, nan, nan];
  const wanted = [1, 1, 1, 1, 1, 1, 1, nan, nan];
  expect(powers(bases, exponents)).toEqual(wanted);
  expect([...step(tensor(bases), tensor(exponents)).dataSync()]).toEqual(wanted);
  const gradients = (a: number, b: number): number[] =>
    slope((x) => cg.pow(x.slice({ ends: [1] }), x.slice({ starts: [1] })), [a, b]);
  expect(gradients(0, 0)).toEqual([0, 0]);
  expect(gradients(0, 2)).toEqual([0, 0]);
  expect(gradients(0, -1)).toEqual([-infinity, -infinity]);
});

describe.each(['webasm', 'cpu'] as const)('on gpu:%s', async (mode) => {
  const device = await gpu({ mode });
  afterAll(() => device.destroy());

  test('NaN is the largest, and infinity stays', () => {
    const x = tensor([1, nan, 0], { device });
    expect([x.max().item(), x.min().item(), x.argmax().item(), x.argmin().item()]).toEqual([nan, nan, 1, 1]);
    expect(tensor([nan, 1, nan], { device }).argmax().item()).toBe(0);
    expect(tensor([infinity, 1], { device }).logSumExp().item()).toBe(infinity);
    expect(tensor([-infinity, -infinity], { device }).logSumExp().item()).toBe(-infinity);
    const image = tensor([1, nan, 0, 2], { shape: [1, 1, 2, 2], device });
    expect(new nn.MaxPool2d({ kernelSize: 2 }).forward(image).item()).toBeNaN();
    const lowest = tensor([-infinity], { shape: [1, 1, 1, 1], device });
    const padded = new nn.MaxPool2d({ kernelSize: 3, stride: 1, padding: 1 }).forward(lowest);
    expect(padded.item()).toBe(-infinity);
  });

  test('long reductions keep NaN', () => {
    const data = new Float32Array(2000).fill(1);
    data[1300] = nan;
    expect(tensor(data, { device }).max().item()).toBeNaN();
    expect(tensor(data, { device }).argmax().item()).toBe(1300);
  });

  test('an infinite temperature is refused, as on the CPU', () => {
    const views = tensor(
      [
        [1, 0],
        [0, 1],
      ],
      { device },
    );
    const temperature = tensor(1, { device }).div(0);
    expect(() => cg.infoNCELoss(views, views, { temperature })).toThrow(/temperature must be a positive finite number/);
  });
});

test('validateBatch finds rows that are not finite', () => {
  const rows = tensor([
    [1, 0],
    [0, nan],
    [infinity, 1],
    [0, 1],
  ]);
  const { problems } = cg.validateBatch(rows, [0, 0, 1, 1]);
  expect(problems[0]).toEqual({ kind: 'notFinite', message: '2 rows with NaN or infinity', rows: [1, 2] });
  const [one] = cg.validateBatch(
    tensor([
      [1, 0],
      [nan, 1],
    ]),
    [0, 0],
  ).problems;
  expect(one).toEqual({ kind: 'notFinite', message: '1 row with NaN or infinity', rows: [1] });
});

test('triplets of NaN cannot be listed', () => {
  for (const mining of ['all', 'hard', 'semiHard', 'distanceWeighted'] as const) {
    expect(() => cg.mineTriplets(tensor([[0], [nan], [1]]), [0, 0, 1], { mining })).toThrow(
      'mineTriplets: embeddings must be finite numbers, 1e+150 at most, got NaN in row 1',
    );
  }
});
