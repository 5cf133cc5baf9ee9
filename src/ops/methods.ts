/**
 * @file Joins the operations to `Tensor` as methods: `a.matmul(b).relu().sum()`. This file has a side effect: whoever
 * imports it has the methods.
 */
import { backward } from '../autograd/backward.js';
import { checkTensors } from '../autograd/op.js';
import { Tensor } from '../autograd/tensor.js';
import { ArgumentError } from '../errors.js';
import { formatShape } from '../shape.js';
import type { Operand } from './arithmetic.js';
import * as ops from './index.js';
import type { JoinOptions } from './layout.js';

/**
 * A function of a tensor as a method: its first argument becomes `this`.
 *
 * @typeParam Fn - The type of the function.
 */
export type Method<Fn> = Fn extends (first: infer _, ...rest: infer Rest) => infer Out ? (...rest: Rest) => Out : never;

/** The operations where they are written, and not where they are exported again: there their documentation stands. */
type Written = typeof import('../autograd/linear.js') &
  typeof import('./activation.js') &
  typeof import('./arithmetic.js') &
  typeof import('./comparison.js') &
  typeof import('./distance.js') &
  typeof import('./indexing.js') &
  typeof import('./layout.js') &
  typeof import('./matmul.js') &
  typeof import('./reduce.js') &
  typeof import('./transcendental.js') &
  typeof import('./windows.js');

/** All but those whose first argument is not the tensor that they belong to: their methods are written out. */
type Joined = Pick<Written, Exclude<keyof typeof ops, 'concat' | 'stack' | 'where'>>;

/** Every operation of a tensor, as a method: see the function of the same name. */
export type TensorMethods = { [Name in keyof Joined]: Method<Joined[Name]> };

declare module '../autograd/tensor.js' {
  interface Tensor extends TensorMethods {
    /** Accumulates the gradient of this tensor in every leaf that it was computed from: see {@link backward}. */
    backward: Method<typeof backward>;
    /** This tensor and others of its kind along an axis: `concat([this, ...others], options)`. */
    concat(others: readonly Tensor[], options?: JoinOptions): Tensor;
    /** This tensor and others of its shape along a new axis: `stack([this, ...others], options)`. */
    stack(others: readonly Tensor[], options?: JoinOptions): Tensor;
    /** This tensor where the condition is not 0, `other` elsewhere: `where(condition, this, other)`. */
    where(condition: Tensor, other: Operand): Tensor;
    /** Its parts along the first axis, one after another; gradients flow back from them. A scalar cannot be iterated. */
    [Symbol.iterator](): IterableIterator<Tensor>;
  }
}

function join(name: string | symbol, method: (this: Tensor, ...rest: never[]) => unknown): void {
  Object.defineProperty(Tensor.prototype, name, { configurable: true, writable: true, value: method });
}

/** The method of an operation that joins a tensor and others. */
const joining = (op: 'concat' | 'stack') => (x: Tensor, others: readonly Tensor[], options?: JoinOptions) => {
  checkTensors(op, others);
  return ops[op]([x, ...others], options);
};

const methods: Record<string, (first: Tensor, ...rest: never[]) => unknown> = {
  ...ops,
  backward,
  concat: joining('concat'),
  stack: joining('stack'),
  where: (x, condition: Tensor, other: Operand) => ops.where(condition, x, other),
};

for (const [name, fn] of Object.entries(methods)) {
  join(name, function (this: Tensor, ...rest: never[]) {
    if (rest.length >= fn.length) {
      throw new ArgumentError(name, `arguments: takes ${fn.length - 1}, got ${rest.length}`);
    }
    return fn(this, ...rest);
  });
}

function* parts(this: Tensor): IterableIterator<Tensor> {
  const [length = 0, ...shape] = this.shape;
  for (let i = 0; i < length; i++) yield ops.reshape(ops.slice(this, { starts: [i], ends: [i + 1] }), shape);
}
// What is no list must not look like one: comparing two scalars part by part would find no difference.
Object.defineProperty(Tensor.prototype, Symbol.iterator, {
  configurable: true,
  get(this: Tensor) {
    return this.rank === 0 ? undefined : parts;
  },
});

/** In consoles of Node, Deno and Bun a tensor is its numbers, or why they cannot be shown now. */
join(Symbol.for('nodejs.util.inspect.custom'), function (this: Tensor) {
  try {
    return this.toString();
  } catch (error) {
    return `tensor(shape: ${formatShape(this.shape)}, dtype: ${this.dtype}: ${(error as Error).message})`;
  }
});
