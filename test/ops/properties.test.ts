/** @file Runs every row of the table of cases through the same properties. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as losses from '../../src/losses/index.js';
import { type Nested, operationCases, uncovered } from './cases.js';
import { grad, gradcheck, ops, type Tensor, tensor } from './entry.js';
import { lossCases } from './loss-cases.js';

const cases = [...operationCases, ...lossCases];
const RUNS = { numRuns: 100, seed: 20261124 };

const flat = (x: unknown): number[] => (Array.isArray(x) ? x.flatMap(flat) : [x as number]);

function close(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach((value, i) => {
    const wanted = expected[i]!;
    if (value === wanted) return;
    expect(Math.abs(value - wanted) / Math.max(1, Math.abs(value), Math.abs(wanted))).toBeLessThanOrEqual(
      tolerance,
    );
  });
}

const leaf = (x: Tensor): Tensor =>
  tensor(x.dataSync(), { shape: x.shape, requiresGrad: x.dtype === 'float64' });

test('every exported operation and loss has a row', () => {
  const names = [...Object.keys(ops), ...Object.keys(losses)];
  expect(names.length).toBeGreaterThan(40);
  expect(uncovered(names, cases)).toEqual([]);
  expect(uncovered(['add', 'planted'], cases)).toEqual(['planted']);
});

describe.each(cases.map((row) => ({ title: `${row.covers}${row.variant ? ` (${row.variant})` : ''}`, row })))(
  '$title',
  ({ title, row }) => {
    const { reference } = row;
    if (reference !== undefined) {
      test('has the value of plain loops', () => {
        fc.assert(
          fc.property(row.inputs, (inputs) => {
            const wanted = reference(...inputs.map((x) => x.toArray() as Nested));
            const out = row.fn(...inputs);
            close([...out.dataSync()], flat(wanted), 1e-12);
          }),
          RUNS,
        );
      });
    }
    if (row.differentiable === false) return;

    test('agrees with central differences to 1e-6, its gradient to 1e-4', () => {
      let compared = 0;
      fc.assert(
        fc.property(row.inputs, (inputs) => {
          compared += gradcheck(row.fn, inputs, { order: 2, name: title, directions: 2 }).compared;
        }),
        RUNS,
      );
      expect(compared).toBeGreaterThan(100);
    });

    test('has a linear pull-back, in the shapes of its inputs', () => {
      fc.assert(
        fc.property(row.inputs, fc.integer({ min: 1, max: 9 }), (inputs, factor) => {
          const leaves = inputs.map(leaf);
          const wanted = leaves.filter((x) => x.requiresGrad);
          const out = row.fn(...leaves);
          const seed = (by: number): Tensor =>
            tensor(
              Float64Array.from({ length: out.size }, (_, i) => by * Math.cos(1 + i)),
              { shape: out.shape },
            );
          const pull = (g: Tensor): Tensor[] =>
            grad(out, wanted, { gradient: g, retainGraph: true, allowUnused: true });
          const [once, scaled] = [pull(seed(1)), pull(seed(factor))];
          once.forEach((g, i) => {
            expect(g.shape).toEqual(wanted[i]!.shape);
            close([...scaled[i]!.dataSync()], [...g.mul(factor).dataSync()], 1e-11);
          });
        }),
        RUNS,
      );
    });
  },
);
