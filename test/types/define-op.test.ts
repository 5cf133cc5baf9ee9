/** @file The types of operations of one's own: inputs as a tuple, a pull-back for each, attributes where there are any. */
import { expect, expectTypeOf, test } from 'vitest';
import {
  type Call,
  defineOp,
  nonDifferentiable,
  type Op,
  type PullBack,
  type Rule,
  type Tensor,
  tensor,
} from '../../src/index.js';

type Pair = readonly [Tensor, Tensor];

const scaledOp = defineOp<Pair, { readonly by: number }>({
  name: 'scaled',
  formula: 'y = k m x',
  localDerivative: [String.raw`\bar x \mathrel{+}= k m \bar y`, '0'],
  forward([x, mask], { by }) {
    expectTypeOf(x).toEqualTypeOf<Tensor>();
    expectTypeOf(by).toEqualTypeOf<number>();
    return x.mul(mask).mul(by);
  },
  pullBack: [
    (g, call) => {
      expectTypeOf(g).toEqualTypeOf<Tensor>();
      expectTypeOf(call).toEqualTypeOf<Call<Pair, { readonly by: number }>>();
      expectTypeOf(call.inputs[1]).toEqualTypeOf<Tensor>();
      return g.mul(call.inputs[1]).mul(call.attributes.by);
    },
    nonDifferentiable,
  ],
});

test('an operation is called with its inputs as a tuple, and its attributes', () => {
  expectTypeOf(scaledOp).toEqualTypeOf<Op<Pair, { readonly by: number }>>();
  expectTypeOf(scaledOp).parameters.toEqualTypeOf<[inputs: Pair, attributes: { readonly by: number }]>();
  const x = tensor([1, 2], { requiresGrad: true });
  const y = scaledOp([x, tensor([1, 0])], { by: 3 });
  expectTypeOf(y).toEqualTypeOf<Tensor>();
  y.sum().backward();
  expect(x.grad!.toArray()).toEqual([3, 0]);
});

test('an operation without attributes takes none', () => {
  const negOp = defineOp<readonly [Tensor]>({
    name: 'negated',
    formula: 'y = -x',
    localDerivative: [String.raw`\bar x \mathrel{-}= \bar y`],
    forward: ([x]) => x.neg(),
    pullBack: [(g) => g.neg()],
  });
  expectTypeOf(negOp).toEqualTypeOf<Op<readonly [Tensor], undefined>>();
  expectTypeOf(negOp).parameters.toEqualTypeOf<[inputs: readonly [Tensor]]>();
  expect(negOp([tensor([1])]).toArray()).toEqual([-1]);
});

test('an operation of any number of inputs has one pull-back that is told which', () => {
  const totalOp = defineOp<readonly Tensor[]>({
    name: 'total',
    formula: 'y = x_1 + x_2 + …',
    localDerivative: String.raw`\bar x_i \mathrel{+}= \bar y`,
    forward: (inputs) => inputs.reduce((sum, x) => sum.add(x)),
    pullBack(g, call, index) {
      expectTypeOf(call.inputs).toEqualTypeOf<readonly Tensor[]>();
      expectTypeOf(index).toEqualTypeOf<number>();
      return g;
    },
  });
  expectTypeOf(totalOp).parameters.toEqualTypeOf<[inputs: readonly Tensor[]]>();
  expect(totalOp([tensor([1]), tensor([2]), tensor([3])]).toArray()).toEqual([6]);
});

test('a rule has one line of TeX and one pull-back for each input', () => {
  type Own = PullBack<Pair, undefined> | 'nonDifferentiable';
  type All = (g: Tensor, call: Call<Pair, undefined>, index: number) => Tensor;
  expectTypeOf<Rule<Pair, undefined>['pullBack']>().toEqualTypeOf<readonly [Own, Own] | All>();
  expectTypeOf<Rule<Pair, undefined>['localDerivative']>().toEqualTypeOf<readonly [string, string] | string>();
});
