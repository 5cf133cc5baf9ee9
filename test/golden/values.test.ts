/** @file PyTorch's values and gradients of every operation and loss. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as cg from '../../src/index.js';
import { grad, type Tensor, tensor } from '../../src/index.js';
import * as losses from '../../src/losses/index.js';
import * as ops from '../../src/ops/index.js';
import { furthest } from '../../src/testing/index.js';

interface Result {
  readonly out: number[];
  readonly gradients: number[][] | null;
}
interface Golden {
  readonly op: keyof typeof ops;
  readonly inputs: readonly { shape: number[]; dtype: 'float64' | 'int32'; data: number[] }[];
  readonly args: readonly unknown[];
  /** 1 / temperature. */
  readonly scale: number;
  readonly shape: number[];
  readonly float64: Result;
  readonly float32: Result;
}
const { cases } = JSON.parse(readFileSync('test/golden/values.json', 'utf8')) as { cases: Golden[] };

/** What PyTorch cannot answer, and why. */
const WITHOUT: Record<string, string> = {
  dropout: 'its random numbers are its own',
  to: 'devices differ',
};

const takesList = new Set(['concat', 'stack']);

function call({ op, args }: Golden, inputs: Tensor[]): Tensor {
  const fn = cg[op] as (...all: unknown[]) => Tensor | Tensor[];
  const out = takesList.has(op) ? fn(inputs, ...args) : fn(...inputs, ...args);
  return Array.isArray(out) ? out[1]! : out;
}

test('every operation and loss has golden values, but those that cannot', () => {
  const covered = new Set<string>(cases.map(({ op }) => op));
  const missing = [...Object.keys(ops), ...Object.keys(losses)].filter((name) => !covered.has(name));
  expect(missing.sort()).toEqual(Object.keys(WITHOUT).sort());
});

describe.each([
  ['float64', 1e-12],
  ['float32', 1e-5],
] as const)('in %s', (dtype, tolerance) => {
  test.each(
    cases.map((golden, i) => [`${golden.op} (${i}) ${JSON.stringify(golden.args)}`, golden] as const),
  )('%s', (_, golden) => {
    const leaves = golden.inputs.map(({ shape, dtype: given, data }) =>
      tensor(data, { shape, dtype: given === 'int32' ? given : dtype, requiresGrad: given !== 'int32' }),
    );
    const out = call(golden, leaves);
    const wanted = golden[dtype];
    expect(out.shape).toEqual(golden.shape);
    /** The error relative to the tensor's largest magnitude. */
    const error = (actual: Tensor, expected: number[]): number => {
      const largest = Math.max(...expected.map(Math.abs)) || 1;
      const scaled = [...actual.dataSync()].map((v) => v / largest);
      return furthest(
        scaled,
        expected.map((v) => v / largest),
        'largest',
      ).error;
    };
    expect(error(out, wanted.out)).toBeLessThanOrEqual(tolerance * golden.scale);
    expect(out.requiresGrad).toBe(wanted.gradients !== null);
    if (wanted.gradients === null) return;
    const seed = Float64Array.from({ length: out.size }, (_, i) => Math.cos(1 + i));
    const gradients = grad(
      out,
      leaves.filter((leaf) => leaf.requiresGrad),
      { gradient: tensor(seed, { shape: out.shape, dtype }), allowUnused: true },
    );
    expect(gradients).toHaveLength(wanted.gradients.length);
    gradients.forEach((g, i) => {
      expect(error(g, wanted.gradients![i]!)).toBeLessThanOrEqual(tolerance * golden.scale);
    });
  });
});
