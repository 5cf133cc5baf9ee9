/** @file The forces of pairs add up to minus the gradient, for every loss and option, and equal the closed forms. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type AttributableLoss,
  type Attribution,
  attribution,
  type Force,
  type InputsOf,
  type OptionsOf,
} from '../../src/explain/index.js';
import * as cg from '../../src/index.js';
import { type ClosedForm, Generator, type Tensor, tensor } from '../../src/index.js';
import { labels as labelsOf, values } from '../../src/testing/index.js';
import { assertProperty } from '../support/depth.js';

const TOLERANCE = 1e-12;

/** How far two lists of numbers are apart, relative to the largest (at least 1). */
function apart(actual: readonly number[], wanted: readonly number[]): number {
  expect(actual).toHaveLength(wanted.length);
  const scale = Math.max(1, ...wanted.map(Math.abs));
  return Math.max(0, ...actual.map((v, i) => Math.abs(v - wanted[i]!) / scale));
}

/** The forces on each row, added. */
function sums({ gradients, forces }: Attribution): number[][][] {
  const total = gradients.map((rows) => rows.map((row) => row.map(() => 0)));
  for (const { on, force } of forces) {
    force.forEach((v, t) => {
      total[on.input]![on.row]![t]! += v;
    });
  }
  return total;
}

interface Batch {
  readonly towers: Tensor[];
  readonly labels: number[];
}

const batches = (towers: number, classes: number, least: number): fc.Arbitrary<Batch> =>
  fc.tuple(fc.integer({ min: least, max: 6 }), fc.integer({ min: 1, max: 4 })).chain(([n, d]) =>
    fc.record({
      towers: fc.tuple(...Array.from({ length: towers }, () => values([n, d]))),
      labels: labelsOf(n, classes).map((y) => [...y.dataSync()]),
    }),
  );

/** Forces add up to minus the gradient that autograd computes here anew, and the value is the loss. */
function addUp<Loss extends AttributableLoss>(
  lossFn: Loss,
  inputs: InputsOf<Loss>,
  options: OptionsOf<Loss>,
): Attribution {
  const result = attribution(lossFn, inputs, options);
  const leaves = (inputs as unknown[]).map((x) =>
    x instanceof cg.Tensor ? tensor(x.dataSync(), { shape: x.shape, requiresGrad: true }) : x,
  );
  const loss = (lossFn as (...args: unknown[]) => Tensor)(...leaves, options);
  const wanted = cg.grad(loss, leaves.filter((x) => x instanceof cg.Tensor) as Tensor[], { allowUnused: true });
  expect(apart([result.value], [loss.item()])).toBeLessThanOrEqual(TOLERANCE);
  const added = sums(result);
  wanted.forEach((gradient, input) => {
    const negative = [...gradient.dataSync()].map((v) => -v);
    expect(apart(added[input]!.flat(), negative)).toBeLessThanOrEqual(TOLERANCE);
    expect(apart(result.gradients[input]!.flat(), [...gradient.dataSync()])).toBeLessThanOrEqual(TOLERANCE);
  });
  for (const { kind, slope, relation } of result.forces) {
    if (relation === 'self') continue;
    const drawn = result.quantity === 'distance' ? slope > 0 : slope < 0;
    expect(kind).toBe(slope === 0 ? 'none' : drawn ? 'pull' : 'push');
  }
  return result;
}

function property(inputs: fc.Arbitrary<Batch>, check: (batch: Batch) => void): void {
  assertProperty(fc.property(inputs, check));
}

const DISTANCES = ['euclidean', 'squaredEuclidean', 'cosine', 'dot', { p: 3 }] as const;

describe('forces add up to minus the gradient', () => {
  test.each([
    {},
    { margin: 3, half: false },
    { squareTerms: false, margin: 2 },
    { labelMeans: 'different', reduction: 'sum' },
    { eps: 0.1, floor: 0.5, margin: 2 },
    { normalize: true },
    ...DISTANCES.map((distance) => ({ distance, margin: 2 })),
  ] as cg.ContrastiveOptions[])('contrastiveLoss %j', (options) => {
    property(batches(2, 2, 1), ({ towers: [a, b], labels }) => {
      addUp(cg.contrastiveLoss, [a!, b!, labels], options);
    });
  });

  test.each([
    {},
    { margin: 3, half: false, squareTerms: false },
    { average: 'nonZeroPerKind' },
    cg.conventions.contrastive.metricLearning,
    ...DISTANCES.map((distance) => ({ distance, margin: 2 })),
  ] as cg.BatchContrastiveOptions[])('batchContrastiveLoss %j', (options) => {
    property(batches(1, 3, 2), ({ towers: [z], labels }) => {
      addUp(cg.batchContrastiveLoss, [z!, labels], options);
    });
  });

  test.each([
    {},
    { squared: false, margin: 2 },
    { swap: true },
    { swap: true, squared: false, smooth: true },
    { normalize: true, margin: 0.2, reduction: 'sum' },
    ...DISTANCES.map((distance) => ({ distance, squared: false })),
  ] as cg.TripletOptions[])('tripletLoss %j', (options) => {
    property(batches(3, 2, 1), ({ towers: [a, p, n] }) => {
      addUp(cg.tripletLoss, [a!, p!, n!], options);
    });
  });

  test.each([
    {},
    { squared: false, margin: 2, average: 'violating' },
    { mining: 'hard' },
    { mining: 'semiHard', smooth: true },
    { distance: 'cosine', squared: false },
    cg.conventions.triplet.sentenceTransformersHard,
  ] as cg.BatchTripletOptions[])('batchTripletLoss %j', (options) => {
    property(batches(1, 3, 3), ({ towers: [z], labels }) => {
      fc.pre(cg.allTriplets(labels).counts.triplets > 0);
      addUp(cg.batchTripletLoss, [z!, labels], options);
    });
  });

  test('batchTripletLoss with distance-weighted mining, both drawing the same negatives', () => {
    property(batches(1, 3, 3), ({ towers: [z], labels }) => {
      fc.pre(cg.allTriplets(labels).counts.triplets > 0 && z!.shape[1]! > 1);
      const options = (): cg.BatchTripletOptions => ({ mining: 'distanceWeighted', generator: new Generator(5) });
      const leaf = tensor(z!.dataSync(), { shape: z!.shape, requiresGrad: true });
      const [wanted] = cg.grad(cg.batchTripletLoss(leaf, labels, options()), [leaf]);
      const { gradients } = attribution(cg.batchTripletLoss, [z!, labels], options());
      expect(apart(gradients.flat(2), [...wanted!.dataSync()])).toBeLessThanOrEqual(TOLERANCE);
    });
  });

  test.each([
    {},
    { temperature: 0.5, symmetric: true },
    { temperature: 1, normalize: false, reduction: 'sum' },
  ] as cg.InfoNCEOptions[])('infoNCELoss %j', (options) => {
    property(batches(2, 2, 2), ({ towers: [q, k] }) => {
      addUp(cg.infoNCELoss, [q!, k!], options);
    });
  });

  test('infoNCELoss with negatives of its own: the forces on queries and positives', () => {
    property(batches(3, 2, 1), ({ towers: [q, k, n] }) => {
      const [count, size] = n!.shape as [number, number];
      addUp(cg.infoNCELoss, [q!, k!], { negatives: n! });
      const perQuery = tensor([...n!.dataSync(), ...k!.dataSync()], { shape: [count, 2, size], dtype: 'float64' });
      addUp(cg.infoNCELoss, [q!, k!], { negatives: perQuery, temperature: 0.5 });
    });
  });

  test.each([{}, { temperature: 1, normalize: false }] as cg.NTXentOptions[])('ntXentLoss %j', (options) => {
    property(batches(2, 2, 2), ({ towers: [a, b] }) => {
      addUp(cg.ntXentLoss, [a!, b!], options);
    });
  });

  test.each([
    {},
    { temperature: 0.5, baseTemperature: 0.07 },
    { denominator: 'otherPositivesExcluded', temperature: 0.3 },
    { normalize: false, temperature: 1 },
  ] as cg.SupConOptions[])('supConLoss %j', (options) => {
    property(batches(1, 3, 2), ({ towers: [z], labels }) => {
      fc.pre(new Set(labels).size < labels.length);
      addUp(cg.supConLoss, [z!, labels], options);
      const [count, size] = z!.shape as [number, number];
      const views = tensor(
        [...z!.dataSync(), ...z!.dataSync()].map((v, i) => v + (i % 3)),
        {
          shape: [count, 2, size],
          dtype: 'float64',
        },
      );
      addUp(cg.supConLoss, [views, labels], options);
    });
  });

  test.each([
    {},
    { symmetric: true, normalize: true, temperature: 0.5 },
    { estimator: 'jsd' },
    { estimator: 'dv' },
  ] as cg.MutualInformationOptions[])('mutualInformationLoss %j', (options) => {
    property(batches(2, 2, 2), ({ towers: [l, g] }) => {
      addUp(cg.mutualInformationLoss, [l!, g!], options);
      const [count, size] = l!.shape as [number, number];
      const places = tensor([...l!.dataSync(), ...g!.dataSync()], { shape: [count, 2, size], dtype: 'float64' });
      if (!options.symmetric) addUp(cg.mutualInformationLoss, [places, g!], options);
    });
  });

  test('nPairLoss: a row is also drawn to the origin, by itself', () => {
    property(batches(2, 2, 2), ({ towers: [a, p] }) => {
      const { forces } = addUp(cg.nPairLoss, [a!, p!], { l2: 0.5 });
      const own = forces.filter(({ relation }) => relation === 'self');
      expect(own).toHaveLength(2 * a!.shape[0]!);
      expect(own.every(({ from }) => from === null)).toBe(true);
    });
  });
});

/** The force on each row from each other row, by the closed form's pairs; `reacts` where the other row feels the opposite. */
function byPairs({ pairs }: ClosedForm, from: number, reacts: boolean): Map<string, number[]> {
  const total = new Map<string, number[]>();
  const put = (key: string, force: readonly number[]): void => {
    total.set(
      key,
      force.map((v, t) => v + (total.get(key)?.[t] ?? 0)),
    );
  };
  for (const { i, j, force } of pairs) {
    put(`0 ${i} ${from} ${j}`, force);
    if (reacts)
      put(
        `${from} ${j} 0 ${i}`,
        force.map((v) => -v),
      );
  }
  return total;
}

const keyOf = ({ on, from }: Force): string => `${on.input} ${on.row} ${from!.input} ${from!.row}`;

/** Every pair of the closed form is a pair of the attribution, with the same force; the others have none. */
function samePairs({ forces }: Attribution, wanted: Map<string, number[]>, onlyOn?: number): void {
  let compared = 0;
  for (const force of forces) {
    if (onlyOn !== undefined && force.on.input !== onlyOn) continue;
    const closed = wanted.get(keyOf(force)) ?? force.force.map(() => 0);
    if (wanted.has(keyOf(force))) compared++;
    expect(apart(force.force, closed)).toBeLessThanOrEqual(TOLERANCE);
  }
  expect(compared).toBe(wanted.size);
}

describe('each force equals the closed form', () => {
  test.each([{}, { margin: 3, half: false }])('contrastive %j', (options) => {
    property(batches(2, 2, 1), ({ towers: [a, b], labels }) => {
      const closed = cg.contrastiveGradient(a!, b!, labels, options);
      samePairs(attribution(cg.contrastiveLoss, [a!, b!, labels], options), byPairs(closed, 1, true));
    });
    property(batches(1, 3, 2), ({ towers: [z], labels }) => {
      const closed = cg.batchContrastiveGradient(z!, labels, options);
      samePairs(attribution(cg.batchContrastiveLoss, [z!, labels], options), byPairs(closed, 0, true));
    });
  });

  test.each([{}, { margin: 2, squared: false }])('triplets of a batch %j', (options) => {
    property(batches(1, 3, 3), ({ towers: [z], labels }) => {
      fc.pre(cg.allTriplets(labels).counts.triplets > 0);
      const closed = cg.batchTripletGradient(z!, labels, options);
      samePairs(attribution(cg.batchTripletLoss, [z!, labels], options), byPairs(closed, 0, true));
    });
  });

  test.each([{ temperature: 0.5 }, { temperature: 1, normalize: false }])(
    'InfoNCE and mutual information %j',
    (options) => {
      property(batches(2, 2, 2), ({ towers: [q, k] }) => {
        const closed = byPairs(cg.infoNCEGradient(q!, k!, options), 1, false);
        samePairs(attribution(cg.infoNCELoss, [q!, k!], options), closed, 0);
        const raw = byPairs(cg.mutualInformationGradient(q!, k!, options), 1, false);
        samePairs(attribution(cg.mutualInformationLoss, [q!, k!], options), raw, 0);
      });
    },
  );

  test('the triplet: 2(n - p) on the anchor, in two parts; 2(a - p)… on the others', () => {
    const f64 = (x: number[][]): Tensor => tensor(x, { dtype: 'float64' });
    const { forces, value } = attribution(cg.tripletLoss, [f64([[0, 0]]), f64([[1, 0]]), f64([[0, 1]])]);
    expect(value).toBe(1);
    expect(
      forces.map(({ on, from, kind, force }) => [on.input, from!.input, kind, ...force.map((v) => v + 0)]),
    ).toEqual([
      [0, 1, 'pull', 2, 0],
      [1, 0, 'pull', -2, 0],
      [0, 2, 'push', 0, -2],
      [2, 0, 'push', 0, 2],
    ]);
  });
});

test('a pair outside the margin exerts no force, and is listed all the same', () => {
  const [a, b] = [tensor([[0, 0]]), tensor([[3, 0]])];
  const { forces } = attribution(cg.contrastiveLoss, [a, b, [0]]);
  expect(forces).toHaveLength(2);
  expect(forces[0]).toMatchObject({ relation: 'negative', kind: 'none', measure: 3, slope: 0 });
  expect(forces.flatMap(({ force }) => force).every((v) => v === 0)).toBe(true);
});

test('takes float32, int32 labels, a temperature to be learned, a memory bank', () => {
  const z = cg.randn([4, 3], { generator: new Generator(1) });
  const options = { temperature: tensor(0.5, { requiresGrad: true }) };
  const labels = tensor([0, 1, 0, 1], { dtype: 'int32' });
  const { value } = attribution(cg.supConLoss, [z, labels], options);
  expect(value).toBeCloseTo(cg.supConLoss(z, labels, options).item(), 5);
  const bank = cg.memoryBank({ size: 8, dim: 3 });
  bank.push(z);
  const withBank = attribution(cg.infoNCELoss, [z, z], { negatives: bank });
  expect(withBank.value).toBeCloseTo(cg.infoNCELoss(z, z, { negatives: bank }).item(), 5);
  expect(withBank.forces.filter(({ on }) => on.input === 2)).toHaveLength(4 * 4);
});

test('a function that it does not know, and a loss that is no scalar, are refused', () => {
  const z = tensor([
    [1, 0],
    [0, 1],
  ]);
  const other = cg.contrastiveLossFromDistance as unknown as typeof cg.contrastiveLoss;
  expect(() => attribution(other, [z, z, [0, 1]])).toThrow(
    'attribution: knows the pairs of contrastiveLoss, batchContrastiveLoss, tripletLoss, batchTripletLoss, infoNCELoss, ' +
      'ntXentLoss, supConLoss, mutualInformationLoss, nPairLoss, got contrastiveLossFromDistance',
  );
  expect(() => attribution(cg.infoNCELoss, [z, z], { reduction: 'none' })).toThrow(
    "attribution: needs a scalar loss, got [2]; not reduction: 'none'",
  );
  expect(() => attribution(cg.infoNCELoss, [z, z], { temperature: -1 })).toThrow(
    'infoNCELoss: temperature must be a positive finite number, got -1',
  );
});
