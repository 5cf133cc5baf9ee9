/** @file The command, as a user runs it. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parseSafetensors } from '../../src/io/index.js';

const folder = mkdtempSync(join(tmpdir(), 'contragrad-'));
afterAll(() => rmSync(folder, { recursive: true }));

const run = (...words: string[]): { status: number | null; out: string; err: string } => {
  const { status, stdout, stderr } = spawnSync('node', ['dist/cli/main.js', ...words], { encoding: 'utf8' });
  return { status, out: stdout, err: stderr };
};

test('an encoder verifies subjects that it never saw with at most 5 % error, raw strips with more than 20 %', () => {
  const out = join(folder, 'iris');
  const result = run('train', '--epochs', '150', '--classes', '20', '--per-class', '4', '--out', out);
  expect(result.status).toBe(0);
  const [, encoder, raw] = /equal error rate\s+([\d.]+) %\s+\(raw features ([\d.]+) %\)/.exec(result.out)!;
  console.log(result.out);
  expect(Number(encoder)).toBeLessThanOrEqual(5);
  expect(Number(raw)).toBeGreaterThanOrEqual(20);
  const { tensors } = parseSafetensors(readFileSync(join(out, 'model.safetensors')));
  expect(Object.keys(tensors)).toEqual(['0.weight', '0.bias', '2.weight', '2.bias']);
});

const table = join(folder, 'table.csv');
writeFileSync(
  table,
  Array.from({ length: 60 }, (_, i) => `${i % 3},${(i * 7) % 11},${'abc'[i % 3]}`).join('\n'),
);

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
  [
    'a bad number',
    ['train', '--dim', 'big'],
    "argument 'big' is invalid. It must be a whole number, 1 or more.",
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
