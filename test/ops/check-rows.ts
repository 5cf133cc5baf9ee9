/** @file Runs rows of the table of cases through the same properties. */
import fc from 'fast-check';
import { describe, test } from 'vitest';
import { opProperties } from '../../src/testing/index.js';
import { assertProperty } from '../support/depth.js';
import type { Case } from './cases.js';
import { titleOf } from './table.js';

/** One test for each row and property. */
export function checkRows(rows: readonly Case[]): void {
  describe.each(rows.map((row) => ({ title: titleOf(row), row })))('$title', ({ title, row }) => {
    const { reference, differentiable = true } = row;
    const options = { differentiable, ...(reference && { reference: reference as never }), name: title };
    test.each(Object.entries(opProperties))('%s', (_, property) => {
      assertProperty(fc.property(row.inputs, (inputs) => property(row.fn, inputs, options)));
    });
  });
}
