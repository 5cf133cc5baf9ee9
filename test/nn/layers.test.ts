/** @file Layers: initialisation, names, state and modes. */
import { expect, test } from 'vitest';
import { ArgumentError, cpu, Generator, manualSeed, nn, ones, ShapeError, tensor } from '../../src/index.js';

const encoder = (): nn.Sequential =>
  new nn.Sequential(new nn.Linear(5, 4), new nn.ReLU(), new nn.Linear(4, 3, { bias: false }), new nn.Tanh());

test('weights start uniform in ±1/√in, as in PyTorch', () => {
  const { weight, bias } = new nn.Linear(100, 400, { generator: new Generator(3) });
  expect(weight.shape).toEqual([400, 100]);
  for (const values of [[...weight.dataSync()], [...bias!.dataSync()]]) {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    expect(low).toBeGreaterThanOrEqual(-0.1);
    expect(high).toBeLessThan(0.1);
    expect(high - low).toBeGreaterThan(0.19);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    // Of a uniform distribution of width 0.2: variance 0.2² / 12 and mean 0, both within four standard errors.
    expect(Math.abs(variance / (0.04 / 12) - 1)).toBeLessThan(0.2);
    expect(Math.abs(mean)).toBeLessThan(4 * Math.sqrt(0.04 / 12 / values.length));
  }
});

test('weights follow the seed, or a generator of their own', () => {
  manualSeed(4);
  const first = new nn.Linear(3, 2).weight.toArray();
  manualSeed(4);
  expect(new nn.Linear(3, 2).weight.toArray()).toEqual(first);
  const own = (): unknown => new nn.Linear(3, 2, { generator: new Generator(9) }).weight.toArray();
  expect(own()).toEqual(own());
  expect(own()).not.toEqual(first);
});

test('a linear map is x Wᵀ + b, for rows under any leading axes', () => {
  const layer = new nn.Linear(2, 2, { dtype: 'float64' });
  layer.loadStateDict({
    weight: tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { dtype: 'float64' },
    ),
    bias: tensor([10, 20], { dtype: 'float64' }),
  });
  expect(layer.forward(tensor([[[1, 1]]], { dtype: 'float64' })).toArray()).toEqual([[[13, 27]]]);
});

test('parameters are found by path; a state loads into a twin', () => {
  const [a, b] = [encoder(), encoder()];
  expect([...a.namedParameters()].map(([name]) => name)).toEqual(['0.weight', '0.bias', '2.weight']);
  const x = ones([2, 5]);
  const state = a.stateDict();
  b.loadStateDict(state);
  expect(b.forward(x).toArray()).toEqual(a.forward(x).toArray());
  b.parameters()[0]!.assign(ones([4, 5]));
  expect(state['0.weight']!.toArray()).toEqual(a.parameters()[0]!.toArray());
});

test('a state that does not fit changes nothing', () => {
  const a = encoder();
  const before = JSON.stringify(a.parameters().map((p) => p.toArray()));
  const state = { ...encoder().stateDict(), '2.weight': ones([3, 5]) };
  expect(() => a.loadStateDict(state)).toThrow(ShapeError);
  expect(() => a.loadStateDict(state)).toThrow('loadStateDict: 2.weight must have shape [3, 4], got [3, 5]');
  expect(() => a.loadStateDict({ ...a.stateDict(), extra: ones([1]) })).toThrow(
    'loadStateDict: names differ: missing [], unknown [extra]',
  );
  expect(JSON.stringify(a.parameters().map((p) => p.toArray()))).toBe(before);
});

test('train and eval reach every module inside', () => {
  const outer = new nn.Sequential(encoder());
  expect(outer.eval().layers[0]!.training).toBe(false);
  expect((outer.layers[0] as nn.Sequential).layers[1]!.training).toBe(false);
  outer.train();
  expect((outer.layers[0] as nn.Sequential).layers[1]!.training).toBe(true);
});

test('to(device) rebinds the same parameters', () => {
  const a = encoder();
  const [first] = a.parameters();
  const other = { ...cpu, name: 'cpu:other' };
  expect(a.to(other).parameters()[0]).toBe(first);
  expect(first!.device).toBe(other);
});

test('gradients reach every parameter of a module of the user', () => {
  class Residual extends nn.Module {
    readonly inner = new nn.Linear(3, 3);
    forward(x: Parameters<nn.Linear['forward']>[0]): ReturnType<nn.Linear['forward']> {
      return x.add(this.inner.forward(x));
    }
  }
  const module = new Residual();
  module
    .forward(ones([2, 3]))
    .sum()
    .backward();
  expect([...module.namedParameters()].map(([name]) => name)).toEqual(['inner.weight', 'inner.bias']);
  expect(module.inner.bias!.grad!.toArray()).toEqual([2, 2, 2]);
});

test('sizes are checked', () => {
  expect(() => new nn.Linear(0, 2)).toThrow(ArgumentError);
  expect(() => new nn.Linear(0, 2)).toThrow('Linear: inFeatures must be a whole number, 1 or more, got 0');
});
