/**
 * @file What the losses ask of their arguments, in one voice.
 */
import { tensor } from '../autograd/create.js';
import { asPair } from '../autograd/elementwise.js';
import { checkTensors, requireValues } from '../autograd/op.js';
import { Tensor } from '../autograd/tensor.js';
import { checkChoice, checkPositive, positiveError } from '../checks.js';
import type { NumberArray } from '../dtype.js';
import { ArgumentError, DTypeError, ShapeError } from '../errors.js';
import { mul } from '../ops/arithmetic.js';
import { reshape } from '../ops/layout.js';
import { mean, sum } from '../ops/reduce.js';
import { formatShape, sameShape } from '../shape.js';

/** Class or pair labels: an `int32` tensor, whole numbers in a plain or typed array, or true and false for 1 and 0. */
export type Labels = Tensor | readonly (number | boolean)[] | NumberArray;

/** How a loss per row becomes the result: their mean (the default), their sum, or as they are. */
export type Reduction = 'mean' | 'sum' | 'none';

/** What a batch loss does when no pair, triplet or positive exists at all. */
export type OnEmpty = 'error' | 'zero';

/** Throws a {@link ShapeError} unless every tensor is `[N, D]` of one shape, with N at least `least`. */
export function checkRows(op: string, tensors: readonly Tensor[], least = 1): void {
  checkTensors(op, tensors);
  const first = tensors[0]!;
  const shapes = tensors.map((t) => formatShape(t.shape)).join(' and ');
  if (tensors.some((t) => t.rank !== 2 || !sameShape(t.shape, first.shape))) {
    throw new ShapeError(
      op,
      `needs ${tensors.length > 1 ? 'embeddings of one shape [N, D]' : 'embeddings [N, D]'}, got ${shapes}`,
    );
  }
  for (const other of tensors.slice(1)) asPair(op, first, other);
  if (first.shape[0]! < least) {
    throw new ArgumentError(op, `needs at least ${least} rows, got ${first.shape[0]}`);
  }
}

/** Labels as an `int32` tensor of shape `[count]`, checked where their values are at hand. */
export function asLabels(
  op: string,
  labels: Labels,
  like: Tensor,
  { binary = false }: { readonly binary?: boolean } = {},
): Tensor {
  const count = like.shape[0]!;
  const given = Tensor.isTensor(labels) ? labels : tensor(labels, { dtype: 'int32', device: like.device });
  if (given.dtype !== 'int32')
    throw new DTypeError(op, `labels must be int32, got ${given.dtype}`, "use cast(labels, 'int32')");
  if (!sameShape(given.shape, [count])) {
    throw new ShapeError(op, `needs one label for each of the ${count} rows, got shape ${formatShape(given.shape)}`);
  }
  if (binary) {
    requireValues(
      given,
      { test: 'between', low: 0, high: 1 },
      (value, row) => new ArgumentError(op, `labels must be 0 or 1, got ${value} at row ${row}`),
    );
  }
  return given;
}

/** A temperature: a positive number, or a tensor of one element that may be learned, as a scalar: it adds no axes. */
export function asTemperature(op: string, value: number | Tensor): number | Tensor {
  if (Tensor.isTensor(value)) {
    if (value.size !== 1) {
      throw new ShapeError(
        op,
        `temperature must be a number or a scalar tensor, got shape ${formatShape(value.shape)}`,
      );
    }
    requireValues(value, { test: 'positive' }, (actual) => positiveError(op, 'temperature', actual));
    return value.rank === 0 ? value : reshape(value, []);
  }
  checkPositive(op, 'temperature', value);
  return value;
}

/** The loss per row, reduced. */
export function reduceLoss(op: string, rows: Tensor, reduction: Reduction): Tensor {
  checkChoice(op, 'reduction', reduction, ['mean', 'sum', 'none']);
  return reduction === 'none' ? rows : (reduction === 'mean' ? mean : sum)(rows);
}

/** Throws an {@link ArgumentError} unless an option says what a batch without anything to compare does. */
export function checkOnEmpty(op: string, onEmpty: OnEmpty): void {
  checkChoice(op, 'onEmpty', onEmpty, ['error', 'zero']);
}

/** Answers a batch in which nothing exists to compare: an error, or 0 with a gradient of 0. */
export function emptyLoss(op: string, embeddings: Tensor, onEmpty: OnEmpty, missing: string): Tensor {
  if (onEmpty === 'zero') return mul(sum(embeddings), 0);
  throw nothingExists(op, missing);
}

/** The error of a batch in which nothing exists to compare. */
export function nothingExists(op: string, missing: string): ArgumentError {
  return new ArgumentError(op, `the batch has no ${missing}`, "sample other rows, or pass { onEmpty: 'zero' }");
}
