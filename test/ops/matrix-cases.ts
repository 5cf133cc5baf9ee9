/** @file The rows of matrix products, directions and distances. */
import fc from 'fast-check';
import * as cg from '../../src/index.js';
import { values } from '../../src/testing/index.js';
import { type Case, longRows } from './cases.js';
import { distance2, dot, matrix, unit } from './references.js';

const side = fc.integer({ min: 1, max: 4 });

/** The rows. */
export const matrixCases: readonly Case[] = [
  {
    covers: 'matmul',
    fn: (a, b) => cg.matmul(a!, b!),
    inputs: fc.tuple(side, side, side).chain(([m, k, n]) => fc.tuple(values([m, k]), values([k, n]))),
    reference: (a, b) =>
      matrix(a!).map((r) =>
        matrix(b!)[0]!.map((_, j) =>
          dot(
            r,
            matrix(b!).map((c) => c[j]!),
          ),
        ),
      ),
  },
  {
    covers: 'matmul',
    variant: 'both transposed',
    fn: (a, b) => cg.matmul(a!, b!, { transposeA: true, transposeB: true }),
    inputs: fc.tuple(values([3, 2]), values([4, 3])),
    reference: (a, b) =>
      [0, 1].map((i) =>
        matrix(b!).map((c) =>
          dot(
            c,
            matrix(a!).map((r) => r[i]!),
          ),
        ),
      ),
  },
  {
    covers: 'matmul',
    variant: 'a transposed',
    fn: (a, b) => cg.matmul(a!, b!, { transposeA: true }),
    inputs: fc.tuple(values([3, 3]), values([3, 2])),
    reference: (a, b) =>
      [0, 1, 2].map((i) =>
        [0, 1].map((j) =>
          dot(
            matrix(a!).map((r) => r[i]!),
            matrix(b!).map((c) => c[j]!),
          ),
        ),
      ),
  },
  {
    covers: 'matmul',
    variant: 'b transposed',
    fn: (a, b) => cg.matmul(a!, b!, { transposeB: true }),
    inputs: fc.tuple(values([2, 3]), values([4, 3])),
    reference: (a, b) => matrix(a!).map((r) => matrix(b!).map((c) => dot(r, c))),
  },
  {
    covers: 'matmul',
    variant: 'batches',
    fn: (a, b) => cg.matmul(a!, b!),
    inputs: fc.tuple(values([2, 1, 2, 3]), values([2, 3, 2])),
    reference: (a, b) =>
      (a as number[][][][]).map((block) =>
        (b as number[][][]).map((m) =>
          block[0]!.map((r) =>
            [0, 1].map((j) =>
              dot(
                r,
                m.map((c) => c[j]!),
              ),
            ),
          ),
        ),
      ),
  },
  {
    covers: 'matmul',
    variant: 'vectors',
    fn: (a, b) => cg.matmul(a!, b!),
    inputs: fc.tuple(values([3]), values([3])),
    reference: (a, b) => dot(a as number[], b as number[]),
  },
  {
    covers: 'squaredCdist',
    fn: (a, b) => cg.squaredCdist(a!, b!),
    inputs: fc.tuple(values([3, 2]), values([4, 2])),
    reference: (a, b) => matrix(a!).map((p) => matrix(b!).map((q) => distance2(p, q))),
  },
  {
    covers: 'squaredCdist',
    variant: 'aliased',
    fn: (a) => cg.squaredCdist(a!),
    inputs: values([4, 2]).map((x) => [x]),
    reference: (a) => matrix(a!).map((p) => matrix(a!).map((q) => distance2(p, q))),
  },
  {
    covers: 'cdist',
    fn: (a, b) => cg.cdist(a!, b!),
    inputs: fc.tuple(values([3, 2], [-2, -0.5]), values([3, 2], [0.5, 2])),
    reference: (a, b) => matrix(a!).map((p) => matrix(b!).map((q) => Math.sqrt(distance2(p, q)))),
  },
  {
    covers: 'pairwiseDistance',
    fn: (a, b) => cg.pairwiseDistance(a!, b!, { eps: 1e-3 }),
    inputs: fc.tuple(values([3, 2], [-2, -0.5]), values([3, 2], [0.5, 2])),
    reference: (a, b) =>
      matrix(a!).map((p, i) => Math.sqrt(p.reduce((s, v, k) => s + (v - matrix(b!)[i]![k]! + 1e-3) ** 2, 0))),
  },
  {
    covers: 'normalize',
    fn: (x) => cg.normalize(x!),
    inputs: values([3, 3])
      .map((x) => [x])
      .filter(longRows),
    reference: (x) => matrix(x!).map(unit),
  },
  {
    covers: 'normalize',
    variant: 'axis 0',
    fn: (x) => cg.normalize(x!, { axis: 0 }),
    inputs: values([2, 3], [0.3, 2]).map((x) => [x]),
    reference: (x) => {
      const lengths = [0, 1, 2].map((j) => Math.hypot(matrix(x!)[0]![j]!, matrix(x!)[1]![j]!));
      return matrix(x!).map((r) => r.map((v, j) => v / lengths[j]!));
    },
  },
  {
    covers: 'cosineSimilarity',
    fn: (a, b) => cg.cosineSimilarity(a!, b!),
    inputs: fc.tuple(values([3, 3]), values([3, 3])).filter(longRows),
    reference: (a, b) => matrix(a!).map((r, i) => dot(unit(r), unit(matrix(b!)[i]!))),
  },
  {
    covers: 'dot',
    fn: (a, b) => cg.dot(a!, b!),
    inputs: side.chain((n) => fc.tuple(values([n]), values([n]))),
    reference: (a, b) => dot(a as number[], b as number[]),
  },
  {
    covers: 'outer',
    fn: (a, b) => cg.outer(a!, b!),
    inputs: fc.tuple(side, side).chain(([m, n]) => fc.tuple(values([m]), values([n]))),
    reference: (a, b) => (a as number[]).map((p) => (b as number[]).map((q) => p * q)),
  },
];
