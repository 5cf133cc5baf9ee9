/** @file PyTorch's layers: values, gradients, running averages, and states by PyTorch's names, both ways. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { grad, nn, type Tensor, tensor } from '../../src/index.js';

interface Plain {
  readonly shape: number[];
  readonly data: number[];
}

interface Golden {
  readonly input: number[];
  readonly layers: readonly nn.LayerConfig[];
  readonly before: Readonly<Record<string, Plain>>;
  readonly calls: readonly {
    readonly mode: 'train' | 'eval';
    readonly input: Plain;
    readonly output: Plain;
    /** By the parameter's name; the input's is empty. */
    readonly gradients: Readonly<Record<string, Plain>>;
  }[];
  readonly after: Readonly<Record<string, Plain>>;
}

const { cases } = JSON.parse(readFileSync('test/golden/layers.json', 'utf8')) as { cases: readonly Golden[] };

/** The largest difference, relative to the largest element (at least 1); infinite where shapes differ. */
function apart(actual: Tensor, { shape, data }: Plain): number {
  if (actual.shape.join() !== shape.join()) return Number.POSITIVE_INFINITY;
  const scale = Math.max(1, ...data.map(Math.abs));
  return Math.max(0, ...Array.from(actual.dataSync(), (value, i) => Math.abs(value - data[i]!) / scale));
}

const titleOf = ({ layers, input }: Golden, index: number): string =>
  `${index} ${layers.map(({ type }) => type).join(' ')} of [${input.join(', ')}]`;

/** The layers with everything in the golden values' type. */
function load({ layers, input, before }: Golden, dtype: 'float32' | 'float64'): nn.Sequential {
  const module = nn.fromConfig(layers, { input });
  const state = Object.fromEntries(
    Object.entries(before).map(([name, { data, shape }]) => [
      name,
      tensor(data, { shape, dtype: name.endsWith('num_batches_tracked') ? 'int32' : dtype }),
    ]),
  );
  if (dtype === 'float32') module.loadStateDict(state);
  else for (const [name, leaf] of leavesOf(module)) replace(module, name, leaf, state[name]!);
  return module;
}

const leavesOf = (module: nn.Module): [string, Tensor][] => [...module.namedParameters(), ...module.namedBuffers()];

/** Puts a parameter or buffer of another type in the place of one, by its path. */
function replace(module: nn.Module, path: string, leaf: Tensor, value: Tensor): void {
  let owner = module;
  for (const name of path.split('.').slice(0, -1)) owner = new Map(owner.children()).get(name)!;
  const property = Object.entries(owner).find(([, own]) => own === leaf)![0];
  const made = leaf instanceof nn.Buffer ? new nn.Buffer(value, leaf.key) : new nn.Parameter(value);
  Object.assign(owner, { [property]: made });
}

describe.each([
  ['float64', 1e-12],
  ['float32', 1e-5],
] as const)('in %s', (dtype, tolerance) => {
  test.each(cases.map((golden, i) => [titleOf(golden, i), golden] as const))('%s', (_, golden) => {
    const module = load(golden, dtype);
    for (const { mode, input, output, gradients } of golden.calls) {
      module.train(mode === 'train');
      const x = tensor(input.data, { shape: input.shape, dtype, requiresGrad: true });
      const y = module.forward(x);
      expect(apart(y, output)).toBeLessThanOrEqual(tolerance);
      const seed = Float64Array.from({ length: y.size }, (_value, i) => Math.cos(1 + i));
      const parameters = [['', x] as const, ...module.namedParameters()];
      const found = grad(
        y,
        parameters.map(([, leaf]) => leaf),
        { gradient: tensor(seed, { shape: y.shape, dtype }) },
      );
      expect(parameters.map(([name]) => name)).toEqual(Object.keys(gradients));
      for (const [index, [name]] of parameters.entries()) {
        expect(apart(found[index]!, gradients[name]!)).toBeLessThanOrEqual(tolerance);
      }
    }
    const state = module.stateDict();
    expect(Object.keys(state)).toEqual(Object.keys(golden.after));
    for (const [name, value] of Object.entries(golden.after)) {
      expect(apart(state[name]!, value)).toBeLessThanOrEqual(tolerance);
    }
  });
});

test('what moved is seen: a value, an average, a shape', () => {
  const golden = cases.find(({ layers }) => layers.length > 5)!;
  const { output } = golden.calls[0]!;
  const module = load(golden, 'float64');
  const { data, shape } = golden.calls[0]!.input;
  const y = module.forward(tensor(data, { shape, dtype: 'float64' }));
  const nudged = output.data.map((v, i) => (i === 1 ? v + 1e-9 : v));
  expect(apart(y, { shape: output.shape, data: nudged })).toBeGreaterThan(1e-12);
  expect(apart(y, { shape: [...output.shape, 1], data: output.data })).toBe(Number.POSITIVE_INFINITY);
  expect(apart(module.stateDict()['1.running_mean']!, golden.before['1.running_mean']!)).toBeGreaterThan(1e-3);
});
