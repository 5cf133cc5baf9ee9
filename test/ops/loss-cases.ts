/** @file The rows of the losses. */
import fc from 'fast-check';
import * as cg from '../../src/index.js';
import { tensor } from '../../src/index.js';
import { labels, values } from '../../src/testing/index.js';
import {
  apart,
  type Case,
  distinctDistances,
  longRows,
  pairOfRows,
  rows,
  separated,
  someTriplet,
  withLabels,
} from './cases.js';
import {
  allPairs,
  allTriplets,
  average,
  averageActive,
  distance2,
  dot,
  estimators,
  logSumExp,
  matrix,
  minedGaps,
  nce,
  pairTerm,
  scoresOf,
  softplus,
  supCon,
  unit,
} from './references.js';

/** The rows of the losses. */
export const lossCases: readonly Case[] = [
  {
    covers: 'contrastiveLoss',
    fn: (a, b, y) => cg.contrastiveLoss(a!, b!, y!, { margin: 2 }),
    inputs: withLabels(2, 2, 1).filter(([a, b]) =>
      cg
        .pairwiseDistance(a!, b!)
        .dataSync()
        .every((d) => d > 0.05 && Math.abs(d - 2) > 1e-2),
    ),
    reference: (a, b, y) =>
      average(matrix(a!).map((p, i) => pairTerm(2)(Math.sqrt(distance2(p, matrix(b!)[i]!)), (y as number[])[i] === 1))),
  },
  {
    covers: 'contrastiveLoss',
    variant: "reduction 'none'",
    fn: (a, b, y) => cg.contrastiveLoss(a!, b!, y!, { margin: 6, reduction: 'none' }),
    inputs: withLabels(2, 2, 1).filter(([a, b]) =>
      cg
        .pairwiseDistance(a!, b!)
        .dataSync()
        .every((d) => d > 0.05 && Math.abs(d - 6) > 1e-2),
    ),
    reference: (a, b, y) =>
      matrix(a!).map((p, i) => pairTerm(6)(Math.sqrt(distance2(p, matrix(b!)[i]!)), (y as number[])[i] === 1)),
  },
  {
    covers: 'batchContrastiveLoss',
    fn: (z, y) => cg.batchContrastiveLoss(z!, y!, { margin: 3 }),
    inputs: withLabels(1, 3, 2).filter(separated),
    reference: (z, y) => average(allPairs(matrix(z!), y as number[], pairTerm(3)).flat()),
  },
  {
    covers: 'batchContrastiveLoss',
    variant: "average 'nonZeroPerKind'",
    fn: (z, y) => cg.batchContrastiveLoss(z!, y!, { margin: 3, average: 'nonZeroPerKind' }),
    inputs: withLabels(1, 3, 2).filter(separated),
    reference: (z, y) =>
      allPairs(matrix(z!), y as number[], pairTerm(3))
        .map(averageActive)
        .reduce((s, v) => s + v, 0),
  },
  {
    covers: 'tripletLoss',
    fn: (a, p, n) => cg.tripletLoss(a!, p!, n!, { margin: 1.5 }),
    inputs: rows(1).chain(([n, d]) => fc.tuple(values([n, d]), values([n, d]), values([n, d]))),
    reference: (a, p, n) =>
      average(matrix(a!).map((r, i) => Math.max(distance2(r, matrix(p!)[i]!) - distance2(r, matrix(n!)[i]!) + 1.5, 0))),
  },
  {
    covers: 'tripletLoss',
    variant: "not squared, 'sum'",
    fn: (a, p, n) => cg.tripletLoss(a!, p!, n!, { squared: false, reduction: 'sum' }),
    inputs: fc.tuple(values([3, 2], [-0.3, 0.3]), values([3, 2], [0.5, 2]), values([3, 2], [-2, -0.5])),
    reference: (a, p, n) =>
      matrix(a!).reduce(
        (s, r, i) =>
          s + Math.max(Math.sqrt(distance2(r, matrix(p!)[i]!)) - Math.sqrt(distance2(r, matrix(n!)[i]!)) + 1, 0),
        0,
      ),
  },
  {
    covers: 'batchTripletLoss',
    fn: (z, y) => cg.batchTripletLoss(z!, y!, { margin: 1.5 }),
    inputs: withLabels(1, 3, 3).filter(someTriplet),
    reference: (z, y) => average(allTriplets(matrix(z!), y as number[], (p, n) => Math.max(p - n + 1.5, 0))),
  },
  {
    covers: 'batchTripletLoss',
    variant: "not squared, 'violating'",
    fn: (z, y) => cg.batchTripletLoss(z!, y!, { average: 'violating', squared: false }),
    inputs: withLabels(1, 3, 3).filter((inputs) => someTriplet(inputs) && separated(inputs)),
    reference: (z, y) =>
      averageActive(allTriplets(matrix(z!), y as number[], (p, n) => Math.max(Math.sqrt(p) - Math.sqrt(n) + 1, 0))),
  },
  {
    covers: 'infoNCELoss',
    fn: (q, k) => cg.infoNCELoss(q!, k!, { temperature: 0.5 }),
    inputs: pairOfRows(2).filter(longRows),
    reference: (q, k) =>
      average(
        matrix(q!).map((r, i) => {
          const s = matrix(k!).map((c) => dot(unit(r), unit(c)) / 0.5);
          return nce(
            s[i]!,
            s.filter((_, j) => j !== i),
          );
        }),
      ),
  },
  {
    covers: 'infoNCELoss',
    variant: 'aliased, raw',
    fn: (q) => cg.infoNCELoss(q!, q!, { temperature: 1, normalize: false }),
    inputs: values([3, 3]).map((x) => [x]),
    reference: (q) =>
      average(
        matrix(q!).map((r, i) => {
          const s = matrix(q!).map((c) => dot(r, c));
          return nce(
            s[i]!,
            s.filter((_, j) => j !== i),
          );
        }),
      ),
  },
  {
    covers: 'infoNCELoss',
    variant: 'symmetric',
    fn: (q, k) => cg.infoNCELoss(q!, k!, { symmetric: true, temperature: 1 }),
    inputs: pairOfRows(2).filter(longRows),
    reference: (q, k) =>
      average(
        [
          [q, k],
          [k, q],
        ].flatMap(([a, b]) =>
          matrix(a!).map((r, i) => {
            const s = matrix(b!).map((c) => dot(unit(r), unit(c)));
            return nce(
              s[i]!,
              s.filter((_, j) => j !== i),
            );
          }),
        ),
      ),
  },
  {
    covers: 'infoNCELoss',
    variant: 'shared negatives, learned temperature',
    fn: (q, k, far, t) => cg.infoNCELoss(q!, k!, { negatives: far!, temperature: t! }),
    inputs: fc.tuple(
      values([3, 2], [0.5, 2]),
      values([3, 2], [0.5, 2]),
      values([4, 2], [0.5, 2]),
      values([], [0.4, 2]),
    ),
    reference: (q, k, far, t) =>
      average(
        matrix(q!).map((r, i) =>
          nce(
            dot(unit(r), unit(matrix(k!)[i]!)) / (t as number),
            matrix(far!).map((c) => dot(unit(r), unit(c)) / (t as number)),
          ),
        ),
      ),
  },
  {
    covers: 'infoNCELoss',
    variant: 'negatives of each row',
    fn: (q, k, far) => cg.infoNCELoss(q!, k!, { negatives: far!, temperature: 1 }),
    inputs: fc.tuple(values([3, 2], [0.5, 2]), values([3, 2], [0.5, 2]), values([3, 4, 2], [0.5, 2])),
    reference: (q, k, far) =>
      average(
        matrix(q!).map((r, i) =>
          nce(
            dot(unit(r), unit(matrix(k!)[i]!)),
            (far as number[][][])[i]!.map((c) => dot(unit(r), unit(c))),
          ),
        ),
      ),
  },
  {
    covers: 'mutualInformationLoss',
    fn: (l, g) => cg.mutualInformationLoss(l!, g!),
    inputs: pairOfRows(2),
    reference: (l, g) =>
      average(
        matrix(l!).map((r, i) => {
          const s = matrix(g!).map((c) => dot(r, c));
          return nce(
            s[i]!,
            s.filter((_, j) => j !== i),
          );
        }),
      ),
  },
  {
    covers: 'contrastiveLoss',
    variant: 'cosine, label 1 differs, not squared',
    fn: (a, b, y) =>
      cg.contrastiveLoss(a!, b!, y!, { distance: 'cosine', labelMeans: 'different', squareTerms: false, half: false }),
    inputs: withLabels(2, 2, 1).filter(
      (inputs) =>
        longRows(inputs) &&
        cg
          .cosineSimilarity(inputs[0]!, inputs[1]!)
          .dataSync()
          .every((c) => Math.abs(c) > 1e-2),
    ),
    reference: (a, b, y) =>
      average(
        matrix(a!).map((p, i) => {
          const d = 1 - dot(unit(p), unit(matrix(b!)[i]!));
          return (y as number[])[i] === 0 ? d : Math.max(1 - d, 0);
        }),
      ),
  },
  {
    covers: 'contrastiveLossFromDistance',
    fn: (d, y) => cg.contrastiveLossFromDistance(d!, y!, { margin: 1.5 }),
    inputs: fc.tuple(values([4], [0.1, 1.4]), labels(4, 2)),
    reference: (d, y) => average((d as number[]).map((v, i) => pairTerm(1.5)(v, (y as number[])[i] === 1))),
  },
  {
    covers: 'tripletLoss',
    variant: 'swap, smooth, on the sphere',
    fn: (a, p, n) => cg.tripletLoss(a!, p!, n!, { swap: true, smooth: true, normalize: true, margin: 0.3 }),
    inputs: fc
      .tuple(values([3, 2], [0.5, 2]), values([3, 2], [-2, -0.5]), values([3, 2], [0.2, 0.4]))
      .map(([a, p, n]) => [a, p, cg.mul(n, tensor([1, -1], { dtype: 'float64' }))])
      .filter(([a, p, n]) =>
        apart([
          cg.squaredCdist(cg.normalize(a!), cg.normalize(n!)),
          cg.squaredCdist(cg.normalize(p!), cg.normalize(n!)),
        ]),
      ),
    reference: (a, p, n) =>
      average(
        matrix(a!).map((r, i) => {
          const [x, y, z] = [unit(r), unit(matrix(p!)[i]!), unit(matrix(n!)[i]!)];
          return softplus(distance2(x, y) - Math.min(distance2(x, z), distance2(y, z)) + 0.3);
        }),
      ),
  },
  ...(['hard', 'semiHard'] as const).map(
    (mining): Case => ({
      covers: 'batchTripletLoss',
      variant: mining,
      fn: (z, y) => cg.batchTripletLoss(z!, y!, { mining, margin: 4, squared: false, smooth: true }),
      inputs: withLabels(1, 3, 3).filter(
        (inputs) => someTriplet(inputs) && separated(inputs) && distinctDistances(inputs),
      ),
      reference: (z, y) => {
        const rows = matrix(z!);
        const d = (i: number, j: number): number => Math.sqrt(distance2(rows[i]!, rows[j]!));
        return average(minedGaps(rows, y as number[], mining, d).map((gap) => softplus(gap + 4)));
      },
    }),
  ),
  {
    covers: 'batchTripletLoss',
    variant: 'hard, every row an anchor',
    fn: (z, y) => {
      const options = { mining: 'hard', anchors: 'all', margin: 4, squared: false, smooth: true } as const;
      return cg.batchTripletLoss(z!, y!, options);
    },
    inputs: withLabels(1, 3, 3).filter((inputs) => separated(inputs) && distinctDistances(inputs)),
    reference: (z, y) => {
      const rows = matrix(z!);
      const labels = y as number[];
      const gaps = rows.map((row, a) => {
        const others = rows.map((other, i) => ({ d: Math.sqrt(distance2(row, other)), same: labels[i] === labels[a] }));
        const far = others.filter(({ same }) => !same).map(({ d }) => d);
        const near = Math.max(...others.filter(({ same }) => same).map(({ d }) => d));
        return near - (far.length > 0 ? Math.min(...far) : Math.max(...others.map(({ d }) => d)));
      });
      return average(gaps.map((gap) => softplus(gap + 4)));
    },
  },
  {
    covers: 'batchTripletLoss',
    variant: 'distanceWeighted',
    fn: (z, y) =>
      cg.batchTripletLoss(cg.normalize(z!), y!, { mining: 'distanceWeighted', generator: new cg.Generator(4) }),
    inputs: fc.tuple(
      values([5, 3]).filter((z) => longRows([z]) && separated([cg.normalize(z)])),
      fc.constant(tensor([0, 0, 1, 1, 1], { dtype: 'int32' })),
    ),
  },
  {
    covers: 'ntXentLoss',
    fn: (a, b) => cg.ntXentLoss(a!, b!),
    inputs: pairOfRows(2).filter(longRows),
    reference: (a, b) => {
      const z = [...matrix(a!), ...matrix(b!)];
      const n = z.length / 2;
      return supCon(
        z,
        z.map((_, i) => i % n),
        { temperature: 0.5 },
      )!;
    },
  },
  ...(['allPositives', 'otherPositivesExcluded'] as const).map(
    (denominator): Case => ({
      covers: 'supConLoss',
      variant: denominator,
      fn: (z, y) => cg.supConLoss(z!, y!, { temperature: 0.5, denominator }),
      inputs: withLabels(1, 3, 2).filter(
        (inputs) => longRows(inputs) && new Set(inputs[1]!.dataSync()).size < inputs[1]!.size,
      ),
      reference: (z, y) =>
        supCon(matrix(z!), y as number[], { temperature: 0.5, exclude: denominator === 'otherPositivesExcluded' })!,
    }),
  ),
  {
    covers: 'supConLoss',
    variant: 'views, learned temperature',
    fn: (z, t) => cg.supConLoss(z!, [4, 9, 4], { temperature: t!, baseTemperature: 0.5 }),
    inputs: fc.tuple(values([3, 2, 2], [0.4, 2]), values([], [0.4, 2])),
    reference: (z, t) => {
      const rows = (z as number[][][]).flat();
      return (supCon(rows, [4, 4, 9, 9, 4, 4], { temperature: t as number })! * (t as number)) / 0.5;
    },
  },
  ...(['infoNCE', 'jsd', 'dv'] as const).flatMap((estimator): Case[] => [
    {
      covers: 'mutualInformationLoss',
      variant: `${estimator}, places`,
      fn: (l, g) => cg.mutualInformationLoss(l!, g!, { estimator, temperature: 0.7 }),
      inputs: fc.tuple(values([3, 2, 2]), values([3, 2])),
      reference: (l, g) =>
        estimators[estimator]((l as number[][][]).map((places) => scoresOf(places, matrix(g!), 0.7))),
    },
    {
      covers: 'mutualInformationLoss',
      variant: estimator,
      fn: (l, g) => cg.mutualInformationLoss(l!, g!, { estimator, normalize: true }),
      inputs: fc.tuple(values([3, 3]), values([3, 3])).filter(longRows),
      reference: (l, g) => estimators[estimator](matrix(l!).map((r) => scoresOf([unit(r)], matrix(g!).map(unit)))),
    },
  ]),
  {
    covers: 'mutualInformationBound',
    fn: (l, g) => cg.mutualInformationBound(l!, g!),
    inputs: pairOfRows(2),
    reference: (l, g) =>
      Math.log(matrix(l!).length) - estimators.infoNCE(matrix(l!).map((r) => scoresOf([r], matrix(g!)))),
  },
  {
    covers: 'nPairLoss',
    fn: (a, p) => cg.nPairLoss(a!, p!, { l2: 0.2 }),
    inputs: pairOfRows(2),
    reference: (a, p) =>
      average(matrix(a!).map((r, i) => logSumExp(matrix(p!).map((c) => dot(r, c))) - dot(r, matrix(p!)[i]!))) +
      0.05 * average(matrix(a!).map((r, i) => dot(r, r) + dot(matrix(p!)[i]!, matrix(p!)[i]!))),
  },
];
