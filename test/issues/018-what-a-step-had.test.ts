/** @file What a compiled step had before: a throw leaves it as it was, and a result may be what was there. */
import { describe, expect, test } from 'vitest';
import { compile, cpu, type Device, Generator, nn, optim, scope, type Tensor, tensor } from '../../src/index.js';
import { CountingDevice } from '../support/counting-device.js';

const numbers = (x: Tensor | null): number[] | null => x && [...x.dataSync()];

describe.each(['float32', 'float64'] as const)('in %s', (dtype) => {
  test('a throw leaves a gradient that was added to', () => {
    const w = tensor([1, 2], { dtype, requiresGrad: true });
    const step = compile((fails: boolean) => {
      w.square().sum().backward();
      if (fails) throw new RangeError();
    });
    step(false);
    step(false);
    expect(() => step(true)).toThrow(RangeError);
    expect(numbers(w.grad)).toEqual([4, 8]);
    step(false);
    expect(numbers(w.grad)).toEqual([6, 12]);
  });

  test('numbers and gradient from before the update are returned as they were', () => {
    const w = tensor([1, 2], { dtype, requiresGrad: true });
    const optimizer = new optim.SGD([w], { lr: 0.25 });
    const step = compile(() => {
      const before = [w.detach(), (w.grad ?? w).detach()];
      w.square().sum().backward();
      optimizer.step();
      return before;
    });
    expect([step(), step(), step()].map((results) => results.map(numbers))).toEqual([
      [
        [1, 2],
        [1, 2],
      ],
      [
        [0.5, 1],
        [2, 4],
      ],
      [
        [-0.25, -0.5],
        [3, 6],
      ],
    ]);
  });

  test('a tensor that shares its numbers with a parameter is returned as it is', () => {
    const [w, a] = [tensor([1, 2], { dtype, requiresGrad: true }), tensor([3, 4], { dtype })];
    const optimizer = new optim.SGD([w], { lr: 0.25 });
    w.assign(a);
    const step = compile(() => {
      optimizer.zeroGrad();
      w.square().sum().backward();
      optimizer.step();
      return a;
    });
    expect(numbers(step())).toEqual([3, 4]);
    expect(numbers(w)).toEqual([1.5, 2]);
  });
});

test('where no garbage collector counts, a throw frees what the step made, and nothing else', () => {
  const make = (device: Device): { run: (fails: boolean) => void; state: () => (number[] | null)[] } => {
    const layer = new nn.Linear(3, 2, { generator: new Generator(1) }).to(device);
    const optimizer = new optim.SGD(layer.parameters(), { lr: 0.01, momentum: 0.9 });
    const x = tensor([[1, 2, 3]], { device });
    const step = compile((fails: boolean) => {
      layer.forward(x).square().sum().backward();
      optimizer.step();
      if (fails) throw new RangeError();
    });
    const state = (): (number[] | null)[] => layer.parameters().flatMap((p) => [numbers(p), numbers(p.grad)]);
    return { run: (fails) => scope(() => void step(fails)), state };
  };
  const device = new CountingDevice();
  const [counted, other] = [make(device), make(cpu)];
  for (let i = 0; i < 3; i++) counted.run(false);
  const { held } = device;
  for (let i = 0; i < 3; i++) expect(() => counted.run(true)).toThrow(RangeError);
  expect(device.held).toBe(held);
  counted.run(false);
  expect(device.held).toBe(held);
  for (let i = 0; i < 4; i++) other.run(false);
  const wanted = other.state().flatMap((values) => values ?? []);
  const actual = counted.state().flatMap((values) => values ?? []);
  expect(actual).toEqual(wanted.map((value) => expect.closeTo(value, 5)));
});
