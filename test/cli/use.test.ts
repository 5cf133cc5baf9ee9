/** @file The commands that use a trained encoder, as a user runs them: evaluate and embed. */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadNpy, loadTable } from '../../src/data/index.js';
// As in the command, the CPU has its WebAssembly: the numbers are the same to the last bit.
import '../../src/index.js';
import { loadEncoder } from '../../src/io/index.js';
import { run } from '../support/command.js';

const folder = mkdtempSync(join(tmpdir(), 'contragrad-'));
afterAll(() => rmSync(folder, { recursive: true }));

const names = ['__proto__', 'b,"b"', '</script>'];
const rows = Array.from({ length: 90 }, (_, i) => [3 * (i % 3) + (i % 7) / 7, (i * 7) % 11, (i % 3) - (i % 5) / 9]);
const csv = (which: readonly number[][], header = 'x,y,z,kind'): string =>
  [header, ...which.map((row, i) => `${row.join(',')},"${names[i % 3]!.replaceAll('"', '""')}"`)].join('\n');
const path = (name: string): string => join(folder, name);

beforeAll(async () => {
  writeFileSync(path('rows.csv'), csv(rows));
  writeFileSync(path('test.csv'), csv(rows.map(([x, y, z]) => [x! + 0.01, y!, z! - 0.01])));
  const words = ['train', path('rows.csv'), '--label', 'kind', '--epochs', '15', '--hidden', '8', '--dim', '3'];
  const trained = await run([...words, '--validation', '0.2', '--out', path('run')]);
  expect(trained.err).toBe('');
  expect(trained.status).toBe(0);
});

describe('evaluate', () => {
  test('without data it has the figures of the end of training, and more', async () => {
    const { status, out, err } = await run(['evaluate', path('run'), '--json']);
    expect([status, err]).toEqual([0, '']);
    const { encoder, raw, rows } = JSON.parse(out);
    const again = await run(['train', '--resume', '--out', path('run'), '--json']);
    expect(again.err).toBe('');
    const figures = Object.fromEntries(
      (JSON.parse(again.out).figures as { key: string; mean: number; raw: number }[]).map((one) => [one.key, one]),
    );
    for (const key of ['knn', 'auc', 'eer']) {
      expect(encoder[key]).toBeCloseTo(figures[key]!.mean, 12);
      expect(raw[key]).toBeCloseTo(figures[key]!.raw, 12);
    }
    expect(rows).toEqual({ gallery: 72, test: 18 });
    expect(encoder.retrieval.precisionAtOne).toBeGreaterThan(0.5);
    expect(encoder.retrieval.meanAveragePrecisionAtR).toBeLessThanOrEqual(encoder.retrieval.rPrecision);
    expect(encoder.verification.accuracy).toBeGreaterThan(raw.verification.accuracy);
  });

  test('other rows are compared with those of the training; words for people', async () => {
    const { status, out, err } = await run(['evaluate', path('run'), path('test.csv')]);
    expect([status, err]).toEqual([0, '']);
    expect(out).toMatch(/^ +encoder +raw features$/m);
    expect(out).toMatch(/^3-NN accuracy +[01]\.\d{4} +[01]\.\d{4} +90 rows among 72$/m);
    expect(out).toMatch(/^same below distance +\d/m);
    expect(out).toMatch(/^ {2}false rejects +\d+\.\d\d %/m);
  });

  test('rows of new classes are compared among themselves; of some new classes, refused', async () => {
    const all = csv(rows).split('\n');
    writeFileSync(
      path('new.csv'),
      all.map((line, i) => (i === 0 ? line : `${line.slice(0, line.indexOf('"'))}new${i % 3}`)).join('\n'),
    );
    const { encoder, rows: counts } = JSON.parse((await run(['evaluate', path('run'), path('new.csv'), '--json'])).out);
    expect(counts).toEqual({ gallery: 45, test: 45 });
    expect(encoder.knn).toBeGreaterThan(0.5);
    writeFileSync(
      path('mixed.csv'),
      all.map((line, i) => (i === 1 ? `${line.slice(0, line.indexOf('"'))}strange` : line)).join('\n'),
    );
    const { status, err } = await run(['evaluate', path('run'), path('mixed.csv')]);
    expect(status).toBe(1);
    expect(err).toBe(
      `error: ${path('mixed.csv')}: has classes that ${path('rows.csv')} lacks: "strange"; pass known classes only, or new ones only\n`,
    );
  });

  test.each<[string, () => string[], string]>([
    ['no run', () => ['evaluate', path('none')], 'config.json: cannot be read (ENOENT); is it the folder of a run?'],
    [
      'columns in another order',
      () => {
        writeFileSync(path('order.csv'), csv(rows, 'y,x,z,kind'));
        return ['evaluate', path('run'), path('order.csv')];
      },
      'order.csv: feature 1 is "y", in training it was "x"',
    ],
  ])('%s is an error in words', async (_, words, message) => {
    const { status, err } = await run(words());
    expect(err).toContain(message);
    expect(status).toBe(1);
    expect(err).not.toMatch(/\n\s+at /);
  });
});

describe('embed', () => {
  const embeddings = async (): Promise<number[][]> => {
    const { features } = await loadTable(path('rows.csv'));
    return (await loadEncoder(path('run'))).embed(features);
  };
  const numbers = (list: readonly number[][]): string[] => list.map((row) => row.map(Math.fround).join());

  test('JSON lines hold labels and exactly the embeddings', async () => {
    const { status, out, err } = await run(['embed', path('run'), path('rows.csv')]);
    expect([status, err]).toEqual([0, '']);
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(numbers(lines.map(({ embedding }) => embedding))).toEqual(numbers(await embeddings()));
    expect(lines.map(({ row }) => row)).toEqual(rows.map((_, i) => i + 1));
    expect(lines.map(({ label }) => label)).toEqual(rows.map((_, i) => names[i % 3]));
  });

  test('columns are found by their names, labels are not needed, and gzip is unpacked', async () => {
    const text = rows.map(([x, y, z]) => `${z},1,${x},${y}`).join('\r\n');
    const piped = await run(['embed', path('run'), '-', '--format', 'csv', '--label', 'none'], {
      input: `\uFEFF"z","extra",x,y\r\n${text}\r\n`,
    });
    expect(piped.err).toBe('');
    expect(piped.out.split('\n')[0]).toBe('e1,e2,e3');
    const read = piped.out
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.split(',').map(Number));
    expect(numbers(read)).toEqual(numbers(await embeddings()));
    writeFileSync(path('packed.csv.gz'), gzipSync(csv(rows)));
    expect((await run(['embed', path('run'), path('packed.csv.gz')])).out).toBe(
      (await run(['embed', path('run'), path('rows.csv')])).out,
    );
  });

  test('NPY and CSV files are there whole', async () => {
    for (const name of ['out.npy', 'out.csv']) {
      const { status, out, err } = await run(['embed', path('run'), path('rows.csv'), '-o', path(name)]);
      expect([status, out, err]).toEqual([0, '', '']);
    }
    const npy = await loadNpy(path('out.npy'));
    expect([npy.count, npy.size]).toEqual([90, 3]);
    const wanted = numbers(await embeddings());
    expect(numbers(Array.from({ length: 90 }, (_, i) => [...npy.features.subarray(3 * i, 3 * i + 3)]))).toEqual(wanted);
    const table = await loadTable(path('out.csv'), { label: 'label' });
    expect(table.featureNames).toEqual(['e1', 'e2', 'e3']);
    expect(table.classes).toEqual(names);
    expect(numbers(Array.from({ length: 90 }, (_, i) => [...table.features.subarray(3 * i, 3 * i + 3)]))).toEqual(
      wanted,
    );
  });

  test('NPY rows go in as well', async () => {
    const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }`.padEnd(117);
    const bytes = Buffer.concat([
      Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0]),
      Buffer.from(`${header}\n`),
      Buffer.from(Float32Array.of(...rows[0]!, ...rows[1]!).buffer),
    ]);
    writeFileSync(path('rows.npy'), bytes);
    const { out, err } = await run(['embed', path('run'), path('rows.npy')]);
    expect(err).toBe('');
    expect(out.trimEnd().split('\n')).toHaveLength(2);
  });

  test.each<[string, number, () => string[], string]>([
    ['NPY on stdout', 2, () => ['embed', path('run'), path('rows.csv'), '--format', 'npy'], 'pass -o <file>'],
    [
      'an unknown ending',
      2,
      () => ['embed', path('run'), path('rows.csv'), '-o', 'x.txt'],
      'must end in .csv, .npy or .jsonl',
    ],
    [
      'a missing file',
      1,
      () => ['embed', path('run'), path('none.csv')],
      'none.csv: cannot be read (ENOENT); there is no such file',
    ],
    [
      'a bad cell in a late line',
      1,
      () => {
        writeFileSync(path('bad.csv'), `${csv(rows)}\n1,"2\n",z,a\n`);
        return ['embed', path('run'), path('bad.csv'), '-o', path('bad.npy')];
      },
      'bad.csv: line 92, column "z": expected a finite number, got "z"',
    ],
    [
      'a missing column',
      1,
      () => {
        writeFileSync(path('few.csv'), 'x,y,kind\n1,2,a\n');
        return ['embed', path('run'), path('few.csv')];
      },
      'few.csv: has no column "z"; the columns are x, y, kind',
    ],
    [
      'bytes that are no text',
      1,
      () => {
        writeFileSync(path('bytes.csv'), Uint8Array.of(0xff, 0xfe, 0x41));
        return ['embed', path('run'), path('bytes.csv')];
      },
      'bytes.csv: is not text: its bytes are not UTF-8',
    ],
    [
      'broken gzip',
      1,
      () => {
        writeFileSync(path('broken.csv.gz'), gzipSync(csv(rows)).subarray(0, 60));
        return ['embed', path('run'), path('broken.csv.gz')];
      },
      'broken.csv.gz: cannot be read (Z_BUF_ERROR)',
    ],
  ])('%s is an error in words, and leaves no file', async (_, wanted, words, message) => {
    const { status, err } = await run(words());
    expect(err).toContain(message);
    expect(status).toBe(wanted);
    expect(err).not.toMatch(/\n\s+at /);
    expect(existsSync(path('bad.npy'))).toBe(false);
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});
