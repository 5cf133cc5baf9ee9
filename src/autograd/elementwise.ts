/**
 * @file What elementwise operations share: numbers as operands, matching types, broadcasting.
 */
import { type ArithmeticOp, type ComparisonOp, integerMaps, isComparison, type MapOp } from '../devices/device.js';
import { convert, isFloat } from '../dtype.js';
import { ArgumentError, DTypeError } from '../errors.js';
import { broadcastShapes, broadcastStrides } from '../shape.js';
import { checkTensor, defineOp, launch, type Op, place } from './op.js';
import type { nonDifferentiable, PullBack, Rule, Tensor } from './tensor.js';

/** A tensor, or a number that takes the type and device of the tensor beside it. */
export type Operand = Tensor | number;

/** Two inputs. */
export type Pair = readonly [Tensor, Tensor];

/** The hint on an `int32` tensor that should be of floats. */
export const TO_FLOAT = "use cast(x, 'float32')";

/** A number as a scalar of `like`'s type, on its device. */
export function scalarLike(op: string, value: number, like: Tensor): Tensor {
  return place(op, like.device, like.dtype, convert(op, like.dtype, [value], TO_FLOAT), []);
}

/**
 * Two operands as tensors of one type.
 *
 * @throws {@link ArgumentError} when both are numbers.
 * @throws {@link DTypeError} when the types differ.
 */
export function asPair(op: string, a: Operand, b: Operand): Pair {
  if (typeof a === 'number' && typeof b === 'number') {
    throw new ArgumentError(op, `needs at least one tensor, got the numbers ${a} and ${b}`);
  }
  if (typeof a !== 'number') checkTensor(op, a);
  if (typeof b !== 'number') checkTensor(op, b, 'input 1');
  const pair = [
    typeof a === 'number' ? scalarLike(op, a, b as Tensor) : a,
    typeof b === 'number' ? scalarLike(op, b, a as Tensor) : b,
  ] as const;
  checkSameDType(op, pair);
  return pair;
}

/** Throws a {@link DTypeError} when the inputs are of different types. */
export function checkSameDType(op: string, inputs: readonly Tensor[]): void {
  const dtype = inputs[0]!.dtype;
  const other = inputs.find((input) => input.dtype !== dtype);
  if (other !== undefined) {
    const wanted = isFloat(dtype) ? dtype : other.dtype;
    throw new DTypeError(op, `types differ: ${dtype} and ${other.dtype}`, `use cast(x, '${wanted}')`);
  }
}

/** Throws a {@link DTypeError} unless the input is of a float type. */
export function checkFloat(op: string, x: Tensor): void {
  checkTensor(op, x);
  if (!isFloat(x.dtype)) throw new DTypeError(op, `needs a float type, got ${x.dtype}`, TO_FLOAT);
}

/** An elementwise operation of one tensor, by the kernel of its name; of float types unless that takes `int32` too. */
export function unary(
  name: MapOp,
  formula: string,
  localDerivative: string,
  pullBack: PullBack<readonly [Tensor], undefined> | typeof nonDifferentiable,
): Op<readonly [Tensor], undefined> {
  return defineOp<readonly [Tensor]>({
    name,
    formula,
    localDerivative: [localDerivative],
    forward([x]) {
      if (!integerMaps.has(name)) checkFloat(this.name, x);
      return launch(this.name, 'map', [x], { op: name, size: x.size }, x);
    },
    pullBack: [pullBack],
  });
}

/** An elementwise operation of two tensors that broadcast: its rule without what all of them share. */
export function binary(
  name: string,
  {
    kernel,
    ...rule
  }: Omit<Rule<Pair, undefined>, 'name' | 'forward' | 'broadcasts'> & {
    readonly kernel: ArithmeticOp | ComparisonOp;
  },
): Op<Pair, undefined> {
  return defineOp<Pair>({
    name,
    ...rule,
    broadcasts: true,
    forward([a, b]) {
      const shape = broadcastShapes(name, a.shape, b.shape);
      const strides = [broadcastStrides(a.shape, shape), broadcastStrides(b.shape, shape)] as const;
      const dtype = isComparison(kernel) ? 'int32' : a.dtype;
      return launch(name, 'zip', [a, b], { op: kernel, shape, strides }, { shape, dtype });
    },
  });
}
