/** @file The types of modules and of what trains them. */
import { expect, expectTypeOf, test } from 'vitest';
import { nn, ones, optim, type Tensor } from '../../src/index.js';

/** A module that takes and returns one tensor. */
class Twice extends nn.Module {
  readonly inner = new nn.Linear(2, 2);

  override forward(x: Tensor): Tensor {
    return this.inner.forward(this.inner.forward(x));
  }
}

test('a layer takes a tensor and returns one', () => {
  expectTypeOf<nn.Linear['forward']>().toEqualTypeOf<(x: Tensor) => Tensor>();
  expectTypeOf(new nn.Sequential(new nn.ReLU(), new Twice()).forward(ones([1, 2]))).toEqualTypeOf<Tensor>();
});

test('a module of one own is one among others: it moves, trains and evaluates as itself', () => {
  const twice = new Twice();
  expectTypeOf(twice).toExtend<nn.Module>();
  expectTypeOf(twice.eval().train()).toEqualTypeOf<Twice>();
  expectTypeOf(twice.to).returns.toEqualTypeOf<Twice>();
  expect(twice.forward(ones([1, 2])).shape).toEqual([1, 2]);
});

test('parameters go into an optimizer as they come out of a module', () => {
  const twice = new Twice();
  expectTypeOf(twice.parameters()).toExtend<readonly Tensor[]>();
  expectTypeOf(twice.stateDict()).toEqualTypeOf<nn.StateDict>();
  expect(new optim.SGD(twice.parameters(), { lr: 0.1 }).lr).toBeCloseTo(0.1);
});
