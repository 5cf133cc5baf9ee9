/** @file What the functions of the WebAssembly kernels give: their errors, special values, random numbers, casts. */
import { describe, expect, test } from 'vitest';
import { erf } from '../../src/devices/cpu/erf.js';
import type { MapOp } from '../../src/devices/device.js';
import { ulpError } from '../support/ulp.js';
import { compiled, plain } from '../support/wasm-program.js';

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

test('simple functions keep NaN, signs of zero and infinities, as the plain loops do', () => {
  const x = Float32Array.of(Number.NaN, 0, -0, Infinity, -Infinity, 1.5, -1.5, 1e-45, -1e-45);
  for (const op of ['neg', 'abs', 'sign', 'square', 'relu', 'sqrt'] as const) {
    const right = plain('map', { op, size: x.length }, [x]);
    expect([op, compiled('map', { op, size: x.length }, [x], right)]).toEqual([op, right]);
  }
});

test('casts drop the fraction and wrap around as JavaScript does', () => {
  const x = Float32Array.of(1.9, -1.9, 3e9, -3e9, 1e15, 1e20, -1e20, 3.4e38, Infinity, -Infinity, Number.NaN, -0);
  for (const dtype of ['int32', 'float32'] as const) {
    const right = plain('cast', { dtype, size: x.length }, [x]);
    expect(compiled('cast', { dtype, size: x.length }, [x], right)).toEqual(right);
  }
});
