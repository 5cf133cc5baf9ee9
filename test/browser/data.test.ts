/** @file Data in a page: the same rows as in Node, from files, addresses and bytes. */
import { gzipSync } from 'node:zlib';
import jpeg from 'jpeg-js';
import { expect, test } from 'vitest';
import { loadDataset } from '../../src/data/index.js';
import { Generator } from '../../src/index.js';
import { chromiumPath, inPage } from '../support/chromium.js';
import { idx, join, npy, png } from '../support/files.js';

type Plain = { features: number[]; shape?: number[]; labels: number[]; classes: string[] };

const generator = new Generator(2);
const random = (length: number): number[] => Array.from({ length }, () => generator.integer(256));
const table = join('x,y,kind\n1,2,cat\n3,4,dog\n');
const images = idx(8, [2, 2, 2], random(8));
const files: Record<string, Uint8Array> = {
  'a.csv': table,
  'a.csv.gz': gzipSync(table),
  'train-idx': images,
  'train-idx.gz': gzipSync(images),
  'a.npy': npy('<i2', [2, 2], random(8)),
  'grey.png': png({ width: 5, height: 3, lines: [0, 1, 2].flatMap((filter) => [filter, ...random(5)]) }),
  'colour.png': png({ width: 5, height: 3, colour: 2, lines: [0, 1, 2].flatMap((filter) => [filter, ...random(15)]) }),
  'a.jpg': jpeg.encode(
    { width: 16, height: 8, data: Uint8Array.from({ length: 512 }, (_, i) => [9, 99, 199, 255][i % 4]!) },
    90,
  ).data,
};
const broken: Record<string, [Uint8Array, string]> = {
  'cut.csv.gz': [files['a.csv.gz']!.subarray(0, 20), 'CONTRAGRAD_DATA: cut.csv.gz: is damaged gzip'],
  'huge.png': [
    png({ width: 60_000, height: 60_000, lines: [0] }),
    'CONTRAGRAD_DATA: huge.png: its header claims 60000 x 60000',
  ],
  'cut.png': [files['colour.png']!.subarray(0, 50), 'CONTRAGRAD_DATA: cut.png: byte 33: a chunk goes beyond'],
  'bad.png': [png({ width: 5, height: 3, lines: [9, 9] }).with(45, 0), 'CONTRAGRAD_DATA: bad.png: is a damaged image'],
};

test.skipIf(chromiumPath === undefined)(
  'a page reads what Node reads, and never fetches the decoders of Node',
  async () => {
    const everything = {
      ...files,
      ...Object.fromEntries(Object.entries(broken).map(([name, [bytes]]) => [name, bytes])),
    };
    const { results, scripts } = await inPage('test/browser/data-page.ts', 'webgl2', async (page) => {
      await page.waitForFunction(() => 'readAll' in globalThis);
      return page.evaluate(
        async (lists) => {
          const here = globalThis as unknown as {
            readAll(lists: unknown): Promise<Record<string, Plain | string>>;
            scripts(): string[];
          };
          return { results: await here.readAll(lists), scripts: here.scripts() };
        },
        Object.fromEntries(Object.entries(everything).map(([name, bytes]) => [name, [...bytes]])),
      );
    });
    for (const [name, bytes] of Object.entries(files)) {
      const { features, shape, labels, classes } = await loadDataset(bytes);
      const seen = Object.entries(results).filter(([key]) => key === name || key.startsWith(`${name} `));
      expect(seen.length).toBeGreaterThan(1);
      for (const [key, value] of seen) {
        if (typeof value === 'string') throw new Error(`${key}: ${value}`);
        expect([value.shape, value.labels, value.classes]).toEqual([shape, [...labels], classes]);
        // JPEG's arithmetic is each decoder's own.
        const tolerance = name.endsWith('.jpg') ? 3 / 255 : 1e-7;
        value.features.forEach((feature, i) => {
          expect(Math.abs(feature - features[i]!)).toBeLessThanOrEqual(tolerance);
        });
      }
    }
    for (const [name, [, message]] of Object.entries(broken)) expect(results[name]).toContain(message);
    expect(scripts.filter((address) => !address.endsWith('/page.js'))).toEqual([]);
  },
);
