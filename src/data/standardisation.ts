/**
 * @file Shift and scale of features, fitted on training rows and applied to all.
 */
import { checkChoice, describe, readOptions } from '../checks.js';
import { ArgumentError } from '../errors.js';
import { formatShape } from '../shape.js';
import { checkDataset } from './arguments.js';
import { type Dataset, rowShape } from './dataset.js';

/** Shift and scale of every feature, fitted on one data set and applied to others. */
export interface Standardisation {
  /** The mean of each feature. */
  readonly mean: Float64Array;
  /** The standard deviation of each feature; 1 where a feature is constant. */
  readonly scale: Float64Array;
}

/** Options of {@link fitStandardisation}. */
export interface StandardisationOptions {
  /**
   * What has a mean and a scale of its own: each feature, or, for rows of shape `[C, H, W]`, each channel, over all its
   * pixels. Default `'feature'`.
   */
  readonly per?: 'feature' | 'channel';
}

/**
 * The mean and the standard deviation of every feature or channel: `mean = Σ x / n`, `scale = √(Σ (x - mean)² / n)`.
 * Fit it on training rows only, or what it is measured on leaks into what it learns from.
 *
 * @returns Always one number for each feature: a channel's are repeated for each of its pixels.
 * @throws `ArgumentError` on a data set without rows, or for channels of rows whose shape has none.
 */
export function fitStandardisation(dataset: Dataset, options?: StandardisationOptions): Standardisation {
  checkDataset('fitStandardisation', dataset);
  const { per } = readOptions('fitStandardisation', options, { per: 'feature' });
  checkChoice('fitStandardisation', 'per', per, ['feature', 'channel']);
  const { features, count, size } = dataset;
  if (count === 0) throw new ArgumentError('fitStandardisation', 'needs at least one row, got none');
  // Features that share their numbers lie side by side.
  const width = per === 'feature' ? 1 : channelSize(dataset);
  const kinds = size / width;
  const total = count * width;
  const mean = new Float64Array(kinds);
  const variance = new Float64Array(kinds);
  const each = (add: (kind: number, value: number) => void): void => {
    for (let i = 0; i < features.length; ) {
      for (let kind = 0; kind < kinds; kind++) {
        for (const end = i + width; i < end; i++) add(kind, features[i]!);
      }
    }
  };
  each((kind, value) => {
    mean[kind]! += value / total;
  });
  each((kind, value) => {
    variance[kind]! += (value - mean[kind]!) ** 2 / total;
  });
  const spread = (values: Float64Array): Float64Array =>
    Float64Array.from({ length: size }, (_, at) => values[Math.floor(at / width)]!);
  return { mean: spread(mean), scale: spread(variance.map((value) => (value > 0 ? Math.sqrt(value) : 1))) };
}

function channelSize(dataset: Dataset): number {
  const [, height, width, ...rest] = rowShape(dataset);
  if (height === undefined || width === undefined || rest.length > 0) {
    throw new ArgumentError(
      'fitStandardisation',
      `channels need rows of shape [C, H, W], got ${formatShape(rowShape(dataset))}`,
      'load the data with a shape',
    );
  }
  return height * width;
}

/** Options of {@link standardise}. */
export interface StandardiseOptions {
  /** Whether to overwrite the features that are given, which saves a copy of them. Default false. */
  readonly inPlace?: boolean;
}

/**
 * The data set with every feature shifted and scaled: `(x - mean) / scale`.
 *
 * @throws `ArgumentError` when it was fitted on another number of features.
 */
export function standardise(dataset: Dataset, standardisation: Standardisation, options?: StandardiseOptions): Dataset {
  checkDataset('standardise', dataset);
  const { inPlace } = readOptions('standardise', options, { inPlace: false });
  const { mean, scale } = (standardisation ?? {}) as Partial<Standardisation>;
  if (!(mean instanceof Float64Array && scale instanceof Float64Array)) {
    const hint = 'fitStandardisation makes it from the training rows';
    throw new ArgumentError('standardise', `needs mean and scale, got ${describe(standardisation)}`, hint);
  }
  const { features, size } = dataset;
  if (mean.length !== size) {
    throw new ArgumentError('standardise', `rows have ${size} features, but it was fitted on ${mean.length}`);
  }
  const out = inPlace ? features : new Float32Array(features.length);
  for (let row = 0; row < out.length; row += size) {
    for (let at = 0; at < size; at++) out[row + at] = (features[row + at]! - mean[at]!) / scale[at]!;
  }
  return { ...dataset, features: out };
}
