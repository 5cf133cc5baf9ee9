/** @file A third set of situations: written down, with its verdicts, after the second had changed the code, and before any was tried. */
import { diagnose } from '../../src/explain/index.js';
import * as cg from '../../src/index.js';
import { tensor } from '../../src/index.js';
import {
  classes,
  clusters,
  float64,
  line,
  pairs,
  point,
  random,
  type Situation,
  triplets,
  turned,
  views,
} from './batches.js';

const five = classes(5, 4);
const well = { verdict: 'well', says: /^Nothing looks wrong/ } as const;

export const laterSituations: readonly Situation[] = [
  {
    name: 'contrastive in the convention of Hadsell: healthy',
    make: () => {
      const [a, b, labels] = pairs(0.3, 0.6);
      return diagnose(cg.contrastiveLoss, [a, b, labels.map((label) => 1 - label)], cg.conventions.contrastive.hadsell);
    },
    ...well,
  },
  {
    name: 'contrastive by the 1-norm on the sphere: margin 2.5 can be reached',
    make: () => diagnose(cg.contrastiveLoss, pairs(0.3, 0.7), { distance: { p: 1 }, normalize: true, margin: 2.5 }),
    ...well,
  },
  {
    name: 'contrastive with twins among the different pairs, far from the origin',
    make: () => {
      const [a, b, labels] = pairs(0.3, 0.6);
      return diagnose(cg.contrastiveLoss, [a.sub(1e4), b.sub(1e4), labels]);
    },
    ...well,
  },
  {
    name: 'all pairs, nothing squared, of each kind: collapsed',
    make: () => diagnose(cg.batchContrastiveLoss, [point(20, 6), five], cg.conventions.contrastive.metricLearning),
    verdict: 'collapse',
    says: /where the loss is 1\b/,
  },
  {
    name: 'all pairs: infinity in one row',
    make: () => {
      const z = random(20, 6).toArray() as number[][];
      z[3]![2] = Number.POSITIVE_INFINITY;
      return diagnose(cg.batchContrastiveLoss, [tensor(z, float64), five]);
    },
    verdict: 'notFinite',
    says: /^The loss is (NaN|Infinity)/,
  },
  {
    name: 'all pairs: one row of each of two classes has the label of the other',
    make: () => {
      const labels = classes(2, 8);
      const z = clusters(labels, 6, 0.02);
      return diagnose(cg.batchContrastiveLoss, [
        z,
        labels.map((label, i) => (i === 2 || i === 11 ? 1 - label : label)),
      ]);
    },
    verdict: 'labels',
    says: /2 of 16 rows have two of other classes more than twice as near as any of the own/,
  },
  {
    name: 'all pairs: margin 50 for points of unit scale',
    make: () => diagnose(cg.batchContrastiveLoss, [clusters(five, 6, 0.2), five], { margin: 50 }),
    // The loss hardly differs from that of one point: all are pushed apart alike.
    verdict: 'collapseValue',
    says: /within 6\.\d+ % .* two rows lie \d\.\d+ % of the margin's distance apart.*smaller margin/,
  },
  {
    name: 'facenet: healthy',
    make: () => {
      const [a, p, n] = triplets(0.5, 0.8);
      return diagnose(cg.tripletLoss, [a, p, n], cg.conventions.triplet.facenet);
    },
    ...well,
  },
  {
    name: 'triplets in the convention of PyTorch: collapsed but for its 1e-6',
    make: () => diagnose(cg.tripletLoss, [point(12, 4), point(12, 4), point(12, 4)], cg.conventions.triplet.torch),
    verdict: 'collapse',
    says: /where the loss is 1\b/,
  },
  {
    name: 'semi-hard triplets: solved',
    make: () => diagnose(cg.batchTripletLoss, [clusters(five, 6, 0.05, 4), five], { mining: 'semiHard' }),
    verdict: 'nothingActive',
    says: /The batch is solved/,
  },
  {
    name: 'all triplets: labels shuffled over tight groups',
    make: () => {
      const z = clusters(five, 6, 0.02);
      return diagnose(cg.batchTripletLoss, [z, five.map((_, i) => i % 5)], { margin: 0.5 });
    },
    verdict: 'labels',
    says: /groups that the labels do not follow/,
  },
  {
    name: 'all triplets: on a line of 12 dimensions, ten classes',
    make: () => diagnose(cg.batchTripletLoss, [line(30, 12).add(50), classes(10, 3)]),
    verdict: 'lowRank',
    says: /use 1 of 12 dimensions, for 10/,
  },
  {
    name: 'InfoNCE: queries equal to keys that belong to others',
    make: () => {
      const [a] = views(16, 8, 0.3);
      return diagnose(cg.infoNCELoss, [a, turned(a)]);
    },
    verdict: 'labels',
    says: /one order/,
  },
  {
    name: 'InfoNCE: collapsed keys, healthy queries',
    make: () => diagnose(cg.infoNCELoss, [random(16, 8), point(16, 8)]),
    // Each query has the same score with every key.
    verdict: 'collapseValue',
    says: /within 2 % of what one point for everything gives \(2\.773\)/,
  },
  {
    name: 'InfoNCE: a temperature to learn, far too high',
    make: () => diagnose(cg.infoNCELoss, views(16, 8, 0.3), { temperature: tensor(10, float64) }),
    verdict: 'hot',
    says: /At temperature 10/,
  },
  {
    name: 'NT-Xent: trained, at the usual temperature',
    make: () => diagnose(cg.ntXentLoss, views(32, 16, 0.15)),
    ...well,
  },
  {
    name: 'SupCon: 17 rows of one class, one of three others each',
    make: () => {
      const labels = Array.from({ length: 20 }, (_, i) => Math.max(0, i - 16));
      return diagnose(cg.supConLoss, [clusters(labels, 6, 0.3), labels]);
    },
    verdict: 'imbalanced',
    says: /17 of 20 rows are of one class/,
  },
  {
    name: 'SupCon: raw products of rows of unlike lengths',
    make: () => diagnose(cg.supConLoss, [clusters(five, 6, 0.3), five], { normalize: false }),
    verdict: 'batch',
    says: /rows not of length 1.*normalize: true/,
  },
  {
    name: 'mutual information: two rows',
    make: () => diagnose(cg.mutualInformationLoss, views(2, 4, 0.2)),
    ...well,
  },
  {
    name: 'dv: collapsed',
    make: () => diagnose(cg.mutualInformationLoss, [point(12, 6), point(12, 6)], { estimator: 'dv' }),
    verdict: 'collapse',
    says: /where the loss is 0\b/,
  },
];
