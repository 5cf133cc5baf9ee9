/** @file The losses and their gradients in closed form, in plain numbers: what autograd is held against, and lessons show. */
export {
  batchContrastiveGradient,
  batchTripletGradient,
  type ContrastiveFormOptions,
  contrastiveGradient,
  type TripletFormOptions,
  tripletGradient,
} from './distance-losses.js';
export {
  infoNCEGradient,
  mutualInformationGradient,
  ntXentGradient,
  type ScoreFormOptions,
  type SupConFormOptions,
  supConGradient,
} from './score-losses.js';
export type { ClosedForm, PairForce } from './vectors.js';
