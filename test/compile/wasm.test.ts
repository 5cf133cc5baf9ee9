/** @file Steps replayed as one WebAssembly call: the numbers of the eager run, and the protocol of state. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as cg from '../../src/index.js';
import { compile, grad, type Tensor, tensor } from '../../src/index.js';
import { table, titleOf } from '../ops/table.js';

/** How far results are apart, relative to the largest element of each (at least 1). */
function apart(actual: readonly Tensor[], wanted: readonly Tensor[]): number {
  expect(actual.map(({ shape, dtype }) => [shape, dtype])).toEqual(wanted.map(({ shape, dtype }) => [shape, dtype]));
  return Math.max(
    0,
    ...actual.map((x, part) => {
      const [mine, theirs] = [x.dataSync(), wanted[part]!.dataSync()];
      const scale = Math.max(1, ...Array.from(theirs, Math.abs).filter(Number.isFinite));
      return Math.max(
        0,
        ...Array.from(mine, (v, i) => (Object.is(v, theirs[i]) ? 0 : Math.abs(v - theirs[i]!) / scale)),
      );
    }),
  );
}

/** Not `to`, which reads. */
const rows = table.filter(({ covers }) => covers !== 'to');

describe('every row of the table in float32, recorded with some numbers and replayed with others', () => {
  test.each(rows.map((row) => [titleOf(row), row] as const))('%s', (_, row) => {
    fc.assert(
      fc.property(row.inputs, (inputs) => {
        const leaves = (shift: number): Tensor[] =>
          inputs.map((x) => {
            const data = [...x.dataSync()];
            const moved = data.map((_, i) => data[(i + shift) % data.length]!);
            const isFloat = x.dtype !== 'int32';
            return tensor(moved, { shape: x.shape, dtype: isFloat ? 'float32' : 'int32', requiresGrad: isFloat });
          });
        const step = (...given: Tensor[]): Tensor[] => {
          const out = row.fn(...given);
          if (!out.requiresGrad) return [out];
          const seed = cg.cast(cg.arange(out.size, { dtype: 'float32' }).add(1), out.dtype).reshape(out.shape);
          const wanted = given.filter((x) => x.requiresGrad);
          return [out, ...grad(out, wanted, { gradient: seed.mul(1 / out.size), allowUnused: true })];
        };
        const compiled = compile(step);
        for (const shift of [0, 0, 1]) {
          expect(apart(compiled(...leaves(shift)), step(...leaves(shift)))).toBeLessThanOrEqual(1e-5);
        }
        expect(compiled.plan!.executor).toBe('wasm');
      }),
      { numRuns: 20, seed: 20261125 },
    );
  });
});
