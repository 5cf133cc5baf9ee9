/**
 * @file The arguments of a step: trees whose leaves are tensors, arrays of numbers and plain values.
 */

import { Tensor } from '../autograd/tensor.js';
import { isTypedArray, type TypedArray } from '../dtype.js';
import { CompileError } from '../errors.js';
import { isPlainObject } from '../leaves.js';
import { sameShape } from '../shape.js';

/** How to get to a leaf: keys and indices. */
export type Path = readonly (string | number)[];

const identities = new WeakMap<object, number>();
let identified = 0;

/** A number for an object, the same each time. */
export function identityOf(value: object): number {
  const identity = identities.get(value) ?? ++identified;
  identities.set(value, identity);
  return identity;
}

/** Whether a value is an array of numbers: how many it has belongs to the kind of a call, which they are does not. */
export function isNumbers(value: unknown): value is number[] | TypedArray {
  if (isTypedArray(value)) return true;
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'number');
}

/** What is in an array or a plain object, by index or name; null for objects of other kinds. */
export function entriesOf(value: object): [string | number, unknown][] | null {
  if (Array.isArray(value)) return [...value.entries()];
  return isPlainObject(value) ? Object.entries(value) : null;
}

/** The error of a gradient that would flow through what was computed before the step. */
export function refuseGraph(op: string, what: string, { node }: Tensor): CompileError {
  return new CompileError(
    op,
    `${what} is computed by ${node?.rule.name}: no gradient flows out of a plan`,
    'pass detach(), or compute it inside the step',
  );
}

/** A text that calls of one kind share. */
export function describeCall(args: readonly unknown[]): string {
  const paths = new Map<object, Path>();
  const read = (value: unknown, path: Path): string => {
    if (typeof value === 'string') return JSON.stringify(value);
    if (typeof value === 'function') return `function ${identityOf(value)}`;
    if (typeof value !== 'object' || value === null) {
      return Object.is(value, -0) ? '-0' : `${typeof value} ${String(value)}`;
    }
    // The same tensor given twice is not the same call as two tensors.
    const first = paths.get(value);
    if (first !== undefined) return `same as ${first.join('.')}`;
    paths.set(value, path);
    if (Tensor.isTensor(value)) {
      value.checkLive('compile');
      if (value.node !== null) throw refuseGraph('compile', `argument ${path.join('.')}`, value);
      // A parameter is not what a plain tensor is: the step may ask.
      const kind = identityOf(Object.getPrototypeOf(value));
      return `tensor ${kind} ${value.dtype} [${value.shape.join()}] ${identityOf(value.device)} ${value.requiresGrad}`;
    }
    if (isNumbers(value)) return `${value.constructor.name} ${value.length}`;
    const entries = entriesOf(value);
    if (entries === null) return `object ${identityOf(value)}`;
    const parts = entries.map(([name, item]) => `${JSON.stringify(name)}: ${read(item, [...path, name])}`);
    return Array.isArray(value) ? `[${parts.join()}]` : `{${parts.join()}}`;
  };
  return args.map((arg, i) => read(arg, [i])).join('; ');
}

/** Whether a call is of the kind that another was, told without a text. */
export type Matcher = (args: readonly unknown[]) => boolean;

/** A matcher for calls like this one, where that is told fast: arguments that are tensors, arrays of numbers and plain values; null for others. */
export function matcherOf(args: readonly unknown[]): Matcher | null {
  const matchers: ((value: unknown) => boolean)[] = [];
  for (const value of args) {
    if (Tensor.isTensor(value)) matchers.push(likeTensor(value));
    else if (isNumbers(value)) {
      const { constructor: type, length } = value;
      matchers.push((other) => isNumbers(other) && other.constructor === type && other.length === length);
    } else if (typeof value !== 'object' || value === null) matchers.push((other) => Object.is(other, value));
    else return null;
  }
  const matches: Matcher = (others) => {
    if (others.length !== args.length) return false;
    for (let i = 0; i < matchers.length; i++) if (!matchers[i]!(others[i])) return false;
    return areDistinct(others);
  };
  return areDistinct(args) ? matches : null;
}

/** Whether a leaf is of the kind that another is. */
export function likeTensor(tensor: Tensor): (value: unknown) => boolean {
  const { shape, dtype, device, requiresGrad } = tensor;
  const kind: unknown = Object.getPrototypeOf(tensor);
  return (other) => {
    if (!Tensor.isTensor(other)) return false;
    other.checkLive('compile');
    return (
      Object.getPrototypeOf(other) === kind &&
      other.node === null &&
      other.dtype === dtype &&
      other.device === device &&
      other.requiresGrad === requiresGrad &&
      sameShape(other.shape, shape)
    );
  };
}

/** Whether no object comes twice. */
function areDistinct(args: readonly unknown[]): boolean {
  for (let i = 0; i < args.length; i++) {
    if (typeof args[i] !== 'object') continue;
    for (let j = 0; j < i; j++) if (args[i] === args[j]) return false;
  }
  return true;
}

/** The leaf that a path leads to. */
export function leafAt(args: readonly unknown[], path: Path): unknown {
  let value: unknown = args;
  for (const key of path) value = (value as Record<string | number, unknown>)[key];
  return value;
}
