/** @file Empty axes, scalars and extreme values: results that are decided by convention. */
import { describe, expect, test } from 'vitest';
import * as cg from '../../src/index.js';
import { type Tensor, tensor, zeros } from '../../src/index.js';
import * as ops from '../../src/ops/index.js';

const leaf = (shape: number[]): Tensor => zeros(shape, { requiresGrad: true, dtype: 'float64' });

describe('without elements', () => {
  const maps = [
    'neg',
    'square',
    'exp',
    'expm1',
    'log',
    'sqrt',
    'safeSqrt',
    'sigmoid',
    'tanh',
    'softplus',
    'relu',
  ] as const;
  const zips = ['add', 'sub', 'mul', 'div', 'maximum', 'minimum'] as const;

  test.each(maps)('%s keeps its shape, and so does its gradient', (name) => {
    const x = leaf([0, 3]);
    const y = cg[name](x);
    expect(y.shape).toEqual([0, 3]);
    y.sum().backward();
    expect(x.grad!.shape).toEqual([0, 3]);
  });

  test.each(zips)('%s broadcasts, and gradients of stretched inputs are 0', (name) => {
    const [a, b] = [leaf([0, 3]), leaf([1, 3])];
    const y = cg[name](a, b);
    expect(y.shape).toEqual([0, 3]);
    y.sum().backward();
    expect(a.grad!.shape).toEqual([0, 3]);
    expect(b.grad!.toArray()).toEqual([[0, 0, 0]]);
  });

  test('sums are 0, log-sum-exps -Infinity, means an error', () => {
    expect(leaf([0, 2]).sum({ axis: 0 }).toArray()).toEqual([0, 0]);
    expect(leaf([2, 0]).logSumExp().toArray()).toEqual([-Infinity, -Infinity]);
    expect(leaf([2, 0]).softmax().shape).toEqual([2, 0]);
    expect(() => leaf([2, 0]).mean({ axis: 1 })).toThrow('mean: needs at least one element, got shape [2, 0]');
    expect(leaf([0, 2]).mean({ axis: 1 }).shape).toEqual([0]);
  });

  test('an inner axis of size 0 makes a matrix product of zeros', () => {
    const [a, b] = [leaf([2, 0]), leaf([0, 3])];
    const c = a.matmul(b);
    expect(c.toArray()).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
    c.sum().backward();
    expect([a.grad!.shape, b.grad!.shape]).toEqual([
      [2, 0],
      [0, 3],
    ]);
  });

  test('distances, layout and choices follow', () => {
    expect(cg.cdist(leaf([0, 2]), leaf([3, 2])).shape).toEqual([0, 3]);
    expect(cg.cdist(leaf([2, 0]), leaf([1, 0])).toArray()).toEqual([[0], [0]]);
    expect(cg.pairwiseDistance(leaf([0, 2]), leaf([0, 2])).shape).toEqual([0]);
    expect(cg.concat([leaf([2, 0]), leaf([2, 1])], { axis: 1 }).shape).toEqual([2, 1]);
    expect(cg.slice(leaf([3]), { starts: [2], ends: [1] }).shape).toEqual([0]);
    expect(cg.permute(leaf([0, 2]), [1, 0]).shape).toEqual([2, 0]);
    expect(cg.where(zeros([0], { dtype: 'int32' }), leaf([0]), 1).shape).toEqual([0]);
    expect(cg.greater(leaf([0]), leaf([1])).dtype).toBe('int32');
  });
});

test('functions hold where the naive formula overflows or cancels', () => {
  const at = (values: number[], f: (x: Tensor) => Tensor): unknown => f(tensor(values, { dtype: 'float64' })).toArray();
  expect(at([-1e4, 1e4, -800], cg.sigmoid)).toEqual([0, 1, Math.exp(-800)]);
  expect(at([-1e4, 1e4, -40], cg.softplus)).toEqual([0, 1e4, Math.log1p(Math.exp(-40))]);
  expect(at([1e-20, 1e4], cg.expm1)).toEqual([1e-20, Infinity]);
  expect(at([1e4, 1e4], (x) => x.logSumExp())).toBe(1e4 + Math.log(2));
  expect(at([1e4, -1e4], (x) => x.softmax())).toEqual([1, 0]);
  expect(at([-1e4, -1e4], (x) => x.softmax())).toEqual([0.5, 0.5]);
});

test('a row that the mask empties has value -Infinity or 0, and gradient 0', () => {
  const mask = tensor(
    [
      [0, 0],
      [1, 0],
    ],
    { dtype: 'int32' },
  );
  const x = tensor(
    [
      [1, 2],
      [3, 4],
    ],
    { requiresGrad: true },
  );
  expect(x.logSumExp({ mask }).toArray()).toEqual([-Infinity, 3]);
  expect(x.softmax({ mask }).toArray()).toEqual([
    [0, 0],
    [1, 0],
  ]);
  x.logSumExp({ mask }).backward(tensor([1, 1]));
  expect(x.grad!.toArray()).toEqual([
    [0, 0],
    [1, 0],
  ]);
});

test('the gradient between coincident points, and of a zero vector, is 0 at every order', () => {
  const x = tensor(
    [
      [1, 2],
      [1, 2],
    ],
    { dtype: 'float64', requiresGrad: true },
  );
  const [first] = cg.grad(cg.cdist(x).sum(), [x], { createGraph: true });
  expect(first!.toArray()).toEqual([
    [0, 0],
    [0, 0],
  ]);
  const [second] = cg.grad(first!.square().sum(), [x], { allowUnused: true });
  expect(second!.toArray()).toEqual([
    [0, 0],
    [0, 0],
  ]);
  const zero = tensor([[0, 0]], { dtype: 'float64', requiresGrad: true });
  cg.normalize(zero).sum().backward();
  expect(zero.grad!.toArray()).toEqual([[0, 0]]);
});

test('distances between near points far from the origin do not cancel', () => {
  const x = tensor([
    [1e4, 1e4],
    [1e4 + 0.5, 1e4],
  ]);
  expect(cg.cdist(x).toArray()).toEqual([
    [0, 0.5],
    [0.5, 0],
  ]);
});

test('maximum shares the gradient of a tie, relu has gradient 0 at 0', () => {
  const [a, b] = [leaf([]), leaf([])];
  cg.maximum(a, b).backward();
  expect([a.grad!.item(), b.grad!.item()]).toEqual([0.5, 0.5]);
  const x = leaf([]);
  cg.relu(x).backward();
  expect(x.grad!.item()).toBe(0);
});

test('cast carries gradients back in the type of its input', () => {
  const x = leaf([2]);
  cg.cast(x, 'float32').mul(3).sum().backward();
  expect([x.grad!.dtype, x.grad!.toArray()]).toEqual(['float64', [3, 3]]);
  expect(cg.cast(x, 'int32').requiresGrad).toBe(false);
});

test('logSoftmax of a row that the mask empties is -Infinity, with gradient 0', () => {
  const mask = tensor(
    [
      [0, 0],
      [1, 0],
    ],
    { dtype: 'int32' },
  );
  const x = tensor(
    [
      [1, 2],
      [3, 4],
    ],
    { requiresGrad: true },
  );
  const y = x.logSoftmax({ mask });
  expect(y.toArray()).toEqual([
    [-Infinity, -Infinity],
    [0, -Infinity],
  ]);
  y.backward(cg.ones([2, 2]));
  expect([...x.grad!.dataSync()].every((g) => g === 0)).toBe(true);
});

test('extrema: NaN counts as the largest, ties go to the first index and share the gradient', () => {
  expect(tensor([1, Number.NaN, 3]).argmax().item()).toBe(1);
  expect(tensor([1, Number.NaN, 3]).max().item()).toBeNaN();
  expect(tensor([2, 5, 5]).argmax().item()).toBe(1);
  expect(
    tensor([
      [2, 1],
      [1, 2],
    ])
      .argmin({ axis: 0 })
      .toArray(),
  ).toEqual([1, 0]);
  const x = tensor([2, 5, 5], { requiresGrad: true });
  x.max().backward();
  expect(x.grad!.toArray()).toEqual([0, 0.5, 0.5]);
});

test('dropout keeps the expectation: about a share p of zeros, the others divided by 1 - p', () => {
  const x = cg.dropout(cg.ones([20_000]), { p: 0.3, generator: new cg.Generator(1) }).dataSync();
  const zeros = x.filter((v) => v === 0).length;
  // Four standard errors of a share of 0.3.
  expect(Math.abs(zeros / 20_000 - 0.3)).toBeLessThan(4 * Math.sqrt((0.3 * 0.7) / 20_000));
  expect(x.every((v) => v === 0 || v === Math.fround(1 / 0.7))).toBe(true);
  const y = cg.ones([3]);
  expect(cg.dropout(y, { training: false })).toBe(y);
});

test('every operation is a method too', () => {
  const x = tensor([[1, 2]]);
  expect(x.concat([x, x]).shape).toEqual([3, 2]);
  expect(x.stack([x], { axis: 1 }).shape).toEqual([1, 2, 2]);
  expect(x.where(x.greater(1), 0).toArray()).toEqual([[0, 2]]);
  for (const name of Object.keys(ops)) expect(typeof (x as unknown as Record<string, unknown>)[name]).toBe('function');
});
