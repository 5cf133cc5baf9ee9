/** @file NaN, infinities and -0 in every row of the table: values and gradients as in PyTorch, on every device and compiled. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accelerateBy } from '../../src/devices/cpu/index.js';
import { gpu } from '../../src/devices/gpu/index.js';
import { compile, cpu, type Tensor } from '../../src/index.js';
import {
  differencesOf,
  EITHER_ZERO,
  type SpecialCase,
  type SpecialGolden,
  specialCases,
  specialDifferences,
  stepOf,
} from '../support/special.js';
import type { Case } from './cases.js';
import { lossCases } from './loss-cases.js';
import { table, titleOf } from './table.js';

const golden = JSON.parse(readFileSync('test/golden/special.json', 'utf8')) as SpecialGolden;

test('no loss swallows NaN', () => {
  const numbers = lossCases.flatMap((row) =>
    specialCases(row, golden)
      .filter(
        ({ inputs, wanted }) => inputs.some(({ data }) => data.some(Number.isNaN)) && !wanted[0]!.some(Number.isNaN),
      )
      .map(({ plants }) => `${titleOf(row)} ${plants}`),
  );
  expect(numbers).toEqual([]);
});

test('NaN beside a number, the other infinity and the other zero are seen', () => {
  const wanted = (value: number, gradient: number, plants = ''): SpecialCase => ({
    plants,
    inputs: [],
    wanted: [[value], [gradient]],
  });
  const strict = { tolerance: 1e-6, signedZeros: true };
  const count = (actual: number[], expected: SpecialCase, comparison = strict): number =>
    differencesOf(
      actual.map((v) => [v]),
      expected,
      comparison,
    ).length;
  expect(count([Number.NaN, Infinity], wanted(Number.NaN, Infinity))).toBe(0);
  expect(count([0, 1], wanted(Number.NaN, 1))).toBe(1);
  expect(count([1, Number.NaN], wanted(1, 1))).toBe(1);
  expect(count([-Infinity, 1], wanted(Infinity, 1))).toBe(1);
  expect(count([1, Number.NaN], wanted(1, Infinity))).toBe(1);
  expect(count([1, Number.NaN], wanted(1, Infinity, '0 0 Infinity'))).toBe(0);
  expect(count([0, 1], wanted(-0, 1))).toBe(1);
  expect(count([0, 1], wanted(-0, 1), { ...strict, signedZeros: false })).toBe(0);
  expect(count([1], wanted(1, 1))).toBe(1);
});

/** One test for each row, and a line that sums up. */
function checkRows(name: string, rows: readonly Case[], differences: (row: Case) => Promise<string[]>): void {
  let [differing, cases] = [0, 0];
  afterAll(() => {
    console.log(
      `special numbers on ${name}: ${rows.length} rows, ${cases} cases, ${differing} rows differ from PyTorch ${golden.versions.torch}`,
    );
  });
  test.each(rows.map((row) => [titleOf(row), row] as const))('%s', async (_, row) => {
    const found = await differences(row);
    cases += specialCases(row, golden).length;
    if (found.length > 0) differing++;
    expect(found).toEqual([]);
  });
}

const onCpu = (row: Case, dtype: 'float32' | 'float64') => ({
  device: cpu,
  dtype,
  tolerance: dtype === 'float64' ? 1e-6 : 1e-5,
  signedZeros: !(titleOf(row) in EITHER_ZERO),
});

describe.each(['float64', 'float32'] as const)('on the CPU in %s', (dtype) => {
  checkRows(`cpu, ${dtype}`, table, (row) => specialDifferences(row, golden, onCpu(row, dtype)));
});

describe.each([
  ['float64', 'generic'],
  ['float32', 'wasm'],
] as const)('compiled in %s, recorded with ordinary numbers', (dtype, executor) => {
  // Not `to`, which reads.
  const rows = table.filter(({ covers }) => covers !== 'to');
  checkRows(`cpu, ${dtype}, compiled (${executor})`, rows, async (row) => {
    const step = compile(stepOf(row, golden));
    const found = await specialDifferences(row, golden, onCpu(row, dtype), (...inputs: Tensor[]) => step(...inputs));
    if (specialCases(row, golden).length > 0) expect(step.plan!.executor).toBe(executor);
    return found;
  });
});

describe.each(['webasm', 'cpu'] as const)('on gpu:%s', async (mode) => {
  const device = await gpu({ mode });
  afterAll(() => device.destroy());
  const place = { device, dtype: 'float32', tolerance: 2e-5, signedZeros: false } as const;
  checkRows(device.name, table, (row) => specialDifferences(row, golden, place));
});

describe('by plain loops in float32', () => {
  let before: ReturnType<typeof accelerateBy> = null;
  beforeAll(() => {
    before = accelerateBy(null);
  });
  afterAll(() => {
    accelerateBy(before);
  });
  checkRows('cpu, float32, plain loops', table, (row) => specialDifferences(row, golden, onCpu(row, 'float32')));
});
