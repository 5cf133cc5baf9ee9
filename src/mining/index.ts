/** @file Pairs and triplets as lists, and what is wrong with a batch. */
export { allPairs, allTriplets, type MineOptions, mineTriplets, type Pairs, type Triplets } from './pairs.js';
export {
  type BatchProblem,
  type BatchReport,
  type ValidateOptions,
  validateBatch,
} from './validate.js';
