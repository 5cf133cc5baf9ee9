/** @file Every batch loss against loops over explicit indices, on 200 random batches with 1 to N classes, singletons included. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Tensor } from '../../src/index.js';
import * as cg from '../../src/index.js';
import { furthest, labels as labelsOf, values } from '../../src/testing/index.js';
import {
  allPairs,
  average,
  averageActive,
  distance2,
  dot,
  estimators,
  logSumExp,
  matrix,
  minedGaps,
  type Nested,
  pairTerm,
  scoresOf,
  softplus,
  supCon,
  unit,
} from '../ops/references.js';
import { assertProperty } from '../support/depth.js';

interface Batch {
  readonly z: Tensor;
  readonly rows: number[][];
  readonly labels: number[];
}

const batches: fc.Arbitrary<Batch> = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 4 }))
  .chain(([n, d]) =>
    fc.tuple(
      values([n, d]),
      fc.integer({ min: 1, max: n }).chain((classes) => labelsOf(n, classes)),
    ),
  )
  .map(([z, y]) => ({ z, rows: matrix(z.toArray() as Nested), labels: [...y.dataSync()] }));

/** The loss is the oracle's, or refuses the batch where the oracle has nothing. */
function hold(loss: (batch: Batch) => Tensor, oracle: (batch: Batch) => number | null): void {
  let refused = 0;
  assertProperty(
    fc.property(batches, (batch) => {
      const wanted = oracle(batch);
      if (wanted === null) {
        refused++;
        expect(() => loss(batch)).toThrow(/the batch has no (pair|triplet|positive)/);
      } else expect(furthest(loss(batch), wanted).error).toBeLessThanOrEqual(1e-11);
    }),
    200,
  );
  expect(refused).toBeGreaterThan(0);
  expect(refused).toBeLessThan(150);
}

const orNone = (list: number[], reduce: (list: number[]) => number): number | null =>
  list.length === 0 ? null : reduce(list);

describe('against loops', () => {
  test('contrastive, all pairs', () => {
    hold(
      ({ z, labels }) => cg.batchContrastiveLoss(z, labels, { margin: 2 }),
      ({ rows, labels }) => orNone(allPairs(rows, labels, pairTerm(2)).flat(), average),
    );
  });

  test('contrastive, the active pairs of each kind', () => {
    hold(
      ({ z, labels }) => cg.batchContrastiveLoss(z, labels, { margin: 2, average: 'nonZeroPerKind' }),
      ({ rows, labels }) => {
        const kinds = allPairs(rows, labels, pairTerm(2));
        return orNone(kinds.flat(), () => averageActive(kinds[0]) + averageActive(kinds[1]));
      },
    );
  });

  describe.each(['all', 'hard', 'semiHard'] as const)('triplets, mining %s', (mining) => {
    test.each([true, false])('squared: %s', (squared) => {
      const gaps = ({ rows, labels }: Batch): number[] =>
        minedGaps(rows, labels, mining, (i, j) => distance2(rows[i]!, rows[j]!) ** (squared ? 1 : 0.5));
      const relu = (list: number[]): number[] => list.map((gap) => Math.max(gap + 0.8, 0));
      const options = { mining, squared, margin: 0.8 };
      hold(
        ({ z, labels }) => cg.batchTripletLoss(z, labels, options),
        (batch) => orNone(relu(gaps(batch)), average),
      );
      hold(
        ({ z, labels }) => cg.batchTripletLoss(z, labels, { ...options, average: 'violating' }),
        (batch) => orNone(relu(gaps(batch)), averageActive),
      );
      hold(
        ({ z, labels }) => cg.batchTripletLoss(z, labels, { ...options, smooth: true }),
        (batch) =>
          orNone(
            gaps(batch).map((gap) => softplus(gap + 0.8)),
            average,
          ),
      );
    });
  });

  test.each(['allPositives', 'otherPositivesExcluded'] as const)('supervised contrastive, %s', (denominator) => {
    hold(
      ({ z, labels }) => cg.supConLoss(z, labels, { denominator, temperature: 0.3 }),
      ({ rows, labels }) =>
        supCon(rows, labels, { temperature: 0.3, exclude: denominator === 'otherPositivesExcluded' }),
    );
  });

  test.each(['infoNCE', 'jsd', 'dv'] as const)('mutual information, %s', (estimator) => {
    assertProperty(
      fc.property(
        batches.filter(({ rows }) => rows.length > 1),
        ({ z, rows }) => {
          const wanted = estimators[estimator](rows.map((row) => scoresOf([row], rows)));
          expect(furthest(cg.mutualInformationLoss(z, z, { estimator }), wanted).error).toBeLessThanOrEqual(1e-11);
        },
      ),
      200,
    );
  });
});

/** Two or three towers of rows, and a bit for each row. */
const towers: fc.Arbitrary<{ towers: Tensor[]; rows: number[][][]; bits: number[] }> = fc
  .tuple(fc.integer({ min: 2, max: 8 }), fc.integer({ min: 1, max: 4 }))
  .chain(([n, d]) => fc.tuple(fc.tuple(values([n, d]), values([n, d]), values([n, d])), labelsOf(n, 2)))
  .map(([list, y]) => ({
    towers: list,
    rows: list.map((z) => matrix(z.toArray() as Nested)),
    bits: [...y.dataSync()],
  }));
type Loops = (rows: number[][][], bits: number[]) => number;
const length = (row: number[]): number => Math.sqrt(dot(row, row));

test.each<[string, (z: Tensor[], bits: number[]) => Tensor, Loops]>([
  [
    'contrastive pairs',
    (z, y) => cg.contrastiveLoss(z[0]!, z[1]!, y, { margin: 2 }),
    ([a, b], y) => average(a!.map((r, i) => pairTerm(2)(Math.sqrt(distance2(r, b![i]!)), y[i] === 1))),
  ],
  [
    'contrastive distances',
    (z, y) => cg.contrastiveLossFromDistance(cg.pairwiseDistance(z[0]!, z[1]!), y, { margin: 2 }),
    ([a, b], y) => average(a!.map((r, i) => pairTerm(2)(Math.sqrt(distance2(r, b![i]!)), y[i] === 1))),
  ],
  [
    'triplets',
    (z) => cg.tripletLoss(z[0]!, z[1]!, z[2]!, { margin: 2, swap: true }),
    ([a, p, n]) =>
      average(
        a!.map((r, i) => {
          const far = Math.min(distance2(r, n![i]!), distance2(p![i]!, n![i]!));
          return Math.max(distance2(r, p![i]!) - far + 2, 0);
        }),
      ),
  ],
  [
    'InfoNCE',
    (z) => cg.infoNCELoss(z[0]!, z[1]!, { temperature: 0.5 }),
    ([q, k]) => average(scoresOf(q!.map(unit), k!.map(unit), 0.5).map((row, i) => logSumExp(row) - row[i]!)),
  ],
  [
    'InfoNCE with negatives',
    (z) => cg.infoNCELoss(z[0]!, z[1]!, { temperature: 0.5, negatives: z[2]! }),
    ([q, k, far]) => {
      const others = scoresOf(q!.map(unit), far!.map(unit), 0.5);
      return average(
        q!.map((r, i) => {
          const own = dot(unit(r), unit(k![i]!)) / 0.5;
          return logSumExp([own, ...others[i]!]) - own;
        }),
      );
    },
  ],
  [
    'NT-Xent',
    (z) => cg.ntXentLoss(z[0]!, z[1]!),
    ([a, b]) => supCon([...a!, ...b!], [...a!.keys(), ...a!.keys()], { temperature: 0.5 })!,
  ],
  [
    'N pairs',
    (z) => cg.nPairLoss(z[0]!, z[1]!),
    ([a, p]) =>
      estimators.infoNCE(a!.map((r) => scoresOf([r], p!))) +
      0.0005 * (average(a!.map((r) => dot(r, r))) + average(p!.map((r) => dot(r, r)))),
  ],
])('%s, on 200 batches', (_, loss, loops) => {
  assertProperty(
    fc.property(
      towers.filter(({ rows }) => rows.flat().every((row) => length(row) > 1e-2)),
      ({ towers: z, rows, bits }) => {
        expect(furthest(loss(z, bits), loops(rows, bits)).error).toBeLessThanOrEqual(1e-11);
      },
    ),
    200,
  );
});

test('distance-weighted mining is a draw by weights from the numbers of its generator', () => {
  hold(
    ({ z, labels }) =>
      cg.batchTripletLoss(z, labels, { mining: 'distanceWeighted', normalize: true, generator: new cg.Generator(7) }),
    ({ rows, labels }) => {
      const generator = new cg.Generator(7);
      const sphere = rows.map(unit);
      const n = rows.length;
      const gaps: number[] = [];
      for (let a = 0; a < n; a++) {
        for (let p = 0; p < n; p++) {
          const scores = labels.map((label, k) => {
            const uniform = Math.fround(generator.uniform() + 2 ** -25);
            const d2 = Math.min(Math.max(distance2(sphere[a]!, sphere[k]!), 0.25), 4 * (1 - 1e-6));
            const size = sphere[0]!.length;
            const weight = ((2 - size) / 2) * Math.log(d2) + ((3 - size) / 2) * Math.log(1 - d2 / 4);
            return label === labels[a] ? -Infinity : weight - Math.log(-Math.log(uniform));
          });
          const best = Math.max(...scores);
          if (p === a || labels[p] !== labels[a] || best === -Infinity) continue;
          gaps.push(distance2(sphere[a]!, sphere[p]!) - distance2(sphere[a]!, sphere[scores.indexOf(best)]!));
        }
      }
      return orNone(
        gaps.map((gap) => Math.max(gap + 1, 0)),
        average,
      );
    },
  );
});

test('distance-weighted mining draws negatives by the inverse density of distances', () => {
  // An anchor, its positive, and two negatives at angles of 60 and 120 degrees: distances 1 and √3 in the plane's R³.
  const at = (degrees: number): number[] => [
    Math.cos((degrees * Math.PI) / 180),
    Math.sin((degrees * Math.PI) / 180),
    0,
    0,
  ];
  const rows = [at(0), at(0), at(60), at(120)].map(unit);
  const z = cg.tensor(rows, { dtype: 'float64' });
  const labels = [0, 0, 1, 2];
  const log = (d2: number): number => ((2 - 4) / 2) * Math.log(d2) + ((3 - 4) / 2) * Math.log(1 - d2 / 4);
  const share = Math.exp(log(1)) / (Math.exp(log(1)) + Math.exp(log(3)));
  const generator = new cg.Generator(1);
  const runs = 3000;
  let near = 0;
  for (let run = 0; run < runs; run++) {
    // The mean of two anchors' losses: 5 - d², with d² = 1 or 3 for each.
    const loss = cg.batchTripletLoss(z, labels, { mining: 'distanceWeighted', margin: 5, generator }).item();
    near += Math.round((loss - 2) / 1) / 2;
  }
  // Four standard errors of 2 x 3,000 draws.
  expect(Math.abs(near / runs - share)).toBeLessThan(4 * Math.sqrt((share * (1 - share)) / (2 * runs)));
  const listed = cg.mineTriplets(z, labels, { mining: 'distanceWeighted', generator });
  expect(listed.counts.triplets).toBe(2);
});
