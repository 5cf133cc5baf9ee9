/** @file One training batch and its loss, for each loss that the command knows. */
import type { Tensor } from '../autograd/tensor.js';
import { addNoise, classBatch, type Dataset, gatherRows } from '../data/index.js';
import type { Device } from '../devices/device.js';
import {
  ArgumentError,
  batchContrastiveLoss,
  batchTripletLoss,
  type Generator,
  infoNCELoss,
  mutualInformationLoss,
  type nn,
  tensor,
} from '../index.js';
import type { Settings } from './settings.js';

const BATCH = 80;
const CLASSES = 10;

/** The batches of a run. */
export interface Batches {
  /** How many rows one has. */
  readonly size: number;
  /** Draws a batch and returns its loss. */
  loss(encoder: nn.Module, generator: Generator): Tensor;
}

/** The batches that the settings ask for. */
export function batchesOf(data: Dataset, settings: Settings, device: Device): Batches {
  const rows = (indices: readonly number[]): Tensor =>
    tensor(gatherRows(data, indices), { shape: [indices.length, data.size], device });
  if (settings.loss === 'infonce') return pairBatches(data, settings, rows);
  if (settings.loss === 'mi') return viewBatches(data, settings, device);
  return classBatches(data, settings, rows);
}

type Rows = (indices: readonly number[]) => Tensor;

/** P classes with K rows of each, and the loss of all their pairs or triplets. */
function classBatches(data: Dataset, settings: Settings, rows: Rows): Batches {
  const { batch, classes = CLASSES, margin } = settings;
  const perClass = settings.perClass ?? (batch === undefined ? BATCH / CLASSES : batch / classes);
  if (batch !== undefined && (batch !== classes * perClass || !(perClass >= 2 && Number.isInteger(perClass)))) {
    throw new ArgumentError(
      '--batch',
      `must be --classes x --per-class, at least 2 of each, got ${batch} for ${classes} x ${settings.perClass ?? '?'}`,
    );
  }
  return {
    size: Math.min(classes, data.classes.length) * perClass,
    loss(encoder, generator) {
      const indices = classBatch(data.labels, { classes, perClass, generator });
      const labels = indices.map((row) => data.labels[row]!);
      const z = encoder.forward(rows(indices));
      return settings.loss === 'contrastive'
        ? batchContrastiveLoss(z, labels, { margin: margin ?? 1, average: 'nonZeroPerKind' })
        : batchTripletLoss(z, labels, { margin: margin ?? 0.5, average: 'violating', squared: false });
    },
  };
}

/** Two rows of each class: query and positive. */
function pairBatches(data: Dataset, settings: Settings, rows: Rows): Batches {
  const { batch = 2 * data.classes.length, temperature = 0.1 } = settings;
  if (batch % 2 !== 0) throw new ArgumentError('--batch', `must be even with --loss infonce, got ${batch}`);
  return {
    size: Math.min(batch, 2 * data.classes.length),
    loss(encoder, generator) {
      const indices = classBatch(data.labels, { classes: batch / 2, perClass: 2, generator });
      const every = (offset: number): number[] => indices.filter((_, i) => i % 2 === offset);
      return infoNCELoss(encoder.forward(rows(every(0))), encoder.forward(rows(every(1))), { temperature });
    },
  };
}

/** Two noisy views of each of some rows: local and global. */
function viewBatches(data: Dataset, settings: Settings, device: Device): Batches {
  const { noise = 0.3, temperature = 1 } = settings;
  if (data.count < 2) throw new ArgumentError('train', `needs at least 2 rows, got ${data.count}`);
  const size = Math.min(settings.batch ?? BATCH, data.count);
  return {
    size,
    loss(encoder, generator) {
      const batch = gatherRows(data, generator.permutation(data.count).slice(0, size));
      const view = (): Tensor =>
        encoder.forward(tensor(addNoise(batch, noise, generator), { shape: [size, data.size], device }));
      return mutualInformationLoss(view(), view(), { temperature });
    },
  };
}
