/** @file The types of compiled steps: those of the function, however its arguments and its result are nested. */
import { expect, expectTypeOf, test } from 'vitest';
import { type CompiledStep, compile, type Plan, type Tensor, tensor } from '../../src/index.js';

const x = tensor([1, 2]);

test('a compiled step takes what the step takes, and returns what it returns', () => {
  const step = compile((a: Tensor, b: Float32Array, factor?: number) =>
    a
      .mul(factor ?? 2)
      .sum()
      .add(b.length),
  );
  expectTypeOf(step).toEqualTypeOf<CompiledStep<[a: Tensor, b: Float32Array, factor?: number], Tensor>>();
  expectTypeOf(step).parameters.toEqualTypeOf<[a: Tensor, b: Float32Array, factor?: number | undefined]>();
  expectTypeOf(step(x, Float32Array.of(1))).toEqualTypeOf<Tensor>();
  expect(step(x, Float32Array.of(1)).item()).toBe(7);
});

test('tuples, objects and what is nested in them keep their types', () => {
  interface Batch {
    readonly views: readonly [Tensor, Tensor];
    readonly labels: readonly number[];
  }
  const step = compile(({ views: [a, b], labels }: Batch) => {
    const loss = a.sub(b).square().mean();
    return { loss, parts: [a, { twice: b.mul(2) }] as const, count: labels.length };
  });
  expectTypeOf(step).parameter(0).toEqualTypeOf<Batch>();
  const result = step({ views: [x, tensor([2, 4])], labels: [0, 1] });
  expectTypeOf(result.loss).toEqualTypeOf<Tensor>();
  expectTypeOf(result.parts).toEqualTypeOf<readonly [Tensor, { readonly twice: Tensor }]>();
  expectTypeOf(result.count).toEqualTypeOf<number>();
  expect(result.parts[1].twice.toArray()).toEqual([4, 8]);
});

test('a list of any length, and no result at all', () => {
  const sums = compile((...all: Tensor[]) => all.map((one) => one.sum()));
  expectTypeOf(sums).parameters.toEqualTypeOf<Tensor[]>();
  expectTypeOf(sums).returns.toEqualTypeOf<Tensor[]>();
  expect(sums(x, tensor([3])).map((one) => one.item())).toEqual([3, 3]);
  expectTypeOf(compile(() => {})).toEqualTypeOf<CompiledStep<[], void>>();
});

test('the plan is there after a call, and is only read', () => {
  const step = compile((a: Tensor) => a.add(1));
  expectTypeOf(step.plan).toEqualTypeOf<Plan | null>();
  expectTypeOf(step.dispose).toEqualTypeOf<() => void>();
  expect(step.plan).toBeNull();
});
