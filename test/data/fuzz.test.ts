/** @file Loaders against damaged files: a data set or a `DataError` that names the file, and nothing else. */
import { gzipSync } from 'node:zlib';
import jpeg from 'jpeg-js';
import { expect, test } from 'vitest';
import { type Dataset, loadDataset, loadIdx, loadNpy, loadTable, parseImage } from '../../src/data/index.js';
import { DataError, Generator } from '../../src/index.js';
import { cases, seed } from '../support/depth.js';
import { damaged, idx, mendChecksums, npy, packed, png } from '../support/files.js';

const MUTATIONS = cases(20_000);
/** More would only make a failure slow. */
const MAX_BYTES = 2 ** 24;

/** Reads damaged files, and counts what came of them. */
async function attack(
  originals: readonly Uint8Array[],
  read: (bytes: Uint8Array, name: string) => Promise<Dataset>,
  mend: (bytes: Uint8Array, i: number) => Uint8Array = (bytes) => bytes,
): Promise<{ read: number; refused: number }> {
  const counts = { read: 0, refused: 0 };
  const generator = new Generator(seed);
  for (let i = 0; i < MUTATIONS; i++) {
    const bytes = mend(damaged(originals[i % originals.length]!, generator), i);
    try {
      const { features, count, size, labels } = await read(bytes, 'bytes');
      expect(features.length).toBe(count * size);
      expect(labels.length).toBe(count);
      expect(count * size).toBeGreaterThan(0);
      expect(features.every(Number.isFinite)).toBe(true);
      counts.read++;
    } catch (error) {
      if (!(error instanceof DataError)) throw new Error(`mutation ${i}: ${String(error)}`, { cause: error });
      expect(error.message).toMatch(/^bytes: \S/);
      counts.refused++;
    }
  }
  return counts;
}

const table = 'x,y,"a, kind"\n1,2,cat\n3.5,-4e1,"big ""old"" dog"\n5,6,cat\n7,8,"two\nlines"\n';
const text = new TextEncoder().encode(table);
const values = Array.from({ length: 24 }, (_, i) => i - 7);
const floats = packed(values, 4, (view, at, value) => view.setFloat32(at, value, true));
const doubles = packed(values, 8, (view, at, value) => view.setFloat64(at, value));
const bytes24 = values.map((value) => value + 7);

test('CSV', async () => {
  const quotes = new TextEncoder().encode('1\t2\ta\n3\t4\tb\n"5"\t6\t"c"\n');
  const { read, refused } = await attack([text, quotes], (bytes) => loadTable(bytes, { maxBytes: MAX_BYTES }));
  expect(read).toBeGreaterThan(MUTATIONS / 500);
  expect(refused).toBeGreaterThan(MUTATIONS / 4);
});

test('IDX', async () => {
  const files = [idx(8, [4, 2, 3], bytes24), idx(14, [6, 4], doubles), idx(8, [24], bytes24)];
  const { read, refused } = await attack(files, (bytes) => loadIdx(bytes, { maxBytes: MAX_BYTES }));
  expect(read).toBeGreaterThan(MUTATIONS / 500);
  expect(refused).toBeGreaterThan(MUTATIONS / 4);
});

test('labels of IDX rows', async () => {
  const images = idx(8, [4, 2, 3], bytes24);
  const labels = idx(8, [4], [3, 1, 1, 0]);
  const lines = new TextEncoder().encode('cat\ndog\ncat\r\ncat\n');
  const { read } = await attack([labels, lines], (bytes) => loadIdx(images, { maxBytes: MAX_BYTES, labels: bytes }));
  expect(read).toBeGreaterThan(MUTATIONS / 500);
});

test('NPY', async () => {
  const files = [
    npy('<f4', [6, 4], floats),
    npy('>f8', [4, 2, 3], doubles, { version: 2, fortran: true }),
    npy('|u1', [24], bytes24, { version: 3 }),
  ];
  const { read, refused } = await attack(files, (bytes) => loadNpy(bytes, { maxBytes: MAX_BYTES }));
  expect(read).toBeGreaterThan(MUTATIONS / 500);
  expect(refused).toBeGreaterThan(MUTATIONS / 4);
});

test('gzip, whatever is in it', async () => {
  const files = [text, idx(8, [4, 2, 3], bytes24), npy('<f4', [6, 4], floats)].map((file) => gzipSync(file));
  const { refused } = await attack(files, (bytes) => loadDataset(bytes, { maxBytes: MAX_BYTES }));
  expect(refused).toBeGreaterThan(MUTATIONS / 4);
});

test('PNG, with its checksums mended every other time', async () => {
  const noise = new Generator(3);
  const lines = (height: number, width: number): number[] =>
    Array.from({ length: height }, () => [
      noise.integer(5),
      ...Array.from({ length: width }, () => noise.integer(256)),
    ]).flat();
  const files = [
    png({ width: 9, height: 7, lines: lines(7, 9) }),
    png({ width: 5, height: 4, colour: 2, depth: 16, lines: lines(4, 30) }),
    png({ width: 6, height: 6, colour: 6, lines: lines(6, 24) }),
  ];
  const { read, refused } = await attack(
    files,
    (bytes, name) => parseImage(bytes, { maxBytes: MAX_BYTES, channels: 1 }, name),
    (bytes, i) => (i % 2 === 0 ? bytes : mendChecksums(bytes)),
  );
  expect(read).toBeGreaterThan(MUTATIONS / 500);
  expect(refused).toBeGreaterThan(MUTATIONS / 4);
});

test('JPEG', async () => {
  const noise = new Generator(4);
  const data = Uint8Array.from({ length: 4 * 24 * 20 }, () => noise.integer(256));
  const files = [10, 95].map((quality) => Uint8Array.from(jpeg.encode({ width: 24, height: 20, data }, quality).data));
  const { read, refused } = await attack(files, (bytes, name) => parseImage(bytes, { maxBytes: MAX_BYTES }, name));
  expect(read).toBeGreaterThan(MUTATIONS / 500);
  expect(refused).toBeGreaterThan(MUTATIONS / 4);
});
