/** @file A run that was stopped, or killed, and goes on: bit for bit the run that was not. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { augmentationOf } from '../../src/cli/augment.js';
import type { Settings } from '../../src/cli/settings.js';
import { Training } from '../../src/cli/training.js';
import { parseTable } from '../../src/data/index.js';
import { cpu, type nn } from '../../src/index.js';
import { parseRunConfig, parseSafetensors } from '../../src/io/index.js';

const folder = mkdtempSync(join(tmpdir(), 'contragrad-'));
afterAll(() => rmSync(folder, { recursive: true }));

const text = Array.from({ length: 90 }, (_, i) => `${i % 3},${(i * 7) % 11},${(i * 5) % 13},${'abc'[i % 3]}`).join(
  '\n',
);
const table = join(folder, 'table.csv');
writeFileSync(table, text);

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

/** How often the run is killed: more with CONTRAGRAD_KILLS=20. */
const kills = Number(process.env.CONTRAGRAD_KILLS ?? 3);

/** So many that it is still at work when it is killed for the last time. */
const EPOCHS = 40 * (kills + 1);

/** The words of a run that is killed; every epoch has its checkpoint. */
const words = (out: string): string[] => [
  ...[
    'train',
    table,
    '--epochs',
    String(EPOCHS),
    '--hidden',
    '8',
    '--dim',
    '4',
    '--validation',
    '0.2',
    '--augment',
    'noise=0.1',
  ],
  ...['--loss', 'triplet', '--checkpoint-every', '1', '--quiet', '--out', out],
];

/** Every file is whole, or not there yet. */
function checkFolder(out: string): void {
  const read = (name: string): Buffer | null => (existsSync(join(out, name)) ? readFileSync(join(out, name)) : null);
  const config = read('config.json');
  if (config !== null) parseRunConfig(config.toString(), 'config.json');
  for (const name of ['model.safetensors', 'checkpoint.safetensors']) {
    const bytes = read(name);
    if (bytes !== null) parseSafetensors(bytes, name);
  }
  for (const line of (read('metrics.jsonl')?.toString() ?? '').split('\n')) if (line !== '') JSON.parse(line);
}

const ended = (child: ChildProcess): Promise<void> => new Promise((resolve) => child.on('exit', () => resolve()));
const after = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

test(`killed ${kills} times at random moments and resumed, a run ends as one that was left alone`, async () => {
  const [alone, killed] = [join(folder, 'alone'), join(folder, 'killed')];
  expect(spawnSync('node', ['dist/cli/main.js', ...words(alone)], { encoding: 'utf8' }).stderr).toBe('');
  const linesOf = (): number =>
    existsSync(join(killed, 'metrics.jsonl'))
      ? readFileSync(join(killed, 'metrics.jsonl'), 'utf8').split('\n').length
      : 0;
  let atWork = 0;
  for (let i = 0; i < kills; i++) {
    const child = spawn('node', ['dist/cli/main.js', ...words(killed), '--resume']);
    const end = ended(child);
    const start = linesOf();
    // The first before much is written, the others some epochs further on.
    const further = 1 + Math.random() * 20;
    if (i > 0) while (linesOf() < start + further && child.exitCode === null) await after(1);
    await after(Math.random() * (i > 0 ? 10 : 400));
    if (child.exitCode === null) atWork++;
    child.kill('SIGKILL');
    await end;
    checkFolder(killed);
  }
  console.log(`${atWork} of ${kills} kills found the run at work, the last in epoch ${linesOf()} of ${EPOCHS}`);
  expect(atWork).toBe(kills);
  const last = spawnSync('node', ['dist/cli/main.js', ...words(killed), '--resume'], { encoding: 'utf8' });
  expect(last.stderr).toBe('');
  expect(last.status).toBe(0);
  const read = (out: string, name: string): Buffer => readFileSync(join(out, name));
  expect(read(killed, 'model.safetensors').equals(read(alone, 'model.safetensors'))).toBe(true);
  const states = [alone, killed].map((out) => bits(parseSafetensors(read(out, 'checkpoint.safetensors')).tensors));
  expect(states[1]).toEqual(states[0]);
  const lines = [alone, killed].map((out) =>
    read(out, 'metrics.jsonl')
      .toString()
      .replaceAll(/,"seconds":[\d.]+/g, ''),
  );
  expect(lines[1]).toBe(lines[0]);
});
