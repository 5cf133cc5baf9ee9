/** @file The rows of the reductions. */
import * as cg from '../../src/index.js';
import { tensor } from '../../src/index.js';
import { anyTensor, values } from '../../src/testing/index.js';
import { type Case, distinct } from './cases.js';
import { average, flat, matrix } from './references.js';

const columns = (x: Parameters<typeof matrix>[0]): number[][] =>
  matrix(x)[0]!.map((_, j) => matrix(x).map((r) => r[j]!));
const spread = (list: number[], correction: number): number =>
  list.reduce((sum, v) => sum + (v - average(list)) ** 2, 0) / (list.length - correction);
const logSum = (list: number[]): number => Math.log(list.reduce((sum, v) => sum + Math.exp(v), 0));
const keep = (): cg.Tensor =>
  tensor(
    [
      [1, 0, 1],
      [0, 1, 1],
    ],
    { dtype: 'int32' },
  );

/** The rows. */
export const reduceCases: readonly Case[] = [
  {
    covers: 'sum',
    fn: (x) => cg.sum(x!),
    inputs: anyTensor(),
    reference: (x) => flat(x!).reduce((s, v) => s + v, 0),
  },
  {
    covers: 'sum',
    variant: 'axis',
    fn: (x) => cg.sum(x!, { axis: [0, -1] }),
    inputs: values([2, 3, 4]).map((x) => [x]),
    reference: (x) =>
      [0, 1, 2].map((j) => (x as number[][][]).reduce((s, block) => s + block[j]!.reduce((t, v) => t + v, 0), 0)),
  },
  {
    covers: 'mean',
    fn: (x) => cg.mean(x!, { axis: 0, keepDims: true }),
    inputs: values([3, 3]).map((x) => [x]),
    reference: (x) => [[0, 1, 2].map((j) => average(matrix(x!).map((r) => r[j]!)))],
  },
  {
    covers: 'logSumExp',
    fn: (x) => cg.logSumExp(x!),
    inputs: values([3, 3]).map((x) => [x]),
    reference: (x) => matrix(x!).map((r) => Math.log(r.reduce((s, v) => s + Math.exp(v), 0))),
  },
  {
    covers: 'logSumExp',
    variant: 'axis 0',
    fn: (x) => cg.logSumExp(x!, { axis: 0 }),
    inputs: values([2, 2, 3]).map((x) => [x]),
    reference: (x) =>
      [0, 1].map((i) =>
        [0, 1, 2].map((j) => Math.log((x as number[][][]).reduce((s, b) => s + Math.exp(b[i]![j]!), 0))),
      ),
  },
  {
    covers: 'logSumExp',
    variant: 'masked',
    fn: (x) =>
      cg.logSumExp(x!, {
        mask: tensor(
          [
            [1, 0, 1],
            [0, 1, 0],
          ],
          { dtype: 'int32' },
        ),
      }),
    inputs: values([2, 3]).map((x) => [x]),
    reference: (x) => {
      const [p, q] = matrix(x!) as [number[], number[]];
      return [Math.log(Math.exp(p[0]!) + Math.exp(p[2]!)), q[1]!];
    },
  },
  {
    covers: 'softmax',
    fn: (x) => cg.softmax(x!),
    inputs: values([4, 4]).map((x) => [x]),
    reference: (x) => matrix(x!).map((r) => r.map((v) => Math.exp(v) / r.reduce((s, w) => s + Math.exp(w), 0))),
  },
  {
    covers: 'softmax',
    variant: 'masked, axis 0',
    fn: (x) => cg.softmax(x!, { axis: 0, mask: tensor([[1], [0], [1]], { dtype: 'int32' }) }),
    inputs: values([3, 2]).map((x) => [x]),
    reference: (x) => {
      const m = matrix(x!);
      return m.map((r, i) =>
        r.map((v, j) => (i === 1 ? 0 : Math.exp(v) / (Math.exp(m[0]![j]!) + Math.exp(m[2]![j]!)))),
      );
    },
  },
  {
    covers: 'variance',
    fn: (x) => cg.variance(x!, { axis: 0 }),
    inputs: values([3, 3]).map((x) => [x]),
    reference: (x) => columns(x!).map((c) => spread(c, 1)),
  },
  {
    covers: 'variance',
    variant: 'of all, uncorrected',
    fn: (x) => cg.variance(x!, { correction: 0 }),
    inputs: anyTensor(),
    reference: (x) => spread(flat(x!), 0),
  },
  {
    covers: 'max',
    fn: (x) => cg.max(x!),
    inputs: anyTensor().filter(distinct),
    reference: (x) => Math.max(...flat(x!)),
  },
  {
    covers: 'max',
    variant: 'axis 0',
    fn: (x) => cg.max(x!, { axis: 0, keepDims: true }),
    inputs: values([3, 3])
      .map((x) => [x])
      .filter(distinct),
    reference: (x) => [columns(x!).map((c) => Math.max(...c))],
  },
  {
    covers: 'max',
    variant: 'of equals',
    fn: (x) => cg.max(cg.stack([x!, x!, x!], { axis: 1 }), { axis: 1 }),
    inputs: values([2, 4]).map((x) => [x]),
    reference: (x) => x!,
  },
  {
    covers: 'min',
    fn: (x) => cg.min(x!, { axis: 1 }),
    inputs: values([3, 3])
      .map((x) => [x])
      .filter(distinct),
    reference: (x) => matrix(x!).map((r) => Math.min(...r)),
  },
  {
    covers: 'argmax',
    fn: (x) => cg.argmax(x!),
    inputs: anyTensor().filter(distinct),
    reference: (x) => flat(x!).indexOf(Math.max(...flat(x!))),
    differentiable: false,
  },
  {
    covers: 'argmax',
    variant: 'axis 0',
    fn: (x) => cg.argmax(x!, { axis: 0 }),
    inputs: values([3, 4])
      .map((x) => [x])
      .filter(distinct),
    reference: (x) => columns(x!).map((c) => c.indexOf(Math.max(...c))),
    differentiable: false,
  },
  {
    covers: 'argmin',
    fn: (x) => cg.argmin(x!, { axis: 1, keepDims: true }),
    inputs: values([3, 4])
      .map((x) => [x])
      .filter(distinct),
    reference: (x) => matrix(x!).map((r) => [r.indexOf(Math.min(...r))]),
    differentiable: false,
  },
  ...[1, 2, 3, Number.POSITIVE_INFINITY].map(
    (p): Case => ({
      covers: 'norm',
      variant: `p = ${p}`,
      fn: (x) => cg.norm(x!, { p, axis: 0 }),
      inputs: values([3, 2], [0.2, 2])
        .map((x) => [x])
        .filter(distinct),
      reference: (x) =>
        columns(x!).map((c) => (p < 9 ? c.reduce((sum, v) => sum + v ** p, 0) ** (1 / p) : Math.max(...c))),
    }),
  ),
  {
    covers: 'logSoftmax',
    fn: (x) => cg.logSoftmax(x!),
    inputs: values([3, 3]).map((x) => [x]),
    reference: (x) => matrix(x!).map((r) => r.map((v) => v - logSum(r))),
  },
  {
    covers: 'logSoftmax',
    variant: 'axis 0 of three',
    fn: (x) => cg.logSoftmax(x!, { axis: 0 }),
    inputs: values([3, 2, 1]).map((x) => [x]),
    reference: (x) => {
      const list = flat(x!);
      return list.map((v, i) => v - logSum(list.filter((_, j) => j % 2 === i % 2)));
    },
  },
  {
    covers: 'logSoftmax',
    variant: 'masked',
    fn: (x) => cg.where(keep(), cg.logSoftmax(x!, { mask: keep() }), 0),
    inputs: values([2, 3]).map((x) => [x]),
    reference: (x) => {
      const [p, q] = matrix(x!) as [number[], number[]];
      const [a, b] = [logSum([p[0]!, p[2]!]), logSum([q[1]!, q[2]!])];
      return [
        [p[0]! - a, 0, p[2]! - a],
        [0, q[1]! - b, q[2]! - b],
      ];
    },
  },
];
