/** @file PyTorch's values and gradients of every operation and loss. */
import { describe, expect, test } from 'vitest';
import { goldenCases, goldenError } from './golden.js';

test('a wrong value, gradient or shape is seen', () => {
  const golden = goldenCases.find(({ op }) => op === 'mul')!;
  const { out, gradients } = golden.float64;
  const nudged = (list: number[]): number[] => list.map((v, i) => (i === 1 ? v + 1e-9 : v));
  expect(goldenError({ ...golden, float64: { out: nudged(out), gradients } }, 'float64')).toBeGreaterThan(1e-12);
  const wrong = [gradients![0]!, nudged(gradients![1]!)];
  expect(goldenError({ ...golden, float64: { out, gradients: wrong } }, 'float64')).toBeGreaterThan(1e-12);
  expect(goldenError({ ...golden, shape: [12] }, 'float64')).toBe(Number.POSITIVE_INFINITY);
});

describe.each([
  ['float64', 1e-12],
  ['float32', 1e-5],
] as const)('in %s', (dtype, tolerance) => {
  test.each(goldenCases.map((golden, i) => [`${golden.op} (${i}) ${JSON.stringify(golden.args)}`, golden] as const))(
    '%s',
    (_, golden) => {
      expect(goldenError(golden, dtype)).toBeLessThanOrEqual(tolerance * golden.scale);
    },
  );
});
