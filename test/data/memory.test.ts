/** @file How much memory large files take, and those that claim to be small: in processes of their own. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { big32 } from '../support/files.js';

const COUNT = 60_000;

/** Loads, standardises and walks through all rows once; prints what it saw and the most memory that it took, in MB. */
const PROGRAM = `
import { EpochSampler, fitStandardisation, gatherRows, loadDataset, standardise } from './dist/data/index.js';
import { Generator } from './dist/index.js';
const loaded = await loadDataset(process.argv[1]);
const data = standardise(loaded, fitStandardisation(loaded));
const sampler = new EpochSampler(data.count, { batch: 100, generator: new Generator(0) });
let sum = 0;
for (let i = 0; i < sampler.batches; i++) sum += gatherRows(data, sampler.next()).reduce((total, value) => total + value, 0);
const peak = process.resourceUsage().maxRSS / 1024;
console.log(JSON.stringify({ count: data.count, shape: data.shape, classes: data.classes.length, mean: sum / data.features.length, peak }));
`;

/** The images and their labels, as IDX files have them. */
function made(): { readonly images: Uint8Array; readonly labels: Uint8Array } {
  const images = new Uint8Array(16 + COUNT * 784);
  images.set([0, 0, 8, 3, ...big32(COUNT), ...big32(28), ...big32(28)]);
  let state = 1;
  for (let i = 16; i < images.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    images[i] = state >>> 30 === 0 ? state >>> 20 : 0;
  }
  const labels = new Uint8Array(8 + COUNT);
  labels.set([0, 0, 8, 1, ...big32(COUNT)]);
  for (let i = 0; i < COUNT; i++) labels[8 + i] = i % 10;
  return { images, labels };
}

const files = made();
const folder = mkdtempSync(join(tmpdir(), 'contragrad-memory-'));
afterAll(() => rmSync(folder, { recursive: true }));

test.each(['', '.gz'])(
  '60,000 images of 28 x 28%s are loaded, standardised and batched in less than a gigabyte',
  (ending) => {
    const pack = (bytes: Uint8Array): Uint8Array => (ending === '' ? bytes : gzipSync(bytes, { level: 1 }));
    for (const [name, bytes] of Object.entries(files)) {
      writeFileSync(join(folder, `train-${name}-idx${name === 'images' ? 3 : 1}-ubyte${ending}`), pack(bytes));
    }
    const file = join(folder, `train-images-idx3-ubyte${ending}`);
    const out = execFileSync(process.execPath, ['--input-type=module', '-e', PROGRAM, file], { encoding: 'utf8' });
    const seen = JSON.parse(out) as { count: number; shape: number[]; classes: number; mean: number; peak: number };
    console.log(`60,000 x 28 x 28${ending}: ${seen.peak.toFixed(0)} MB at most`);
    expect(seen).toMatchObject({ count: COUNT, shape: [1, 28, 28], classes: 10 });
    expect(Math.abs(seen.mean)).toBeLessThan(1e-3);
    expect(seen.peak).toBeLessThan(1000);
  },
);

/** The most memory that a process of its own takes, in MB, while it runs something that must be refused with a message. */
function peakOf(run: string): number {
  const code = `import { gzipSync, deflateSync } from 'node:zlib';
    import { loadTable, loadDataset, parseTable } from './dist/data/index.js';
    let message = 'nothing';
    const refused = (work) => work.then(() => {}, (error) => { message = error.code; });
    ${run}
    console.log(message, process.resourceUsage().maxRSS / 1024);`;
  const [message, peak] = execFileSync(process.execPath, ['--input-type=module', '-e', code], {
    encoding: 'utf8',
  }).split(' ');
  expect(message).toBe('CONTRAGRAD_DATA');
  return Number(peak);
}

test('what unpacks to far more than the limit does not take that memory', () => {
  // A gigabyte of zeros, packed twice over: in members, and told as a small one.
  const bomb = 'const part = gzipSync(new Uint8Array(2 ** 26)); const bomb = Buffer.concat(Array(16).fill(part));';
  const idle = peakOf(`${bomb} await refused(loadTable(new Uint8Array(3)))`);
  expect(peakOf(`${bomb} await refused(loadTable(bomb, { maxBytes: 2 ** 24 }))`)).toBeLessThan(idle + 100);
  // The size at the end lies.
  const lies = `${bomb} bomb.writeUInt32LE(5, bomb.length - 4);`;
  expect(peakOf(`${lies} await refused(loadTable(bomb, { maxBytes: 2 ** 24 }))`)).toBeLessThan(idle + 100);
  expect(
    peakOf(`${bomb} bomb.writeUInt32LE(2 ** 32 - 1, bomb.length - 4); await refused(loadTable(bomb))`),
  ).toBeLessThan(idle + 100);
});
