/** @file The types of the losses: what they take, and their options. */
import { expect, expectTypeOf, test } from 'vitest';
import {
  type BatchTripletOptions,
  type ContrastiveOptions,
  contrastiveLoss,
  conventions,
  type Distance,
  type InfoNCEOptions,
  infoNCELoss,
  type Labels,
  type NumberArray,
  type OnEmpty,
  type Reduction,
  type Tensor,
  type TripletOptions,
  tensor,
  tripletLoss,
} from '../../src/index.js';
import type * as losses from '../../src/losses/index.js';

/** The losses, without what makes options or a queue of rows. */
type Losses = Omit<typeof losses, 'conventions' | 'memoryBank'>;

test('every loss takes tensors first, and returns a tensor', () => {
  expectTypeOf<Losses[keyof Losses]>().parameter(0).toEqualTypeOf<Tensor>();
  expectTypeOf<Losses[keyof Losses]>().returns.toEqualTypeOf<Tensor>();
});

test('labels are an int32 tensor, or whole numbers, or true and false', () => {
  expectTypeOf(contrastiveLoss).parameter(2).toEqualTypeOf<Labels>();
  expectTypeOf<Labels>().toEqualTypeOf<Tensor | readonly (number | boolean)[] | NumberArray>();
});

test('options come last, and may be left out', () => {
  expectTypeOf(contrastiveLoss).parameters.toEqualTypeOf<
    [a: Tensor, b: Tensor, labels: Labels, options?: ContrastiveOptions | undefined]
  >();
  expectTypeOf(tripletLoss).parameters.toEqualTypeOf<
    [anchor: Tensor, positive: Tensor, negative: Tensor, options?: TripletOptions | undefined]
  >();
});

test('a choice among options is a union of their names', () => {
  expectTypeOf<Reduction>().toEqualTypeOf<'mean' | 'sum' | 'none'>();
  expectTypeOf<OnEmpty>().toEqualTypeOf<'error' | 'zero'>();
  expectTypeOf<Distance>().toEqualTypeOf<
    'euclidean' | 'squaredEuclidean' | 'cosine' | 'dot' | { readonly p: number }
  >();
  expectTypeOf<BatchTripletOptions>().toHaveProperty('mining');
  expectTypeOf<InfoNCEOptions['temperature']>().toEqualTypeOf<number | Tensor | undefined>();
});

test('a convention is options of the loss that it is for', () => {
  expectTypeOf(conventions.infoNCE.articleFormula).toEqualTypeOf<InfoNCEOptions>();
  const rows = tensor([
    [0, 0],
    [1, 1],
  ]);
  const value = infoNCELoss(rows, rows, { ...conventions.infoNCE.articleFormula, reduction: 'none' });
  expect(value.shape).toEqual([2]);
});
