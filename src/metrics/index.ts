/** @file What an embedding is worth. */
export { kMeans, normalizedMutualInformation } from './clusters.js';
export { type KnnOptions, knnAccuracy, type LabelledPoints } from './knn.js';
export {
  meanAveragePrecisionAtR,
  meanReciprocalRank,
  precisionAtOne,
  type Retrieval,
  recallAtK,
  rPrecision,
} from './retrieval.js';
export { alignment, effectiveRank, featureDeviation, type Points, uniformity } from './spread.js';
export {
  calibrateThreshold,
  type EqualError,
  type ErrorRates,
  equalErrorRate,
  errorRates,
  type RocCurve,
  rocAuc,
  rocCurve,
  type Threshold,
} from './verification.js';
