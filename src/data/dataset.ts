/**
 * @file Labelled rows, as plain typed arrays.
 */
import { ArgumentError } from '../errors.js';

/** Labelled rows of features. */
export interface Dataset {
  /** Row-major, `[count, size]`. */
  readonly features: Float32Array;
  /** The number of rows. */
  readonly count: number;
  /** The number of features of a row. */
  readonly size: number;
  /** For each row the index of its class. */
  readonly labels: Int32Array;
  /** The name of each class. */
  readonly classes: readonly string[];
}

/** The named rows of row-major features, one after another. */
export function gatherRows({ features, size }: Dataset, rows: readonly number[]): Float32Array {
  const out = new Float32Array(rows.length * size);
  rows.forEach((row, i) => {
    out.set(features.subarray(row * size, (row + 1) * size), i * size);
  });
  return out;
}

/** Shift and scale of every feature, fitted on one data set and applied to others. */
export interface Standardisation {
  /** The mean of each feature. */
  readonly mean: Float64Array;
  /** The standard deviation of each feature; 1 where a feature is constant. */
  readonly scale: Float64Array;
}

/**
 * The mean and the standard deviation of every feature.
 *
 * @throws `ArgumentError` on a data set without rows.
 */
export function fitStandardisation({ features, count, size }: Dataset): Standardisation {
  if (count === 0) throw new ArgumentError('fitStandardisation', 'needs at least one row, got none');
  const mean = new Float64Array(size);
  const scale = new Float64Array(size);
  for (let i = 0; i < features.length; i++) mean[i % size]! += features[i]! / count;
  for (let i = 0; i < features.length; i++) scale[i % size]! += (features[i]! - mean[i % size]!) ** 2 / count;
  return { mean, scale: scale.map((variance) => (variance > 0 ? Math.sqrt(variance) : 1)) };
}

/** The data set with every feature shifted and scaled. */
export function standardise(dataset: Dataset, { mean, scale }: Standardisation): Dataset {
  const { features, size } = dataset;
  if (mean.length !== size) {
    throw new ArgumentError('standardise', `must be fitted on ${size} features, got ${mean.length}`);
  }
  return { ...dataset, features: features.map((value, i) => (value - mean[i % size]!) / scale[i % size]!) };
}
