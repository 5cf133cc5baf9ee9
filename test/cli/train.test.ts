/** @file The command, as a user runs it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PCA } from 'ml-pca';
import { afterAll, expect, test } from 'vitest';
import { balancedPairs, type Dataset, irisTextures } from '../../src/data/index.js';
import { Generator, metrics } from '../../src/index.js';
import { loadEncoder } from '../../src/io/index.js';
import { type Ended, run as runCommand } from '../support/command.js';

const folder = mkdtempSync(join(tmpdir(), 'contragrad-'));
afterAll(() => rmSync(folder, { recursive: true }));

const run = (...words: readonly string[]): Promise<Ended> => runCommand(words);

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

test('on the same pairs of unseen subjects, raw strips fail on 20 %, principal components on 12 %, the encoder on 5 %', async () => {
  const out = join(folder, 'iris');
  const result = await run('train', '--epochs', '150', '--classes', '20', '--per-class', '4', '--out', out);
  expect(result.status).toBe(0);
  expect(readdirSync(out).sort()).toEqual([
    'checkpoint.safetensors',
    'config.json',
    'metrics.jsonl',
    'model.safetensors',
    'report.html',
  ]);

  const seen = irisTextures({ subjects: 150, imagesPerSubject: 8 });
  const unseen = irisTextures({ subjects: 60, imagesPerSubject: 8, firstSubject: 150 });
  const encoder = await loadEncoder(out);
  const embedded = (await encoder.embed(unseen.features)).flat();
  const rows = ({ count, size, features }: Dataset): number[][] =>
    Array.from({ length: count }, (_, i) => [...features.subarray(i * size, (i + 1) * size)]);
  const components = new PCA(rows(seen), { method: 'covarianceMatrix' })
    .predict(rows(unseen), { nComponents: 16 })
    .to2DArray()
    .flat();

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

test.each([
  ['contrastive', '--hidden', '8,8', '--optimizer', 'adamw', '--schedule', 'cosine', '--warm-up', '1'],
  ['triplet', '--mining', 'semiHard', '--clip', '1', '--schedule', 'step'],
  ['infonce', '--label', '-1', '--validation', '0.2', '--patience', '2', '--lr', '0.03'],
  ['mi', '--augment', 'noise=0.1,feature-dropout=0.1', '--eager'],
  ['supcon', '--classes', '3', '--per-class', '4', '--optimizer', 'sgd', '--weight-decay', '1e-4'],
  ['ntxent', '--views', 'augmented', '--validation', '0.2', '--batch', '16'],
])('a table trains with the %s loss', async (loss, ...words) => {
  const out = join(folder, loss);
  const result = await run('train', table, '--loss', loss, '--epochs', '20', '--out', out, ...words);
  expect(result.err).not.toContain('error');
  expect(result.out).toMatch(/3-NN accuracy +[01]\.\d{4}/);
  expect(result.out).toMatch(/ROC-AUC +[01]\.\d{4}/);
  expect(result.out).toContain('device    cpu');
  expect(result.status).toBe(0);
  const lines = readFileSync(join(out, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.map(({ epoch }) => epoch)).toEqual(lines.map((_, i) => i + 1));
  expect(lines.every(({ loss, lr, seconds }) => [loss, lr, seconds].every(Number.isFinite))).toBe(true);
  if (words.includes('--validation')) expect(typeof lines[0].validationAccuracy).toBe('number');
  if (words.includes('--patience')) expect(lines.length).toBeLessThan(20);
  else expect(lines).toHaveLength(20);
});

test.each<[string, number, string[], string]>([
  ['an unknown option', 2, ['train', '--bogus'], "error: unknown option '--bogus'"],
  [
    'an unknown loss',
    2,
    ['train', '--loss', 'x'],
    'Allowed choices are contrastive, triplet, infonce, mi, supcon, ntxent.',
  ],
  ['a bad number', 2, ['train', '--dim', 'big'], "argument 'big' is invalid. It must be a whole number, 1 or more."],
  ['a bad shape', 2, ['train', '--image', '8x8'], 'It must be channels x height x width, for example 1x28x28.'],
  [
    'an option of another loss',
    2,
    ['train', '--loss', 'mi', '--margin', '1', '--out', folder],
    'error: --margin: means nothing to the loss mi; it is for contrastive and triplet',
  ],
  [
    'an augmentation that does not exist',
    2,
    ['train', '--augment', 'blur=1', '--out', folder],
    'error: --augment: must be of noise, shift, crop,',
  ],
  [
    'a batch that is not P x K',
    2,
    ['train', '--batch', '45', '--out', folder],
    'error: --batch: must be --classes x --per-class, at least 2 of each, got 45 for 10 x ?',
  ],
  [
    'a folder that holds a run',
    2,
    ['train', '--out', join(folder, 'mi')],
    'holds a run already; pass --resume to go on with it, --force to replace it, or another folder',
  ],
  [
    'another setting of a run that goes on',
    2,
    ['train', '--resume', '--lr', '1', '--out', join(folder, 'mi')],
    `error: --lr: is 0.003 in ${join(folder, 'mi')}, got 1; a run that goes on keeps its settings`,
  ],
  [
    'other layers of a run that goes on',
    2,
    ['train', '--resume', '--hidden', '3', '--out', join(folder, 'mi')],
    'error: --hidden: is [64]',
  ],
  [
    'a table with NaN',
    1,
    ['train', nan, '--out', folder],
    `error: ${nan}: line 2, column 1: expected a finite number, got "NaN"`,
  ],
  ['a ragged table', 1, ['train', ragged, '--out', folder], `error: ${ragged}: line 2: expected 3 cells, got 2`],
  ['an empty table', 1, ['train', empty, '--out', folder], `error: ${empty}: is empty`],
  [
    'a binary file',
    1,
    ['train', binary, '--out', folder],
    `error: ${binary}: is not text: its bytes are not UTF-8; pass a CSV or TSV file`,
  ],
  ['a missing file', 1, ['train', 'none.csv', '--out', folder], 'error: none.csv: cannot be read (ENOENT)'],
  [
    'an unknown device',
    2,
    ['train', '--device', 'tpu', '--out', folder],
    'error: --device: must be cpu or gpu[:mode], got "tpu"',
  ],
  [
    'a folder that cannot be written',
    1,
    ['train', '--out', `${table}/x`],
    `error: --out: cannot write to ${table}/x (ENOTDIR)`,
  ],
  [
    'a model that is no list of layers',
    1,
    [
      'train',
      table,
      '--model',
      written('model.json', '[{"type":"Linear","outFeatures":4,"__proto__":{}}]'),
      '--out',
      folder,
    ],
    'model.json: fromConfig: layer 0',
  ],
])('%s is one line, without a stack trace', async (_, wanted, words, message) => {
  const { status, err } = await run(...words);
  expect(err).toContain(message);
  expect(status).toBe(wanted);
  expect(err).not.toMatch(/\n\s+at /);
});

test('--json prints one document; --seeds gives mean and deviation, and a folder each', async () => {
  const out = join(folder, 'seeds');
  const result = await run('train', table, '--epochs', '3', '--seeds', '2', '--seed', '4', '--json', '--out', out);
  expect(result.err).toBe('');
  const { figures, runs, isStopped } = JSON.parse(result.out);
  expect(isStopped).toBe(false);
  expect(runs.map(({ seed }: { seed: number }) => seed)).toEqual([4, 5]);
  for (const { key, values, mean, sd } of figures) {
    expect(values).toEqual(runs.map((one: { figures: Record<string, number> }) => one.figures[key]));
    expect(mean).toBeCloseTo((values[0] + values[1]) / 2, 12);
    expect(sd).toBeCloseTo(Math.abs(values[0] - values[1]) / Math.SQRT2, 12);
  }
  expect(readdirSync(out).sort()).toEqual(['report.html', 'seed-4', 'seed-5']);
  const weights = [4, 5].map((seed) => readFileSync(join(out, `seed-${seed}`, 'model.safetensors')));
  expect(weights[0]!.equals(weights[1]!)).toBe(false);

  const again = await run('train', '--resume', '--seed', '4', '--seeds', '3', '--quiet', '--out', out);
  expect(again.err).toBe('');
  expect(again.out).toMatch(/^seed 4 .*\nseed 5 .*\nseed 6 .*\nmean .*\ns\.d\. /m);
  expect(readFileSync(join(out, 'seed-5', 'model.safetensors')).equals(weights[1]!)).toBe(true);
});

test('labels that look like code or prototypes are only names', async () => {
  const names = ['__proto__', 'constructor', '</script><script>alert(1)</script>'];
  const rows = Array.from({ length: 60 }, (_, i) => `${(i % 3) * 9 + (i % 7)},${i % 5},"${names[i % 3]}"`);
  const out = join(folder, 'hostile');
  const { status, err } = await run('train', written('hostile.csv', rows.join('\n')), '--epochs', '2', '--out', out);
  expect(err).toBe('');
  expect(status).toBe(0);
  expect(JSON.parse(readFileSync(join(out, 'config.json'), 'utf8')).classes.sort()).toEqual([...names].sort());
  expect(readFileSync(join(out, 'report.html'), 'utf8')).not.toContain('<script>alert');
});
