/** @file The WebAssembly kernels against the plain loops, and their functions against double precision. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { erf } from '../../src/devices/cpu/erf.js';
import { encode } from '../../src/devices/cpu/program.js';
import type { KernelSpecs, MapOp } from '../../src/devices/device.js';
import type { TypedArray } from '../../src/dtype.js';
import { Generator } from '../../src/random.js';
import { kernelCases } from '../support/kernel-cases.js';
import { ulpError } from '../support/ulp.js';
import { compiled, Program, plain } from '../support/wasm-program.js';

/** The largest difference of two results, relative to the largest right element; infinite where they differ in kind. */
function apart(actual: TypedArray, right: TypedArray): number {
  const scale = Math.max(1e-30, ...Array.from(right, Math.abs).filter(Number.isFinite));
  let worst = 0;
  right.forEach((x, i) => {
    if (Object.is(actual[i], x) || actual[i] === x) return;
    const error = Math.abs(actual[i]! - x) / scale;
    worst = Math.max(worst, Number.isNaN(error) ? Number.POSITIVE_INFINITY : error);
  });
  return worst;
}

const generator = new Generator(1);
const floats = (size: number): Float32Array => Float32Array.from({ length: size }, () => generator.normal());
const integers = (size: number): Int32Array => Int32Array.from({ length: size }, () => generator.integer(19) - 9);

test.each([1, 2, 3])('every kernel gives what the plain loops give (seed %i)', (seed) => {
  const cases = kernelCases(seed);
  expect(new Set(cases.map(({ kernel }) => kernel)).size).toBe(18);
  const wrong = cases.flatMap(({ title, kernel, spec, inputs }) => {
    const right = plain(kernel, spec, inputs);
    const error = apart(compiled(kernel, spec, inputs, right), right);
    return error <= 2e-6 ? [] : [{ title, error }];
  });
  expect(wrong).toEqual([]);
});

describe('matmul', () => {
  const edges = [1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65];
  const error = (spec: KernelSpecs['matmul'], of: (size: number) => TypedArray = floats): number => {
    const inputs = [of(spec.batch * spec.m * spec.k), of(spec.batch * spec.k * spec.n)];
    const right = plain('matmul', spec, inputs);
    return apart(compiled('matmul', spec, inputs, right), right);
  };

  test.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])('is right around the edges of its blocks (transposed: %s, %s)', (transposeA, transposeB) => {
    let worst = 0;
    for (const m of edges) {
      for (const n of edges) {
        // Every k meets many m and n.
        const k = edges[(edges.indexOf(m) * 5 + edges.indexOf(n)) % edges.length]!;
        worst = Math.max(worst, error({ batch: 1 + (n % 3), m, k, n, transposeA, transposeB }));
      }
    }
    for (const k of [511, 512, 513, 1030]) {
      worst = Math.max(worst, error({ batch: 2, m: 6, k, n: 13, transposeA, transposeB }));
      worst = Math.max(worst, error({ batch: 1, m: 17, k, n: 35, transposeA, transposeB }));
    }
    expect(worst).toBeLessThan(3e-6);
  });

  test('multiplies int32', () => {
    for (const transposeB of [false, true]) {
      expect(error({ batch: 2, m: 5, k: 7, n: 3, transposeA: !transposeB, transposeB }, integers)).toBe(0);
    }
  });

  test('squared distances are right around the edges of its blocks', () => {
    for (const n of edges) {
      for (const m of edges) {
        const d = edges[(edges.indexOf(m) * 7 + edges.indexOf(n)) % edges.length]!;
        const inputs = [floats(n * d), floats(m * d)];
        const right = plain('squaredDistance', { n, m, d }, inputs);
        expect(apart(compiled('squaredDistance', { n, m, d }, inputs, right), right)).toBeLessThan(1e-6);
      }
    }
    const inputs = [integers(15), integers(10)];
    const right = plain('squaredDistance', { n: 3, m: 2, d: 5 }, inputs);
    expect(compiled('squaredDistance', { n: 3, m: 2, d: 5 }, inputs, right)).toEqual(right);
  });
});

describe('functions, in units in the last place', () => {
  const sigmoid = (x: number): number => Math.exp(Math.min(x, 0)) / (1 + Math.exp(-Math.abs(x)));
  const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  const exact: [MapOp, (x: number) => number, number, [number, number]][] = [
    ['exp', Math.exp, 2, [-104, 89]],
    ['log', Math.log, 2, [0, 4]],
    ['tanh', Math.tanh, 4, [-10, 10]],
    ['sigmoid', sigmoid, 4, [-104, 20]],
    ['expm1', Math.expm1, 4, [-18, 3]],
    ['log1p', Math.log1p, 4, [-1, 4]],
    ['softplus', softplus, 4, [-104, 20]],
    ['erf', erf, 4, [-4, 4]],
    ['sqrt', Math.sqrt, 0.5, [0, 4]],
  ];
  const size = 2 ** 16;
  // Evenly spaced in the bits of a float, so that every sign and exponent comes 128 times, subnormal numbers too.
  const everywhere = new Float32Array(
    Int32Array.from({ length: size }, (_, i) => i * 65536 + ((i * 40503) & 65535)).buffer,
  );
  const edges = Float32Array.of(
    0,
    -0,
    1,
    -1,
    Infinity,
    -Infinity,
    Number.NaN,
    1e-45,
    -1e-45,
    3.4e38,
    -3.4e38,
    88.72284,
  );

  test.each(exact)('%s', (op, right, limit, [low, high]) => {
    const dense = Float32Array.from({ length: size }, (_, i) => low + ((high - low) * i) / size);
    let worst = 0;
    for (const x of [everywhere, dense, edges]) {
      compiled('map', { op, size: x.length }, [x], x).forEach((y, i) => {
        worst = Math.max(worst, ulpError(y, right(x[i]!)));
      });
    }
    console.log(`${op}: ${worst.toFixed(2)} ulp`);
    expect(worst).toBeLessThanOrEqual(limit);
  });

  test('erf serves gelu to 2^-22 max(1, |x|)', () => {
    const x = Float32Array.from({ length: size }, (_, i) => -8 + (16 * i) / size);
    const scaled = x.map((value) => value * Math.SQRT1_2);
    compiled('map', { op: 'erf', size }, [scaled], scaled).forEach((y, i) => {
      const gelu = Math.fround((x[i]! / 2) * Math.fround(1 + y));
      const right = (x[i]! / 2) * (1 + erf(x[i]! * Math.SQRT1_2));
      expect(Math.abs(gelu - right)).toBeLessThanOrEqual(2 ** -22 * Math.max(1, Math.abs(x[i]!)));
    });
  });
});

test('maps and pairs of int32 are those of the plain loops', () => {
  const [a, b] = [integers(103), integers(103)];
  for (const op of ['neg', 'abs', 'sign', 'square', 'relu'] as const) {
    expect([op, compiled('map', { op, size: 103 }, [a], a)]).toEqual([op, plain('map', { op, size: 103 }, [a])]);
  }
  const pairs = ['add', 'sub', 'mul', 'div', 'pow', 'maximum', 'minimum', 'greater', 'greaterEqual', 'less'] as const;
  for (const op of [...pairs, 'lessEqual', 'equal', 'notEqual'] as const) {
    const spec = { op, shape: [103], strides: [[1], [1]] } as const;
    expect([op, compiled('zip', spec, [a, b], a)]).toEqual([op, plain('zip', spec, [a, b])]);
  }
  for (const op of ['sum', 'max', 'argMax'] as const) {
    for (const [outer, length, inner] of [
      [2, 17, 1],
      [2, 3, 5],
    ] as const) {
      const spec = { op, outer, length, inner };
      const right = plain('reduce', spec, [a]);
      expect([op, compiled('reduce', spec, [a], right)]).toEqual([op, right]);
    }
  }
  const scatter = { shape: [4, 5], strides: [0, 1], axis: 0, outer: [3, 5] };
  const index = Int32Array.from({ length: 20 }, () => generator.integer(3));
  const right = plain('scatterAdd', scatter, [a.subarray(0, 20), index]);
  expect(compiled('scatterAdd', scatter, [a.subarray(0, 20), index], right)).toEqual(right);
});

/** All pairs of some values. */
function pairs(values: readonly number[]): [Float32Array, Float32Array] {
  return [
    Float32Array.from(values.flatMap((a) => values.map(() => a))),
    Float32Array.from(values.flatMap(() => values)),
  ];
}

test('pow and the other pairs treat signs, zeros, infinities and NaN as JavaScript does', () => {
  const values = [
    0,
    -0,
    1,
    -1,
    2,
    -2,
    0.5,
    -0.5,
    3,
    -3,
    1e30,
    -1e30,
    1e-40,
    1e10,
    16777217,
    Infinity,
    -Infinity,
    Number.NaN,
  ];
  const [a, b] = pairs(values);
  for (const op of [
    'pow',
    'add',
    'mul',
    'div',
    'maximum',
    'minimum',
    'less',
    'equal',
    'notEqual',
    'greater',
  ] as const) {
    const spec = { op, shape: [a.length], strides: [[1], [1]] } as const;
    const right = plain('zip', spec, [a, b]);
    const actual = compiled('zip', spec, [a, b], right);
    right.forEach((x, i) => {
      expect([op, a[i], b[i], Object.is(actual[i], x) || ulpError(actual[i]!, x) <= 0.5]).toEqual([
        op,
        a[i],
        b[i],
        true,
      ]);
    });
  }
});

test('every layout of an operand is read: contiguous, repeated, strided, backwards, longer than a tile', () => {
  const x = floats(3000);
  const y = floats(3000);
  const condition = integers(3000);
  const layouts = [
    ...[
      [300, 1],
      [0, 1],
      [1, 0],
      [1, 3],
      [0, 0],
      [1000, 2],
      [300, 3],
    ].map((strides) => ({ shape: [3, 300], strides })),
    ...[
      [3, 1],
      [0, 1],
      [1, 0],
      [9, 3],
    ].map((strides) => ({ shape: [300, 3], strides })),
  ];
  for (const { shape, strides: p } of layouts) {
    for (const { strides: q } of layouts.filter((other) => other.shape[0] === shape[0])) {
      const zip = { op: 'sub', shape, strides: [p, q] } as const;
      const difference = plain('zip', zip, [x, y]);
      expect(compiled('zip', zip, [x, y], difference)).toEqual(difference);
      const where = { shape, strides: [q, p, q] } as const;
      const chosen = plain('where', where, [condition, x, y]);
      expect(compiled('where', where, [condition, x, y], chosen)).toEqual(chosen);
    }
    const copy = { shape, strides: p.map((stride) => -stride), offset: 2999 };
    const reversed = plain('copyStrided', copy, [x]);
    expect(compiled('copyStrided', copy, [x], reversed)).toEqual(reversed);
  }
  const deep = {
    op: 'add',
    shape: [2, 3, 2, 5, 3],
    strides: [
      [1, 2, 6, 12, 60],
      [90, 30, 0, 3, 1],
    ],
  } as const;
  const right = plain('zip', deep, [x, y]);
  expect(compiled('zip', deep, [x, y], right)).toEqual(right);
});

describe('reductions', () => {
  test('a sum of 1e5 numbers is right to the last bit', () => {
    const x = new Float32Array(1e5).fill(0.1);
    for (const inner of [1, 5]) {
      const spec = { op: 'sum', outer: 1, length: 1e5 / inner, inner } as const;
      const right = plain('reduce', spec, [x]);
      expect(compiled('reduce', spec, [x], right)).toEqual(right);
    }
  });

  test('NaN is the largest, wherever it stands, and the first largest is taken', () => {
    for (const length of [1, 3, 4, 6, 9]) {
      for (const inner of [1, 2, 5]) {
        for (let at = 0; at < length; at++) {
          for (const special of [Number.NaN, 5, -Infinity]) {
            const x = new Float32Array(length * inner).fill(5);
            x.fill(special, at * inner, (at + 1) * inner);
            for (const op of ['max', 'argMax', 'sum'] as const) {
              const spec = { op, outer: 1, length, inner };
              const right = plain('reduce', spec, [x]);
              expect([op, compiled('reduce', spec, [x], right)]).toEqual([op, right]);
            }
          }
        }
      }
    }
  });

  test('rows of any length, with infinities and NaN, behave as in the plain loops', () => {
    for (const columns of [1, 2, 3, 4, 5, 8, 11]) {
      const specials = [Infinity, -Infinity, Number.NaN, 1e4, -1e4];
      const rows = specials.length * 3;
      const x = floats(rows * columns);
      specials.forEach((special, i) => {
        x[i * columns] = special;
        x.fill(special, (specials.length + i) * columns, (specials.length + i + 1) * columns);
      });
      const mask = Int32Array.from({ length: rows * columns }, (_, i) =>
        i % columns === 0 ? 0 : generator.integer(3) - 1,
      );
      for (const kernel of ['logSumExp', 'softmax'] as const) {
        for (const masked of [false, true]) {
          const inputs = masked ? [x, mask] : [x];
          const right = plain(kernel, { rows, columns, masked }, inputs);
          expect(apart(compiled(kernel, { rows, columns, masked }, inputs, right), right)).toBeLessThan(1e-6);
        }
      }
    }
  });
});

describe('random numbers', () => {
  const state = (seed: number, counter: number): Int32Array =>
    Int32Array.from({ length: 8 }, (_, i) => Math.floor((i < 4 ? seed : counter) / 2 ** (16 * (i % 4))) % 65536);

  test.each([
    [0, 0],
    [7, 3],
    [2 ** 53 - 1, 2 ** 32 - 5],
    [123456789012, 2 ** 45 + 1],
  ])('of seed %d from draw %d on are the same, bit by bit; normal ones to 1 ulp', (seed, counter) => {
    for (const size of [1, 2, 3, 4, 10_001]) {
      const uniform = { distribution: 'uniform', size, dtype: 'float32' } as const;
      const right = plain('random', uniform, [state(seed, counter)]);
      expect(compiled('random', uniform, [state(seed, counter)], right)).toEqual(right);
      const normal = { ...uniform, distribution: 'normal' } as const;
      const numbers = plain('random', normal, [state(seed, counter)]);
      const actual = compiled('random', normal, [state(seed, counter)], numbers);
      expect(Math.max(...numbers.map((x, i) => ulpError(actual[i]!, x)))).toBeLessThanOrEqual(1);
    }
  });
});

test('casts drop the fraction and wrap around as JavaScript does', () => {
  const x = Float32Array.of(1.9, -1.9, 3e9, -3e9, 1e15, 1e20, -1e20, 3.4e38, Infinity, -Infinity, Number.NaN, -0);
  for (const dtype of ['int32', 'float32'] as const) {
    const right = plain('cast', { dtype, size: x.length }, [x]);
    expect(compiled('cast', { dtype, size: x.length }, [x], right)).toEqual(right);
  }
});

test('a running average of a constant settles at it: weights are as exact as in double precision', () => {
  const program = new Program(2);
  const [average, one] = [program.put(Float32Array.of(1)), program.put(Float32Array.of(1))];
  const spec = { weights: [0.999, 1 - 0.999], squared: true, size: 1 } as const;
  for (let i = 0; i < 1000; i++) program.call('blend', spec, [average, one], average, ['float32', 'float32']);
  program.run();
  expect(Math.abs(new Float32Array(program.wasm.memory.buffer)[average / 4]! - 1)).toBeLessThan(3e-6);
});

test('updates of what is infinite stay infinite', () => {
  const x = Float32Array.of(Infinity, -Infinity, 1, 2, Infinity);
  const one = new Float32Array(5).fill(1);
  const blend = { weights: [0.9, 0.1], squared: false, size: 5 } as const;
  const average = plain('blend', blend, [x, one]);
  expect(compiled('blend', blend, [x, one], average)).toEqual(average);
  for (const decay of [0, 0.01]) {
    const inputs = [x, one, one, ...[0.5, 0.5, 0.1].map((scalar) => Float32Array.of(scalar))];
    const right = plain('adam', { eps: 1e-8, decay, size: 5 }, inputs);
    expect(apart(compiled('adam', { eps: 1e-8, decay, size: 5 }, inputs, right), right)).toBeLessThan(1e-6);
  }
});

test('a program of several kernels runs in one call, again and again', () => {
  const program = new Program(2);
  const [x, w] = [floats(12), floats(8)];
  const [xAt, wAt, product, hidden, loss] = [
    program.put(x),
    program.put(w),
    program.place(6),
    program.place(6),
    program.place(1),
  ];
  const spec = { batch: 1, m: 3, k: 4, n: 2, transposeA: false, transposeB: true } as const;
  program.call('matmul', spec, [xAt, wAt], product, ['float32', 'float32']);
  program.call('map', { op: 'tanh', size: 6 }, [product], hidden, ['float32']);
  program.call('reduce', { op: 'sum', outer: 1, length: 6, inner: 1 }, [hidden], loss, ['float32']);
  for (let replay = 1; replay <= 2; replay++) {
    program.run();
    const right = plain('map', { op: 'tanh', size: 6 }, [plain('matmul', spec, [x, w])]);
    const memory = new Float32Array(program.wasm.memory.buffer);
    expect(memory[loss / 4]).toBeCloseTo(
      Array.from(right).reduce((sum, y) => sum + y),
      5,
    );
    x.fill(0.5);
    memory.set(x, xAt / 4);
  }
});

test('a call that no kernel answers stops the program and says where', () => {
  const program = new Program(1);
  const start = program.put(Int32Array.of(99, 2));
  expect(program.wasm.run(start, start + 8)).toBe(start);
});

describe('where it cannot run', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });
  const fresh = async (): Promise<typeof import('../../src/devices/cpu/wasm.js')> => {
    vi.resetModules();
    return import('../../src/devices/cpu/wasm.js');
  };

  test('without WebAssembly, or without its SIMD, there is no module', async () => {
    vi.stubGlobal('WebAssembly', undefined);
    expect((await fresh()).openWasm({ pages: 1 })).toBe(null);
    vi.stubGlobal('WebAssembly', { validate: () => false });
    expect((await fresh()).openWasm({ pages: 1 })).toBe(null);
    vi.unstubAllGlobals();
    expect((await fresh()).openWasm({ pages: 1 })).not.toBe(null);
  });

  test('more memory than there is, is refused', async () => {
    const { openWasm } = await fresh();
    expect(() => openWasm({ pages: 70_000 })).toThrow('compile: needs 70000 pages of 64 KiB');
  });

  test('storages of float64 have no kernels', () => {
    const operands = { inputs: [0], out: 0, dtypes: ['float64'], scratch: 0 } as const;
    expect(encode('map', { op: 'exp', size: 1 }, operands)).toBe(null);
    const floats = { ...operands, dtypes: ['float32'] } as const;
    expect(encode('cast', { dtype: 'float64', size: 1 }, floats)).toBe(null);
    expect(encode('map', { op: 'exp', size: 1 }, { ...operands, dtypes: ['int32'] })).toBe(null);
  });
});
