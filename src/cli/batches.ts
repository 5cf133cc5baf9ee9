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

/** Draws a batch of the data set and returns its loss. */
export type BatchLoss = (encoder: nn.Module, generator: Generator) => Tensor;

/** The loss of one batch, as the settings ask for it. */
export function batchLoss(data: Dataset, settings: Settings, device: Device): BatchLoss {
  const { loss, classes, perClass } = settings;
  const rows = (indices: readonly number[]): Tensor =>
    tensor(gatherRows(data, indices), { shape: [indices.length, data.size], device });
  const sampled = (generator: Generator): { z: Tensor; labels: number[] } => {
    const indices = classBatch(data.labels, { classes, perClass, generator });
    return { z: rows(indices), labels: indices.map((row) => data.labels[row]!) };
  };

  if (loss === 'contrastive') {
    return (encoder, generator) => {
      const { z, labels } = sampled(generator);
      const options = { margin: settings.margin ?? 1, average: 'nonZeroPerKind' } as const;
      return batchContrastiveLoss(encoder.forward(z), labels, options);
    };
  }
  if (loss === 'triplet') {
    return (encoder, generator) => {
      const { z, labels } = sampled(generator);
      const options = { margin: settings.margin ?? 0.5, average: 'violating', squared: false } as const;
      return batchTripletLoss(encoder.forward(z), labels, options);
    };
  }
  if (loss === 'infonce') {
    return (encoder, generator) => {
      const indices = classBatch(data.labels, {
        classes: settings.batch ?? data.classes.length,
        perClass: 2,
        generator,
      });
      const every = (offset: number): number[] => indices.filter((_, i) => i % 2 === offset);
      const options = { temperature: settings.temperature ?? 0.1 };
      return infoNCELoss(encoder.forward(rows(every(0))), encoder.forward(rows(every(1))), options);
    };
  }
  if (data.count < 2) throw new ArgumentError('train', `needs at least 2 rows, got ${data.count}`);
  return (encoder, generator) => {
    const count = Math.min(settings.batch ?? classes * perClass, data.count);
    const batch = gatherRows(data, generator.permutation(data.count).slice(0, count));
    const view = (): Tensor =>
      encoder.forward(
        tensor(addNoise(batch, settings.noise, generator), { shape: [count, data.size], device }),
      );
    return mutualInformationLoss(view(), view(), { temperature: settings.temperature ?? 1 });
  };
}
