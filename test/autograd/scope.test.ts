/** @file What a scope frees and what it keeps, on a device that counts. */
import { expect, test } from 'vitest';
import { compile, GraphError, grad, nn, optim, scope, type Tensor, tensor } from '../../src/index.js';
import { CountingDevice } from '../support/counting-device.js';

const twoThree = (device: CountingDevice): Tensor => tensor([2, 3], { device, requiresGrad: true });

test('keeps what it returns, alone or in arrays and objects, and frees the rest', () => {
  const device = new CountingDevice();
  const x = tensor([2, 3], { device });
  const before = device.held;
  const kept = scope(() => {
    x.exp().sum();
    return { parts: [x.neg(), x.square()], rate: 0.5 };
  });
  expect(device.held - before).toBe(2);
  expect(device.freed).toBe(2);
  expect(kept.parts.map((part) => part.toArray())).toEqual([
    [-2, -3],
    [4, 9],
  ]);
  expect(kept.rate).toBe(0.5);
});

test('hands what an inner scope returns to the outer one', () => {
  const device = new CountingDevice();
  const before = device.held;
  const total = scope(() => {
    const inner = scope(() => tensor([2, 3], { device }).mul(2));
    return inner.sum();
  });
  expect(total.item()).toBe(10);
  expect(device.held - before).toBe(1);
});

test('frees everything when its callback throws', () => {
  const device = new CountingDevice();
  expect(() =>
    scope(() => {
      tensor([2, 3], { device }).exp();
      throw new RangeError('in the middle');
    }),
  ).toThrow(new RangeError('in the middle'));
  expect(device.held).toBe(0);
});

test('says so of a tensor that it freed', () => {
  let outside: Tensor | null = null;
  scope(() => {
    outside = twoThree(new CountingDevice()).exp();
  });
  expect(() => outside!.sum()).toThrow(
    'this tensor was freed with the scope that it was made in; return it from the scope',
  );
});

test('a graph that outlives its scope is freed, and says so', () => {
  const device = new CountingDevice();
  const x = twoThree(device);
  const loss = scope(() => x.square().sum());
  expect(loss.item()).toBe(13);
  expect(() => loss.backward()).toThrow(GraphError);
});

test('refuses a callback that returns a promise', () => {
  expect(() => scope(async () => {})).toThrow(GraphError);
});

test('parameters, gradients and optimizer state outlive the scopes that they were made and rebound in', () => {
  const device = new CountingDevice();
  const layer = scope(() => {
    const made = new nn.Linear(3, 2).to(device);
    const parameters = Object.fromEntries(made.parameters().map((p, i) => [String(i), p]));
    return { made, ...parameters };
  }).made;
  const optimizer = new optim.Adam(layer.parameters());
  const x = tensor([[1, 2, 3]], { device });
  const step = (): number =>
    scope(() => {
      const loss = layer.forward(x).square().sum();
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      return loss;
    }).item();
  const losses = [step()];
  // Two parameters, each with a gradient and two averages; Adam's count and rate; the input; the loss of each step that nobody frees.
  const held = device.held;
  for (let i = 0; i < 20; i++) losses.push(step());
  expect(device.held - held).toBe(20);
  expect(losses.at(-1)!).toBeLessThan(losses[0]!);
  expect(layer.parameters().every((p) => p.grad!.toArray() !== null)).toBe(true);
});

test('backward() and grad() outside of any scope free all but the gradients', () => {
  const device = new CountingDevice();
  const x = twoThree(device);
  const loss = x.exp().square().sum();
  const before = device.held;
  const [first] = grad(loss, [x], { retainGraph: true });
  expect(device.held - before).toBe(1);
  loss.backward();
  expect(x.grad!.toArray()).toEqual(first!.toArray());
});

test('a compiled step holds its results and state, no more with each call', () => {
  const device = new CountingDevice();
  const layer = new nn.Linear(3, 2).to(device);
  const optimizer = new optim.SGD(layer.parameters(), { lr: 0.1 });
  const step = compile((x: Tensor) => {
    const loss = layer.forward(x).square().sum();
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    return loss;
  });
  const x = tensor([[1, 2, 3]], { device });
  const held: number[] = [];
  for (let i = 0; i < 6; i++) {
    scope(() => void step(x));
    held.push(device.held);
  }
  expect(new Set(held.slice(2)).size).toBe(1);
});
