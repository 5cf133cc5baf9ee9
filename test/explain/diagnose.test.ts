/** @file The diagnosis of batches that are ill in known ways, and of one that is well. */
import { describe, expect, test } from 'vitest';
import { type Diagnosis, diagnose } from '../../src/explain/index.js';
import * as cg from '../../src/index.js';
import { Generator, type Tensor, tensor } from '../../src/index.js';

const point = (n: number, d = 3): Tensor => cg.full([n, d], 0.7, { dtype: 'float64' });
const random = (n: number, d = 3, seed = 1): Tensor =>
  cg.randn([n, d], { dtype: 'float64', generator: new Generator(seed) });
const labels = [0, 0, 1, 1, 2, 2];
const kinds = ({ findings }: Diagnosis): string[] => findings.map(({ kind }) => kind);

describe('at full collapse the verdict says so, against the constant of the loss', () => {
  test.each<[string, () => Diagnosis, number]>([
    [
      'contrastive',
      () => diagnose(cg.contrastiveLoss, [point(4), point(4), [1, 0, 0, 0]], { margin: 2 }),
      0.5 * 0.75 * 4,
    ],
    ['all pairs', () => diagnose(cg.batchContrastiveLoss, [point(6), labels], { margin: 2 }), 0.5 * (12 / 15) * 4],
    ['triplet', () => diagnose(cg.tripletLoss, [point(4), point(4), point(4)], { margin: 0.4 }), 0.4],
    ['all triplets', () => diagnose(cg.batchTripletLoss, [point(6), labels], { margin: 0.4 }), 0.4],
    ['InfoNCE', () => diagnose(cg.infoNCELoss, [point(6), point(6)]), Math.log(6)],
    ['InfoNCE, negatives', () => diagnose(cg.infoNCELoss, [point(6), point(6)], { negatives: point(9) }), Math.log(10)],
    ['NT-Xent', () => diagnose(cg.ntXentLoss, [point(5), point(5)]), Math.log(9)],
    [
      'SupCon',
      () => diagnose(cg.supConLoss, [point(6), labels], { baseTemperature: 0.07 }),
      (Math.log(5) * 0.1) / 0.07,
    ],
    ['mutual information', () => diagnose(cg.mutualInformationLoss, [point(6), point(6)]), Math.log(6)],
    [
      'jsd',
      () => diagnose(cg.mutualInformationLoss, [point(6).mul(0), point(6).mul(0)], { estimator: 'jsd' }),
      2 * Math.log(2),
    ],
    ['N-pair', () => diagnose(cg.nPairLoss, [point(6), point(6)], { l2: 0 }), Math.log(6)],
  ])('%s', (_, make, constant) => {
    const result = make();
    expect(result.collapseValue).toBeCloseTo(constant, 12);
    expect(result.loss).toBeCloseTo(constant, 12);
    expect(result.spread).toBeLessThan(1e-12);
    expect(kinds(result)[0]).toBe('collapse');
    expect(result.verdict).toContain('embeddings are all but one point');
  });

  test('squared triplets cannot leave it, which the advice tells; others can', () => {
    const advice = (squared: boolean): string =>
      diagnose(cg.batchTripletLoss, [point(6), labels], { squared }).findings[0]!.advice;
    expect(advice(true)).toContain('no step leads out: start again with squared: false');
    expect(advice(false)).not.toContain('squared');
  });
});

test('a batch with nothing wrong is told to be well, in figures', () => {
  const result = diagnose(cg.infoNCELoss, [random(6), random(6).add(random(6, 3, 2).mul(0.3))]);
  expect(kinds(result)).toEqual([]);
  expect(result.verdict).toMatch(
    /^Nothing looks wrong: loss \d.*\(one point for everything: 1\.792\), 36 of 36 pairs have a force, 2\.\d+ of 3 dimensions in use\.$/,
  );
  expect(result.gradientNorms.least).toBeGreaterThan(0);
  expect(result.active).toEqual({ positives: { count: 6, total: 6 }, negatives: { count: 30, total: 30 } });
});

test('a loss that starts at the constant of one point is told apart from collapse', () => {
  const result = diagnose(cg.mutualInformationLoss, [random(6).mul(0.01), random(6, 3, 2).mul(0.01)]);
  expect(kinds(result)).toContain('collapseValue');
  expect(result.spread).toBeGreaterThan(0.5);
});

test('a batch that is solved has no active pair, and the advice is harder ones', () => {
  const far = tensor(
    [
      [0, 0],
      [0, 0],
      [9, 0],
      [9, 0],
    ],
    { dtype: 'float64' },
  );
  const result = diagnose(cg.batchContrastiveLoss, [far, [0, 0, 1, 1]]);
  expect(kinds(result)).toEqual(['nothingActive', 'batch']);
  expect(result.findings[0]!.advice).toContain('harder negatives');
  expect(result.findings[1]!.message).toBe('4 rows are equal to another');
  expect(result.findings[1]!.advice).toContain('classes that have each been drawn to a point');
  const across = diagnose(cg.batchContrastiveLoss, [far, [0, 1, 0, 1]]);
  expect(across.findings.at(-1)!.advice).toContain('the encoder no longer tells them apart');
  expect(result.active.negatives).toEqual({ count: 0, total: 4 });
});

test('few active negatives, one dimension out of eight, and an InfoNCE that is solved', () => {
  const line = tensor(
    Array.from({ length: 10 }, (_, i) => [10 * i - 45, ...new Array(7).fill(0)]),
    { dtype: 'float64' },
  );
  const spread = diagnose(cg.batchContrastiveLoss, [line, [0, 0, 0, 0, 0, 1, 1, 1, 1, 1]], { margin: 10.5 });
  // Two classes need one dimension; ten would need more.
  expect(kinds(spread)).toEqual(['fewActive']);
  const many = diagnose(cg.infoNCELoss, [line, line.add(0.1)], { temperature: 0.5 });
  expect(kinds(many)).toContain('lowRank');
  expect(spread.findings[0]!.message).toBe('Only 1 of 25 negative pairs has a force');
  expect(spread.effectiveRank).toBeCloseTo(1, 10);
  const apart = diagnose(cg.batchContrastiveLoss, [line, [0, 0, 0, 0, 0, 1, 1, 1, 1, 1]]);
  expect(apart.findings[0]!.message).toContain('None of the 25 negative pairs has a force: the nearest lie 10 apart');
  // Neighbours of two classes lie nearer than the ends of one.
  expect(apart.findings[0]!.advice).toContain('though rows of one class lie up to 40 apart');
  const solved = cg.eye(8, { dtype: 'float64' });
  expect(kinds(diagnose(cg.infoNCELoss, [solved, solved], { temperature: 0.05 }))).toEqual([
    'identicalViews',
    'saturated',
  ]);
});

test('gradients that explode or vanish, and a loss that is no number', () => {
  const z = random(6);
  expect(kinds(diagnose(cg.batchContrastiveLoss, [z.mul(1e5), labels]))).toContain('explodingGradient');
  const swapped = tensor(
    [
      [1, 0],
      [-1, 0],
    ],
    { dtype: 'float64' },
  );
  const wrong = tensor(
    [
      [-1, 0],
      [1, 0],
    ],
    { dtype: 'float64' },
  );
  // On the sphere, opposite points feel no force along it however wrong they are.
  const stuck = diagnose(cg.infoNCELoss, [swapped, wrong]);
  expect(kinds(stuck)).toContain('vanishingGradient');
  expect(stuck.gradientNorms.most).toBeLessThan(1e-8);
  const broken = diagnose(cg.mutualInformationLoss, [tensor([[Number.NaN], [1]]), tensor([[1], [1]])]);
  expect(kinds(broken)[0]).toBe('notFinite');
  expect(broken.verdict).toMatch(/^The loss is NaN\. Find the operation/);
});

test('problems of the batch itself: zero rows, a margin out of reach, classes of one row, probable false negatives', () => {
  // Eight rows, a copy of the first under another label, and a row of zeros.
  const rows = cg.eye(10, { dtype: 'float64' }).toArray() as number[][];
  rows[8] = [...rows[0]!];
  rows[8][1] = 1e-9;
  rows[9] = rows[9]!.map(() => 0);
  const messagesOf = (of: number[][], labels: number[]): string[] =>
    diagnose(cg.supConLoss, [tensor(of, { dtype: 'float64' }), labels]).findings.map(({ message }) => message);
  const classes = [0, 0, 1, 1, 2, 2, 3, 3, 4, 3];
  const messages = messagesOf(rows, classes);
  expect(messages).toContain('1 row of length 0: no direction, and no gradient of it');
  expect(messages.some((message) => message.includes('alone in a class'))).toBe(true);
  expect(messages).toContain('2 rows are all but equal to one of another class');
  // In two dimensions rows of two classes point one way by chance, and distances know no direction.
  const flat = rows.map(([x, y]) => [x! + 1, y!]);
  expect(messagesOf(flat, classes).some((message) => message.includes('another class'))).toBe(false);
  const distances = diagnose(cg.batchContrastiveLoss, [tensor(rows, { dtype: 'float64' }), classes]);
  expect(distances.findings.some(({ message }) => message.includes('another class'))).toBe(false);
  const reach = diagnose(cg.batchContrastiveLoss, [random(6), labels], { normalize: true, margin: 3 });
  expect(reach.findings.at(-1)!.message).toBe('No distance on the unit sphere exceeds 2, the margin is 3');
});

test('the state of a generator that mining draws from goes on as after one loss', () => {
  const [once, diagnosed] = [new Generator(3), new Generator(3)];
  cg.batchTripletLoss(random(6), labels, { mining: 'distanceWeighted', generator: once });
  diagnose(cg.batchTripletLoss, [random(6), labels], { mining: 'distanceWeighted', generator: diagnosed });
  expect(diagnosed.state).toEqual(once.state);
});
