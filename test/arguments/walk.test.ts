/**
 * @file Every public function, constructor, method and setter, called with what it does not take. A call that TypeScript does not
 * admit is refused; one that it admits has a value or is refused; nothing but a `ContragradError` leaves the library, in a short
 * message, and in no long time.
 *
 * `WALK_REPORT=path` writes all failures to path.txt and path.json, and `ONLY=^data` walks the names that match alone.
 */
import { writeFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { isFull, seed } from '../support/depth.js';
import { type Typed, typed } from './admitted.js';
import { CALLS } from './calls.js';
import { inFolder } from './folder.js';
import { asText, type Failure, wrongWith } from './judge.js';
import { outcomesOf } from './outcome.js';
import { fileOf, publicNames, unnamedOptions } from './surface.js';
import { type Variant, variantsOf } from './variants.js';

const { ONLY = '', WALK_REPORT } = process.env;

/** At quick depth one variant in so many is tried. */
const SPARSE = 25;

/** Whether a variant is tried: by a hash of its place and the seed. */
const isTried = (index: number): boolean => isFull || (Math.imul(index + seed, 0x9e3779b1) >>> 8) % SPARSE === 0;

/** The variants that this run tries; each call itself is always tried. */
function chosen(): Variant[] {
  const rows = Object.entries(CALLS).filter(([covers]) => new RegExp(ONLY).test(covers));
  const all = rows.flatMap(([covers, calls]) => calls.flatMap((call) => variantsOf(covers, call)));
  return all.filter(({ fault }, index) => fault === 'valid' || isTried(index));
}

const variants = chosen();
let types: Typed;
beforeAll(() => {
  types = typed(variants);
});

test('everything public has a call in the table', () => {
  const names = publicNames(types.program);
  expect(names.length).toBeGreaterThan(300);
  expect(names.filter((name) => !(name in CALLS))).toEqual([]);
  const more = Object.keys(CALLS).filter(
    (name) => !names.includes(name) && !/\(\)$|^(MemoryBank|CompiledStep)#/.test(name),
  );
  expect(more).toEqual([]);
});

test('every option has a value in the table', () => {
  const rows = variants.filter(({ fault }) => fault === 'valid');
  expect(unnamedOptions(types, rows)).toEqual([]);
});

test('nothing runs on that should be refused, and nothing but a ContragradError leaves', async () => {
  const outcomes = await inFolder(() => outcomesOf(variants));
  const failures = variants.flatMap((variant, index): Failure[] => {
    const { covers, fault, change, text: call, row } = variant;
    const [admitted, outcome] = [types.admitted[index]!, outcomes[index]!];
    const kind = wrongWith(variant, admitted || types.later[index]!, outcome);
    if (kind === undefined) return [];
    const got = kind === 'slow' ? `${Math.round(outcome.time)} ms` : outcome.text;
    return [{ file: fileOf(types, types.calls.get(row)!), covers, kind, fault, change, call, got, admitted }];
  });
  console.info(figures(failures));
  if (WALK_REPORT !== undefined) {
    writeFileSync(`${WALK_REPORT}.txt`, `${figures(failures)}\n${asText(failures)}\n`);
    writeFileSync(`${WALK_REPORT}.json`, JSON.stringify(failures, null, 1));
  }
  expect(asText(failures)).toBe('');
});

test('the walk bites: what is wrong with a call is told by its kind', () => {
  const planted = variantsOf('softmax', 'softmax(x, { axis: [0] })');
  const changes = planted.map(({ text }) => text);
  for (const text of [
    'softmax(NaN, { axis: [0] })',
    'softmax(x, { axis: [null] })',
    'softmax(x, { dim: 0, axis: [0] })',
  ]) {
    expect(changes).toContain(text);
  }
  for (const text of ['softmax(x, {  })', 'softmax()', 'softmax(x, { axis: [0] }, null)'])
    expect(changes).toContain(text);
  const [valid, wrong] = planted as [Variant, Variant];
  const outcome = { kind: 'value', text: '', time: 0 } as const;
  expect(wrongWith(valid, true, outcome)).toBe(undefined);
  expect(wrongWith(valid, false, outcome)).toBe('not valid');
  expect(wrongWith(wrong, true, outcome)).toBe(undefined);
  expect(wrongWith(wrong, false, outcome)).toBe('ran on');
  expect(wrongWith(wrong, true, { ...outcome, kind: 'raw error' })).toBe('raw error');
  expect(wrongWith(wrong, true, { ...outcome, kind: 'hangs' })).toBe('hangs');
  expect(wrongWith(wrong, true, { ...outcome, time: 1001 })).toBe('slow');
  expect(wrongWith(wrong, true, { ...outcome, kind: 'refused', text: 'x'.repeat(401) })).toBe('long message');
});

/** How many of what there are. */
function figures(failures: readonly Failure[]): string {
  const counts = (key: (failure: Failure) => string): string => {
    const by = new Map<string, number>();
    for (const failure of failures) by.set(key(failure), (by.get(key(failure)) ?? 0) + 1);
    return [...by]
      .sort(([, a], [, b]) => b - a)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ');
  };
  const admitted = types.admitted.filter(Boolean).length;
  return [
    `${variants.length} calls, ${admitted} of them admitted by TypeScript; ${failures.length} failures`,
    `by kind: ${counts(({ kind, fault }) => `${kind} (${fault})`)}`,
    `by file: ${counts(({ file }) => file)}`,
  ].join('\n');
}
