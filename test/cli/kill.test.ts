/** @file A run of the built command that is killed, and goes on: bit for bit the run that was not. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { parseRunConfig, parseSafetensors } from '../../src/io/index.js';
import { isFull } from '../support/depth.js';

const folder = mkdtempSync(join(tmpdir(), 'contragrad-'));
afterAll(() => rmSync(folder, { recursive: true }));

const table = join(folder, 'table.csv');
writeFileSync(
  table,
  Array.from({ length: 90 }, (_, i) => `${i % 3},${(i * 7) % 11},${(i * 5) % 13},${'abc'[i % 3]}`).join('\n'),
);

/** How often the run is killed; `KILLS=20` for more. */
const KILLS = Number(process.env.KILLS ?? (isFull ? 6 : 3));

/** The words of a run; every epoch has its checkpoint. */
const words = (out: string, epochs: number): string[] => [
  ...['dist/node/cli/main.js', 'train', table, '--epochs', String(epochs), '--hidden', '8', '--dim', '4'],
  ...['--validation', '0.2', '--augment', 'noise=0.1', '--loss', 'triplet', '--checkpoint-every', '1'],
  ...['--quiet', '--out', out],
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

const ended = (child: ChildProcess): Promise<NodeJS.Signals | null> =>
  new Promise((resolve) => child.on('exit', (_, signal) => resolve(signal)));

test(`killed ${KILLS} times at random moments and resumed, a run ends as one that was left alone`, async () => {
  const [alone, killed] = [join(folder, 'alone'), join(folder, 'killed')];
  const epochsDone = (): number => {
    const path = join(killed, 'metrics.jsonl');
    return existsSync(path) ? readFileSync(path, 'utf8').split('\n').length - 1 : 0;
  };
  for (let i = 0; i < KILLS; i++) {
    // It would go on for hours: however busy the machine is, it is at work when it is killed.
    const child = spawn(process.execPath, [...words(killed, 10 ** 7), '--resume']);
    const end = ended(child);
    // The first before much is written, the others some epochs further on.
    const until = i === 0 ? 0 : epochsDone() + 1 + Math.random() * 20;
    while (epochsDone() < until && child.exitCode === null) await wait(1);
    await wait(Math.random() * (i > 0 ? 10 : 400));
    child.kill('SIGKILL');
    expect(await end).toBe('SIGKILL');
    checkFolder(killed);
  }
  const epochs = epochsDone() + 10;
  console.log(`killed ${KILLS} times, the last time in epoch ${epochs - 10}`);
  expect(epochs).toBeGreaterThan(10);

  for (const more of [words(alone, epochs), [...words(killed, epochs), '--resume']]) {
    const { status, stderr } = spawnSync(process.execPath, more, { encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
  }
  const read = (out: string, name: string): Buffer => readFileSync(join(out, name));
  expect(read(killed, 'model.safetensors').equals(read(alone, 'model.safetensors'))).toBe(true);
  const states = [alone, killed].map((out) => {
    const { tensors } = parseSafetensors(read(out, 'checkpoint.safetensors'));
    return Object.entries(tensors).map(([name, value]) => {
      const { buffer, byteOffset, byteLength } = value.dataSync();
      return `${name} ${Buffer.from(buffer, byteOffset, byteLength).toString('hex')}`;
    });
  });
  expect(states[1]).toEqual(states[0]);
  const lines = [alone, killed].map((out) =>
    read(out, 'metrics.jsonl')
      .toString()
      .replaceAll(/,"seconds":[\d.]+/g, ''),
  );
  expect(lines[1]).toBe(lines[0]);
});
