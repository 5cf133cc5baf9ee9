/** @file What functions of data are handed, checked in words: data sets, generators, the options of loaders. */
import { describe } from '../checks.js';
import { checkElements } from '../dtype.js';
import { ArgumentError } from '../errors.js';

/** Throws an {@link ArgumentError} unless a value has the parts of a data set. */
export function checkDataset(op: string, data: unknown): void {
  const { features, count, size } = (data ?? {}) as { features?: unknown; count?: unknown; size?: unknown };
  if (ArrayBuffer.isView(features) && typeof count === 'number' && typeof size === 'number') return;
  throw new ArgumentError(op, `needs a data set, got ${describe(data)}`, hintOn(data));
}

const hintOn = (value: unknown): string | undefined => {
  if (value instanceof Promise) return 'await it';
  return Array.isArray(value) ? 'datasetOf makes one of rows' : undefined;
};

/** Throws an {@link ArgumentError} unless labels are a list, and a `DTypeError` unless it is one of whole numbers. */
export function checkLabels(op: string, labels: unknown): void {
  if (labels instanceof Int32Array) return;
  if (ArrayBuffer.isView(labels) || Array.isArray(labels)) {
    checkElements(op, 'int32', labels as unknown as ArrayLike<unknown>);
    return;
  }
  const isDataset = typeof labels === 'object' && labels !== null && 'labels' in labels;
  const hint = isDataset ? "pass the data set's labels" : hintOn(labels);
  throw new ArgumentError(op, `needs a list of labels, got ${describe(labels)}`, hint);
}

/** Throws an {@link ArgumentError} unless a value is a generator of random numbers. */
export function checkGenerator(op: string, generator: unknown): void {
  if (typeof (generator as { permutation?: unknown } | null | undefined)?.permutation === 'function') return;
  const hint = 'pass new Generator(seed) of contragrad';
  throw new ArgumentError(op, `generator must be a Generator, got ${describe(generator)}`, hint);
}

/** The options of all loaders: each takes those that it knows, and leaves the others. */
export const LOADER_OPTIONS = {
  label: true,
  group: true,
  drop: true,
  missing: true,
  header: true,
  classes: true,
  shape: true,
  labels: true,
  factor: true,
  size: true,
  channels: true,
  maxPixels: true,
  maxBytes: true,
} as const;
