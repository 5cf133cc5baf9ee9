/** @file Where bytes come from, and how many there may be. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as path } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { type Dataset, loadDataset, loadIdx, loadTable, parseTable, type Source } from '../../src/data/index.js';
import { DataError } from '../../src/index.js';
import { chunk, idx, join, packed, png } from '../support/files.js';

const text = 'x,y,kind\n1,2,cat\n3,4,dog\n';

test('a table comes from a path, an address, a file, a blob and bytes, packed and plain', async () => {
  const folder = mkdtempSync(path(tmpdir(), 'contragrad-source-'));
  try {
    const expected = parseTable(text);
    for (const bytes of [join(text), new Uint8Array(gzipSync(text))]) {
      const file = path(folder, 'table.csv');
      writeFileSync(file, bytes);
      const inFile = new File([bytes as Uint8Array<ArrayBuffer>], 'table.csv');
      const address = URL.createObjectURL(inFile);
      const data = `data:text/csv;base64,${Buffer.from(bytes).toString('base64')}`;
      const around = new Uint8Array([9, ...bytes, 9]).subarray(1, -1);
      const sources: Source[] = [
        file,
        pathToFileURL(file),
        inFile,
        new Blob([inFile]),
        new URL(address),
        new URL(data),
      ];
      for (const source of [...sources, around, Uint8Array.from(bytes).buffer, Buffer.from(bytes)]) {
        const loaded: Dataset = await loadTable(source);
        expect(loaded).toEqual(expected);
        expect(await loadDataset(source)).toEqual(expected);
      }
      URL.revokeObjectURL(address);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a file comes where streams cannot be iterated, too', async () => {
  const { prototype } = ReadableStream;
  const iterate = Object.getOwnPropertyDescriptor(prototype, Symbol.asyncIterator)!;
  Reflect.deleteProperty(prototype, Symbol.asyncIterator);
  try {
    expect(await loadTable(new Blob([text]))).toEqual(parseTable(text));
  } finally {
    Object.defineProperty(prototype, Symbol.asyncIterator, iterate);
  }
});

test('a source that is too long or missing is refused by name', async () => {
  const file = new File(['x'.repeat(100)], 'long.csv');
  await expect(loadTable(file, { maxBytes: 99 })).rejects.toThrow(DataError);
  await expect(loadTable(file, { maxBytes: 99 })).rejects.toThrow('long.csv: ');
  await expect(loadTable(new URL('data:,1,a'), { maxBytes: 2 })).rejects.toThrow(DataError);
  await expect(loadTable('package-lock.json', { maxBytes: 9 })).rejects.toThrow(DataError);
  await expect(loadTable(new Uint8Array(9), { maxBytes: 8 })).rejects.toThrow(DataError);
  await expect(loadTable(new URL('blob:nodedata:none'))).rejects.toThrow(DataError);
  await expect(loadTable(join('1,a'), { maxBytes: 0.5 })).rejects.toThrow('maxBytes must be a whole number');
});

test('a picture that unpacks to more than its header claims, or claims more than there is, is refused unread', async () => {
  const bomb = png({ width: 2, height: 2, lines: new Uint8Array(2 ** 24) });
  await expect(loadDataset(bomb)).rejects.toThrow(
    'bytes: holds more than its header claims: 2 x 2 pixels take 6 bytes',
  );
  await expect(loadDataset(png({ width: 50_000, height: 50_000, lines: [0] }))).rejects.toThrow(
    'bytes: its header claims 50000 x 50000 pixels, more than the limit of 33554432',
  );
  await expect(loadDataset(png({ width: 2000, height: 2000, lines: [0, 1] }))).rejects.toThrow(
    'bytes: holds 2 bytes of 4002000 for 2000 x 2000 pixels',
  );
  await expect(loadDataset(png({ width: 200, height: 200, lines: [0] }), { maxBytes: 1000 })).rejects.toThrow(
    DataError,
  );
});

test('what takes far more memory taken apart than as a file is refused by a count', async () => {
  const many = 2 ** 20 + 1;
  const wide = join(`1,2,a\n${','.repeat(many)}`);
  await expect(loadTable(wide)).rejects.toThrow('bytes: line 2: has more than 1048576 cells');
  const quoted = new Uint8Array(2 ** 27 + 1).fill(0x31).fill(0x22, 0, 1);
  await expect(loadTable(quoted)).rejects.toThrow(
    'bytes: line 1: has more than 33554432 characters; is a quote not closed?',
  );
  const long = new Uint8Array(2 ** 25 + 2 ** 17).fill(0x31);
  await expect(loadTable(long)).rejects.toThrow('bytes: line 1: has more than 33554432 characters');
  const rows = Array.from({ length: many }, (_, row) => `1,${row}`).join('\n');
  await expect(loadTable(join(rows))).rejects.toThrow('bytes: has more than 1048576 classes');
  await expect(loadTable(join(rows), { label: null, group: 1 })).rejects.toThrow('bytes: has more than 1048576 groups');
  const values = idx(8, [many], new Uint8Array(many));
  const numbers = packed(
    Array.from({ length: many }, (_, row) => row),
    4,
    (view, at, value) => view.setInt32(at, value),
  );
  await expect(loadIdx(values, { labels: idx(12, [many], numbers) })).rejects.toThrow(DataError);
  await expect(loadIdx(values, { labels: join('\n'.repeat(2 ** 21)) })).rejects.toThrow(
    'has 2097152 labels for 1048577 rows',
  );
  const chunks = new Uint8Array(12 * 2 ** 17);
  const empty = chunk('IDAT', []);
  for (let at = 0; at < chunks.length; at += 12) chunks.set(empty, at);
  await expect(loadDataset(png({ width: 1, height: 1, lines: [0, 0], chunks: [chunks] }))).rejects.toThrow(
    /^bytes: byte \d+: has more than 131072 chunks/,
  );
});
