/** @file What an embedding is worth. */
export { type KnnOptions, knnAccuracy, type LabelledPoints } from './knn.js';
export { type EqualError, equalErrorRate, rocAuc } from './verification.js';
