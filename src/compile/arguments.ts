/**
 * @file The arguments and results of a step: trees whose leaves are tensors, arrays of numbers and plain values.
 */

import { Tensor } from '../autograd/tensor.js';
import type { Storage } from '../devices/device.js';
import { isTypedArray } from '../dtype.js';
import { CompileError } from '../errors.js';
import { isPlainObject } from '../leaves.js';
import { sameShape } from '../shape.js';

/** How to get to a leaf: keys and indices. */
export type Path = readonly (string | number)[];

/** What the arguments of a call are made of. */
export interface ArgumentTree {
  /** Equal for calls that one plan can answer. */
  readonly key: string;
  /** Each tensor and array of numbers, with its path; what comes twice has the first one. */
  readonly values: ReadonlyMap<unknown, Path>;
}

const identities = new WeakMap<object, number>();
let identified = 0;

/** A number for an object, the same each time. */
export function identityOf(value: object): number {
  const identity = identities.get(value) ?? ++identified;
  identities.set(value, identity);
  return identity;
}

const isNumbers = (value: unknown): value is number[] =>
  Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'number');

/** Reads the arguments of a call. */
export function readArguments(args: readonly unknown[]): ArgumentTree {
  const values = new Map<unknown, Path>();
  const storages = new Map<Storage, Path>();
  const read = (value: unknown, path: Path): string => {
    if (typeof value !== 'object' || value === null) {
      return typeof value === 'function' ? `function ${identityOf(value)}` : `${typeof value} ${String(value)}`;
    }
    // The same tensor given twice is not the same call as two tensors.
    const first = values.get(value);
    if (first !== undefined) return `same as ${first.join('.')}`;
    if (value instanceof Tensor) {
      if (value.node !== null) {
        throw new CompileError(
          'compile',
          `argument ${path.join('.')} is computed by ${value.node.rule.name}: no gradient flows out of a plan`,
          'pass detach(), or compute it inside the step',
        );
      }
      values.set(value, path);
      const twin = storages.get(value.storage);
      storages.set(value.storage, path);
      return `tensor${twin ? ` like ${twin.join('.')}` : ''} ${value.dtype} [${value.shape.join()}] ${identityOf(value.device)} ${value.requiresGrad} ${value.requiresGrad && value.grad !== null}`;
    }
    if (isTypedArray(value)) {
      values.set(value, path);
      return `${value.constructor.name} ${value.length}`;
    }
    if (Array.isArray(value)) {
      values.set(value, path);
      if (isNumbers(value)) return `numbers ${value.length}`;
      return `[${value.map((item, i) => read(item, [...path, i])).join()}]`;
    }
    if (!isPlainObject(value)) return `object ${identityOf(value)}`;
    return `{${Object.keys(value)
      .sort()
      .map((name) => `${name}: ${read(value[name], [...path, name])}`)
      .join()}}`;
  };
  const key = args.map((arg, i) => read(arg, [i])).join('; ');
  return { key, values };
}

/** Whether a call is of the kind that another was, told without a key. */
export type Matcher = (args: readonly unknown[]) => boolean;

/**
 * A matcher for calls like this one, where that is told fast: arguments that are tensors with numbers of their own, arrays of numbers
 * and plain values; null for others.
 */
export function matcherOf(args: readonly unknown[]): Matcher | null {
  const matchers: ((value: unknown) => boolean)[] = [];
  for (const value of args) {
    if (value instanceof Tensor) matchers.push(likeTensor(value));
    else if (isTypedArray(value)) {
      const { constructor: type, length } = value;
      matchers.push((other) => isTypedArray(other) && other.constructor === type && other.length === length);
    } else if (isNumbers(value)) {
      const { length } = value;
      matchers.push((other) => isNumbers(other) && other.length === length);
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

function likeTensor(tensor: Tensor): (value: unknown) => boolean {
  const { shape, dtype, device, requiresGrad } = tensor;
  const hasGradient = tensor.peek()[1] !== null;
  return (other) =>
    other instanceof Tensor &&
    other.node === null &&
    other.dtype === dtype &&
    other.device === device &&
    other.requiresGrad === requiresGrad &&
    (!requiresGrad || (other.peek()[1] !== null) === hasGradient) &&
    sameShape(other.shape, shape);
}

/** Whether no two arguments share their numbers. */
function areDistinct(args: readonly unknown[]): boolean {
  const own = (value: unknown): unknown => (value instanceof Tensor ? value.peek()[0] : value);
  for (let i = 0; i < args.length; i++) {
    if (typeof args[i] !== 'object') continue;
    for (let j = 0; j < i; j++) if (own(args[i]) === own(args[j])) return false;
  }
  return true;
}

/** The leaf that a path leads to. */
export function leafAt(args: readonly unknown[], path: Path): unknown {
  let value: unknown = args;
  for (const key of path) value = (value as Record<string | number, unknown>)[key];
  return value;
}
