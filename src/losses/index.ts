/** @file The losses. */
export type { Labels, OnEmpty, Reduction } from './arguments.js';
export {
  type BatchContrastiveOptions,
  batchContrastiveLoss,
  type ContrastiveDistanceOptions,
  type ContrastiveOptions,
  type ContrastiveTerms,
  contrastiveLoss,
  contrastiveLossFromDistance,
} from './contrastive.js';
export { type Conventions, conventions } from './conventions.js';
export { type InfoNCEOptions, infoNCELoss, type NTXentOptions, ntXentLoss } from './info-nce.js';
export type { Distance, MeasureOptions } from './measures.js';
export { type MemoryBank, type MemoryBankOptions, memoryBank } from './memory-bank.js';
export {
  type MutualInformationOptions,
  mutualInformationBound,
  mutualInformationLoss,
} from './mutual-information.js';
export { type NPairOptions, nPairLoss } from './n-pair.js';
export { type SupConOptions, supConLoss } from './sup-con.js';
export {
  type BatchTripletOptions,
  batchTripletLoss,
  type Mining,
  type TripletOptions,
  type TripletTerms,
  tripletLoss,
} from './triplet.js';
