/** @file What embeddings are worth, measured on rows that took no part in training. */
import { balancedPairs, type Dataset, rowShape, type Standardisation, standardise } from '../data/index.js';
import type { Device } from '../devices/device.js';
import { ArgumentError, Generator, metrics, type nn, noGrad, scope, tensor } from '../index.js';

const PAIRS = 8000;
const NEIGHBOURS = 3;
/** How many rows go through an encoder at once. */
const AT_ONCE = 512;
/** How many multiplications a nearest-neighbour figure may cost before rows are left out. */
const BUDGET = 1e10;
/** How many rows are searched among each other, at most. */
const SEARCHED = 1000;

/** By what points are compared. */
export type Metric = 'euclidean' | 'cosine';

/** Row-major points with their labels. */
export interface Points {
  readonly points: ArrayLike<number>;
  readonly labels: Int32Array;
}

/** The rows of a data set as they are. */
export const pointsOf = ({ features, labels }: Dataset): Points => ({ points: features, labels });

/**
 * The embeddings of every row of a data set, with its labels, as the encoder gives them in use: in evaluation mode.
 *
 * @param standardisation - Of rows that came as they are; null where they are standardised already.
 */
export async function embedded(
  encoder: nn.Module,
  data: Dataset,
  device: Device,
  standardisation: Standardisation | null,
): Promise<Points> {
  const { features, count, size, labels } = data;
  const shape = rowShape(data);
  const { training } = encoder;
  encoder.eval();
  try {
    let out = new Float32Array(0);
    for (let from = 0; from < count; from += AT_ONCE) {
      const came = { ...data, features: features.subarray(from * size, (from + AT_ONCE) * size) };
      const part = (standardisation === null ? came : standardise(came, standardisation)).features;
      const z = scope(() =>
        noGrad(() => encoder.forward(tensor(part, { shape: [part.length / size, ...shape], device }))),
      );
      const numbers = (await z.data()) as Float32Array;
      const width = (numbers.length * size) / part.length;
      if (from === 0) out = new Float32Array(count * width);
      out.set(numbers, from * width);
    }
    return { points: out, labels };
  } finally {
    encoder.train(training);
  }
}

/** Points as a metric sees them: brought to length 1 for cosines, since distances then rank as they do. */
export function seenBy(metric: Metric, { points, labels }: Points): Points {
  if (metric === 'euclidean') return { points, labels };
  const size = points.length / labels.length;
  const out = Float64Array.from(points);
  for (let at = 0; at < out.length; at += size) {
    let square = 0;
    for (let t = at; t < at + size; t++) square += out[t]! ** 2;
    const length = Math.sqrt(square) || 1;
    for (let t = at; t < at + size; t++) out[t]! /= length;
  }
  return { points: out, labels };
}

/** The points that have a class. */
function labelledOnly({ points, labels }: Points): Points {
  const rows = [...labels.keys()].filter((row) => labels[row]! >= 0);
  return rows.length === labels.length ? { points, labels } : chosen({ points, labels }, rows);
}

function chosen({ points, labels }: Points, rows: readonly number[]): Points {
  const size = points.length / labels.length;
  const out = new Float64Array(rows.length * size);
  rows.forEach((row, i) => {
    for (let t = 0; t < size; t++) out[i * size + t] = points[row * size + t]!;
  });
  return { points: out, labels: Int32Array.from(rows, (row) => labels[row]!) };
}

/** Random rows, always the same ones, in rising order. */
export function someRows(count: number, most: number): readonly number[] {
  return new Generator(0)
    .permutation(count)
    .slice(0, most)
    .sort((a, b) => a - b);
}

/** Some of the points, chosen at random, always the same ones. */
export function thinned({ points, labels }: Points, most: number): Points {
  if (labels.length <= most) return { points, labels };
  return chosen({ points, labels }, someRows(labels.length, most));
}

/** An accuracy by nearest neighbours, and on how many rows among how many it was measured. */
export interface Neighbours {
  readonly k: number;
  readonly accuracy: number;
  readonly queries: number;
  readonly references: number;
}

/**
 * The accuracy of the three nearest neighbours, on rows that have a class; of large sets on a random part.
 *
 * @throws `ArgumentError` where no row has a class.
 */
export function nearest(all: Points, probes: Points): Neighbours {
  const [gallery, tested] = [labelledOnly(all), labelledOnly(probes)];
  if (gallery.labels.length === 0) throw new ArgumentError('3-NN', 'needs rows that have a class');
  const size = tested.points.length / tested.labels.length;
  const work = gallery.labels.length * tested.labels.length * size;
  const share = Math.sqrt(Math.min(1, BUDGET / work));
  const [references, queries] = [gallery, tested].map((points) =>
    thinned(points, Math.ceil(points.labels.length * share)),
  ) as [Points, Points];
  const k = Math.min(NEIGHBOURS, references.labels.length);
  return {
    k,
    accuracy: metrics.knnAccuracy(references, queries, { k }),
    queries: queries.labels.length,
    references: references.labels.length,
  };
}

/** Pairs of points with their scores: minus the distance. */
export interface ScoredPairs {
  readonly scores: readonly number[];
  readonly same: readonly number[];
}

/** Random pairs, as many of one class as of two. */
export function scoredPairs({ points, labels }: Points, seed: number): ScoredPairs {
  const pairs = balancedPairs(labels, { count: PAIRS, generator: new Generator(seed) });
  const size = points.length / labels.length;
  const scores = pairs.a.map((a, i) => {
    let distance = 0;
    for (let t = 0; t < size; t++) distance += (points[a * size + t]! - points[pairs.b[i]! * size + t]!) ** 2;
    return -Math.sqrt(distance);
  });
  return { scores, same: pairs.same };
}

/** Area under the ROC curve and equal error rate over pairs of points. */
export function pairFigures(points: Points, seed: number): { auc: number; error: number } {
  const { scores, same } = scoredPairs(points, seed);
  return { auc: metrics.rocAuc(scores, same), error: metrics.equalErrorRate(scores, same).rate };
}

/** How points find their like among the others. */
export interface RetrievalFigures {
  readonly precisionAtOne: number;
  readonly recallAt5: number;
  readonly rPrecision: number;
  readonly meanAveragePrecisionAtR: number;
  readonly meanReciprocalRank: number;
  /** How many points there were. */
  readonly points: number;
}

/** Retrieval among the points themselves; of many, a random thousand. */
export function retrievalFigures(points: Points): RetrievalFigures {
  const references = thinned(labelledOnly(points), SEARCHED);
  return {
    precisionAtOne: metrics.precisionAtOne({ references }),
    recallAt5: metrics.recallAtK({ references }, { k: 5 }),
    rPrecision: metrics.rPrecision({ references }),
    meanAveragePrecisionAtR: metrics.meanAveragePrecisionAtR({ references }),
    meanReciprocalRank: metrics.meanReciprocalRank({ references }),
    points: references.labels.length,
  };
}

/** A threshold of the distance, and what it is worth on other pairs. */
export interface Verification {
  /** Two points that are nearer than this are taken to be of one class. */
  readonly distance: number;
  /** The share of test pairs that are then told right. */
  readonly accuracy: number;
  readonly falseAccepts: number;
  readonly falseRejects: number;
}

/** Sets the threshold on pairs of some points, and measures it on pairs of others. */
export function calibrated(known: Points, tested: Points, seed: number): Verification {
  const calibration = scoredPairs(known, seed);
  const { threshold } = metrics.calibrateThreshold(calibration.scores, calibration.same);
  const { scores, same } = scoredPairs(tested, seed);
  let [accepted, rejected, genuine] = [0, 0, 0];
  scores.forEach((score, i) => {
    genuine += same[i]!;
    if (score >= threshold && same[i] === 0) accepted++;
    if (score < threshold && same[i] === 1) rejected++;
  });
  return {
    distance: -threshold,
    accuracy: 1 - (accepted + rejected) / same.length,
    falseAccepts: accepted / (same.length - genuine),
    falseRejects: rejected / genuine,
  };
}

/** The figure, or null where the rows cannot give it: one class only, or none with two rows. */
export function orNull<T>(figure: () => T): T | null {
  try {
    return figure();
  } catch (error) {
    if (error instanceof ArgumentError) return null;
    throw error;
  }
}
