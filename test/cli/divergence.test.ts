/** @file A training that diverges stops, says where, and keeps all that was in order. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { Training } from '../../src/cli/training.js';
import { ArgumentError, full } from '../../src/index.js';
import { parseSafetensors } from '../../src/io/index.js';
import { type Ended, run as runCommand } from '../support/command.js';

const folder = mkdtempSync(join(tmpdir(), 'contragrad-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A file of some rows. */
function written(name: string, count: number): string {
  const rows = Array.from({ length: count }, (_, i) => `${i % 3},${(i * 7) % 11},${'abc'[i % 3]}`);
  writeFileSync(join(folder, name), rows.join('\n'));
  return join(folder, name);
}
const table = written('table.csv', 60);
const others = written('others.csv', 30);

/** Trains; what it ends with, null where it is done. */
async function run(...words: string[]): Promise<string | null> {
  const { status, err } = await runCommand(['train', ...words]);
  return status === 0 ? null : err.trim().replace('error: ', '');
}

const read = (out: string, name: string): Buffer => readFileSync(join(out, name));
const FILES = ['checkpoint.safetensors', 'config.json', 'metrics.jsonl', 'model.safetensors'];
const filesOf = (out: string): string[] => FILES.map((name) => read(out, name).toString('hex'));

/** The epochs of a run's metrics; fails unless all of its files are of that moment, and every number is finite. */
function checkedEpochs(out: string): number {
  const lines = read(out, 'metrics.jsonl')
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { epoch: number; step: number; loss: number });
  expect(lines.map(({ epoch }) => epoch)).toEqual(lines.map((_, i) => i + 1));
  const checkpoint = parseSafetensors(read(out, 'checkpoint.safetensors'));
  const model = parseSafetensors(read(out, 'model.safetensors'));
  for (const { tensors } of [checkpoint, model]) {
    for (const [name, value] of Object.entries(tensors)) {
      expect([...value.dataSync()].every(Number.isFinite), name).toBe(true);
    }
  }
  expect(JSON.parse(checkpoint.metadata.checkpoint!).position).toBe(lines.at(-1)?.step ?? 0);
  for (const { loss } of lines) expect(Number.isFinite(loss)).toBe(true);
  return lines.length;
}

/** Two steps are an epoch, or one. */
const SMALL: readonly string[] = ['--optimizer', 'sgd', '--lr', '0.7', '--epochs', '60'];
const WHOLE: readonly string[] = ['--classes', '3', '--per-class', '16', '--epochs', '3'];

describe.each<[string, string[]]>([
  ['compiled', []],
  ['eager', ['--eager']],
])('%s', (how, eager) => {
  const out = (name: string): string => join(folder, `${how} ${name}`);

  test.each<[string, string[], RegExp, number]>([
    [
      'a loss at once',
      ['--optimizer', 'sgd', '--lr', '1e30'],
      /^train: diverged at step 2: the loss is \w+; the first weights are kept; try a smaller --lr, or --clip 1$/,
      0,
    ],
    [
      'a weight, while the loss was finite',
      [...WHOLE, '--optimizer', 'sgd', '--lr', '3e38', '--weight-decay', '100'],
      /^train: diverged at step 1: model\.0\.weight holds -?\w+; the first weights are kept; try a smaller --lr, or --clip 1$/,
      0,
    ],
    [
      'a running average of the optimizer, while loss and weights were finite',
      [...WHOLE, '--lr', '1e8'],
      /^train: diverged at step 2: optimizer\.exp_avg_sq\.0 holds Infinity; epoch 1 is kept; try a smaller --lr, or --clip 1$/,
      1,
    ],
    [
      'a loss in spite of clipping',
      [...WHOLE, '--lr', '1e9', '--clip', '1'],
      /^train: diverged at step 2: the loss is \w+; epoch 1 is kept; try a smaller --lr$/,
      1,
    ],
  ])('%s', async (name, words, message, epochs) => {
    expect(await run(table, '--out', out(name), '--quiet', ...words, ...eager)).toMatch(message);
    expect(checkedEpochs(out(name))).toBe(epochs);
  });

  test.each<[string, string[]]>([
    ['without checkpoints in between', ['--checkpoint-every', '1000']],
    ['with a checkpoint after each epoch', ['--checkpoint-every', '1']],
    ['with the best weights kept', ['--validation', '0.2']],
  ])('after some epochs, all of them are kept, and going on ends in the same place: %s', async (name, words) => {
    const told = await run(table, '--out', out(name), '--quiet', ...SMALL, ...words, ...eager);
    const [, step, kept] = /^train: diverged at step (\d+): .+; epoch (\d+) is kept; /.exec(told ?? '') ?? [];
    const epochs = checkedEpochs(out(name));
    expect(epochs).toBeGreaterThan(1);
    expect(Number(kept)).toBe(epochs);
    const last = JSON.parse(read(out(name), 'metrics.jsonl').toString().trim().split('\n').at(-1)!) as { step: number };
    expect(Number(step) - last.step).toBeGreaterThan(0);
    expect(Number(step) - last.step).toBeLessThanOrEqual(last.step / epochs);
    const files = filesOf(out(name));
    expect(await run('--resume', '--out', out(name), '--quiet')).toBe(told);
    expect(filesOf(out(name))).toEqual(files);
  });
});

test.each([
  [Number.NaN, 'train: diverged at step 1: model.0.weight holds NaN; the first weights are kept; '],
  [0, 'someLoss: needs other rows'],
])('a loss that refuses its rows has diverged where the weights have: %d', async (value, message) => {
  const out = join(folder, `refused ${value}`);
  const next = vi.spyOn(Training.prototype, 'next').mockImplementationOnce(async function (this: Training) {
    const [weight] = this.encoder.parameters();
    weight!.assign(full(weight!.shape, value));
    throw new ArgumentError('someLoss', 'needs other rows');
  });
  expect(await run(table, '--out', out, '--quiet')).toContain(message);
  expect(checkedEpochs(out)).toBe(0);
  next.mockRestore();
});

test('of several seeds, those before the one that diverges are whole; the exit status is 1, and so it is when it goes on', async () => {
  // With rows of their own to measure on, runs differ by their seed alone.
  const epochsOf = async (seed: number): Promise<number> => {
    const out = join(folder, `alone ${seed}`);
    await run(table, '--test', others, '--out', out, '--quiet', ...SMALL, '--seed', String(seed));
    return checkedEpochs(out);
  };
  // One that ends in order where the next one has diverged.
  let [seed, epochs, next] = [0, await epochsOf(0), await epochsOf(1)];
  while (epochs <= next) [seed, epochs, next] = [seed + 1, next, await epochsOf(seed + 2)];

  const out = join(folder, 'seeds');
  const words = ['--seed', String(seed), '--seeds', '3', '--epochs', String(epochs), '--out', out, '--quiet'];
  const command = (...more: string[]): Promise<Ended> => runCommand(['train', ...more, ...words]);
  const { status, err: stderr } = await command(table, '--test', others, ...SMALL.slice(0, -2));
  expect(stderr).toMatch(new RegExp(`^error: train: diverged at step \\d+ \\(seed ${seed + 1}\\): `));
  expect(status).toBe(1);
  const [first, second] = [join(out, `seed-${seed}`), join(out, `seed-${seed + 1}`)];
  expect(checkedEpochs(first)).toBe(epochs);
  expect(existsSync(join(first, 'report.html'))).toBe(true);
  expect(checkedEpochs(second)).toBe(next);
  expect(existsSync(join(second, 'report.html'))).toBe(false);
  const files = [first, second].map(filesOf);
  const again = await command('--resume');
  expect([again.status, again.err]).toEqual([1, stderr]);
  expect([first, second].map(filesOf)).toEqual(files);
});

test('a run that begins anew leaves no report of the one before', async () => {
  const out = join(folder, 'anew');
  mkdirSync(out);
  writeFileSync(join(out, 'report.html'), 'old');
  expect(await run(table, '--out', out, '--quiet', '--force', ...SMALL)).toContain('diverged');
  expect(existsSync(join(out, 'report.html'))).toBe(false);
});
