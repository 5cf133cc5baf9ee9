/** @file The command, as a user runs it. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PCA } from 'ml-pca';
import { afterAll, expect, test } from 'vitest';
import { balancedPairs, type Dataset, irisTextures, standardise } from '../../src/data/index.js';
import { Generator, metrics, nn, tensor } from '../../src/index.js';
import { parseSafetensors } from '../../src/io/index.js';

const folder = mkdtempSync(join(tmpdir(), 'contragrad-'));
afterAll(() => rmSync(folder, { recursive: true }));

const run = (...words: string[]): { status: number | null; out: string; err: string } => {
  const { status, stdout, stderr } = spawnSync('node', ['dist/cli/main.js', ...words], { encoding: 'utf8' });
  return { status, out: stdout, err: stderr };
};

/** Equal error rate, in percent, over one list of pairs. */
function errorRate(points: ArrayLike<number>, labels: Int32Array): number {
  const { a, b, same } = balancedPairs(labels, { count: 8000, generator: new Generator(0) });
  const size = points.length / labels.length;
  const scores = a.map((row, i) => {
    let sum = 0;
    for (let t = 0; t < size; t++) sum += (points[row * size + t]! - points[b[i]! * size + t]!) ** 2;
    return -sum;
  });
  return 100 * metrics.equalErrorRate(scores, same).rate;
}

test('on the same pairs of unseen subjects, raw strips fail on 20 %, principal components on 12 %, the encoder on 5 %', () => {
  const out = join(folder, 'iris');
  const result = run('train', '--epochs', '150', '--classes', '20', '--per-class', '4', '--out', out);
  expect(result.status).toBe(0);
  const { tensors, metadata } = parseSafetensors(readFileSync(join(out, 'model.safetensors')));
  expect(Object.keys(tensors)).toEqual(['0.weight', '0.bias', '2.weight', '2.bias']);

  const seen = irisTextures({ subjects: 150, imagesPerSubject: 8 });
  const unseen = irisTextures({ subjects: 60, imagesPerSubject: 8, firstSubject: 150 });
  const encoder = new nn.Sequential(new nn.Linear(256, 64), new nn.ReLU(), new nn.Linear(64, 16));
  encoder.loadStateDict(tensors);
  const [mean, scale] = [JSON.parse(metadata.mean!), JSON.parse(metadata.scale!)];
  const { features } = standardise(unseen, { mean, scale });
  const embedded = encoder.forward(tensor(features, { shape: [unseen.count, unseen.size] })).dataSync();
  const rows = ({ count, size, features }: Dataset): number[][] =>
    Array.from({ length: count }, (_, i) => [...features.subarray(i * size, (i + 1) * size)]);
  const components = new PCA(rows(seen)).predict(rows(unseen), { nComponents: 16 }).to2DArray().flat();

  const rates = [unseen.features, components, embedded].map((points) => errorRate(points, unseen.labels));
  const [raw, pca, encoded] = rates as [number, number, number];
  console.log(`equal error rate: raw ${raw.toFixed(1)} %, PCA-16 ${pca.toFixed(1)} %, encoder ${encoded.toFixed(2)} %`);
  expect(raw).toBeGreaterThanOrEqual(20);
  expect(pca).toBeGreaterThanOrEqual(12);
  expect(encoded).toBeLessThanOrEqual(5);
  expect(encoded).toBeGreaterThan(0);
});

const table = join(folder, 'table.csv');
writeFileSync(table, Array.from({ length: 60 }, (_, i) => `${i % 3},${(i * 7) % 11},${'abc'[i % 3]}`).join('\n'));

const written = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const nan = written('nan.csv', '1,2,a\nNaN,3,b\n');
const ragged = written('ragged.csv', '1,2,a\n3,b\n');
const empty = written('empty.csv', '');
const binary = written('binary.csv', Uint8Array.of(0x89, 0x50, 0xff, 0xfe));

test.each(['contrastive', 'triplet', 'infonce', 'mi'])('a table trains with the %s loss', (loss) => {
  const result = run('train', table, '--loss', loss, '--epochs', '20', '--out', join(folder, loss));
  expect(result.err).not.toContain('error');
  expect(result.out).toMatch(/3-NN accuracy +[01]\.\d{4}/);
  expect(result.out).toMatch(/ROC-AUC +[01]\.\d{4}/);
  expect(result.out).toContain('device    cpu');
  expect(result.status).toBe(0);
});

test.each<[string, string[], string]>([
  ['an unknown option', ['train', '--bogus'], "error: unknown option '--bogus'"],
  ['an unknown loss', ['train', '--loss', 'x'], 'Allowed choices are contrastive, triplet, infonce, mi.'],
  ['a bad number', ['train', '--dim', 'big'], "argument 'big' is invalid. It must be a whole number, 1 or more."],
  [
    'an option of another loss',
    ['train', '--loss', 'mi', '--margin', '1', '--out', folder],
    'error: --margin: means nothing to the loss mi; it is for contrastive and triplet',
  ],
  [
    'a batch that is not P x K',
    ['train', '--batch', '45', '--out', folder],
    'error: --batch: must be --classes x --per-class, at least 2 of each, got 45 for 10 x ?',
  ],
  [
    'a table with NaN',
    ['train', nan, '--out', folder],
    `error: ${nan}: line 2, column 1: expected a finite number, got "NaN"`,
  ],
  ['a ragged table', ['train', ragged, '--out', folder], `error: ${ragged}: line 2: expected 3 cells, got 2`],
  ['an empty table', ['train', empty, '--out', folder], `error: ${empty}: is empty`],
  [
    'a binary file',
    ['train', binary, '--out', folder],
    `error: ${binary}: is not text: its bytes are not UTF-8; pass a CSV or TSV file`,
  ],
  ['a missing file', ['train', 'none.csv', '--out', folder], 'error: none.csv: cannot be read (ENOENT)'],
  [
    'an unknown device',
    ['train', '--device', 'tpu', '--out', folder],
    'error: --device: must be cpu or gpu[:mode], got "tpu"',
  ],
  [
    'a folder that cannot be written',
    ['train', '--out', `${table}/x`],
    `error: --out: cannot write to ${table}/x (ENOTDIR)`,
  ],
])('%s is one line, without a stack trace', (_, words, message) => {
  const { status, err } = run(...words);
  expect(status).toBe(1);
  expect(err).toContain(message);
  expect(err).not.toMatch(/\n\s+at /);
});

test('Ctrl-C stops cleanly and saves', { timeout: 30_000 }, async () => {
  const out = join(folder, 'stopped');
  const child = spawn('node', ['dist/cli/main.js', 'train', '--epochs', '100000', '--out', out]);
  let text = '';
  child.stdout.on('data', (part) => {
    text += part;
    if (text.includes('encoder')) setTimeout(() => child.kill('SIGINT'), 1000);
  });
  const status = await new Promise((resolve) => child.on('exit', resolve));
  expect(status).toBe(130);
  expect(text).toContain('equal error rate');
  expect(existsSync(join(out, 'model.safetensors'))).toBe(true);
});
