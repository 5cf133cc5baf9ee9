/** @file Every hint that an error prints is followed: what it says is done, and works. */
import { describe, expect, test } from 'vitest';
import { collectHints } from './hints/collect.js';
import { commandHints } from './hints/command.js';
import { dataHints } from './hints/data.js';
import { deviceHints } from './hints/device.js';
import { engineHints } from './hints/engine.js';
import { fileHints } from './hints/files.js';
import { learningHints } from './hints/learning.js';
import { casesOf, type Hints, holds, messageOf } from './hints/table.js';

const tables = [engineHints, learningHints, dataHints, fileHints, deviceHints, commandHints];
const rows = tables.flatMap((table: Hints) =>
  Object.entries(table).flatMap(([file, hints]) =>
    Object.entries(hints).map(([text, row]) => ({ key: `${file}: ${text}`, text, cases: casesOf(row) })),
  ),
);

test('each hint of the sources has a case for each place that writes it, and each case its hint', () => {
  const places = new Map<string, number>();
  for (const { file, text } of collectHints()) {
    const key = `${file}: ${text}`;
    places.set(key, (places.get(key) ?? 0) + 1);
  }
  expect(places.size).toBeGreaterThan(150);
  const cases = new Map(rows.map(({ key, cases }) => [key, cases.length]));
  expect([...places].filter(([key, count]) => (cases.get(key) ?? 0) < count)).toEqual([]);
  expect([...cases.keys()].filter((key) => !places.has(key))).toEqual([]);
  expect(cases.size).toBe(rows.length);
});

describe.each(rows)('$key', ({ text, cases }) => {
  test.each(cases.map((each, at) => [at, each] as const))('case %d', async (_, each) => {
    if ('wrong' in each) {
      const message = await messageOf(each.wrong);
      expect(message === null || !holds(message, text) ? message : text).toBe(text);
    }
    if (each.right) expect(await messageOf(each.right)).toBeNull();
  });
});

test('few hints are left to the reader', () => {
  const left = rows.flatMap(({ cases }) => cases.filter((each) => 'why' in each));
  expect(left.length).toBeLessThan(9);
});
