/** @file Calls of the losses, the closed forms, mining and metrics. */
import type { Calls } from './calls.js';

const DISTANCE = "distance: 'euclidean', normalize: false, eps: 1e-6, floor: 0";

/** Calls by function. */
export const LOSS_CALLS: Calls = {
  contrastiveLoss: [
    `contrastiveLoss(q, k, pairLabels, { labelMeans: 'same', reduction: 'mean', margin: 1, half: true, squareTerms: true, ${DISTANCE} })`,
    'contrastiveLoss(q, k, [1, 0, 1, 0])',
  ],
  contrastiveLossFromDistance: [
    "contrastiveLossFromDistance(d, pairLabels, { labelMeans: 'same', reduction: 'none', margin: 1, half: true, squareTerms: true })",
  ],
  batchContrastiveLoss: [
    `batchContrastiveLoss(q, classLabels, { average: 'all', onEmpty: 'zero', margin: 1, half: true, squareTerms: true, ${DISTANCE} })`,
  ],
  tripletLoss: [
    `tripletLoss(q, k, n, { swap: false, reduction: 'mean', margin: 1, squared: false, smooth: false, ${DISTANCE} })`,
  ],
  batchTripletLoss: [
    `batchTripletLoss(q, classLabels, { mining: 'hard', average: 'all', anchors: 'all', onEmpty: 'zero', generator, margin: 1, squared: false, smooth: false, ${DISTANCE} })`,
    'batchTripletLoss(q, [0, 0, 1, 1])',
  ],
  infoNCELoss: [
    "infoNCELoss(q, k, { temperature: 0.1, negatives: n, normalize: true, reduction: 'mean' })",
    'infoNCELoss(q, k, { temperature, negatives: bank })',
    'infoNCELoss(q, k, { symmetric: true })',
  ],
  ntXentLoss: ["ntXentLoss(q, k, { temperature: 0.5, normalize: true, reduction: 'mean' })"],
  mutualInformationBound: [
    "mutualInformationBound(q, k, { estimator: 'dv', temperature: 0.5, normalize: true })",
    "mutualInformationBound(q, k, { estimator: 'infoNCE', symmetric: true })",
  ],
  mutualInformationLoss: [
    "mutualInformationLoss(q, k, { estimator: 'infoNCE', temperature: 0.5, normalize: true, symmetric: true, reduction: 'mean' })",
  ],
  nPairLoss: ['nPairLoss(q, k, { l2: 0.01 })'],
  supConLoss: [
    "supConLoss(q, classLabels, { temperature: 0.1, baseTemperature: 0.07, normalize: true, denominator: 'allPositives', onEmpty: 'zero' })",
    'supConLoss(q, [0, 0, 1, 1])',
  ],
  memoryBank: ["memoryBank({ size: 4, dim: 3, dtype: 'float32', device: cpu })"],
  'MemoryBank#push': ['bank.push(q)'],

  batchContrastiveGradient: ['batchContrastiveGradient(q, classLabels, { margin: 1, half: true })'],
  batchTripletGradient: ['batchTripletGradient(q, [0, 0, 1, 1], { margin: 1, squared: false })'],
  contrastiveGradient: ['contrastiveGradient(q, k, pairLabels, { margin: 1, half: true })'],
  tripletGradient: ['tripletGradient(q, k, n, { margin: 1, squared: false })'],
  infoNCEGradient: ['infoNCEGradient(q, k, { temperature: 0.5, normalize: true })'],
  mutualInformationGradient: ['mutualInformationGradient(q, k, { temperature: 0.5, normalize: true })'],
  ntXentGradient: ['ntXentGradient(q, k, { temperature: 0.5, normalize: true })'],
  supConGradient: ['supConGradient(q, classLabels, { temperature: 0.5, baseTemperature: 0.5, normalize: true })'],

  allPairs: ['allPairs([0, 0, 1, 1])', 'allPairs(classLabels)'],
  allTriplets: ['allTriplets([0, 0, 1, 1])'],
  mineTriplets: ["mineTriplets(q, classLabels, { mining: 'hard', margin: 1, generator })"],
  validateBatch: [
    'validateBatch(q, classLabels, { margin: 1, cosine: true, squared: false, falseNegativeCosine: 0.9 })',
  ],

  'metrics.kMeans': ['metrics.kMeans({ points, count: 4 }, { k: 2, generator })'],
  'metrics.normalizedMutualInformation': ['metrics.normalizedMutualInformation([0, 0, 1], [1, 1, 0])'],
  'metrics.knnAccuracy': ['metrics.knnAccuracy({ points, labels: [0, 0, 1, 1] }, others, { k: 1 })'],
  'metrics.meanAveragePrecisionAtR': ['metrics.meanAveragePrecisionAtR({ references: labelled, queries: others })'],
  'metrics.meanReciprocalRank': ['metrics.meanReciprocalRank({ references: labelled, queries: others })'],
  'metrics.precisionAtOne': ['metrics.precisionAtOne({ references: labelled, queries: others })'],
  'metrics.recallAtK': ['metrics.recallAtK({ references: labelled, queries: others }, { k: 1 })'],
  'metrics.rPrecision': ['metrics.rPrecision({ references: labelled, queries: others })'],
  'metrics.alignment': ['metrics.alignment({ points, count: 4 }, { points, count: 4 }, { alpha: 2 })'],
  'metrics.effectiveRank': ['metrics.effectiveRank({ points, count: 4 })'],
  'metrics.featureDeviation': ['metrics.featureDeviation({ points, count: 4 })'],
  'metrics.uniformity': ['metrics.uniformity({ points, count: 4 }, { t: 2 })'],
  'metrics.calibrateThreshold': ['metrics.calibrateThreshold(scores, same)'],
  'metrics.equalErrorRate': ['metrics.equalErrorRate(scores, same)'],
  'metrics.errorRates': ['metrics.errorRates([0.9, 0.1], [1, 0], 0.5)'],
  'metrics.rocAuc': ['metrics.rocAuc([0.9, 0.1], [1, 0])'],
  'metrics.rocCurve': ['metrics.rocCurve(scores, same)'],
};
