/** @file Operations that take `int32`, each with what it is in whole numbers of any size, wrapped to 32 bits at the end. */
import { type Tensor, type TypedArray, tensor } from '../../src/index.js';

/** A whole number modulo 2³², as two's complement has it. */
export const wrap = (value: bigint): number => Number(BigInt.asIntN(32, value));

/** How many columns the rows have that the cases reduce, index and lay out. */
export const COLUMNS = 4;

/** One operation on two `int32` tensors, `[rows, COLUMNS]`. */
export interface IntegerCase {
  readonly title: string;
  readonly compute: (a: Tensor, b: Tensor) => Tensor;
  /** The same of plain numbers; null where it must be refused, since a sum does not fit. */
  readonly expected: (a: readonly bigint[], b: readonly bigint[]) => readonly number[] | null;
  /** Numbers that were added up or multiplied on the way, which a device that keeps integers as floats must hold. */
  readonly sizes?: (a: readonly bigint[], b: readonly bigint[]) => readonly bigint[];
}

type Numbers = readonly bigint[];
const size = (value: bigint): bigint => (value < 0n ? -value : value);
const larger = (p: bigint, q: bigint): bigint => (p > q ? p : q);
const smaller = (p: bigint, q: bigint): bigint => (p < q ? p : q);
const total = (list: Numbers): bigint => list.reduce((sum, value) => sum + value, 0n);
const rowsOf = (list: Numbers): Numbers[] =>
  Array.from({ length: list.length / COLUMNS }, (_, row) => list.slice(row * COLUMNS, (row + 1) * COLUMNS));
const columnsOf = (list: Numbers): Numbers[] =>
  Array.from({ length: COLUMNS }, (_, column) => list.filter((__, i) => i % COLUMNS === column));
const fits = (sums: Numbers): readonly number[] | null =>
  sums.some((sum) => BigInt.asIntN(32, sum) !== sum) ? null : sums.map(Number);

const pairwise = (
  title: string,
  compute: IntegerCase['compute'],
  of: (p: bigint, q: bigint) => bigint,
  grows = false,
): IntegerCase => {
  const exact = (a: Numbers, b: Numbers): bigint[] => a.map((value, i) => of(value, b[i]!));
  return { title, compute, expected: (a, b) => exact(a, b).map(wrap), ...(grows && { sizes: exact }) };
};

const reduction = (
  name: 'sum' | 'max' | 'min',
  axis: 0 | 1 | undefined,
  of: (list: Numbers) => bigint,
): IntegerCase => {
  const lists = (a: Numbers): Numbers[] => (axis === undefined ? [a] : axis === 0 ? columnsOf(a) : rowsOf(a));
  return {
    title: `${name}, ${axis === undefined ? 'all' : `axis ${axis}`}`,
    compute: (a) => a[name](axis === undefined ? {} : { axis }),
    expected: (a) => (name === 'sum' ? fits(lists(a).map(of)) : lists(a).map((list) => Number(of(list)))),
    ...(name === 'sum' && { sizes: (a: Numbers) => lists(a).map((list) => total(list.map(size))) }),
  };
};

const sign = (p: bigint): bigint => (p > 0n ? 1n : p < 0n ? -1n : 0n);
const firstOf = (list: Numbers, best: (p: bigint, q: bigint) => bigint): number => list.indexOf(list.reduce(best));
const flag = (holds: boolean): bigint => (holds ? 1n : 0n);
/** Half of the rows, each the place of one that is added to it. */
const places = (a: Tensor): Tensor =>
  tensor(
    Int32Array.from({ length: a.size }, (_, i) => Math.floor(i / COLUMNS / 2)),
    { shape: a.shape },
  );
const scattered = (a: Numbers, b: Numbers, of: (value: bigint) => bigint = (value) => value): bigint[] => {
  const sums = a.map(of);
  b.forEach((value, i) => {
    const row = Math.floor(i / COLUMNS / 2);
    sums[row * COLUMNS + (i % COLUMNS)]! += of(value);
  });
  return sums;
};

/** The table. */
export const integerCases: readonly IntegerCase[] = [
  pairwise(
    'add',
    (a, b) => a.add(b),
    (p, q) => p + q,
    true,
  ),
  pairwise(
    'sub',
    (a, b) => a.sub(b),
    (p, q) => p - q,
    true,
  ),
  pairwise(
    'mul',
    (a, b) => a.mul(b),
    (p, q) => p * q,
    true,
  ),
  pairwise(
    'mul by a number',
    (a) => a.mul(-7654321),
    (p) => p * -7654321n,
    true,
  ),
  pairwise(
    'square',
    (a) => a.square(),
    (p) => p * p,
    true,
  ),
  pairwise(
    'neg',
    (a) => a.neg(),
    (p) => -p,
  ),
  pairwise('abs', (a) => a.abs(), size),
  pairwise('sign', (a) => a.sign(), sign),
  pairwise(
    'relu',
    (a) => a.relu(),
    (p) => larger(p, 0n),
  ),
  pairwise('maximum', (a, b) => a.maximum(b), larger),
  pairwise('minimum', (a, b) => a.minimum(b), smaller),
  pairwise(
    'clamp',
    (a) => a.clamp({ min: -16777216, max: 5 }),
    (p) => smaller(larger(p, -16777216n), 5n),
  ),
  pairwise(
    'greater',
    (a, b) => a.greater(b),
    (p, q) => flag(p > q),
  ),
  pairwise(
    'greaterEqual',
    (a, b) => a.greaterEqual(b),
    (p, q) => flag(p >= q),
  ),
  pairwise(
    'less',
    (a, b) => a.less(b),
    (p, q) => flag(p < q),
  ),
  pairwise(
    'lessEqual',
    (a, b) => a.lessEqual(b),
    (p, q) => flag(p <= q),
  ),
  pairwise(
    'equal',
    (a, b) => a.equal(b),
    (p, q) => flag(p === q),
  ),
  pairwise(
    'notEqual',
    (a, b) => a.notEqual(b),
    (p, q) => flag(p !== q),
  ),
  pairwise('where', (a, b) => a.where(a.greater(b), b), larger),
  ...([undefined, 0, 1] as const).flatMap((axis) => [
    reduction('sum', axis, total),
    reduction('max', axis, (list) => list.reduce(larger)),
    reduction('min', axis, (list) => list.reduce(smaller)),
  ]),
  {
    title: 'argmax',
    compute: (a) => a.argmax({ axis: 1 }),
    expected: (a) => rowsOf(a).map((row) => firstOf(row, larger)),
  },
  {
    title: 'argmin',
    compute: (a) => a.argmin({ axis: 1 }),
    expected: (a) => rowsOf(a).map((row) => firstOf(row, smaller)),
  },
  {
    title: 'scatterAdd',
    compute: (a, b) => a.scatterAdd(places(b), b, { axis: 0 }),
    expected: (a, b) => scattered(a, b).map(wrap),
    sizes: (a, b) => [
      ...scattered(a, b),
      ...scattered(
        a.map(() => 0n),
        b,
        size,
      ),
    ],
  },
  {
    title: 'gather',
    compute: (a) => a.gather(places(a), { axis: 0 }),
    expected: (a) =>
      rowsOf(a)
        .flatMap((_, row) => rowsOf(a)[Math.floor(row / 2)]!)
        .map(Number),
  },
  {
    title: 'pad, flip and concat',
    compute: (a, b) =>
      a
        .reshape([-1])
        .pad([[1, 1]], { value: -2147483648 })
        .flip()
        .concat([b.reshape([-1])]),
    expected: (a, b) => [-2147483648, ...a.toReversed().map(Number), -2147483648, ...b.map(Number)],
  },
];

/** The largest size of some whole numbers. */
export const largest = (list: readonly bigint[]): bigint => list.map(size).reduce(larger, 0n);

/** The plain numbers of a typed array, as whole numbers of any size. */
export const big = (array: TypedArray): bigint[] => Array.from(array, BigInt);
