/**
 * @file The table of cases: one row or more for every operation and loss. The properties beside it run each row.
 *
 * Values are kept 1e-2 away from kinks, and large enough that no rule passes because its gradient is about 0.
 */
import fc from 'fast-check';
import * as cg from '../../src/index.js';
import { type Tensor, tensor } from '../../src/index.js';
import { average, distance2, dot, flat, matrix, type Nested, unit } from './references.js';

export type { Nested };

/** One row of the table. */
export interface Case {
  /** The export that it covers. */
  readonly covers: string;
  /** What sets this row apart from others of the same export. */
  readonly variant?: string;
  readonly fn: (...inputs: Tensor[]) => Tensor;
  readonly inputs: fc.Arbitrary<Tensor[]>;
  /** The value, computed independently by plain loops over the inputs' elements. */
  readonly reference?: (...inputs: Nested[]) => Nested;
  /** False where the result carries no gradient. */
  readonly differentiable?: boolean;
}

type Shape = readonly number[];
type Range = readonly [number, number];

const size = (shape: Shape): number => shape.reduce((product, length) => product * length, 1);

/** A float64 tensor of one shape, its elements in a range. */
export function values(shape: Shape, [low, high]: Range = [-2, 2]): fc.Arbitrary<Tensor> {
  const element = fc.integer({ min: 0, max: 4000 }).map((i) => low + ((high - low) * (i + 0.5)) / 4001);
  return fc
    .array(element, { minLength: size(shape), maxLength: size(shape) })
    .map((data) => tensor(Float64Array.from(data), { shape }));
}

const side = fc.integer({ min: 1, max: 4 });
/** Any shape of rank 0 to 3; square matrices often. */
const anyShape: fc.Arbitrary<Shape> = fc.oneof(
  fc.constant([] as Shape),
  side.map((n) => [n, n]),
  fc.array(side, { minLength: 1, maxLength: 3 }),
);
const one = (range?: Range): fc.Arbitrary<Tensor[]> =>
  anyShape.chain((shape) => values(shape, range)).map((x) => [x]);

/** Two shapes that broadcast: each axis of either may shrink to 1 or, from the front, go away. */
const broadcastable: fc.Arbitrary<[Shape, Shape]> = anyShape.chain((shape) =>
  fc
    .tuple(
      fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }),
      fc.integer({ min: 0, max: shape.length }),
      fc.boolean(),
    )
    .map(([ones, dropped, swap]): [Shape, Shape] => {
      const small = shape.map((length, axis) => (ones[axis] ? 1 : length)).slice(dropped);
      return swap ? [small, shape] : [shape, small];
    }),
);
const two = (a?: Range, b?: Range): fc.Arbitrary<Tensor[]> =>
  broadcastable.chain(([p, q]) => fc.tuple(values(p, a), values(q, b)));

const away = (gap: number) => (inputs: Tensor[]) =>
  inputs.every((x) => x.dataSync().every((v) => Math.abs(v) > gap));
const apart = ([a, b]: Tensor[]): boolean =>
  a!
    .sub(b!)
    .dataSync()
    .every((v) => Math.abs(v) > 1e-2);

/** Rows of embeddings, and other things for each row. */
export const rows = (least: number): fc.Arbitrary<[number, number]> =>
  fc.tuple(fc.integer({ min: least, max: 5 }), fc.integer({ min: 1, max: 4 }));
export const pairOfRows = (least = 1): fc.Arbitrary<Tensor[]> =>
  rows(least).chain(([n, d]) => fc.tuple(values([n, d]), values([n, d])));
export const withLabels = (parts: number, classes: number, least: number): fc.Arbitrary<Tensor[]> =>
  rows(least).chain(([n, d]) =>
    fc
      .tuple(
        fc.tuple(...Array.from({ length: parts }, () => values([n, d]))),
        fc.array(fc.integer({ min: 0, max: classes - 1 }), { minLength: n, maxLength: n }),
      )
      .map(([tensors, labels]) => [...tensors, tensor(labels, { dtype: 'int32' })]),
  );

const map1 = (f: (x: number) => number) => {
  const go = (x: Nested): Nested => (Array.isArray(x) ? x.map(go) : f(x));
  return go;
};
const depth = (x: Nested): number => (Array.isArray(x) ? 1 + depth(x[0] ?? 0) : 0);
const map2 = (f: (a: number, b: number) => number) => {
  const go = (a: Nested, b: Nested): Nested => {
    if (!Array.isArray(a) && !Array.isArray(b)) return f(a, b);
    const [p, q] = [depth(a), depth(b)];
    if (p > q) return (a as Nested[]).map((x) => go(x, b));
    if (q > p) return (b as Nested[]).map((y) => go(a, y));
    const [x, y] = [a as Nested[], b as Nested[]];
    return Array.from({ length: Math.max(x.length, y.length) }, (_, i) =>
      go(x[x.length === 1 ? 0 : i]!, y[y.length === 1 ? 0 : i]!),
    );
  };
  return go;
};
const unary = (
  covers: keyof typeof cg,
  f: (x: number) => number,
  range?: Range,
  keep: (inputs: Tensor[]) => boolean = () => true,
): Case => ({
  covers,
  fn: cg[covers] as Case['fn'],
  inputs: one(range).filter(keep),
  reference: map1(f),
});
const binary = (
  covers: keyof typeof cg,
  f: (a: number, b: number) => number,
  {
    b,
    keep = () => true,
    differentiable = true,
  }: { b?: Range; keep?: (inputs: Tensor[]) => boolean; differentiable?: boolean } = {},
): Case => ({
  covers,
  fn: cg[covers] as Case['fn'],
  inputs: two(undefined, b).filter(keep),
  reference: map2(f),
  differentiable,
});
const compare = (covers: keyof typeof cg, f: (a: number, b: number) => boolean): Case =>
  binary(covers, (a, b) => (f(a, b) ? 1 : 0), { differentiable: false, keep: apart });

/** Long enough rows for a cosine: the second derivative grows with the cube of 1 / length. */
export const longRows = (inputs: Tensor[]): boolean =>
  inputs.every(
    (x) =>
      x.dtype === 'int32' ||
      x
        .square()
        .sum({ axis: -1 })
        .dataSync()
        .every((v) => v > 0.25),
  );
export const separated = ([z]: Tensor[]): boolean =>
  z!.shape[0]! < 2 ||
  flat(cg.cdist(z!).toArray() as Nested).every((d, i) => i % (z!.shape[0]! + 1) === 0 || d > 0.05);
export const someTriplet = (inputs: Tensor[]): boolean => {
  const labels = [...inputs[1]!.dataSync()];
  return new Set(labels).size > 1 && new Set(labels).size < labels.length;
};

/** The rows of the operations. */
export const operationCases: readonly Case[] = [
  binary('add', (a, b) => a + b),
  binary('sub', (a, b) => a - b),
  binary('mul', (a, b) => a * b),
  {
    ...binary('mul', (a) => a * a),
    variant: 'aliased',
    fn: (a) => cg.mul(a!, a!),
    inputs: one(),
    reference: map1((x) => x * x),
  },
  {
    ...binary('mul', (a) => a * -1.5),
    variant: 'number',
    fn: (a) => cg.mul(-1.5, a!),
    inputs: one(),
    reference: map1((x) => x * -1.5),
  },
  binary('div', (a, b) => a / b, { b: [0.5, 3] }),
  binary('maximum', Math.max, { keep: apart }),
  binary('minimum', Math.min, { keep: apart }),
  unary('neg', (x) => -x),
  unary('square', (x) => x * x),
  unary('relu', (x) => Math.max(x, 0), undefined, away(1e-2)),
  unary('exp', Math.exp),
  unary('expm1', Math.expm1),
  unary('log', Math.log, [0.3, 4]),
  unary('sqrt', Math.sqrt, [0.3, 4]),
  unary('safeSqrt', Math.sqrt, [0.3, 4]),
  unary('sigmoid', (x) => 1 / (1 + Math.exp(-x))),
  unary('tanh', Math.tanh),
  unary('softplus', (x) => Math.log(1 + Math.exp(x))),
  {
    covers: 'cast',
    fn: (x) => cg.cast(cg.cast(x!, 'int32'), x!.dtype),
    inputs: one().filter(([x]) => x!.dataSync().every((v) => Math.abs(v - Math.round(v)) > 1e-3)),
    reference: map1(Math.trunc),
    differentiable: false,
  },
  compare('greater', (a, b) => a > b),
  compare('greaterEqual', (a, b) => a >= b),
  compare('less', (a, b) => a < b),
  compare('lessEqual', (a, b) => a <= b),
  compare('equal', (a, b) => a === b),
  compare('notEqual', (a, b) => a !== b),
  {
    covers: 'where',
    fn: (a, b) => cg.where(cg.greater(a!.detach(), b!.detach()), a!, b!.mul(2)),
    inputs: two().filter(apart),
    reference: map2((a, b) => (a > b ? a : 2 * b)),
  },
  {
    covers: 'sum',
    fn: (x) => cg.sum(x!),
    inputs: one(),
    reference: (x) => flat(x!).reduce((s, v) => s + v, 0),
  },
  {
    covers: 'sum',
    variant: 'axis',
    fn: (x) => cg.sum(x!, { axis: [0, -1] }),
    inputs: values([2, 3, 4]).map((x) => [x]),
    reference: (x) =>
      [0, 1, 2].map((j) =>
        (x as number[][][]).reduce((s, block) => s + block[j]!.reduce((t, v) => t + v, 0), 0),
      ),
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
    reference: (x) =>
      matrix(x!).map((r) => r.map((v) => Math.exp(v) / r.reduce((s, w) => s + Math.exp(w), 0))),
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
    covers: 'reshape',
    fn: (x) => cg.reshape(x!, [3, -1]),
    inputs: values([2, 3]).map((x) => [x]),
    reference: (x) => {
      const f = flat(x!);
      return [f.slice(0, 2), f.slice(2, 4), f.slice(4)];
    },
  },
  {
    covers: 'permute',
    fn: (x) => cg.permute(x!, [2, 0, 1]),
    inputs: values([2, 3, 4]).map((x) => [x]),
    reference: (x) => [0, 1, 2, 3].map((k) => (x as number[][][]).map((b) => b.map((r) => r[k]!))),
  },
  {
    covers: 'transpose',
    fn: (x) => cg.transpose(x!),
    inputs: side.chain((n) => values([n, 3])).map((x) => [x]),
    reference: (x) => [0, 1, 2].map((j) => matrix(x!).map((r) => r[j]!)),
  },
  {
    covers: 'broadcastTo',
    fn: (x) => cg.broadcastTo(x!, [2, 3, 4]),
    inputs: values([3, 1]).map((x) => [x]),
    reference: (x) => [0, 1].map(() => matrix(x!).map((r) => [0, 1, 2, 3].map(() => r[0]!))),
  },
  {
    covers: 'expandDims',
    fn: (x) => cg.expandDims(x!, 1),
    inputs: values([3]).map((x) => [x]),
    reference: (x) => (x as number[]).map((v) => [v]),
  },
  {
    covers: 'squeeze',
    fn: (x) => cg.squeeze(x!),
    inputs: values([1, 3, 1]).map((x) => [x]),
    reference: (x) => flat(x!),
  },
  {
    covers: 'slice',
    fn: (x) => cg.slice(x!, { starts: [1, 0], ends: [4, -1], steps: [2, 1] }),
    inputs: values([5, 3]).map((x) => [x]),
    reference: (x) => [1, 3].map((i) => matrix(x!)[i]!.slice(0, 2)),
  },
  {
    covers: 'concat',
    fn: (a, b) => cg.concat([a!, b!, a!], { axis: 1 }),
    inputs: fc.tuple(values([2, 3]), values([2, 1])),
    reference: (a, b) => matrix(a!).map((r, i) => [...r, ...matrix(b!)[i]!, ...r]),
  },
  {
    covers: 'to',
    fn: (x) => cg.to(x!, { ...cg.cpu, name: 'cpu:second' }),
    inputs: one(),
    reference: map1((x) => x),
    differentiable: false,
  },
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
];

/** The exports that lack a row. */
export function uncovered(names: readonly string[], table: readonly Case[]): string[] {
  const covered = new Set(table.map(({ covers }) => covers));
  return names.filter((name) => !covered.has(name));
}
