/** @file Diagnoses that were wrong: what they say now of the batches that were reported. The table of situations has many more. */
import { expect, test } from 'vitest';
import { type Diagnosis, diagnose } from '../../src/explain/index.js';
import {
  batchContrastiveLoss,
  batchTripletLoss,
  concat,
  Generator,
  infoNCELoss,
  mutualInformationLoss,
  ones,
  randn,
  slice,
  supConLoss,
  type Tensor,
  tripletLoss,
  validateBatch,
} from '../../src/index.js';

const rows = (n: number, d: number, seed = 1): Tensor =>
  randn([n, d], { dtype: 'float64', generator: new Generator(seed) });
const kinds = ({ findings }: Diagnosis): string[] => findings.map(({ kind }) => kind);

test('rows far from the origin are no collapse to squared distances: their gradients are 0.66 and more', () => {
  const labels = [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2];
  const [near, far] = [rows(12, 6), rows(12, 6).add(300)].map((z) => diagnose(batchTripletLoss, [z, labels]));
  expect(far!.gradientNorms.most).toBeGreaterThan(0.5);
  expect(kinds(far!)).toEqual(kinds(near!));
  expect(kinds(far!)).not.toContain('collapse');
  expect(far!.spread).toBeCloseTo(near!.spread, 6);
  expect(far!.effectiveRank).toBeCloseTo(near!.effectiveRank!, 6);
});

test('a margin of 2.5 is within the reach of squared distances, which is 4', () => {
  const triplet = [rows(8, 4), rows(8, 4, 2), rows(8, 4, 3)] as [Tensor, Tensor, Tensor];
  const of = (margin: number): Diagnosis => diagnose(tripletLoss, triplet, { normalize: true, margin });
  expect(kinds(of(2.5))).not.toContain('unreachableMargin');
  expect(of(4.1).verdict).toContain('No squared distance on the unit sphere exceeds 4, the margin is 4.1');
  const unit = ones([2, 1]);
  expect(validateBatch(unit, [0, 1], { margin: 4.1, squared: true }).problems.at(-1)!.message).toBe(
    'no squared distance on the unit sphere exceeds 4, the margin is 4.1',
  );
});

test('one class, or no two of a class, is not a batch that is solved', () => {
  const options = { onEmpty: 'zero' } as const;
  for (const labels of [new Array<number>(6).fill(0), [0, 1, 2, 3, 4, 5]]) {
    for (const result of [
      diagnose(batchTripletLoss, [rows(6, 4), labels], options),
      diagnose(supConLoss, [rows(6, 4), labels], options),
      diagnose(batchContrastiveLoss, [rows(6, 4), labels]),
    ]) {
      expect(result.verdict).toMatch(/All rows are of one class|no two rows are of one class/);
      expect(result.verdict).not.toContain('margin');
      expect(kinds(result)).not.toContain('nothingActive');
    }
  }
});

test('the value of one point is that of the loss there: jsd, normalised, temperature 0.2', () => {
  const point = ones([6, 4], { dtype: 'float64' });
  const options = { estimator: 'jsd', normalize: true, temperature: 0.2 } as const;
  const collapsed = diagnose(mutualInformationLoss, [point, point], options);
  expect(collapsed.loss).toBeCloseTo(5.0134, 4);
  expect(collapsed.collapseValue).toBeCloseTo(collapsed.loss, 12);
  expect(diagnose(mutualInformationLoss, [rows(6, 4), rows(6, 4, 2)], options).collapseValue).toBeCloseTo(5.0134, 4);
});

test('views that do not differ are named, not the encoder', () => {
  const z = rows(8, 6);
  const result = diagnose(infoNCELoss, [z, z]);
  expect(result.verdict).toContain('The two rows of all 8 pairs that should be near are equal');
  expect(result.findings.map(({ advice }) => advice).join()).not.toContain('encoder no longer');
});

test('a tiny margin is named, and no classes that lie apart', () => {
  const result = diagnose(batchContrastiveLoss, [rows(12, 4), [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]], { margin: 0.01 });
  expect(result.verdict).toMatch(/^The margin \(0\.01\) asks for a distance of 0\.01, and two rows usually lie/);
  expect(result.findings.map(({ advice }) => advice).join()).not.toContain('classes lie apart');
});

test('labels that are a row off, and a temperature of 0.001, are noticed', () => {
  const keys = rows(16, 6);
  const queries = keys.add(rows(16, 6, 2).mul(0.02));
  const rotated = diagnose(infoNCELoss, [queries, concat([slice(keys, { starts: [1] }), slice(keys, { ends: [1] })])]);
  expect(rotated.loss).toBeGreaterThan(3 * rotated.collapseValue);
  expect(kinds(rotated)[0]).toBe('labels');
  const cold = diagnose(infoNCELoss, [rows(16, 6), rows(16, 6, 2)], { temperature: 0.001 });
  expect(cold.loss).toBeGreaterThan(100);
  expect(kinds(cold)[0]).toBe('cold');
});
