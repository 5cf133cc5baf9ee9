/** @file What must not change a loss. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as cg from '../../src/index.js';
import { type Tensor, tensor } from '../../src/index.js';
import { furthest, values } from '../../src/testing/index.js';
import { assertProperty } from '../support/depth.js';

const LABELS = [0, 0, 1, 1, 2, 0];
/** Every class twice at least: a singleton's duplicate would be a new positive. */
const PAIRED = [0, 0, 1, 1, 0, 1];
const N = LABELS.length;
const D = 3;
const rows = values([N, D]).filter((z) =>
  z
    .square()
    .sum({ axis: 1 })
    .dataSync()
    .every((v) => v > 0.2),
);
const towers = fc.tuple(rows, rows);
const take = (z: Tensor, order: readonly number[]): Tensor =>
  cg.gather(
    z,
    tensor(
      order.map((i) => [i]),
      { dtype: 'int32' },
    ).broadcastTo([order.length, z.shape[1]!]),
    { axis: 0 },
  );

/** Losses of two towers with labels for the first; every one that a permutation must leave alone. */
const losses: Record<string, (a: Tensor, b: Tensor, labels: readonly number[]) => Tensor> = {
  contrastive: (a, b, y) =>
    cg.contrastiveLoss(
      a,
      b,
      y.map((label) => label % 2),
      { margin: 2 },
    ),
  batchContrastive: (a, _, y) => cg.batchContrastiveLoss(a, y, { margin: 2 }),
  triplet: (a, b) => cg.tripletLoss(a, b, cg.flip(b, { axis: 1 }), { margin: 2 }),
  'batchTriplet all': (a, _, y) => cg.batchTripletLoss(a, y, { margin: 2 }),
  'batchTriplet hard': (a, _, y) => cg.batchTripletLoss(a, y, { mining: 'hard', margin: 4 }),
  'batchTriplet semiHard': (a, _, y) => cg.batchTripletLoss(a, y, { mining: 'semiHard', margin: 4 }),
  infoNCE: (a, b) => cg.infoNCELoss(a, b),
  ntXent: (a, b) => cg.ntXentLoss(a, b),
  supCon: (a, _, y) => cg.supConLoss(a, y),
  mutualInformation: (a, b) => cg.mutualInformationLoss(a, b),
  jsd: (a, b) => cg.mutualInformationLoss(a, b, { estimator: 'jsd' }),
  dv: (a, b) => cg.mutualInformationLoss(a, b, { estimator: 'dv' }),
};
const named = Object.entries(losses);
function same(a: Tensor, b: Tensor, tolerance = 1e-11): void {
  expect(furthest(a, b).error).toBeLessThanOrEqual(tolerance);
}

test.each(named)('%s: the order of the batch does not matter', (_, loss) => {
  const order = [3, 0, 5, 1, 4, 2];
  assertProperty(
    fc.property(towers, ([a, b]) =>
      same(
        loss(
          take(a, order),
          take(b, order),
          order.map((i) => LABELS[i]!),
        ),
        loss(a, b, LABELS),
      ),
    ),
  );
});

/** A rotation by three angles. */
const rotation = (angles: readonly number[]): Tensor => {
  const turn = (p: number, q: number, angle: number): Tensor => {
    const m = cg.eye(D, { dtype: 'float64' }).toArray() as number[][];
    [m[p]![p], m[p]![q], m[q]![p], m[q]![q]] = [Math.cos(angle), -Math.sin(angle), Math.sin(angle), Math.cos(angle)];
    return tensor(m, { dtype: 'float64' });
  };
  return turn(0, 1, angles[0]!)
    .matmul(turn(1, 2, angles[1]!))
    .matmul(turn(0, 2, angles[2]!));
};

test.each(named.filter(([name]) => name !== 'triplet'))('%s: turning the space does not matter', (_, loss) => {
  const angles = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 3, maxLength: 3 });
  assertProperty(
    fc.property(towers, angles, ([a, b], turned) => {
      const r = rotation(turned);
      same(loss(a.matmul(r), b.matmul(r), LABELS), loss(a, b, LABELS), 1e-9);
    }),
  );
});

test.each(named.filter(([name]) => /infoNCE|ntXent|supCon/.test(name)))(
  '%s: cosines do not see the length of rows',
  (_, loss) => {
    const factors = values([N, 1], [0.5, 3]);
    assertProperty(
      fc.property(towers, factors, ([a, b], by) => same(loss(a.mul(by), b.mul(by), LABELS), loss(a, b, LABELS), 1e-9)),
    );
  },
);

describe('a shared offset of all scores of a row does not matter', () => {
  test.each(['mutualInformation', 'infoNCE raw'])('%s', (name) => {
    const loss = (a: Tensor, b: Tensor): Tensor =>
      name === 'infoNCE raw'
        ? cg.infoNCELoss(a, b, { normalize: false, temperature: 1 })
        : cg.mutualInformationLoss(a, b);
    assertProperty(
      fc.property(towers, values([1, D]), ([a, b], shift) => same(loss(a, b.add(shift)), loss(a, b), 1e-10)),
    );
  });
});

test.each<[string, (a: Tensor, b: Tensor) => Tensor]>([
  ['InfoNCE, symmetric', (a, b) => cg.infoNCELoss(a, b, { symmetric: true })],
  ['NT-Xent', (a, b) => cg.ntXentLoss(a, b)],
  ['mutual information, symmetric', (a, b) => cg.mutualInformationLoss(a, b, { symmetric: true })],
  ['jsd', (a, b) => cg.mutualInformationLoss(a, b, { estimator: 'jsd' })],
  ['dv', (a, b) => cg.mutualInformationLoss(a, b, { estimator: 'dv' })],
  ['contrastive', (a, b) => cg.contrastiveLoss(a, b, [0, 1, 0, 1, 0, 1])],
])('%s: towers can be swapped', (_, loss) => {
  assertProperty(fc.property(towers, ([a, b]) => same(loss(a, b), loss(b, a))));
});

test.each<[string, (a: Tensor, b: Tensor) => Tensor]>([
  [
    'contrastive',
    (a, b) => cg.contrastiveLoss(a, b, a.shape[0] === N ? [0, 1, 0, 1, 0, 1] : [0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1]),
  ],
  ['triplet', (a, b) => cg.tripletLoss(a, b, cg.flip(b, { axis: 1 }))],
  [
    'triplet, hard',
    (a) => cg.batchTripletLoss(a, a.shape[0] === N ? PAIRED : [...PAIRED, ...PAIRED], { mining: 'hard' }),
  ],
])('%s: a batch twice is the batch', (_, loss) => {
  assertProperty(fc.property(towers, ([a, b]) => same(loss(cg.concat([a, a]), cg.concat([b, b])), loss(a, b))));
});
