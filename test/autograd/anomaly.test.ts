/** @file detectAnomaly: which operation made NaN first, and where it was called. */
import { expect, test } from 'vitest';
import * as cg from '../../src/index.js';
import { detectAnomaly, GraphError, tensor } from '../../src/index.js';

const leaf = (data: number[]): cg.Tensor => tensor(data, { requiresGrad: true });

test('the operation that made NaN first is named, with its place and its group', () => {
  expect(() => detectAnomaly(() => leaf([1, -1]).log().exp().sum())).toThrow(GraphError);
  expect(() => detectAnomaly(() => cg.group('encoder', () => leaf([1, -1]).log().exp().sum()))).toThrow(
    /^log: made NaN out of numbers; called at .*anomaly\.test\.ts:\d+:\d+\)? \[in encoder\]$/,
  );
  expect(leaf([1, -1]).log().exp().sum().item()).toBeNaN();
});

test('NaN that was given is not blamed on the operation', () => {
  expect(() => detectAnomaly(() => leaf([1, Number.NaN]).mul(2))).toThrow(/^mul: input 0 holds NaN already; called at/);
});

test('NaN in a gradient names the pull-back, and where the operation was called', () => {
  const x = leaf([0, 1]);
  // The root has slope infinity at 0, which the product turns into 0 times infinity.
  const run = (): void =>
    x
      .sqrt()
      .mul(tensor([0, 1]))
      .sum()
      .backward();
  expect(() => detectAnomaly(run)).toThrow(
    /^backward: the pull-back of sqrt to input 0 made NaN; called at .*anomaly\.test\.ts/,
  );
  const y = x
    .sqrt()
    .mul(tensor([0, 1]))
    .sum();
  expect(() => detectAnomaly(() => y.backward())).toThrow(
    'backward: the pull-back of sqrt to input 0 made NaN; run the forward pass inside detectAnomaly too, to see where it was called',
  );
});

test('infinities are let through', () => {
  expect(detectAnomaly(() => leaf([0]).log().item())).toBe(Number.NEGATIVE_INFINITY);
});
