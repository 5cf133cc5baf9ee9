/** @file Runs every row of the table of cases through the same properties. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as losses from '../../src/losses/index.js';
import * as ops from '../../src/ops/index.js';
import { opProperties } from '../../src/testing/index.js';
import { table, titleOf, uncovered } from './table.js';

const RUNS = { numRuns: 100, seed: 20261124 };

test('every exported operation and loss has a row', () => {
  // Not what makes options or a queue of rows.
  const names = [...Object.keys(ops), ...Object.keys(losses).filter((name) => /Loss|Bound/.test(name))];
  expect(names.length).toBeGreaterThan(70);
  expect(uncovered(names, table)).toEqual([]);
  expect(uncovered(['add', 'planted'], table)).toEqual(['planted']);
});

describe.each(table.map((row) => ({ title: titleOf(row), row })))('$title', ({ title, row }) => {
  const { reference, ...rest } = row;
  const options = { ...rest, ...(reference && { reference: reference as never }), name: title };
  test.each(Object.entries(opProperties))('%s', (_, property) => {
    fc.assert(
      fc.property(row.inputs, (inputs) => property(row.fn, inputs, options)),
      RUNS,
    );
  });
});
