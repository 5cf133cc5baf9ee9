/** @file Whoever reads a table reads the same: `parseTable`, the readers of train and evaluate, embed, and the page's trainer. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { columnsOf } from '../../docs/.vitepress/theme/trainer/columns.js';
import { readTable } from '../../docs/.vitepress/theme/trainer/rows.js';
import { loadLabelled } from '../../src/cli/sources.js';
import { type Dataset, parseTable } from '../../src/data/index.js';
import type { TableRow } from '../../src/data/table-layout.js';
import { TableReader } from '../../src/data/table-rows.js';
import { DataError, tensor } from '../../src/index.js';
import { serializeRunConfig, writeSafetensors } from '../../src/io/index.js';
import { run } from '../support/command.js';
import { assertProperty } from '../support/depth.js';

const folder = mkdtempSync(join(tmpdir(), 'contragrad-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = (name: string): string => join(folder, name);

/** A table: its cells, how they are written, and which column is said to be the label. */
interface Table {
  readonly cells: readonly (readonly string[])[];
  readonly text: string;
  readonly label: string | number | null | undefined;
}

const isMissing = (cell: string): boolean => ['', 'na', 'n/a', 'nan', 'null'].includes(cell.toLowerCase());
const isNumber = (cell: string): boolean => cell !== '' && Number.isFinite(Number(cell));

const often = <T>(weight: number, arbitrary: fc.Arbitrary<T>): fc.WeightedArbitrary<T> => ({ weight, arbitrary });
const numbers = fc.integer({ min: -99, max: 99 }).map((n) => String(n / 2));
const markers = fc.constantFrom('', 'NA', 'n/a', 'NaN', 'Null', 'na');
const names = fc.oneof(
  often(8, fc.constantFrom('x', 'y', 'RI', 'load 2', 'x')),
  fc.constantFrom('Na', 'null', '', '7', 'inf'),
);

const tables: fc.Arbitrary<Table> = fc
  .record({
    features: fc.integer({ min: 1, max: 3 }),
    count: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 5, max: 14 })),
    separator: fc.constantFrom(',', '\t', ';'),
    lineBreak: fc.constantFrom('\n', '\r\n', '\r'),
    start: fc.constantFrom('', '\uFEFF', '\uFEFF'),
    blank: fc.constantFrom('', ' ', null),
    hasHeader: fc.boolean(),
    /** Of a hundred cells, how many are missing; in the first row, and in all others. */
    missing: fc.tuple(fc.constantFrom(0, 0, 30, 100), fc.constantFrom(0, 0, 0, 20)),
    label: fc.constantFrom('last', 'first', 'place', 'end', 'name', 'none'),
  })
  .chain(({ features, count, separator, lineBreak, start, blank, hasHeader, missing, label }) => {
    const labelled = label !== 'none';
    const width = features + (labelled ? 1 : 0);
    const place = label === 'first' ? 0 : fc.integer({ min: 0, max: width - 1 });
    const cell = (row: number): fc.Arbitrary<string> => {
      const share = missing[row === 0 ? 0 : 1]!;
      return fc.oneof(often(100 - share, numbers), often(share, markers));
    };
    const word = fc.constantFrom(
      'a',
      'b',
      'big dog',
      `a${separator}b`,
      'say "b"',
      '2',
      ...(lineBreak === '\n' ? ['c\nd'] : []),
    );
    return fc
      .record({
        at:
          label === 'last' || !labelled
            ? fc.constant(width - 1)
            : typeof place === 'number'
              ? fc.constant(place)
              : place,
        names: fc.array(names, { minLength: width, maxLength: width }),
        rows: fc.tuple(
          ...Array.from({ length: count }, (_, row) =>
            fc.array(cell(row), { minLength: features, maxLength: features }),
          ),
        ),
        words: fc.array(word, { minLength: count, maxLength: count }),
        quoted: fc.infiniteStream(fc.boolean()),
        padded: fc.infiniteStream(fc.constantFrom('', '', ' ')),
      })
      .map(({ at, names, rows, words, quoted, padded }) => {
        const data = rows.map((row, i) => (labelled ? [...row.slice(0, at), words[i]!, ...row.slice(at)] : row));
        const cells = hasHeader ? [names, ...data] : data;
        const written = (text: string): string => {
          const needs = /["\n]/.test(text) || text.includes(separator);
          if (needs || quoted.next().value) return `"${text.replaceAll('"', '""')}"`;
          return `${padded.next().value}${text}`;
        };
        const lines = cells.map((row) => row.map(written).join(separator));
        if (blank !== null) lines.splice(1, 0, blank);
        const wanted = {
          last: undefined,
          first: 0,
          place: at,
          end: at - width,
          name: hasHeader ? names[at] : undefined,
          none: null,
        }[label];
        return { cells, text: start + lines.join(lineBreak), label: wanted };
      });
  });

/** What a table holds, by the words of the documentation. */
function readingOf({ cells: all, label: wanted = -1 }: Table) {
  // A blank line is no row.
  const cells = all.filter((row) => row.length > 1 || row[0] !== '');
  const [first = []] = cells;
  const position = typeof wanted === 'string' ? first.indexOf(wanted) : (wanted ?? Number.NaN);
  const label = position < 0 ? position + first.length : position;
  const features = [...first.keys()].filter((at) => at !== label);
  const cellOf = (at: number): string => first[at]!;
  const isName = (at: number): boolean => !isNumber(cellOf(at)) && !/^(|nan|inf)$/i.test(cellOf(at));
  const hasNumber = (at: number): boolean => cells.slice(1, 10).some((row) => isNumber(row[at]!));
  const isHeader =
    typeof wanted === 'string' ||
    (features.every(isName) &&
      (!features.some((at) => isMissing(cellOf(at))) ||
        features.some((at) => !isMissing(cellOf(at)) && hasNumber(at))));
  const rows = isHeader ? cells.slice(1) : cells;
  return {
    names: isHeader ? first : undefined,
    rows: rows.map((row) => features.map((at) => row[at]!)),
    labels: rows.map((row) => row[label]),
    featureNames: isHeader ? features.map((at) => first[at]!) : undefined,
    label,
    width: first.length,
    features: features.length,
  };
}

/** The rows of a data set as they would be written. */
const rowsOf = ({ features, count, size }: Dataset): number[][] =>
  Array.from({ length: count }, (_, row) => [...features.subarray(row * size, (row + 1) * size)]);
const labelsOf = ({ labels, classes }: Dataset): (string | undefined)[] => [...labels].map((label) => classes[label]);

/** A run whose encoder gives back the features that it takes. */
async function mirror(features: number, names: readonly string[] | undefined, label: Table['label']): Promise<string> {
  const place = path('mirror');
  mkdirSync(place, { recursive: true });
  const settings = label === undefined ? {} : { label: label === null ? 'none' : String(label) };
  const ones = Array.from({ length: features }, () => 1);
  const config = serializeRunConfig({
    format: 'contragrad-run',
    version: 1,
    input: { shape: [features], ...(names && { features: names }), mean: ones.map(() => 0), scale: ones },
    architecture: [{ type: 'Linear', outFeatures: features, bias: false }],
    metric: 'euclidean',
    settings,
  });
  writeFileSync(join(place, 'config.json'), config);
  const weight = tensor(ones.map((_, i) => ones.map((_, j) => (i === j ? 1 : 0))));
  await writeSafetensors(join(place, 'model.safetensors'), { '0.weight': weight });
  return place;
}

/** What embed says of a table: rows and labels, or an error. */
async function embedded(table: Table, place: string) {
  const { status, out, err } = await run(['embed', place, path('table.csv')]);
  expect(await run(['embed', place, '-'], { input: table.text })).toEqual({
    status,
    out,
    err: err.replace(path('table.csv'), 'stdin'),
  });
  if (status !== 0) return { err };
  const lines = out
    .trimEnd()
    .split('\n')
    .filter((line) => line !== '');
  const rows = lines.map((line) => JSON.parse(line) as { embedding: number[]; label?: string });
  return { rows: rows.map(({ embedding }) => embedding.map((v) => v + 0)), labels: rows.map(({ label }) => label) };
}

test('columns, names and rows are the same for all', async () => {
  await assertProperty(
    fc.asyncProperty(tables, async (table) => {
      const { names, rows, labels, featureNames, label, width, features } = readingOf(table);
      fc.pre(
        rows.length > 0 &&
          !labels.includes('') &&
          !(typeof table.label === 'string' && /^(-?\d+|none)$/.test(table.label)),
      );
      writeFileSync(path('table.csv'), table.text);
      const file = new File([table.text], 'table.csv');
      const options = table.label === undefined ? {} : { label: table.label };
      const setting = table.label === undefined ? {} : { label: table.label === null ? 'none' : String(table.label) };
      const place = await mirror(features, featureNames, table.label);
      const isWhole = rows.map((row) => row.every(isNumber));
      const told = rows.map((_, i) => isWhole[i]! && !isMissing(labels[i] ?? '?'));
      const numbersOf = (list: readonly (readonly string[])[]): number[][] =>
        list.map((row) => row.map((v) => Number(v) + 0));
      const isDamaged = rows.some((row) => row.some((cell) => !isNumber(cell) && !isMissing(cell)));

      if (isWhole.every(Boolean)) {
        const data = parseTable(table.text, options, 'table');
        expect(rowsOf(data)).toEqual(numbersOf(rows));
        expect(labelsOf(data)).toEqual(labels);
        expect(data.featureNames).toEqual(featureNames);
        expect(await loadLabelled(path('table.csv'), setting)).toEqual(data);
        expect(await embedded(table, place)).toEqual({ rows: numbersOf(rows), labels });
        if (label < width) expect((await readTable(file, table.label ?? label)).data).toEqual(data);
      } else {
        expect(() => parseTable(table.text, options, 'table')).toThrow(DataError);
        await expect(loadLabelled(path('table.csv'), setting)).rejects.toThrow(DataError);
        expect(await embedded(table, place)).toEqual({ err: expect.stringContaining('expected a finite number') });
      }
      if (!isDamaged && told.some(Boolean)) {
        const data = parseTable(table.text, { ...options, missing: 'drop' }, 'table');
        const left = rows.filter((_, i) => told[i]);
        expect([rowsOf(data), data.leftOut]).toEqual([numbersOf(left), rows.length - left.length]);
        expect([labelsOf(data), data.featureNames]).toEqual([labels.filter((_, i) => told[i]), featureNames]);
        expect(await loadLabelled(path('table.csv'), { ...setting, missing: 'drop' })).toEqual(data);
        if (label < width && isWhole.includes(false))
          expect((await readTable(file, table.label ?? label)).data).toEqual(data);
      }
      // The page has no columns without a label.
      if (label < width) {
        const called = Array.from({ length: width }, (_, at) => names?.[at] || `column ${at + 1}`);
        if (typeof table.label !== 'string') expect(await columnsOf(file, label)).toEqual({ names: called, label });
      }
    }),
    4000,
  );
});

test('how a long text is cut into pieces makes no difference, and no line is lost count of', () => {
  const cell = fc.constantFrom('1', '-2.5', '"3"', '"4\n4"', '"say ""5"""', '6" wide', '');
  const lengths = fc.array(fc.integer({ min: 1, max: 90_000 }), { minLength: 1 });
  assertProperty(
    fc.property(
      fc.array(cell, { minLength: 2, maxLength: 40 }),
      lengths,
      fc.integer({ min: 1, max: 9 }),
      (cells, cuts, wide) => {
        const line = `${Array.from({ length: wide }, () => cells.join(';')).join(';')}\r\n`;
        const count = Math.ceil(250_000 / line.length);
        const text = `\uFEFF${line.repeat(count)}`;
        const breaks = line.split('\n').length - 1;
        const reader = new TableReader('table', () => layout);
        const layout = { names: undefined, features: [0], label: undefined, group: undefined };
        const read: TableRow[] = [];
        for (let [start, piece] = [0, 0]; start < text.length; piece++) {
          const end = start + cuts[piece % cuts.length]!;
          for (const { rows } of reader.read(text.slice(start, end), end >= text.length)) read.push(...rows);
          start = end;
        }
        expect(read).toHaveLength(count);
        const plain = cells.map((text) => text.replace(/^"(.*)"$/s, '$1').replaceAll('""', '"'));
        const expected = Array.from({ length: wide }, () => plain).flat();
        expect(read.every(({ line }, row) => line === 1 + row * breaks)).toBe(true);
        expect(new Set(read.map(({ cells }) => cells.join('|')))).toEqual(new Set([expected.join('|')]));
      },
    ),
    200,
  );
});
