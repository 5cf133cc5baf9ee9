/** @file The operations' rows of the table of cases, and that none is missing. */
import { expect, test } from 'vitest';
import { nn } from '../../src/index.js';
import * as losses from '../../src/losses/index.js';
import * as ops from '../../src/ops/index.js';
import { checkRows } from './check-rows.js';
import { lossCases } from './loss-cases.js';
import { table, uncovered } from './table.js';

test('every exported operation and loss has a row', () => {
  // Not what makes options or a queue of rows.
  const names = [...Object.keys(ops), ...Object.keys(losses).filter((name) => /Loss|Bound/.test(name))];
  expect(names.length).toBeGreaterThan(70);
  expect(uncovered(names, table)).toEqual([]);
  expect(uncovered(['add', 'planted'], table)).toEqual(['planted']);
});

test('every layer has a row', () => {
  // A list has no forward.
  const names = Object.entries(nn)
    .filter(([, value]) => typeof value === 'function' && value.prototype instanceof nn.Module)
    .filter(([, value]) => value !== nn.ModuleList)
    .map(([name]) => `nn.${name}`);
  expect(names.length).toBeGreaterThan(15);
  expect(uncovered(names, table)).toEqual([]);
});

checkRows(table.filter((row) => !lossCases.includes(row)));
