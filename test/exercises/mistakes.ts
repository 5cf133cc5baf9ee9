/** @file The typical mistakes of all exercises. */
import type * as Contragrad from '../../src/index.js';
import type { Mistake } from './mistake.js';
import { huber } from './mistakes-in-huber.js';
import { infoNCE, triplet } from './mistakes-in-losses.js';
import { softmax, tanh, unbroadcasting } from './mistakes-in-pull-backs.js';

/** Of each exercise, by the name of what its file exports. */
export const MISTAKES: Readonly<Record<string, (contragrad: typeof Contragrad) => readonly Mistake[]>> = {
  tanhPullBack: () => tanh,
  unbroadcast: () => unbroadcasting,
  softmaxPullBack: () => softmax,
  triplet: () => triplet,
  infoNCE,
  huberOp: huber,
};
