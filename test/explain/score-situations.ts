/**
 * @file Situations of the losses of similarities, with what a good teacher would say of each. The verdict is the first finding;
 * `'well'` where there is nothing to find.
 */
import { diagnose } from '../../src/explain/index.js';
import * as cg from '../../src/index.js';
import {
  classes,
  clusters,
  collapse,
  float64,
  line,
  point,
  random,
  type Situation,
  turned,
  views,
  well,
} from './batches.js';

const { infoNCELoss, ntXentLoss, supConLoss, mutualInformationLoss, nPairLoss } = cg;
const four = classes(4, 5);

export const scoreSituations: readonly Situation[] = [
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
    says: /1 row of length 0: no direction/,
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
