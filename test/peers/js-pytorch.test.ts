/**
 * @file What js-pytorch 0.7, the closest peer, gets wrong: each of its errors as a test here. Its own tests never saw
 * them.
 */
import { describe, expect, test } from 'vitest';
import * as cg from '../../src/index.js';
import { gradcheck, type Tensor, tensor } from '../../src/index.js';

const f64 = (data: number[][] | number[]): Tensor => tensor(data, { dtype: 'float64', requiresGrad: true });

describe('the derivative of pow is b x^(b - 1), not 2x for every power', () => {
  test.each([3, -1, 0.5])('at %d', (power) => {
    const x = f64([0.5, 1, 2, 4]);
    x.pow(power).sum().backward();
    const wanted = [0.5, 1, 2, 4].map((v) => power * v ** (power - 1));
    [...x.grad!.dataSync()].forEach((g, i) => {
      expect(g).toBeCloseTo(wanted[i]!, 12);
    });
  });
});

describe('[N, N] meets [N, 1]: gradients of the narrow one are summed over its rows', () => {
  test.each([2, 3, 4, 5])('N = %i', (n) => {
    const square = cg
      .arange(n * n, { dtype: 'float64' })
      .reshape([n, n])
      .add(1);
    const column = cg.arange(n, { dtype: 'float64' }).reshape([n, 1]).add(1);
    for (const op of [cg.add, cg.sub, cg.mul, cg.div]) {
      expect(gradcheck((a, b) => op(a!, b!), [square, column]).kinks).toBe(0);
      const [, g] = cg.valueAndGrad((a, b) => op(a!, b!).sum())(square, column).grads;
      expect(g!.shape).toEqual([n, 1]);
    }
    const [, g] = cg.valueAndGrad((a, b) => a!.mul(b!).sum())(square, column).grads;
    const sums = Array.from({ length: n }, (_, i) => [n * n * i + (n * (n + 1)) / 2]);
    expect(g!.toArray()).toEqual(sums);
  });
});

describe('softmax and cross-entropy at square shapes', () => {
  test.each([2, 3, 4, 5])('N = %i', (n) => {
    const x = cg.randn([n, n], { dtype: 'float64', generator: new cg.Generator(n) });
    for (const axis of [0, 1]) gradcheck((t) => t!.softmax({ axis }), [x], { order: 2 });
    const target = tensor(
      Array.from({ length: n }, (_, i) => [(i * 2) % n]),
      { dtype: 'int32' },
    );
    const crossEntropy = (t: Tensor): Tensor => t.logSoftmax().gather(target).neg().mean();
    gradcheck((t) => crossEntropy(t!), [x], { order: 2 });
    const [g] = cg.valueAndGrad((t) => crossEntropy(t!))(x).grads;
    const oneHot = cg.oneHot(target.reshape([n]), n, { dtype: 'float64' });
    const wanted = x.softmax().sub(oneHot).div(n);
    expect(cg.max(cg.abs(g!.sub(wanted))).item()).toBeLessThan(1e-15);
  });
});

test('logits of 1e4 neither overflow nor lose their gradient', () => {
  const x = f64([
    [1e4, -1e4, 0],
    [-1e4, 1e4, 1e4],
  ]);
  const loss = x
    .logSoftmax()
    .gather(tensor([[1], [1]], { dtype: 'int32' }))
    .neg()
    .sum();
  expect(loss.item()).toBeCloseTo(2e4 + Math.log(2), 10);
  loss.backward();
  expect(x.grad!.toArray()).toEqual([
    [1, -1, 0],
    [0, -0.5, 0.5],
  ]);
});
