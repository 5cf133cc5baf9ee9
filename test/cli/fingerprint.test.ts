/** @file By what a run knows its rows again. */
import { expect, test } from 'vitest';
import { changeSince, fingerprintOf } from '../../src/cli/fingerprint.js';
import { datasetOf } from '../../src/data/index.js';
import type { RunConfig } from '../../src/io/index.js';

const rows = [
  [1, 2],
  [3, 4],
  [5, 6],
];
const of = (features: number[][], labels: string[]) => fingerprintOf(datasetOf(features, labels));
const remembering = (settings: object) => ({ settings }) as RunConfig;

test('the same rows have the same fingerprint; a value, a label, an order or a name makes another', () => {
  const first = of(rows, ['a', 'b', 'a']);
  expect(first).toEqual(of(rows, ['a', 'b', 'a']));
  expect(first).toMatchObject({ rows: 3, hash: expect.stringMatching(/^[0-9a-f]{32}$/) });
  const others = [
    of(
      [
        [1, 2],
        [3, 4],
        [5, 6.5],
      ],
      ['a', 'b', 'a'],
    ),
    of(rows, ['a', 'b', 'b']),
    of(rows.toReversed(), ['a', 'b', 'a']),
    of(rows, ['a', 'c', 'a']),
  ];
  expect(new Set([first, ...others].map(({ hash }) => hash)).size).toBe(5);
});

test('what has changed is told in words; a run that remembers nothing tells nothing', () => {
  const now = of(rows, ['a', 'b', 'a']);
  const config = remembering({ fingerprint: now });
  expect(changeSince(config, now)).toBeUndefined();
  expect(changeSince(config, null)).toBeUndefined();
  expect(changeSince(config, of(rows.slice(1), ['a', 'b']))).toBe('has changed since training: 2 rows, was 3');
  expect(changeSince(config, of(rows, ['b', 'b', 'a']))).toBe(
    'has changed since training: 3 rows as before, with other values',
  );
  for (const settings of [{}, { fingerprint: null }, { fingerprint: { rows: '3' } }]) {
    expect(changeSince(remembering(settings), now)).toBeUndefined();
  }
});
