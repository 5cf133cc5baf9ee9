/** @file The small batches that losses are explained on. */
import type { ExplainSettings } from './settings.js';

/** Points in the plane. */
export type Points = readonly (readonly number[])[];

/** The built-in batches: no two points coincide, no hinge is at its kink. */
export const BATCHES: Readonly<Record<ExplainSettings['loss'], Readonly<Record<string, Points>>>> = {
  contrastive: {
    a: [
      [0.9, 0.3],
      [0.2, 0.8],
      [-0.5, 0.4],
    ],
    b: [
      [0.6, 0.7],
      [0.8, 0.3],
      [0.6, -0.2],
    ],
  },
  triplet: {
    a: [
      [0.9, 0.3],
      [0.2, 0.8],
      [-0.5, 0.4],
    ],
    p: [
      [0.6, 0.7],
      [0.4, 0.5],
      [-0.3, 0.2],
    ],
    n: [
      [0.8, -0.1],
      [-0.4, 0.6],
      [0.6, -0.3],
    ],
  },
  infonce: {
    q: [
      [0.9, 0.3],
      [0.2, 0.8],
      [-0.5, 0.4],
    ],
    k: [
      [0.7, 0.6],
      [0.5, 0.9],
      [-0.8, 0.1],
    ],
  },
  mi: {
    l: [
      [0.9, 0.3],
      [0.2, 0.8],
      [-0.5, 0.4],
    ],
    g: [
      [0.7, 0.6],
      [0.5, 0.9],
      [-0.8, 0.1],
    ],
  },
};

/** Whether each pair of the contrastive batch is the same. */
export const LABELS: readonly number[] = [1, 0, 0];
