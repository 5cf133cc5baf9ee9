/**
 * @file Situations of the losses of distances, with what a good teacher would say of each. The verdict is the first finding;
 * `'well'` where there is nothing to find.
 */
import { diagnose } from '../../src/explain/index.js';
import * as cg from '../../src/index.js';
import {
  classes,
  clusters,
  collapse,
  line,
  pairs,
  point,
  random,
  type Situation,
  triplets,
  turned,
  well,
} from './batches.js';

const { contrastiveLoss, batchContrastiveLoss, tripletLoss, batchTripletLoss } = cg;
const four = classes(4, 5);
const pairLabels = Array.from({ length: 20 }, (_, i) => Number(i % 2 === 0));

export const distanceSituations: readonly Situation[] = [
  // Contrastive loss, of pairs.
  { name: 'contrastive: healthy', make: () => diagnose(contrastiveLoss, pairs(0.3, 0.7)), ...well },
  {
    name: 'contrastive: collapsed',
    make: () => diagnose(contrastiveLoss, [point(20, 4), point(20, 4), pairLabels]),
    ...collapse,
  },
  {
    name: 'contrastive: labels mean the opposite',
    make: () => diagnose(contrastiveLoss, pairs(0.1, 2), { labelMeans: 'different' }),
    verdict: 'labels',
    says: /lie further apart \(mean [\d.]+\) than .* \([\d.]+\)\. Check the labels: whether 1 means the same/,
  },
  {
    name: 'contrastive: all pairs the same',
    make: () => {
      const [a, b] = pairs(0.3, 0.7);
      return diagnose(contrastiveLoss, [a, b, pairLabels.map(() => 1)]);
    },
    verdict: 'noNegatives',
    says: /Of 20 pairs none is to be apart/,
  },
  {
    name: 'contrastive: no pair the same',
    make: () => {
      const [a, b] = pairs(0.3, 0.7);
      return diagnose(contrastiveLoss, [a, b, pairLabels.map(() => 0)]);
    },
    verdict: 'noPositives',
    says: /Of 20 pairs none is to be near/,
  },
  {
    name: 'contrastive: pairs of copies',
    make: () => {
      const [a, b] = pairs(0, 0.7);
      return diagnose(contrastiveLoss, [a, b, pairLabels]);
    },
    verdict: 'identicalViews',
    says: /The two rows of all 10 pairs that should be near are equal/,
  },
  {
    name: 'contrastive: margin out of reach on the sphere',
    make: () => diagnose(contrastiveLoss, pairs(0.3, 0.7), { normalize: true, margin: 2.5 }),
    verdict: 'unreachableMargin',
    says: /No distance on the unit sphere exceeds 2, the margin is 2\.5/,
  },
  {
    name: 'contrastive: cosine distance reaches 2',
    make: () => diagnose(contrastiveLoss, pairs(0.3, 0.7), { distance: 'cosine', margin: 1.9 }),
    ...well,
  },
  {
    name: 'contrastive: one pair in 40 differs',
    make: () => {
      const [a, b] = pairs(0.3, 0.3, 4, 40);
      return diagnose(contrastiveLoss, [a, b, Array.from({ length: 40 }, (_, i) => Number(i > 0))]);
    },
    verdict: 'imbalanced',
    says: /Only 1 of 40 pairs is to be apart/,
  },

  // Contrastive loss, of a batch.
  {
    name: 'all pairs: healthy',
    make: () => diagnose(batchContrastiveLoss, [clusters(four, 8, 0.2, 0.5), four]),
    ...well,
  },
  {
    name: 'all pairs: solved, but for the pull',
    make: () => diagnose(batchContrastiveLoss, [clusters(four, 8, 0.05, 3), four]),
    verdict: 'fewActive',
    says: /the nearest lie [\d.]+ apart\. The classes lie apart \(their own rows at most [\d.]+\)/,
  },
  {
    name: 'all pairs: solved wholly',
    make: () => diagnose(batchContrastiveLoss, [clusters(four, 8, 0, 3), four]),
    verdict: 'nothingActive',
    says: /None of the 190 pairs has a force \(loss 0\)\. The batch is solved/,
    never: ['collapse', 'lowRank'],
  },
  { name: 'all pairs: collapsed', make: () => diagnose(batchContrastiveLoss, [point(20, 8), four]), ...collapse },
  {
    name: 'all pairs: collapsed far from the origin',
    make: () => diagnose(batchContrastiveLoss, [point(20, 8).add(1e4), four]),
    ...collapse,
  },
  {
    name: 'all pairs: shifted far away, healthy all the same',
    make: () => diagnose(batchContrastiveLoss, [clusters(four, 8, 0.2, 0.5).add(300), four]),
    ...well,
  },
  {
    name: 'all pairs: collapsed in dimensions',
    make: () => {
      const labels = classes(10, 2);
      return diagnose(batchContrastiveLoss, [line(20, 16), labels], { margin: 3 });
    },
    verdict: 'lowRank',
    says: /use 1 of 16 dimensions, for 10 that should be told apart/,
  },
  {
    name: 'all pairs: labels in another order than rows',
    make: () => {
      const labels = classes(10, 2);
      return diagnose(batchContrastiveLoss, [turned(clusters(labels, 10, 0.02)), labels]);
    },
    verdict: 'labels',
    says: /20 of 20 rows have one that should be apart within [\d.]+ % of the usual distance, and 0 one/,
  },
  {
    name: 'all pairs: one class',
    make: () => diagnose(batchContrastiveLoss, [random(12, 6), classes(1, 12)]),
    verdict: 'noNegatives',
    says: /All rows are of one class: of 66 pairs none is to be apart/,
    never: ['nothingActive', 'saturated'],
  },
  {
    name: 'all pairs: one class, nothing active',
    make: () => diagnose(batchContrastiveLoss, [point(12, 6), classes(1, 12)]),
    verdict: 'collapse',
    says: /Nothing pushes them apart: sample more than one class/,
    never: ['nothingActive'],
  },
  {
    name: 'all pairs: singletons',
    make: () => diagnose(batchContrastiveLoss, [random(12, 6), classes(12, 1)]),
    verdict: 'noPositives',
    says: /Of 66 pairs none is to be near/,
  },
  {
    name: 'all pairs: random points, tiny margin',
    make: () => diagnose(batchContrastiveLoss, [random(20, 8), four], { margin: 0.01 }),
    verdict: 'tinyMargin',
    says: /The margin \(0\.01\) asks for a distance of 0\.01, and two rows usually lie [\d.]+ apart/,
  },
  {
    name: 'all pairs: diverged',
    make: () => diagnose(batchContrastiveLoss, [random(20, 8).mul(1e5), four]),
    verdict: 'tinyMargin',
    says: /The margin \(1\) asks for a distance of 1, and two rows usually lie \d+ apart\..*bring the embeddings to its scale/,
    never: ['collapse', 'aboveCollapse'],
  },
  {
    name: 'all pairs: NaN',
    make: () => diagnose(batchContrastiveLoss, [random(20, 8).mul(Number.NaN), four]),
    verdict: 'notFinite',
    says: /The loss is NaN/,
  },
  {
    name: 'all pairs: one class of 18, one of 2',
    make: () => {
      const labels = four.map((_, i) => Number(i >= 18));
      return diagnose(batchContrastiveLoss, [clusters(labels, 8, 0.2, 0.5), labels]);
    },
    verdict: 'imbalanced',
    says: /18 of 20 rows are of one class/,
  },
  {
    name: 'all pairs: a few copies',
    make: () => {
      const z = clusters(four, 8, 0.2, 0.5);
      return diagnose(batchContrastiveLoss, [cg.concat([z, z.slice({ ends: [2] })]), [...four, 0, 0]]);
    },
    verdict: 'batch',
    says: /4 rows are equal to another\. Augment the views, or leave duplicates out/,
  },

  // Triplet loss, of given triplets.
  { name: 'triplet: healthy', make: () => diagnose(tripletLoss, triplets(0.5, 1)), ...well },
  {
    name: 'triplet: solved',
    make: () => diagnose(tripletLoss, triplets(0.2, 3)),
    verdict: 'nothingActive',
    says: /The batch is solved/,
  },
  {
    name: 'triplet: collapsed, squared',
    make: () => diagnose(tripletLoss, [point(12, 4), point(12, 4), point(12, 4)], { margin: 0.4 }),
    verdict: 'collapse',
    says: /where the loss is 0\.4\. Squared distances have no slope there, so no step leads out/,
  },
  {
    name: 'triplet: a margin that squares reach',
    make: () => diagnose(tripletLoss, triplets(0.5, 1), { normalize: true, margin: 2.5 }),
    ...well,
  },
  {
    name: 'triplet: a margin that squares do not reach',
    make: () => diagnose(tripletLoss, triplets(0.5, 1), { normalize: true, margin: 4.5 }),
    verdict: 'unreachableMargin',
    says: /No squared distance on the unit sphere exceeds 4, the margin is 4\.5/,
  },
  {
    name: 'triplet: a margin that plain distances do not reach',
    make: () => diagnose(tripletLoss, triplets(0.5, 1), { normalize: true, margin: 2.5, squared: false }),
    verdict: 'unreachableMargin',
    says: /No distance on the unit sphere exceeds 2, the margin is 2\.5/,
  },
  {
    name: 'triplet: positives and negatives exchanged',
    make: () => {
      const [a, p, n] = triplets(0.2, 3);
      return diagnose(tripletLoss, [a, n, p]);
    },
    verdict: 'labels',
    says: /12 pairs that should be near lie further apart \(mean 3\) than the 12 that should be apart \(0\.2\)/,
  },

  // Triplet loss, of a batch.
  {
    name: 'all triplets: healthy',
    make: () => diagnose(batchTripletLoss, [clusters(four, 8, 0.2, 0.5), four]),
    ...well,
  },
  {
    name: 'all triplets: random points far from the origin',
    make: () => diagnose(batchTripletLoss, [random(12, 6).add(300), classes(3, 4)]),
    verdict: 'aboveCollapse',
    says: /times that of one point for everything \(1\): pairs that should be near have a mean distance of/,
    never: ['collapse', 'lowRank'],
  },
  {
    name: 'all triplets: collapsed',
    make: () => diagnose(batchTripletLoss, [point(12, 6), classes(3, 4)]),
    ...collapse,
  },
  {
    name: 'all triplets: all but collapsed, squared',
    make: () => diagnose(batchTripletLoss, [random(12, 6).mul(1e-3), classes(3, 4)]),
    verdict: 'collapse',
    says: /Squared distances have hardly a slope there \(at most [\de.-]+\)/,
  },
  {
    name: 'all triplets: singletons, counted as 0',
    make: () => diagnose(batchTripletLoss, [random(12, 6), classes(12, 1)], { onEmpty: 'zero' }),
    verdict: 'noPositives',
    says: /none is to be near/,
    never: ['nothingActive', 'saturated'],
  },
  {
    name: 'all triplets: one class, counted as 0',
    make: () => diagnose(batchTripletLoss, [random(12, 6), classes(1, 12)], { onEmpty: 'zero' }),
    verdict: 'noNegatives',
    says: /All rows are of one class/,
    never: ['nothingActive', 'saturated'],
  },
  {
    name: 'all triplets: solved',
    make: () => diagnose(batchTripletLoss, [clusters(four, 8, 0.05, 3), four]),
    verdict: 'nothingActive',
    says: /The batch is solved/,
  },
  {
    name: 'hard triplets: healthy, though few of the negatives are chosen',
    make: () => diagnose(batchTripletLoss, [clusters(four, 8, 0.2, 0.8), four], { mining: 'hard' }),
    ...well,
  },
  {
    name: 'all triplets: tiny margin',
    make: () => diagnose(batchTripletLoss, [clusters(four, 8, 1, 1), four], { margin: 1e-4, squared: false }),
    verdict: 'tinyMargin',
    says: /The margin \(0\.0001\) asks for/,
  },
];
