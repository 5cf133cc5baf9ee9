/** @file One training batch and its loss, for each loss that the command knows. */
import type { Tensor } from '../autograd/tensor.js';
import { type Augmentation, augmentRows, classBatch, type Dataset, gatherRows } from '../data/index.js';
import { type Diagnosis, diagnose } from '../explain/index.js';
import {
  ArgumentError,
  type BatchContrastiveOptions,
  type BatchTripletOptions,
  batchContrastiveLoss,
  batchTripletLoss,
  type Generator,
  infoNCELoss,
  mutualInformationLoss,
  ntXentLoss,
  slice,
  supConLoss,
} from '../index.js';
import { type Settings, viewsOf } from './settings.js';

const BATCH = 80;
const CLASSES = 10;

/** The numbers of a batch. */
export interface Batch {
  /** Row-major, `[count, size]`; where the loss compares two views, first all of the one, then all of the other. */
  readonly features: Float32Array;
  readonly count: number;
  /** What the loss goes by. */
  readonly labels: Int32Array;
}

/** The batches of a run. */
export interface Batches {
  /** How many rows one has, where no class is short of rows. */
  readonly size: number;
  /** Draws a batch. */
  draw(generator: Generator): Batch;
}

/**
 * The batches that the settings ask for.
 *
 * @param augment - What is done to each row that is drawn.
 * @throws `ArgumentError` when the batch does not fit the loss, or the rows give no such batch.
 */
export function batchesOf(data: Dataset, settings: Settings, augment: Augmentation | null): Batches {
  const gather: Gather = (rows, generator) =>
    augment === null ? gatherRows(data, rows) : augmentRows(data, rows, augment, generator);
  if (viewsOf(settings) === 'augmented') return viewBatches(data, settings, gather);
  return comparesViews(settings) ? pairBatches(data, settings, gather) : classBatches(data, settings, gather);
}

type Gather = (rows: readonly number[], generator: Generator) => Float32Array;

/** Whether a loss compares one half of its batch with the other. */
const comparesViews = ({ loss }: Settings): boolean => loss === 'infonce' || loss === 'mi' || loss === 'ntxent';

/** P classes with K rows of each. */
function classBatches(data: Dataset, settings: Settings, gather: Gather): Batches {
  const { batch, classes = CLASSES } = settings;
  const perClass = settings.perClass ?? (batch === undefined ? BATCH / CLASSES : batch / classes);
  if (batch !== undefined && (batch !== classes * perClass || !(perClass >= 2 && Number.isInteger(perClass)))) {
    throw new ArgumentError(
      '--batch',
      `must be --classes x --per-class, at least 2 of each, got ${batch} for ${classes} x ${settings.perClass ?? '?'}`,
    );
  }
  return {
    size: Math.min(classes, data.classes.length) * perClass,
    draw(generator) {
      const rows = classBatch(data.labels, { classes, perClass, generator });
      const labels = Int32Array.from(rows, (row) => data.labels[row]!);
      return { features: gather(rows, generator), count: rows.length, labels };
    },
  };
}

/** Two rows of each class. */
function pairBatches(data: Dataset, settings: Settings, gather: Gather): Batches {
  const { batch = 2 * data.classes.length } = settings;
  if (batch % 2 !== 0) throw new ArgumentError('--batch', `must be even with --loss ${settings.loss}, got ${batch}`);
  return {
    size: Math.min(batch, 2 * data.classes.length),
    draw(generator) {
      const drawn = classBatch(data.labels, { classes: batch / 2, perClass: 2, generator });
      const rows = [0, 1].flatMap((offset) => drawn.filter((_, i) => i % 2 === offset));
      const labels = Int32Array.from(rows, (row) => data.labels[row]!);
      return { features: gather(rows, generator), count: rows.length, labels };
    },
  };
}

/** Two views of each of some rows; a row is a class of its own. */
function viewBatches(data: Dataset, settings: Settings, gather: Gather): Batches {
  if (data.count < 2) throw new ArgumentError('train', `needs at least 2 rows, got ${data.count}`);
  const size = Math.min(settings.batch ?? BATCH, data.count);
  return {
    size,
    draw(generator) {
      const drawn = generator.permutation(data.count).slice(0, size);
      const rows = [...drawn, ...drawn];
      return { features: gather(rows, generator), count: rows.length, labels: Int32Array.from(rows) };
    },
  };
}

interface LossOptions {
  readonly contrastive: BatchContrastiveOptions;
  readonly triplet: BatchTripletOptions;
  readonly warmth: { readonly temperature?: number };
}

/** The options of each loss, as the settings have them. */
function optionsOf({ margin, temperature, mining = 'all' }: Settings): LossOptions {
  return {
    contrastive: { margin: margin ?? 1, average: 'nonZeroPerKind' },
    triplet: { margin: margin ?? 0.5, average: 'violating', squared: false, mining },
    warmth: temperature === undefined ? {} : { temperature },
  };
}

/** The two halves of a batch's embeddings. */
function halvesOf(z: Tensor): [Tensor, Tensor] {
  const half = z.shape[0]! / 2;
  return [slice(z, { ends: [half] }), slice(z, { starts: [half] })];
}

/** The loss of a batch's embeddings. */
export function lossOf(settings: Settings, z: Tensor, labels: Int32Array): Tensor {
  const { contrastive, triplet, warmth } = optionsOf(settings);
  switch (settings.loss) {
    case 'contrastive':
      return batchContrastiveLoss(z, labels, contrastive);
    case 'triplet':
      return batchTripletLoss(z, labels, triplet);
    case 'supcon':
      return supConLoss(z, labels, warmth);
    case 'infonce':
      return infoNCELoss(...halvesOf(z), warmth);
    case 'ntxent':
      return ntXentLoss(...halvesOf(z), warmth);
    case 'mi':
      return mutualInformationLoss(...halvesOf(z), warmth);
  }
}

/** What is wrong with a batch's embeddings, in the eyes of the loss. */
export function diagnosisOf(settings: Settings, z: Tensor, labels: Int32Array): Diagnosis {
  const { contrastive, triplet, warmth } = optionsOf(settings);
  switch (settings.loss) {
    case 'contrastive':
      return diagnose(batchContrastiveLoss, [z, labels], contrastive);
    case 'triplet':
      return diagnose(batchTripletLoss, [z, labels], triplet);
    case 'supcon':
      return diagnose(supConLoss, [z, labels], warmth);
    case 'infonce':
      return diagnose(infoNCELoss, halvesOf(z), warmth);
    case 'ntxent':
      return diagnose(ntXentLoss, halvesOf(z), warmth);
    case 'mi':
      return diagnose(mutualInformationLoss, halvesOf(z), warmth);
  }
}
