/** @file The rows of the losses. */
import fc from 'fast-check';
import * as cg from '../../src/index.js';
import { values } from '../../src/testing/index.js';
import { type Case, longRows, pairOfRows, rows, separated, someTriplet, withLabels } from './cases.js';
import {
  allPairs,
  allTriplets,
  average,
  averageActive,
  distance2,
  dot,
  matrix,
  nce,
  pairTerm,
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
];
