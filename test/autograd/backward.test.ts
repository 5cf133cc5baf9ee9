/** @file The graph: what backward accumulates, frees, keeps and refuses. */
import { expect, test } from 'vitest';
import {
  cpu,
  defineOp,
  GraphError,
  grad,
  gradcheck,
  group,
  noGrad,
  ones,
  type Tensor,
  tensor,
  useDevice,
  valueAndGrad,
} from '../../src/index.js';

const leaf = (value: number | number[]): Tensor => tensor(value, { requiresGrad: true, dtype: 'float64' });

test('a chain of 100,000 nodes goes back without overflowing the stack', () => {
  const x = leaf(1);
  let y: Tensor = x;
  for (let i = 0; i < 100_000; i++) y = y.add(1);
  y.backward();
  expect(x.grad!.item()).toBe(1);
});

test('gradients accumulate over uses and over passes', () => {
  const x = leaf(3);
  x.mul(x).add(x).backward();
  expect(x.grad!.item()).toBe(7);
  x.mul(2).backward();
  expect(x.grad!.item()).toBe(9);
});

test('a second pass needs retainGraph', () => {
  const x = leaf(3);
  const y = x.mul(x);
  y.backward(undefined, { retainGraph: true });
  y.backward();
  expect(x.grad!.item()).toBe(12);
  expect(() => y.backward()).toThrow(
    'backward: the graph behind mul was freed by an earlier backward pass, or with its scope; pass { retainGraph: true } to the earlier one, or compute the loss again',
  );
});

test('derivatives of every order come from createGraph', () => {
  const x = leaf(2);
  let y = x.square().square();
  const found: number[] = [];
  for (let order = 1; order <= 4; order++) {
    [y] = grad(y, [x], { createGraph: true }) as [Tensor];
    found.push(y.item());
  }
  expect(found).toEqual([32, 48, 48, 24]);
});

test('noGrad and detach end the graph', () => {
  const x = leaf(2);
  expect(noGrad(() => x.mul(2)).requiresGrad).toBe(false);
  expect(x.mul(2).detach().requiresGrad).toBe(false);
  expect(x.mul(x.detach()).sum().requiresGrad).toBe(true);
});

test('an unused input is an error, or zeros on request', () => {
  const [x, y] = [leaf(2), leaf([1, 2])];
  expect(() => grad(x.mul(2), [x, y], { retainGraph: true })).toThrow('grad: the output does not depend on input 1');
  expect(grad(x.mul(2), [y], { allowUnused: true })[0]!.toArray()).toEqual([0, 0]);
});

test('valueAndGrad differentiates every argument', () => {
  const { value, grads } = valueAndGrad((a, b) => a!.mul(b!))(tensor(2), tensor(5));
  expect([value.item(), ...grads.map((g) => g.item())]).toEqual([10, 5, 2]);
});

test('groups label nodes, and errors that leave them', () => {
  const y = group('encoder', () => group('layer 1', () => leaf(1).mul(2)));
  expect(y.node!.groups).toEqual(['encoder', 'layer 1']);
  expect(() => group('encoder', () => group('layer 1', () => ones([2]).add(ones([3]))))).toThrow(
    / \[in encoder > layer 1\]$/,
  );
});

test('a callback that returns a promise is refused, and the context restored', () => {
  expect(() => noGrad(async () => 1)).toThrow(GraphError);
  expect(leaf(1).mul(2).requiresGrad).toBe(true);
  const boom = (): never => {
    throw new Error('boom');
  };
  expect(() => useDevice({ ...cpu, name: 'other' }, boom)).toThrow('boom');
  expect(ones([1]).device).toBe(cpu);
});

test('a parameter bound to new numbers does not change the past', () => {
  const [x, p] = [leaf(3), leaf(5)];
  const y = x.mul(p).mul(p);
  p.assign(tensor(100, { dtype: 'float64' }));
  const [g] = grad(y, [p], { retainGraph: true });
  expect(g!.item()).toBe(30);
  expect(() => grad(y, [p], { createGraph: true })).toThrow(/was bound to new numbers after the forward pass/);
});

test('a wrong rule fails gradcheck, which names the element and both values', () => {
  const wrong = defineOp<readonly [Tensor]>({
    name: 'wrong',
    formula: 'y = x^2',
    localDerivative: ['0'],
    forward: ([x]) => x.mul(x),
    pullBack: [(g, { inputs: [x] }) => g.mul(x.mul(3))],
  });
  const x = tensor(
    [
      [1, 2],
      [3, 4],
    ],
    { dtype: 'float64' },
  );
  expect(() => gradcheck((t) => wrong([t!]), [x], { name: 'wrong' })).toThrow(
    /^gradcheck: wrong, input 0, element \[0, 0\]: the gradient is -?[\d.]+, the finite difference -?[\d.]+ \(tolerance 0.000001 x [\d.]+\)/,
  );
  const relu = gradcheck((t) => t!.relu(), [tensor([-1, 0, 1], { dtype: 'float64' })]);
  expect(relu.kinks).toBeGreaterThan(0);
  expect(relu.compared).toBeGreaterThan(0);
});
