/**
 * @file The arguments and results of a step: trees whose leaves are tensors, arrays of numbers and plain values.
 */

import { Tensor } from '../autograd/tensor.js';
import type { Storage } from '../devices/device.js';
import { isTypedArray } from '../dtype.js';
import { CompileError } from '../errors.js';
import { isPlainObject } from '../leaves.js';

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
      if (value.length > 0 && value.every((item) => typeof item === 'number')) return `numbers ${value.length}`;
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

/** The leaf that a path leads to. */
export function leafAt(args: readonly unknown[], path: Path): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<string | number, unknown>)[key], args);
}
