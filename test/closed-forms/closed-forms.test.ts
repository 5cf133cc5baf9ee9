/** @file The closed forms against autograd, to 1e-12 in float64, and the forces they name. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as cg from '../../src/index.js';
import { type ClosedForm, grad, type Tensor, tensor } from '../../src/index.js';
import { furthest, labels as labelsOf, values } from '../../src/testing/index.js';
import { assertProperty } from '../support/depth.js';

const plain = (y: Tensor): number[] => [...y.dataSync()];

/** Towers of one random shape, and labels. */
const batches = (towers: number, classes: number, least: number): fc.Arbitrary<[Tensor[], number[]]> =>
  fc
    .tuple(fc.integer({ min: least, max: 6 }), fc.integer({ min: 1, max: 4 }))
    .chain(([n, d]) =>
      fc.tuple(fc.tuple(...Array.from({ length: towers }, () => values([n, d]))), labelsOf(n, classes).map(plain)),
    );

function agree(form: ClosedForm, loss: (...leaves: Tensor[]) => Tensor, inputs: readonly Tensor[]): void {
  const leaves = inputs.map((x) => tensor(x.dataSync(), { shape: x.shape, requiresGrad: true }));
  const value = loss(...leaves);
  expect(furthest(value, form.value).error).toBeLessThanOrEqual(1e-12);
  const gradients = grad(value, leaves, { allowUnused: true });
  expect(form.gradients).toHaveLength(gradients.length);
  gradients.forEach((g, i) => {
    expect(furthest(g, form.gradients[i]!).error).toBeLessThanOrEqual(1e-12);
  });
  for (const { weight, force, kind } of form.pairs) {
    expect(weight).toBeGreaterThanOrEqual(0);
    expect(['pull', 'push']).toContain(kind);
    expect(force.every(Number.isFinite)).toBe(true);
  }
}

/** The forces on each row add up to minus its gradient. */
function forcesAddUp({ gradients, pairs }: ClosedForm, part = 0): void {
  const sums = gradients[part]!.map((row) => row.map(() => 0));
  for (const { i, force } of pairs) {
    force.forEach((v, k) => {
      sums[i]![k]! -= v;
    });
  }
  expect(furthest(sums, gradients[part]! as number[][]).error).toBeLessThanOrEqual(1e-12);
}

const property = (
  inputs: fc.Arbitrary<[Tensor[], number[]]>,
  check: (towers: Tensor[], labels: number[]) => void,
): void =>
  assertProperty(
    fc.property(inputs, ([towers, labels]) => check(towers, labels)),
    200,
  );

describe('agrees with autograd', () => {
  test.each([{}, { margin: 3 }, { margin: 2, half: false }])('contrastive %o', (options) => {
    property(batches(2, 2, 1), (towers, labels) => {
      const form = cg.contrastiveGradient(towers[0]!, towers[1]!, labels, options);
      agree(form, (a, b) => cg.contrastiveLoss(a!, b!, labels, options), towers);
      forcesAddUp(form);
    });
  });

  test.each([{}, { margin: 3, half: false }])('all pairs of a batch %o', (options) => {
    property(batches(1, 3, 2), (towers, labels) => {
      const form = cg.batchContrastiveGradient(towers[0]!, labels, options);
      agree(form, (z) => cg.batchContrastiveLoss(z!, labels, options), towers);
    });
  });

  test.each([{}, { margin: 2, squared: false }])('triplets %o', (options) => {
    property(batches(3, 2, 1), (towers) => {
      const form = cg.tripletGradient(towers[0]!, towers[1]!, towers[2]!, options);
      agree(form, (a, p, n) => cg.tripletLoss(a!, p!, n!, options), towers);
      forcesAddUp(form);
    });
  });

  test.each([{}, { margin: 2, squared: false }])('all triplets of a batch %o', (options) => {
    property(batches(1, 3, 3), (towers, labels) => {
      fc.pre(cg.allTriplets(labels).counts.triplets > 0);
      const form = cg.batchTripletGradient(towers[0]!, labels, options);
      agree(form, (z) => cg.batchTripletLoss(z!, labels, options), towers);
    });
  });

  test.each([{ temperature: 0.5 }, { temperature: 1, normalize: false }])('InfoNCE %o', (options) => {
    property(batches(2, 2, 2), (towers) => {
      const form = cg.infoNCEGradient(towers[0]!, towers[1]!, options);
      agree(form, (q, k) => cg.infoNCELoss(q!, k!, options), towers);
      forcesAddUp(form);
    });
  });

  test('mutual information', () => {
    property(batches(2, 2, 2), (towers) => {
      const form = cg.mutualInformationGradient(towers[0]!, towers[1]!);
      agree(form, (l, g) => cg.mutualInformationLoss(l!, g!), towers);
    });
  });

  test.each([{}, { temperature: 1, normalize: false }])('NT-Xent %o', (options) => {
    property(batches(2, 2, 2), (towers) => {
      const form = cg.ntXentGradient(towers[0]!, towers[1]!, options);
      agree(form, (a, b) => cg.ntXentLoss(a!, b!, options), towers);
    });
  });

  test.each([{ temperature: 0.5 }, { temperature: 0.5, baseTemperature: 0.07 }, { temperature: 1, normalize: false }])(
    'the supervised contrastive loss %o',
    (options) => {
      property(batches(1, 3, 2), (towers, labels) => {
        fc.pre(new Set(labels).size < labels.length);
        const form = cg.supConGradient(towers[0]!, labels, options);
        // The factor τ / base magnifies rounding as well.
        agree(form, (z) => cg.supConLoss(z!, labels, options), towers);
      });
    },
  );
});

test('the gradient by scores has rows that sum to 0: what is pulled from others is pushed on them', () => {
  const q = cg.randn([5, 3], { dtype: 'float64', generator: new cg.Generator(1) });
  const form = cg.mutualInformationGradient(q, q);
  for (let i = 0; i < 5; i++) {
    const own = form.pairs.filter((pair) => pair.i === i);
    const signed = own.reduce((sum, { kind, weight }) => sum + (kind === 'pull' ? -weight : weight), 0);
    expect(Math.abs(signed)).toBeLessThan(1e-15);
  }
});

test('gradients of the formulas by hand: 2(n - p), 2(p - a), 2(a - n)', () => {
  const [a, p, n] = [[[0, 0]], [[1, 0]], [[0, 1]]].map((x) => tensor(x, { dtype: 'float64' })) as [
    Tensor,
    Tensor,
    Tensor,
  ];
  expect(furthest([...cg.tripletGradient(a, p, n).gradients].flat(2), [-2, 2, 2, 0, 0, -2]).error).toBe(0);
  const different = cg.contrastiveGradient(a, tensor([[0.6, 0]], { dtype: 'float64' }), [0]);
  expect(different.pairs[0]).toMatchObject({ i: 0, j: 0, kind: 'push' });
  expect(different.pairs[0]!.weight).toBeCloseTo(0.4, 14);
  expect(different.pairs[0]!.force[0]).toBeCloseTo(-0.4, 14);
});
