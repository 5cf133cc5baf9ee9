/** @file The types of tensors and their methods. */
import { expect, expectTypeOf, test } from 'vitest';
import {
  type BackwardOptions,
  type DType,
  type Method,
  type NestedArray,
  ones,
  type Shape,
  type Tensor,
  type TypedArray,
  tensor,
} from '../../src/index.js';
import type * as ops from '../../src/ops/index.js';

/** The operations whose first argument is the tensor that they belong to. */
type Functions = Omit<typeof ops, 'concat' | 'stack' | 'where'>;

test('every operation is a method: the function without its first argument', () => {
  expectTypeOf<Pick<Tensor, keyof Functions>>().toEqualTypeOf<{
    [Name in keyof Functions]: Method<Functions[Name]>;
  }>();
  expectTypeOf<Method<(x: Tensor, axis: number) => string>>().toEqualTypeOf<(axis: number) => string>();
});

test('methods take what their functions take', () => {
  expectTypeOf<Tensor['mul']>().toEqualTypeOf<(b: Tensor | number) => Tensor>();
  expectTypeOf<Tensor['relu']>().toEqualTypeOf<() => Tensor>();
  expectTypeOf<Tensor['matmul']>().toEqualTypeOf<(b: Tensor, options?: ops.MatmulOptions) => Tensor>();
  expectTypeOf<Tensor['sum']>().toEqualTypeOf<(options?: ops.ReduceOptions) => Tensor>();
  expectTypeOf<Tensor['reshape']>().toEqualTypeOf<(shape: Shape) => Tensor>();
  expectTypeOf<Tensor['cast']>().toEqualTypeOf<(dtype: DType) => Tensor>();
  expectTypeOf<Tensor['clamp']>().toEqualTypeOf<(bounds: ops.ClampOptions) => Tensor>();
  expectTypeOf<Tensor['gather']>().toEqualTypeOf<(index: Tensor, options?: ops.AxisOptions) => Tensor>();
  expectTypeOf<Tensor['split']>().returns.toEqualTypeOf<Tensor[]>();
});

test('the methods that are written out put their tensor where it belongs', () => {
  expectTypeOf<Tensor['where']>().toEqualTypeOf<(condition: Tensor, other: Tensor | number) => Tensor>();
  for (const join of [ones([2]).concat, ones([2]).stack]) {
    expectTypeOf(join).parameters.toEqualTypeOf<
      [others: readonly Tensor[], options?: { readonly axis?: number } | undefined]
    >();
    expectTypeOf(join).returns.toEqualTypeOf<Tensor>();
  }
  expectTypeOf<Tensor['backward']>().toEqualTypeOf<
    (gradient?: Tensor | BackwardOptions, options?: BackwardOptions) => void
  >();
});

test('options are optional, and each of them is of its own type', () => {
  expectTypeOf<ops.ReduceOptions>().toEqualTypeOf<{
    readonly axis?: number | readonly number[];
    readonly keepDims?: boolean;
  }>();
  expectTypeOf<ops.MatmulOptions>().toEqualTypeOf<{ readonly transposeA?: boolean; readonly transposeB?: boolean }>();
});

test('a chain of methods keeps its types to the end', () => {
  const a = ones([2, 3], { requiresGrad: true });
  const loss = a
    .matmul(ones([2, 3]), { transposeB: true })
    .add(1)
    .relu()
    .softmax({ axis: 0 })
    .sum({ axis: [0, 1] });
  expectTypeOf(loss).toEqualTypeOf<Tensor>();
  expectTypeOf(loss.item()).toEqualTypeOf<number>();
  loss.backward();
  expectTypeOf(a.grad).toEqualTypeOf<Tensor | null>();
  expect(a.grad!.shape).toEqual([2, 3]);
  const [first] = a.split(1, { axis: 1 });
  expectTypeOf(first).toEqualTypeOf<Tensor | undefined>();
});

test('numbers come out as numbers, at once or awaited', async () => {
  const x = tensor([[1, 2]]);
  expectTypeOf(x.toArray()).toEqualTypeOf<NestedArray>();
  expectTypeOf(x.dataSync()).toEqualTypeOf<TypedArray>();
  expectTypeOf(x.data()).resolves.toEqualTypeOf<TypedArray>();
  expectTypeOf(x.shape).toEqualTypeOf<readonly number[]>();
  expectTypeOf(x.dtype).toEqualTypeOf<'float32' | 'float64' | 'int32'>();
  expect(await x.data()).toEqual(Float32Array.of(1, 2));
});
