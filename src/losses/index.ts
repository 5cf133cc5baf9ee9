/** @file The losses. */
export type { Labels, OnEmpty, Reduction } from './arguments.js';
export {
  type BatchContrastiveOptions,
  batchContrastiveLoss,
  type ContrastiveOptions,
  contrastiveLoss,
} from './contrastive.js';
export {
  type InfoNCEOptions,
  infoNCELoss,
  type MutualInformationOptions,
  mutualInformationLoss,
} from './info-nce.js';
export { type BatchTripletOptions, batchTripletLoss, type TripletOptions, tripletLoss } from './triplet.js';
