/** @file The figures at the end of a run. */
import { balancedPairs, type Dataset } from '../data/index.js';
import type { Device } from '../devices/device.js';
import { Generator, metrics, type nn, noGrad, scope, tensor } from '../index.js';

const PAIRS = 8000;

/** Row-major points with their labels. */
export interface Points {
  readonly points: ArrayLike<number>;
  readonly labels: Int32Array;
}

/** The embeddings of every row. */
export async function embed(encoder: nn.Module, data: Dataset, device: Device): Promise<Points> {
  const z = scope(() =>
    noGrad(() => encoder.forward(tensor(data.features, { shape: [data.count, data.size], device }))),
  );
  return { points: await z.data(), labels: data.labels };
}

/** Area under the ROC curve and equal error rate over pairs of points, by Euclidean distance. */
export function pairFigures({ points, labels }: Points, seed: number): { auc: number; error: number } {
  const pairs = balancedPairs(labels, { count: PAIRS, generator: new Generator(seed) });
  const size = points.length / labels.length;
  const scores = pairs.a.map((a, i) => {
    let distance = 0;
    for (let t = 0; t < size; t++) distance += (points[a * size + t]! - points[pairs.b[i]! * size + t]!) ** 2;
    return -Math.sqrt(distance);
  });
  return { auc: metrics.rocAuc(scores, pairs.same), error: metrics.equalErrorRate(scores, pairs.same).rate };
}
