/**
 * @file Labelled rows, as plain typed arrays.
 */
import { checkNumbers, checkWholes, describe, readOptions, wrong } from '../checks.js';
import { isInt32 } from '../dtype.js';
import { ArgumentError, DataError } from '../errors.js';
import { formatShape, sizeOf } from '../shape.js';
import { checkDataset, checkTexts } from './arguments.js';
import { classify, noClasses } from './classes.js';

/** Labelled rows of features. */
export interface Dataset {
  /** Row-major, `[count, size]`. */
  readonly features: Float32Array;
  /** The number of rows. */
  readonly count: number;
  /** The number of features of a row. */
  readonly size: number;
  /** For each row the index of its class; -1 where it has none. */
  readonly labels: Int32Array;
  /** The name of each class. */
  readonly classes: readonly string[];
  /** The shape of a row, for example `[1, 28, 28]`; `[size]` where it is missing. */
  readonly shape?: readonly number[];
  /** The name of each feature, where there are names. */
  readonly featureNames?: readonly string[];
  /** The name of each row, for example its file, where there are names. */
  readonly sampleNames?: readonly string[];
  /** The name of the label's column, where it has one. */
  readonly labelName?: string;
  /** How many rows of the source were left out since something was missing, where that was asked for. */
  readonly leftOut?: number;
  /** For each row whom it comes from, a subject for example: rows of one group belong to one part of a split. */
  readonly groups?: Int32Array;
}

/** The shape of a row: the data set's `shape`, or `[size]`. */
export function rowShape(data: Dataset): readonly number[] {
  checkDataset('rowShape', data);
  const { shape, size } = data;
  return shape ?? [size];
}

/** Options of {@link datasetOf}. */
export interface DatasetOptions {
  /** The shape of a row. Default `[size]`. */
  readonly shape?: readonly number[];
  /** The classes to use, in order, as another data set had them. Default: the labels in order of appearance. */
  readonly classes?: readonly string[];
  /** The name of each feature. */
  readonly featureNames?: readonly string[];
  /** The name of each row. */
  readonly sampleNames?: readonly string[];
  /** For each row whom it comes from: whole numbers. */
  readonly groups?: ArrayLike<number>;
}

const OPTIONS = {
  shape: undefined,
  classes: undefined,
  featureNames: undefined,
  sampleNames: undefined,
  groups: undefined,
};

/**
 * A data set of rows at hand.
 *
 * @param rows - Arrays of finite numbers, all of one length.
 * @param labels - The class of each row, by name or number. Default: none, all rows have label -1.
 * @throws `ArgumentError` when a list has another length than the rows, or the shape does not fit.
 * @throws `DataError` naming row and feature, when a value is no finite number in `float32`, or a row is longer or
 *   shorter than the first; and when a label is neither name nor number.
 *
 * @example
 * ```ts
 * import { datasetOf } from 'contragrad/data';
 *
 * const rows = [[1, 2], [3, 4], [5, 6]];
 * const { count, size, classes } = datasetOf(rows, ['cat', 'dog', 'cat']);
 * console.log(count, size, classes); // 3 2 [ 'cat', 'dog' ]
 * ```
 */
export function datasetOf(
  rows: readonly ArrayLike<number>[],
  labels?: readonly (string | number)[],
  options?: DatasetOptions,
): Dataset {
  const { classes, shape, groups, featureNames, sampleNames } = readOptions('datasetOf', options, OPTIONS);
  if (!Array.isArray(rows)) throw new ArgumentError('datasetOf', `needs a list of rows, got ${describe(rows)}`);
  for (const [name, list] of Object.entries({ classes, featureNames, sampleNames }))
    checkTexts('datasetOf', name, list);
  const count = rows.length;
  const first: unknown = rows[0];
  const size = isList(first) ? first.length : 0;
  if (size === 0) throw new ArgumentError('datasetOf', 'needs at least one row of at least one feature, got none');
  for (const [name, list] of Object.entries({ labels, groups, sampleNames })) checkOneEach(name, list, count);
  if (featureNames !== undefined && featureNames.length !== size) {
    const got = `got ${featureNames.length} for ${size} features`;
    throw new ArgumentError('datasetOf', `needs one name for each feature, ${got}`);
  }
  const features = featuresOf(rows, size, featureNames);
  checkLabels(labels ?? []);
  checkGroups(groups ?? []);
  const classed =
    labels === undefined
      ? noClasses(count, classes)
      : classify('datasetOf', labels.map(String), (row) => `row ${row}`, classes);
  const base: Dataset = { features, count, size, ...classed };
  return {
    ...(shape === undefined ? base : reshaped('datasetOf', base, shape)),
    ...(featureNames && { featureNames }),
    ...(sampleNames && { sampleNames }),
    ...(groups && { groups: Int32Array.from(groups) }),
  };
}

const isList = (value: unknown): value is ArrayLike<unknown> =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));

function checkOneEach(name: string, list: unknown, count: number): void {
  if (list === undefined) return;
  if (!isList(list)) throw wrong('datasetOf', `${name}`, 'a list', list);
  if (list.length === count) return;
  throw new ArgumentError('datasetOf', `needs one of ${name} for each row, got ${list.length} for ${count} rows`);
}

/** Rows one after another, each of finite numbers and as long as the first. */
function featuresOf(
  rows: readonly ArrayLike<number>[],
  size: number,
  names: readonly string[] | undefined,
): Float32Array {
  const features = new Float32Array(rows.length * size);
  for (let i = 0; i < rows.length; i++) {
    const row: unknown = rows[i];
    if (!isList(row) || row.length !== size) {
      throw new DataError(
        'datasetOf',
        `row ${i}: expected ${size} features, got ${isList(row) ? row.length : describe(row)}`,
      );
    }
    checkNumbers(row, (at, got) => {
      const where = `row ${i}, feature ${names?.[at] ?? at}`;
      return new DataError('datasetOf', `${where}: expected a finite number, got ${got}`);
    });
    features.set(row as ArrayLike<number>, i * size);
  }
  checkFinite('datasetOf', features, size);
  return features;
}

function checkLabels(labels: readonly unknown[]): void {
  for (let i = 0; i < labels.length; i++) {
    if (typeof labels[i] === 'string' || Number.isFinite(labels[i])) continue;
    throw new DataError('datasetOf', `row ${i}: the label must be a name or a number, got ${describe(labels[i])}`);
  }
}

function checkGroups(groups: ArrayLike<unknown>): void {
  for (let i = 0; i < groups.length; i++) {
    if (isInt32(groups[i])) continue;
    const got = `row ${i}: the group must be a whole number, got ${describe(groups[i])}`;
    throw new DataError('datasetOf', got, 'groups go from -2^31 to 2^31 - 1');
  }
}

/**
 * The data set with another shape of its rows.
 *
 * @throws `DataError` naming the data, when the shape has another number of features.
 */
export function reshaped(name: string, data: Dataset, shape: readonly number[]): Dataset {
  checkWholes(name, 'shape', shape, 1);
  if (sizeOf(shape) !== data.size) {
    throw new DataError(
      name,
      `has ${data.size} features, but shape ${formatShape(shape)} needs ${sizeOf(shape)}`,
      'a shape is that of one row',
    );
  }
  return { ...data, shape };
}

/** Refuses features that are not finite, by row and feature. */
export function checkFinite(name: string, features: Float32Array, size: number): void {
  for (let i = 0; i < features.length; i++) {
    if (!Number.isFinite(features[i])) {
      throw new DataError(
        name,
        `row ${Math.floor(i / size)}, feature ${i % size}: expected a finite number, got ${features[i]}`,
      );
    }
  }
}

function checkRows(op: string, count: number, rows: ArrayLike<number>): void {
  if (!isList(rows)) throw new ArgumentError(op, `needs a list of rows, got ${describe(rows)}`);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    if (!(Number.isInteger(row) && row >= 0 && row < count)) {
      throw wrong(op, 'rows', `whole numbers from 0 to ${count - 1}`, row);
    }
  }
}

/**
 * The named rows of row-major features, one after another.
 *
 * @throws `ArgumentError` for a row that is not there.
 */
export function gatherRows(data: Dataset, rows: ArrayLike<number>): Float32Array {
  checkDataset('gatherRows', data);
  const { features, size, count } = data;
  checkRows('gatherRows', count, rows);
  const out = new Float32Array(rows.length * size);
  for (let i = 0; i < rows.length; i++) out.set(features.subarray(rows[i]! * size, (rows[i]! + 1) * size), i * size);
  return out;
}

/**
 * A data set of the named rows only, in their order; the classes stay as they are.
 *
 * @throws `ArgumentError` for a row that is not there.
 */
export function subset(data: Dataset, rows: ArrayLike<number>): Dataset {
  checkDataset('subset', data);
  checkRows('subset', data.count, rows);
  const list = Array.from({ length: rows.length }, (_, i) => rows[i]!);
  return {
    ...data,
    features: gatherRows(data, list),
    count: list.length,
    labels: Int32Array.from(list, (row) => data.labels[row]!),
    ...(data.sampleNames && { sampleNames: list.map((row) => data.sampleNames![row]!) }),
    ...(data.groups && { groups: Int32Array.from(list, (row) => data.groups![row]!) }),
  };
}
