/** @file Kernel calls to hold every device against the CPU with. Sizes straddle 1,000 and are no multiples of 4. */
import type { KernelName, KernelSpecs, MapOp } from '../../src/devices/device.js';
import type { TypedArray } from '../../src/dtype.js';
import { Generator } from '../../src/random.js';

/** One kernel call. */
export interface KernelCase {
  readonly title: string;
  readonly kernel: KernelName;
  readonly spec: KernelSpecs[KernelName];
  readonly inputs: readonly TypedArray[];
}

/** The cases, with numbers that depend on the seed. */
export function kernelCases(seed: number): KernelCase[] {
  const generator = new Generator(seed);
  const floats = (size: number, low = -2, high = 2): Float32Array =>
    Float32Array.from({ length: size }, () => low + (high - low) * generator.uniform());
  const bits = (size: number): Int32Array => Int32Array.from({ length: size }, () => generator.integer(2));
  const all: KernelCase[] = [];
  const add = <Name extends KernelName>(
    title: string,
    kernel: Name,
    spec: KernelSpecs[Name],
    inputs: TypedArray[],
  ): void => {
    all.push({ title: `${kernel}: ${title}`, kernel, spec, inputs });
  };

  const maps: MapOp[] = [
    'neg',
    'abs',
    'sign',
    'log1p',
    'erf',
    'exp',
    'expm1',
    'log',
    'sqrt',
    'square',
    'tanh',
    'sigmoid',
    'softplus',
    'relu',
  ];
  const specials = Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0, 1.5, -2);
  for (const op of maps) {
    add(`${op} of special numbers`, 'map', { op, size: 7 }, [specials]);
    const size = 999 + generator.integer(30);
    const positive = op === 'log' || op === 'sqrt' || op === 'log1p';
    add(op, 'map', { op, size }, [floats(size, positive ? 0.01 : -4, 4)]);
    if (!positive) add(`${op} near 0`, 'map', { op, size: 7 }, [floats(7, -1e-3, 1e-3)]);
  }
  for (const op of ['sigmoid', 'softplus', 'tanh'] as const) {
    add(`${op} far out`, 'map', { op, size: 3 }, [Float32Array.from([-1e4, 0, 1e4])]);
  }
  for (const op of [
    'add',
    'sub',
    'mul',
    'div',
    'maximum',
    'minimum',
    'greater',
    'greaterEqual',
    'less',
    'lessEqual',
  ] as const) {
    add(
      `${op} with broadcasting`,
      'zip',
      {
        op,
        shape: [5, 3, 7],
        strides: [
          [21, 7, 1],
          [0, 1, 0],
        ],
      },
      [floats(105), floats(3, 0.5, 2)],
    );
  }
  for (const op of [
    'pow',
    'maximum',
    'minimum',
    'greater',
    'greaterEqual',
    'less',
    'lessEqual',
    'equal',
    'notEqual',
  ] as const) {
    const numbers = Float32Array.of(...specials, 1, -1, 0.5, 3);
    const strides = [
      [1, 0],
      [0, 1],
    ] as const;
    add(`${op} of special numbers`, 'zip', { op, shape: [11, 11], strides }, [numbers, numbers]);
  }
  for (const op of ['equal', 'notEqual'] as const) {
    add(
      op,
      'zip',
      {
        op,
        shape: [33, 33],
        strides: [
          [1, 0],
          [0, 1],
        ],
      },
      [bits(33), bits(33)],
    );
  }
  add('of both signs, whole exponents', 'zip', { op: 'pow', shape: [6], strides: [[1], [1]] }, [
    Float32Array.of(-2, -2, 0, 3, -1.5, 2),
    Float32Array.of(3, 2, 2, 0, -1, 0.5),
  ]);
  add('one long run', 'zip', { op: 'mul', shape: [1025], strides: [[1], [0]] }, [floats(1025), floats(1)]);
  add(
    'broadcasting',
    'where',
    {
      shape: [9, 5],
      strides: [
        [1, 0],
        [5, 1],
        [0, 0],
      ],
    },
    [bits(9), floats(45), floats(1)],
  );
  add('to int32', 'cast', { dtype: 'int32', size: 50 }, [floats(50, -9, 9)]);
  add('to float32', 'cast', { dtype: 'float32', size: 5 }, [bits(5)]);
  for (const op of ['sum', 'max', 'argMax'] as const) {
    for (const special of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const x = floats(1200);
      for (const place of [300, 700]) x[place] = special;
      add(`${op} of ${special} among 600`, 'reduce', { op, outer: 1, length: 600, inner: 2 }, [x]);
      add(`${op} of ${special} alone`, 'reduce', { op, outer: 1, length: 5, inner: 1 }, [
        new Float32Array(5).fill(special),
      ]);
    }
    add(`${op} of a middle axis`, 'reduce', { op, outer: 3, length: 1001, inner: 2 }, [floats(6006)]);
    add(`${op} of all`, 'reduce', { op, outer: 1, length: 1025, inner: 1 }, [floats(1025)]);
  }
  for (const transposeA of [false, true]) {
    for (const transposeB of [false, true]) {
      const spec = { batch: 2, m: 5, k: 7, n: 3, transposeA, transposeB };
      add(`${transposeA ? 'Aᵀ' : 'A'} ${transposeB ? 'Bᵀ' : 'B'}`, 'matmul', spec, [floats(70), floats(42)]);
    }
  }
  add('square', 'matmul', { batch: 1, m: 33, k: 33, n: 33, transposeA: false, transposeB: false }, [
    floats(1089),
    floats(1089),
  ]);
  // Large enough for blocks; odd sizes, batches, k no multiple of 4.
  for (const [transposeA, transposeB] of [
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ] as const) {
    const spec = { batch: 3, m: 41, k: 67, n: 45, transposeA, transposeB };
    add(`blocks of ${transposeA ? 'Aᵀ' : 'A'} ${transposeB ? 'Bᵀ' : 'B'}`, 'matmul', spec, [
      floats(3 * 41 * 67),
      floats(3 * 67 * 45),
    ]);
  }
  add('one row, large', 'matmul', { batch: 1, m: 1, k: 1026, n: 301, transposeA: false, transposeB: false }, [
    floats(1026, -1, 1),
    floats(1026 * 301, -1, 1),
  ]);
  add('one column, large', 'matmul', { batch: 1, m: 301, k: 1026, n: 1, transposeA: true, transposeB: true }, [
    floats(1026 * 301, -1, 1),
    floats(1026, -1, 1),
  ]);
  add('long rows', 'matmul', { batch: 1, m: 2, k: 1025, n: 2, transposeA: false, transposeB: true }, [
    floats(2050),
    floats(2050),
  ]);
  add('rows', 'squaredDistance', { n: 31, m: 33, d: 5 }, [floats(155), floats(165)]);
  add('permute', 'copyStrided', { shape: [4, 2, 3], strides: [1, 12, 4], offset: 0 }, [floats(24)]);
  add('a column', 'copyStrided', { shape: [3, 1], strides: [1, 3], offset: 0 }, [floats(3)]);
  add('slice and flip', 'copyStrided', { shape: [3, 4], strides: [10, -1], offset: 4 }, [floats(25)]);
  add('broadcast', 'copyStrided', { shape: [334, 3], strides: [0, 1], offset: 0 }, [floats(3)]);
  add('steps', 'pad', { shape: [6, 5], inner: [3, 2], starts: [1, 0], steps: [2, 3], value: 0 }, [floats(6)]);
  add(
    'an infinite value',
    'pad',
    { shape: [4], inner: [2], starts: [1], steps: [1], value: Number.NEGATIVE_INFINITY },
    [floats(2)],
  );
  add('another value', 'pad', { shape: [4], inner: [2], starts: [1], steps: [1], value: -1.5 }, [floats(2)]);
  add('three parts', 'concat', { outer: 101, lengths: [3, 1, 7] }, [floats(303), floats(101), floats(707)]);
  const index = Int32Array.from({ length: 4 * 3 }, () => generator.integer(5));
  add('along the middle', 'gather', { shape: [2, 3, 2], strides: [10, 0, 1], axisStride: 2 }, [floats(20), index]);
  const scatter = { shape: [2, 3, 2], strides: [10, 0, 1], axis: 1, outer: [2, 5, 2] };
  add('along the middle', 'scatterAdd', scatter, [floats(12), index]);
  add('along rows, into more columns', 'scatterAdd', { shape: [3, 2], strides: [0, 1], axis: 0, outer: [5, 4] }, [
    floats(6),
    index.subarray(0, 6),
  ]);
  for (const distribution of ['uniform', 'normal'] as const) {
    const spec = { distribution, size: 9, dtype: 'float32' } as const;
    add(distribution, 'random', spec, [Int32Array.of(5, 1, 0, 2, 7, 65535, 3, 0)]);
  }
  add('positive', 'check', { requirement: { test: 'positive' }, size: 3 }, [Float32Array.of(1, -1, 0)]);
  add('late', 'check', { requirement: { test: 'positive' }, size: 1001 }, [
    floats(1001, 1, 2).map((x, i) => (i > 990 ? -x : x)),
  ]);
  add('infinite', 'check', { requirement: { test: 'positive' }, size: 2 }, [
    Float32Array.of(1, Number.POSITIVE_INFINITY),
  ]);
  add('NaN', 'check', { requirement: { test: 'between', low: 0, high: 1 }, size: 2 }, [Float32Array.of(1, Number.NaN)]);
  add('met', 'check', { requirement: { test: 'positive' }, size: 1001 }, [floats(1001, 1, 2)]);
  add('between', 'check', { requirement: { test: 'between', low: 0, high: 1 }, size: 2 }, [Int32Array.of(1, 0)]);
  const mask = bits(33 * 31);
  mask.fill(0, 31, 62);
  const specialRows = Float32Array.from(
    { length: 7 * 7 },
    (_, i) => specials[(i % 7 === 3 ? i / 7 : i % 7 === 5 ? 5 : 4) | 0]!,
  );
  for (const kernel of ['logSumExp', 'softmax'] as const) {
    for (const gradient of kernel === 'softmax' ? [false, true] : [false]) {
      const extra = { gradient };
      add('rows', kernel, { rows: 33, columns: 31, masked: false, ...extra }, [floats(33 * 31, -30, 30)]);
      add('masked, one row wholly', kernel, { rows: 33, columns: 31, masked: true, ...extra }, [
        floats(33 * 31, -30, 30),
        mask,
      ]);
      add('logits of 1e4', kernel, { rows: 1, columns: 3, masked: false, ...extra }, [
        Float32Array.from([1e4, 9999, -1e4]),
      ]);
      add('special numbers', kernel, { rows: 7, columns: 7, masked: false, ...extra }, [specialRows]);
      add('special numbers, masked', kernel, { rows: 7, columns: 7, masked: true, ...extra }, [
        specialRows,
        mask.subarray(0, 49),
      ]);
    }
  }
  for (const squared of [false, true]) {
    const spec = { weights: [0.9, 0.1], squared, size: 1003 } as const;
    add(squared ? 'squares' : 'values', 'blend', spec, [floats(1003), floats(1003)]);
  }
  add('decoupled decay', 'adam', { eps: 1e-8, decay: 0.01, size: 1003 }, [
    floats(1003),
    floats(1003),
    floats(1003, 0, 4),
    Float32Array.of(0.19),
    Float32Array.of(0.002),
    Float32Array.of(0.1),
  ]);
  add('one of many parameters', 'adam', { eps: 1e-8, decay: 0, index: 2, size: 7 }, [
    floats(7),
    floats(7),
    floats(7, 0, 4),
    Float32Array.of(0.9, 0.8, 0.19, 0.5, 0.3),
    Float32Array.of(0.5, 0.7, 0.002, 0.1, 0.9),
    Float32Array.of(0.1),
  ]);
  return all;
}

/** The largest |x - y| / max(1, |x|, |y|) of two results; infinite where they differ in kind. */
export function furthest(actual: TypedArray, expected: TypedArray): number {
  if (actual.length !== expected.length || actual.constructor !== expected.constructor) return Number.POSITIVE_INFINITY;
  let worst = 0;
  actual.forEach((x, i) => {
    const y = expected[i]!;
    if (Object.is(x, y) || x === y) return;
    const apart = Math.abs(x - y) / Math.max(1, Math.abs(x), Math.abs(y));
    worst = Math.max(worst, Number.isNaN(apart) ? Number.POSITIVE_INFINITY : apart);
  });
  return worst;
}
