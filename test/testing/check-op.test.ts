/** @file The properties that checkOp asks of an operation hold for small operations as for large ones. */
import { expect, test } from 'vitest';
import { defineOp, type Tensor, tensor } from '../../src/index.js';
import { opProperties, type TensorFunction } from '../../src/testing/index.js';

const SIZES = [1e-18, 1e-6, 1, 1e6];
const x = (): Tensor => tensor([0.5, -1.5], { dtype: 'float64' });

/** The product of two tensors times a size, with pull-backs of one's own. */
const product = (size: number, left: (g: Tensor, b: Tensor) => Tensor, right = left): TensorFunction => {
  const op = defineOp<readonly [Tensor, Tensor]>({
    name: 'product',
    formula: 'c = s a b',
    localDerivative: ['', ''],
    forward: ([a, b]) => a.mul(b).mul(size),
    pullBack: [(g, { inputs: [, b] }) => left(g.mul(size), b), (g, { inputs: [a] }) => right(g.mul(size), a)],
  });
  return (a, b) => op([a!, b!]);
};

test.each(SIZES)('a pull-back that is not linear is found, in an operation of size %d', (size) => {
  const run = (pull: (g: Tensor, b: Tensor) => Tensor): void =>
    opProperties.pullBack(product(size, pull), [x(), x()], {});
  expect(() => run((g, b) => g.abs().mul(b))).toThrow(/the pull-back of input 0 is not linear: off by/);
  expect(() => run((g, b) => g.mul(g).mul(b))).toThrow(/is not linear/);
  expect(() => run((g, b) => g.mul(b))).not.toThrow();
});

test.each(SIZES)('an input given twice gets both gradients, in an operation of size %d', (size) => {
  // It takes a tensor that comes twice for one that comes once.
  const forgetful: TensorFunction = (a, b) => (a === b ? a!.mul(b!.detach()) : a!.mul(b!)).mul(size);
  expect(() => opProperties.aliasing(forgetful, [x(), x()], { name: 'forgetful' })).toThrow(
    /checkOp: forgetful: an input given twice gets a gradient that is off by/,
  );
  expect(() =>
    opProperties.aliasing(
      product(size, (g, b) => g.mul(b)),
      [x(), x()],
      {},
    ),
  ).not.toThrow();
});
