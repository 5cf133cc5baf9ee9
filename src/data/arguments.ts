/** @file What functions of data are handed, checked in words: data sets, generators, the options of loaders. */
import { checkChoice, checkWhole, checkWholes, describe, readOptions, wrong } from '../checks.js';
import { checkElements } from '../dtype.js';
import { ArgumentError } from '../errors.js';

/** Throws an {@link ArgumentError} unless a value has the parts of a data set. */
export function checkDataset(op: string, data: unknown): void {
  const { features, count, size } = (data ?? {}) as { features?: unknown; count?: unknown; size?: unknown };
  if (ArrayBuffer.isView(features) && typeof count === 'number' && typeof size === 'number') return;
  throw new ArgumentError(op, `needs a data set, got ${describe(data)}`, hintOn(data));
}

/** What to do about a value that is close to what is needed. */
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

/** Throws an {@link ArgumentError} unless a value is undefined or a list of texts. */
export function checkTexts(op: string, name: string, list: unknown): void {
  if (list === undefined) return;
  if (!Array.isArray(list)) throw wrong(op, `${name}`, 'a list of texts', list);
  for (let at = 0; at < list.length; at++) {
    if (typeof list[at] === 'string') continue;
    throw new ArgumentError(op, `${name} must be texts, got ${describe(list[at])} at element ${at}`);
  }
}

/** The options that loaders have. */
type LoaderOption =
  | 'label'
  | 'group'
  | 'drop'
  | 'missing'
  | 'header'
  | 'classes'
  | 'shape'
  | 'labels'
  | 'factor'
  | 'size'
  | 'channels'
  | 'maxPixels'
  | 'maxBytes';

/** The options of all loaders, each with what it must be: a loader takes those that it knows, and leaves the others. */
const LOADER_OPTIONS: Readonly<Record<LoaderOption, (op: string, name: string, value: unknown) => void>> = {
  label: (op, name, value) => value === null || checkColumn(op, name, value),
  group: checkColumn,
  drop: checkColumns,
  missing: (op, name, value) => checkChoice(op, name, value, ['drop']),
  header: (op, name, value) => typeof value === 'boolean' || checkChoice(op, name, value, ['auto']),
  classes: checkTexts,
  shape: (op, name, value) => checkWholes(op, name, value as number[], 1),
  labels: () => {},
  factor: (op, name, value) => {
    if (!Number.isFinite(value)) throw wrong(op, `${name}`, 'a finite number', value);
  },
  size: (op, name, value) => checkWholes(op, name, value as number[], 1, 2),
  channels: (op, name, value) => {
    if (value !== 1 && value !== 3) throw wrong(op, `${name}`, '1 or 3', value);
  },
  maxPixels: (op, name, value) => checkWhole(op, name, value),
  maxBytes: (op, name, value) => checkWhole(op, name, value),
};
const NONE = Object.fromEntries(Object.keys(LOADER_OPTIONS).map((name) => [name, undefined]));

/** The options of a loader, checked. */
export function loaderOptions<Options extends object>(
  op: string,
  options: keyof Options extends LoaderOption ? Options | undefined : never,
): Options {
  const read = readOptions<object, object>(op, options, NONE);
  for (const [name, value] of Object.entries(read)) {
    if (value !== undefined) LOADER_OPTIONS[name as LoaderOption](op, name, value);
  }
  return read as Options;
}

function checkColumn(op: string, name: string, value: unknown): void {
  if (typeof value === 'string' || Number.isInteger(value)) return;
  throw wrong(op, `${name}`, "a column's name or position", value);
}

function checkColumns(op: string, name: string, list: unknown): void {
  if (!Array.isArray(list)) throw wrong(op, `${name}`, 'a list of columns', list);
  for (let at = 0; at < list.length; at++) checkColumn(op, `each of ${name}`, list[at]);
}
