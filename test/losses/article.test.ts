/**
 * @file A widely copied InfoNCE snippet, which never runs as written: each of its errors, and what a wrong repair computes.
 * Plus the parity between a loss' formula and its code.
 */
import { describe, expect, test } from 'vitest';
import * as cg from '../../src/index.js';
import { type Tensor, tensor } from '../../src/index.js';
import { logSumExp, scoresOf } from '../ops/references.js';

const { conventions } = cg;
const B = 4;
const V = 2;
/** Perfect views: both views of sample b are the unit vector e_b. */
const perfect = cg.eye(B, { dtype: 'float64' }).expandDims(1).broadcastTo([B, V, B]);
const samples = [0, 1, 2, 3];
const right = Math.log1p(6 * Math.exp(-10));

/** The snippet's loss over rows and a mask of positives, shapes repaired. */
function bySnippet(rows: number[][], isPositive: (i: number, j: number) => boolean): number {
  const scores = scoresOf(rows, rows, 0.1);
  const losses = rows.map((_, i) => {
    const others = [...rows.keys()].filter((j) => j !== i);
    const denominator = logSumExp(others.map((j) => scores[i]![j]!));
    const terms = others.filter((j) => isPositive(i, j)).map((j) => denominator - scores[i]![j]!);
    return terms.reduce((sum, v) => sum + v, 0) / terms.length;
  });
  return losses.reduce((sum, v) => sum + v, 0) / losses.length;
}

const sampleMajor = cg.reshape(perfect, [B * V, B]).toArray() as number[][];

describe('the snippet, repaired', () => {
  test('unbind along the batch and cat flattens: features must stay rows', () => {
    const unbound = cg.split(perfect, 1).map((x) => cg.squeeze(x));
    // Taken from rows of one view [B, D], as the snippet's call has it, the same two calls leave one axis.
    const oneView = cg.split(cg.eye(B), 1).map((x) => cg.squeeze(x));
    expect(cg.concat(oneView).rank).toBe(1);
    expect(cg.concat(unbound).shape).toEqual([B * V, B]);
    expect(() => cg.supConLoss(cg.concat(oneView), samples)).toThrow(
      'supConLoss: needs features [N, D] or [B, V, D], got [16]',
    );
  });

  test('no device is named: the loss runs where its features live', () => {
    const device = { ...cg.cpu, name: 'cpu:2' };
    const loss = cg.supConLoss(perfect.to(device), samples);
    expect(loss.device).toBe(device);
    expect(loss.item()).toBeCloseTo(right, 12);
  });

  test('the diagonal of 2B rows does not fit a mask of width B: scatter refuses it', () => {
    const mask = cg.ones([B * V, B], { dtype: 'int32' });
    const diagonal = cg.arange(B * V).expandDims(1);
    expect(() => cg.scatterAdd(mask, diagonal, cg.ones([B * V, 1], { dtype: 'int32' }), { axis: 1 })).toThrow(
      'scatterAdd: indices must be from 0 to 3, got 4 at element 4',
    );
  });

  test('a mask repeated B times along rows has no place for the views: it is repeated V x V', () => {
    const mask = cg.eye(B);
    const repeatedWrong = cg.concat(Array.from({ length: B }, () => mask));
    const row = cg.concat(
      Array.from({ length: V }, () => mask),
      { axis: 1 },
    );
    const repeatedRight = cg.concat(Array.from({ length: V }, () => row));
    const scores = cg.zeros([B * V, B * V]);
    expect(() => scores.mul(repeatedWrong)).toThrow('mul: cannot broadcast [8, 8] with [16, 4]');
    expect(scores.mul(repeatedRight).shape).toEqual([B * V, B * V]);
  });

  test.each([1, 2, 3])('%i views: two are not built in', (views) => {
    const features = cg.eye(B, { dtype: 'float64' }).expandDims(1).broadcastTo([B, views, B]);
    if (views === 1) expect(() => cg.supConLoss(features, samples)).toThrow('the batch has no positive');
    else {
      const others = (B - 1) * views;
      const wanted = Math.log(views - 1 + others * Math.exp(-10));
      expect(cg.supConLoss(features, samples).item()).toBeCloseTo(wanted, 12);
    }
  });

  test('the trap: sample-major rows under a view-major mask give 10.000272 in place of 0.000272', () => {
    const bySample = (i: number, j: number): boolean => Math.floor(i / V) === Math.floor(j / V);
    const byView = (i: number, j: number): boolean => i % B === j % B;
    expect(bySnippet(sampleMajor, bySample)).toBeCloseTo(right, 12);
    expect(bySnippet(sampleMajor, byView)).toBeCloseTo(10 + right, 12);
    expect(right.toFixed(6)).toBe('0.000272');
    const loss = cg.supConLoss(perfect, samples);
    expect(loss.item()).toBeCloseTo(right, 12);
    const [first, second] = cg.split(perfect, 1, { axis: 1 }).map((x) => cg.squeeze(x, { axis: 1 })) as [
      Tensor,
      Tensor,
    ];
    expect(cg.ntXentLoss(first, second, { temperature: 0.1 }).item()).toBeCloseTo(right, 12);
  });

  test('its factor temperature / 0.07 is the base temperature', () => {
    const options = { temperature: 0.1, ...conventions.supCon.articleCode };
    expect(cg.supConLoss(perfect, samples, options).item()).toBeCloseTo((right * 0.1) / 0.07, 12);
  });
});

const rows = (seed: number): Tensor => cg.randn([6, 3], { dtype: 'float64', generator: new cg.Generator(seed) });
const labels = [0, 1, 1, 0, 1, 0];

test('articleCode(1 - y) = 2 x articleFormula(y), up to its eps', () => {
  const [a, b] = [rows(1), rows(2)];
  const { articleCode, articleFormula } = conventions.contrastive;
  const code = cg.contrastiveLoss(
    a,
    b,
    labels.map((y) => 1 - y),
    { margin: 2, ...articleCode },
  );
  const formula = cg.contrastiveLoss(a, b, labels, { margin: 2, ...articleFormula });
  expect(Math.abs(code.item() - 2 * formula.item())).toBeLessThan(1e-5);
  const exact = cg.contrastiveLoss(
    a,
    b,
    labels.map((y) => 1 - y),
    { margin: 2, ...articleCode, eps: 0 },
  );
  expect(exact.item()).toBeCloseTo(2 * formula.item(), 13);
});

test("torch's eps moves duplicates along (1, …, 1); without it they are at rest", () => {
  const a = tensor([[1, 2]], { dtype: 'float64', requiresGrad: true });
  const loss = (options: object): number[] => [
    ...cg.grad(cg.contrastiveLoss(a, a.detach(), [0], options), [a])[0]!.dataSync(),
  ];
  expect(loss({})).toEqual([0, 0]);
  const [p, q] = loss({ eps: 1e-6 }) as [number, number];
  expect(p).toBeCloseTo(q, 9);
  expect(p).toBeLessThan(-0.7);
});

test('conventions are frozen, and hold only what differs', () => {
  expect(Object.isFrozen(conventions)).toBe(true);
  expect(Object.isFrozen(conventions.contrastive.keras)).toBe(true);
  expect(conventions.contrastive.articleFormula).toEqual({});
  expect(() => Object.assign(conventions.triplet.torch, { margin: 3 })).toThrow(TypeError);
});

test('in-batch InfoNCE without normalisation and temperature is the mutual-information loss', () => {
  const [a, b] = [rows(3), rows(4)];
  const nce = cg.infoNCELoss(a, b, conventions.infoNCE.articleFormula);
  expect(nce.item()).toBe(cg.mutualInformationLoss(a, b).item());
});
