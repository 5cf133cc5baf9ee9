/** @file A second set of situations, written down with its verdicts before any of them was tried. */
import { diagnose } from '../../src/explain/index.js';
import * as cg from '../../src/index.js';
import { Generator, type Tensor } from '../../src/index.js';
import { classes, clusters, line, pairs, point, random, type Situation, triplets, views } from './batches.js';

const six = classes(6, 4);
const eight = classes(8, 3);

/** Every `step`-th label given away at random. */
function partlyWrong(labels: readonly number[], step: number): number[] {
  const generator = new Generator(3);
  const of = Math.max(...labels) + 1;
  return labels.map((label, i) => (i % step === 0 ? (label + 1 + generator.integer(of - 1)) % of : label));
}

const threeViews = (noise: number): Tensor => {
  const z = random(8, 8);
  const all = [1, 2, 3].map((seed) => cg.expandDims(z.add(random(8, 8, 10 + seed).mul(noise)), 1));
  return cg.concat(all, { axis: 1 });
};

export const blindSituations: readonly Situation[] = [
  {
    name: 'all pairs on the sphere, far from the origin: directions hardly differ',
    make: () => diagnose(cg.batchContrastiveLoss, [random(24, 8).add(2000), six], { normalize: true }),
    verdict: 'collapse',
    says: /embeddings are all but one point/,
  },
  {
    name: 'all pairs by cosine: healthy',
    make: () => diagnose(cg.batchContrastiveLoss, [clusters(six, 8, 0.2), six], { distance: 'cosine', margin: 0.9 }),
    verdict: 'well',
    says: /^Nothing looks wrong/,
  },
  {
    name: 'all pairs by cosine: a margin of 3',
    make: () => diagnose(cg.batchContrastiveLoss, [clusters(six, 8, 0.2), six], { distance: 'cosine', margin: 3 }),
    verdict: 'unreachableMargin',
    says: /exceeds 2, the margin is 3/,
  },
  {
    name: 'smooth triplets: collapsed',
    make: () => diagnose(cg.batchTripletLoss, [point(24, 8), six], { smooth: true, squared: false }),
    verdict: 'collapse',
    says: /where the loss is 1\.313/,
  },
  {
    name: 'smooth triplets: well apart',
    make: () => diagnose(cg.batchTripletLoss, [clusters(six, 8, 0.05, 4), six], { smooth: true }),
    verdict: 'saturated',
    says: /the batch is solved/,
  },
  {
    name: 'triplets with swap: healthy, far from the origin',
    make: () => {
      const [a, p, n] = triplets(0.5, 0.9);
      return diagnose(cg.tripletLoss, [a.add(500), p.add(500), n.add(500)], { swap: true });
    },
    verdict: 'well',
    says: /^Nothing looks wrong/,
  },
  {
    name: 'triplets: the anchor is its own positive',
    make: () => {
      const [a, , n] = triplets(0.5, 0.9);
      return diagnose(cg.tripletLoss, [a, a, n]);
    },
    verdict: 'identicalViews',
    says: /all 12 pairs that should be near are equal/,
  },
  {
    name: 'hard triplets: nearly one point, before training takes off',
    make: () => diagnose(cg.batchTripletLoss, [random(24, 8).mul(0.02), six], { mining: 'hard' }),
    verdict: 'collapseValue',
    says: /within 2 % of what one point for everything gives \(1\)/,
  },
  {
    name: 'InfoNCE with a list of negatives: healthy',
    make: () => diagnose(cg.infoNCELoss, views(10, 8, 0.3), { negatives: random(30, 8, 9), temperature: 0.2 }),
    verdict: 'well',
    says: /^Nothing looks wrong/,
  },
  {
    name: 'InfoNCE with a list of negatives: all collapsed',
    make: () => diagnose(cg.infoNCELoss, [point(10, 8), point(10, 8)], { negatives: point(30, 8) }),
    verdict: 'collapse',
    says: /where the loss is 3\.434/,
  },
  {
    name: 'InfoNCE both ways: pairs reversed',
    make: () => {
      const [a, b] = views(12, 6, 0.02);
      return diagnose(cg.infoNCELoss, [a, b.flip({ axis: 0 })], { symmetric: true });
    },
    verdict: 'labels',
    says: /check that labels and rows are in one order/,
  },
  {
    name: 'NT-Xent: both views in a plane of 16 dimensions',
    make: () => {
      const [a, b] = views(32, 2, 0.3);
      const plane = random(2, 16, 4);
      return diagnose(cg.ntXentLoss, [a.matmul(plane), b.matmul(plane)]);
    },
    verdict: 'lowRank',
    says: /of 16 dimensions/,
  },
  {
    name: 'NT-Xent: unrelated views, cold',
    make: () => diagnose(cg.ntXentLoss, [random(16, 8), random(16, 8, 2)], { temperature: 0.005 }),
    verdict: 'cold',
    says: /at temperature 0\.005.*Raise the temperature/,
  },
  {
    name: 'SupCon with three views: healthy',
    make: () => diagnose(cg.supConLoss, [threeViews(0.5), classes(8, 1)], { temperature: 0.3 }),
    verdict: 'well',
    says: /^Nothing looks wrong/,
  },
  {
    name: 'SupCon: one row in six has a wrong label',
    make: () => {
      const labels = partlyWrong(eight, 6);
      return diagnose(cg.supConLoss, [clusters(eight, 8, 0.02), labels]);
    },
    // A few labels are wrong, and the groups are plain to see.
    verdict: 'labels',
    says: /labels/,
  },
  {
    name: 'SupCon: positives excluded, collapsed',
    make: () => diagnose(cg.supConLoss, [point(24, 8), six], { denominator: 'otherPositivesExcluded' }),
    verdict: 'collapse',
    says: /where the loss is 3\.045/,
  },
  {
    name: 'mutual information: parts and wholes of one scale, healthy',
    make: () => {
      const whole = random(12, 8);
      const parts = cg.concat(
        [1, 2].map((seed) => cg.expandDims(whole.add(random(12, 8, 20 + seed).mul(0.5)), 1)),
        { axis: 1 },
      );
      return diagnose(cg.mutualInformationLoss, [parts, whole]);
    },
    verdict: 'well',
    says: /^Nothing looks wrong/,
  },
  {
    name: 'jsd: raw products that are far too large, and wrong',
    make: () =>
      diagnose(cg.mutualInformationLoss, [random(12, 8).mul(50), random(12, 8, 2).mul(50)], { estimator: 'jsd' }),
    verdict: 'cold',
    says: /Normalize the embeddings/,
  },
  {
    name: 'N-pair: a line',
    make: () => {
      const z = line(20, 12);
      return diagnose(cg.nPairLoss, [z.add(random(20, 12, 6).mul(0.01)), z.add(random(20, 12, 7).mul(0.01))]);
    },
    verdict: 'lowRank',
    says: /of 12 dimensions/,
  },
  {
    name: 'contrastive: pairs in another order than their labels',
    make: () => {
      const [a, b, labels] = pairs(0.1, 3, 4, 40);
      return diagnose(cg.contrastiveLoss, [a, b, [...labels.slice(1), labels[0]!]], { margin: 2 });
    },
    verdict: 'labels',
    says: /lie further apart/,
  },
];
