/** @file A training that goes on from a checkpoint: bit for bit the one that was never stopped. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { augmentationOf } from '../../src/cli/augment.js';
import type { Settings } from '../../src/cli/settings.js';
import { Training } from '../../src/cli/training.js';
import { parseTable } from '../../src/data/index.js';
import { cpu, type nn } from '../../src/index.js';

const folder = mkdtempSync(join(tmpdir(), 'contragrad-'));
afterAll(() => rmSync(folder, { recursive: true }));

const text = Array.from({ length: 90 }, (_, i) => `${i % 3},${(i * 7) % 11},${(i * 5) % 13},${'abc'[i % 3]}`).join(
  '\n',
);
const bits = (state: nn.StateDict): string[] =>
  Object.entries(state).map(([name, value]) => {
    const numbers = value.dataSync();
    return `${name} ${Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength).toString('hex')}`;
  });

const architecture: readonly nn.LayerConfig[] = [
  { type: 'Linear', outFeatures: 8 },
  { type: 'BatchNorm1d' },
  { type: 'ReLU' },
  { type: 'Dropout', p: 0.3 },
  { type: 'Linear', outFeatures: 4 },
];

const base: Settings = {
  loss: 'contrastive',
  dim: 4,
  hidden: [8],
  epochs: 20,
  optimizer: 'adam',
  lr: 0.01,
  schedule: 'cosine',
  warmUp: 2,
  clip: 0.5,
  seed: 3,
  seeds: 1,
  device: 'cpu',
};

test.each<[string, Partial<Settings>]>([
  ['compiled', {}],
  ['eager', { eager: true }],
  ['compiled, with augmented views and momentum', { loss: 'ntxent', views: 'augmented', optimizer: 'sgd', batch: 16 }],
  ['compiled, with batches of several sizes', { loss: 'supcon', classes: 2, perClass: 29, optimizer: 'adamw' }],
])('%s: half, in another training the other half, is the whole', async (name, changes) => {
  const settings = { ...base, ...changes };
  // Class c has 10 rows, the others 30: batches with it are smaller.
  const rows = text.split('\n').filter((row, i) => i < 30 || !row.endsWith('c'));
  const data = parseTable(rows.join('\n'));
  const parts = { data, architecture, settings, seed: 3, augment: augmentationOf(settings), device: cpu };
  const path = join(folder, `${name}.safetensors`);
  const whole = new Training(parts);
  for (let i = 0; i < 14; i++) {
    if (i === 7) {
      whole.keep();
      await whole.take({ sum: 0.25 }).write(path);
    }
    await whole.next();
  }
  const other = new Training({ ...parts, seed: 99 });
  for (let i = 0; i < 2; i++) await other.next();
  expect(await other.load(path)).toEqual({ sum: 0.25 });
  expect(other.step).toBe(7);
  expect(bits(other.best!)).toEqual(bits(whole.best!));
  for (let i = 0; i < 7; i++) await other.next();
  expect(bits(other.encoder.stateDict())).toEqual(bits(whole.encoder.stateDict()));
  expect(other.lr).toBe(whole.lr);
  expect(bits(whole.encoder.stateDict())).not.toEqual(bits(whole.best!));
});
