/**
 * @file Situations that a batch may be in, with what a good teacher would say of each. The verdict is the first finding; `'well'`
 * where there is nothing to find.
 */
import { type Diagnosis, diagnose, type Finding } from '../../src/explain/index.js';
import * as cg from '../../src/index.js';
import { Generator, type Tensor, tensor } from '../../src/index.js';

/** A situation, and what is to be said of it. */
export interface Situation {
  readonly name: string;
  readonly make: () => Diagnosis;
  /** What the verdict is about. */
  readonly verdict: Finding['kind'] | 'well';
  /** What it says, figures included. */
  readonly says: RegExp;
  /** What must not be found. */
  readonly never?: readonly Finding['kind'][];
}

export const float64 = { dtype: 'float64' } as const;

/** Standard normal rows. */
export const random = (n: number, d: number, seed = 1): Tensor =>
  cg.randn([n, d], { ...float64, generator: new Generator(seed) });

/** The same row `n` times. */
export const point = (n: number, d: number): Tensor => cg.full([n, d], 0.7, float64);

/** `of` classes of `each` rows, one after another. */
export const classes = (of: number, each: number): number[] =>
  Array.from({ length: of * each }, (_, i) => Math.floor(i / each));

/** Rows of classes around centres on the axes, `apart` from the origin. */
export function clusters(labels: readonly number[], d: number, noise: number, apart = 1, seed = 1): Tensor {
  const centres = labels.map((label) => Array.from({ length: d }, (_, t) => (t === label % d ? apart : 0)));
  return tensor(centres, float64).add(random(labels.length, d, seed).mul(noise));
}

/** The rows in another order: the last one first. */
export const turned = (x: Tensor): Tensor => cg.concat([x.slice({ starts: [1] }), x.slice({ ends: [1] })]);

/** Two views of samples. */
export const views = (n: number, d: number, noise: number, seed = 1): [Tensor, Tensor] => {
  const z = random(n, d, seed);
  return [z.add(random(n, d, seed + 1).mul(noise)), z.add(random(n, d, seed + 2).mul(noise))];
};

/** Rows that lie on a line. */
export const line = (n: number, d: number, seed = 1): Tensor => random(n, 1, seed).matmul(random(1, d, seed + 1));

const { contrastiveLoss, batchContrastiveLoss, tripletLoss, batchTripletLoss } = cg;
const { infoNCELoss, ntXentLoss, supConLoss, mutualInformationLoss, nPairLoss } = cg;
const four = classes(4, 5);
const pairLabels = Array.from({ length: 20 }, (_, i) => Number(i % 2 === 0));
const collapse = {
  verdict: 'collapse',
  says: /embeddings are all but one point \(.*%.*\), where the loss is [\d.]+/,
} as const;
const well = {
  verdict: 'well',
  says: /^Nothing looks wrong: loss [\d.]+ \(one point for everything: [\d.]+\)/,
} as const;

/** Pairs of which every second is the same, `near` apart, the others `far`. */
export function pairs(near: number, far: number, d = 4, n = 20): [Tensor, Tensor, number[]] {
  const a = random(n, d, 5);
  const directions = cg.normalize(random(n, d, 6));
  const lengths = tensor(
    Array.from({ length: n }, (_, i) => [(i % 2 === 0 ? near : far) * (0.8 + (0.4 * i) / n)]),
    float64,
  );
  return [a, a.add(directions.mul(lengths)), Array.from({ length: n }, (_, i) => Number(i % 2 === 0))];
}

/** Anchors, positives `near` and negatives `far` from them. */
export function triplets(near: number, far: number, d = 4, n = 12): [Tensor, Tensor, Tensor] {
  const a = random(n, d, 7);
  return [a, a.add(cg.normalize(random(n, d, 8)).mul(near)), a.add(cg.normalize(random(n, d, 9)).mul(far))];
}

export const situations: readonly Situation[] = [
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

  // InfoNCE.
  { name: 'InfoNCE: healthy', make: () => diagnose(infoNCELoss, views(16, 8, 0.4)), ...well },
  {
    name: 'InfoNCE: solved',
    make: () =>
      diagnose(infoNCELoss, [clusters(classes(16, 1), 16, 0.01), clusters(classes(16, 1), 16, 0.01, 1, 2)], {
        temperature: 0.05,
      }),
    verdict: 'saturated',
    says: /The loss is all but 0 \([\de.-]+\), and one point for everything has 2\.773: the batch is solved/,
  },
  { name: 'InfoNCE: collapsed', make: () => diagnose(infoNCELoss, [point(16, 8), point(16, 8)]), ...collapse },
  {
    name: 'InfoNCE: collapsed in dimensions',
    make: () => {
      const z = line(16, 16);
      return diagnose(infoNCELoss, [z.add(random(16, 16, 8).mul(0.01)), z.add(random(16, 16, 9).mul(0.01))]);
    },
    verdict: 'lowRank',
    says: /The embeddings use [\d.]+ of 16 dimensions/,
  },
  {
    name: 'InfoNCE: positives in another order',
    make: () => {
      const [a, b] = views(16, 8, 0.05);
      return diagnose(infoNCELoss, [a, turned(b)]);
    },
    verdict: 'labels',
    says: /32 of 32 rows have one that should be apart within [\d.]+ % of the usual distance, and 0 one/,
  },
  {
    name: 'InfoNCE: one tensor for both views',
    make: () => {
      const [a] = views(16, 8, 0.4);
      return diagnose(infoNCELoss, [a, a]);
    },
    verdict: 'identicalViews',
    says: /The two rows of all 16 pairs that should be near are equal\. There is nothing to bring together/,
  },
  {
    name: 'InfoNCE: hot',
    make: () => diagnose(infoNCELoss, views(16, 8, 0.4), { temperature: 20 }),
    verdict: 'hot',
    says: /At temperature 20 no embeddings bring the loss below 2\.6\d+, and one point for everything has 2\.773/,
    never: ['collapseValue'],
  },
  {
    name: 'InfoNCE: cold',
    make: () => diagnose(infoNCELoss, [random(16, 3), random(16, 3, 2)], { temperature: 0.001 }),
    verdict: 'cold',
    says: /The loss is \d+\.?\d* .*scores lie up to \d+\.?\d* apart at temperature 0\.001/,
    never: ['labels'],
  },
  {
    name: 'InfoNCE: raw products, small',
    make: () => diagnose(infoNCELoss, [random(16, 8).mul(0.01), random(16, 8, 2).mul(0.01)], { normalize: false }),
    verdict: 'collapseValue',
    says: /is within 2 % of what one point for everything gives \(2\.773\), while the spread is \d+/,
    never: ['collapse'],
  },
  {
    name: 'InfoNCE: raw products, diverged',
    make: () => diagnose(infoNCELoss, [random(16, 8).mul(100), random(16, 8, 2).mul(100)], { normalize: false }),
    verdict: 'cold',
    says: /scores lie up to .* apart at temperature 0\.1.*Normalize the embeddings/,
  },
  {
    name: 'InfoNCE: nothing learned yet',
    make: () => diagnose(infoNCELoss, [random(16, 4), random(16, 4, 2)]),
    verdict: 'aboveCollapse',
    says: /So it is before anything is learned; if it stays, check that the labels/,
  },

  // NT-Xent and SupCon.
  { name: 'NT-Xent: healthy', make: () => diagnose(ntXentLoss, views(16, 8, 0.4)), ...well },
  { name: 'NT-Xent: collapsed', make: () => diagnose(ntXentLoss, [point(16, 8), point(16, 8)]), ...collapse },
  {
    name: 'NT-Xent: hot',
    make: () => diagnose(ntXentLoss, views(16, 8, 0.4), { temperature: 50 }),
    verdict: 'hot',
    says: /At temperature 50/,
  },
  {
    name: 'SupCon: healthy',
    make: () => diagnose(supConLoss, [clusters(four, 8, 0.3), four]),
    ...well,
  },
  {
    name: 'SupCon: healthy, two large classes',
    make: () => {
      const labels = classes(2, 20);
      return diagnose(supConLoss, [clusters(labels, 8, 0.3), labels], { temperature: 0.5 });
    },
    ...well,
  },
  {
    name: 'SupCon: solved, which is not 0',
    make: () => diagnose(supConLoss, [clusters(four, 8, 1e-4), four], { temperature: 0.05 }),
    verdict: 'saturated',
    says: /The loss is all but 1\.386 \(1\.386\), and one point for everything has 2\.944/,
    never: ['lowRank'],
  },
  {
    name: 'SupCon: collapsed',
    make: () => diagnose(supConLoss, [point(20, 8), four], { baseTemperature: 0.07 }),
    ...collapse,
  },
  {
    name: 'SupCon: one class',
    make: () => diagnose(supConLoss, [random(12, 6), classes(1, 12)]),
    verdict: 'noNegatives',
    says: /All rows are of one class/,
    never: ['labels', 'hot'],
  },
  {
    name: 'SupCon: singletons, counted as 0',
    make: () => diagnose(supConLoss, [random(12, 6), classes(12, 1)], { onEmpty: 'zero' }),
    verdict: 'noPositives',
    says: /none is to be near/,
    never: ['nothingActive', 'saturated'],
  },
  {
    name: 'SupCon: labels in another order than rows',
    make: () => {
      const labels = classes(10, 2);
      return diagnose(supConLoss, [turned(clusters(labels, 10, 0.02)), labels]);
    },
    verdict: 'labels',
    says: /check that labels and rows are in one order/,
  },
  {
    name: 'SupCon: rows of zeros',
    make: () => {
      const z = cg.concat([clusters(four, 8, 0.3), cg.zeros([1, 8], float64)]);
      return diagnose(supConLoss, [z, [...four, 0]]);
    },
    verdict: 'batch',
    says: /1 row is 0: it has no direction/,
  },

  // Mutual information and N-pair.
  {
    name: 'mutual information: healthy',
    make: () => diagnose(mutualInformationLoss, views(16, 8, 0.4)),
    ...well,
  },
  {
    name: 'mutual information: collapsed',
    make: () => diagnose(mutualInformationLoss, [point(16, 8), point(16, 8)]),
    ...collapse,
  },
  {
    name: 'jsd, normalised, temperature 0.2: collapsed',
    make: () =>
      diagnose(mutualInformationLoss, [point(16, 8), point(16, 8)], {
        estimator: 'jsd',
        normalize: true,
        temperature: 0.2,
      }),
    verdict: 'collapse',
    says: /where the loss is 5\.013/,
  },
  {
    name: 'jsd: healthy',
    make: () => diagnose(mutualInformationLoss, views(16, 8, 0.4), { estimator: 'jsd', normalize: true }),
    ...well,
  },
  {
    name: 'dv: healthy',
    make: () => diagnose(mutualInformationLoss, views(16, 8, 0.4), { estimator: 'dv', normalize: true }),
    verdict: 'well',
    says: /^Nothing looks wrong: loss -[\d.]+ \(one point for everything: 0\)/,
  },
  {
    name: 'N-pair: healthy',
    make: () => diagnose(nPairLoss, views(16, 8, 0.4)),
    ...well,
  },
  { name: 'N-pair: collapsed', make: () => diagnose(nPairLoss, [point(16, 8), point(16, 8)]), ...collapse },
];
