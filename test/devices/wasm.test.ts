/** @file The WebAssembly kernels against the plain loops. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { encode } from '../../src/devices/cpu/program.js';
import type { Wasm } from '../../src/devices/cpu/wasm.js';
import type { KernelSpecs } from '../../src/devices/device.js';
import type { TypedArray } from '../../src/dtype.js';
import { Generator } from '../../src/random.js';
import { kernelCases } from '../support/kernel-cases.js';
import { apart, compiled, Program, plain } from '../support/wasm-program.js';

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

test('maps and pairs of int32 are those of the plain loops', () => {
  const [a, b] = [integers(103), integers(103)];
  for (const op of ['neg', 'abs', 'sign', 'square', 'relu'] as const) {
    expect([op, compiled('map', { op, size: 103 }, [a], a)]).toEqual([op, plain('map', { op, size: 103 }, [a])]);
  }
  // Quotients and powers are of floats only: see ArithmeticOp.
  const pairs = ['add', 'sub', 'mul', 'maximum', 'minimum', 'greater', 'greaterEqual', 'less'] as const;
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

test('int32 wraps around where 32 bits end, as in the plain loops', () => {
  const ends = [-(2 ** 31), 1 - 2 ** 31, -65537, -46341, -1, 0, 1, 46341, 65537, 2 ** 31 - 1];
  const a = Int32Array.from({ length: 103 }, (_, i) => ends[i] ?? generator.bits()[0] | 0);
  const b = Int32Array.from({ length: 103 }, (_, i) => ends.toReversed()[i] ?? generator.bits()[0] | 0);
  for (const op of ['neg', 'abs', 'sign', 'square', 'relu'] as const) {
    expect([op, compiled('map', { op, size: 103 }, [a], a)]).toEqual([op, plain('map', { op, size: 103 }, [a])]);
  }
  for (const op of ['add', 'sub', 'mul', 'maximum', 'minimum', 'greater', 'equal'] as const) {
    const spec = { op, shape: [103], strides: [[1], [1]] } as const;
    expect([op, compiled('zip', spec, [a, b], a)]).toEqual([op, plain('zip', spec, [a, b])]);
  }
  for (const op of ['sum', 'max', 'argMax'] as const) {
    const spec = { op, outer: 2, length: 17, inner: 3 };
    const right = plain('reduce', spec, [a]);
    expect([op, compiled('reduce', spec, [a], right)]).toEqual([op, right]);
  }
  // More than double precision could hold between.
  const many = new Int32Array(2 ** 22 + 3).fill(2 ** 31 - 1);
  expect(plain('reduce', { op: 'sum', outer: 1, length: many.length, inner: 1 }, [many])).toEqual(
    Int32Array.of(Number(BigInt.asIntN(32, BigInt(many.length) * (2n ** 31n - 1n)))),
  );
  const scatter = { shape: [103], strides: [0], axis: 0, outer: [1] };
  const index = new Int32Array(103);
  const right = plain('scatterAdd', scatter, [a, index]);
  expect(compiled('scatterAdd', scatter, [a, index], right)).toEqual(right);
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
        for (const [masked, gradient] of [
          [false, false],
          [true, false],
          [false, true],
          [true, true],
        ] as const) {
          const inputs = masked ? [x, mask] : [x];
          const spec = { rows, columns, masked, gradient };
          const right = plain(kernel, spec, inputs);
          expect(apart(compiled(kernel, spec, inputs, right), right)).toBeLessThan(1e-6);
        }
      }
    }
  });
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

test('a kernel may write over an input that is laid out like its result', () => {
  const columns = 3;
  const size = 101 * columns;
  const x = floats(size);
  const pairs = {
    op: 'sub',
    shape: [101, columns],
    strides: [
      [columns, 1],
      [0, 1],
    ],
  } as const;
  const program = new Program(2);
  const [at, row] = [program.put(x), program.put(x.subarray(0, columns))];
  program.call('zip', pairs, [at, row], at, ['float32', 'float32']);
  program.call('map', { op: 'square', size }, [at], at, ['float32']);
  program.call('softmax', { rows: 101, columns, masked: false, gradient: false }, [at], at, ['float32']);
  program.run();
  const squares = plain('map', { op: 'square', size }, [plain('zip', pairs, [x, x.subarray(0, columns)])]);
  const right = plain('softmax', { rows: 101, columns, masked: false, gradient: false }, [squares]);
  expect(apart(new Float32Array(program.wasm.memory.buffer, at, size), right)).toBeLessThan(1e-6);
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

  test('where memory does not grow, calls that need more are left to the plain loops', async () => {
    const refused = vi.fn(() => {
      throw new RangeError('no memory');
    });
    const engine = (globalThis as unknown as { WebAssembly: { Instance: new (module: object) => { exports: Wasm } } })
      .WebAssembly;
    class Instance {
      readonly exports: Wasm;

      constructor(module: object) {
        const { memory, run } = new engine.Instance(module).exports;
        let grow = (pages: number): number => {
          grow = refused;
          return memory.grow(pages);
        };
        this.exports = {
          run,
          memory: {
            get buffer() {
              return memory.buffer;
            },
            grow: (pages) => grow(pages),
          },
        };
      }
    }
    vi.stubGlobal('WebAssembly', Object.assign(Object.create(engine), { Instance }));
    vi.resetModules();
    const { ones } = await import('../../src/index.js');
    const product = ones([400, 400]).matmul(ones([400, 400]));
    vi.unstubAllGlobals();
    expect(refused).toHaveBeenCalled();
    expect(new Set(product.dataSync())).toEqual(new Set([400]));
  });

  test('storages of float64 have no kernels', () => {
    const operands = { inputs: [0], out: 0, dtypes: ['float64'], scratch: 0 } as const;
    expect(encode('map', { op: 'exp', size: 1 }, operands)).toBe(null);
    const floats = { ...operands, dtypes: ['float32'] } as const;
    expect(encode('cast', { dtype: 'float64', size: 1 }, floats)).toBe(null);
    expect(encode('map', { op: 'exp', size: 1 }, { ...operands, dtypes: ['int32'] })).toBe(null);
  });
});

test('a running average of a constant settles at it: weights are as exact as in double precision', () => {
  const program = new Program(2);
  const [average, one] = [program.put(Float32Array.of(1)), program.put(Float32Array.of(1))];
  const spec = { weights: [0.999, 1 - 0.999], squared: true, size: 1 } as const;
  for (let i = 0; i < 1000; i++) program.call('blend', spec, [average, one], average, ['float32', 'float32']);
  program.run();
  expect(Math.abs(new Float32Array(program.wasm.memory.buffer)[average / 4]! - 1)).toBeLessThan(3e-6);
});
