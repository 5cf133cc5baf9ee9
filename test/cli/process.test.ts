/** @file The built command as a process: what the tests in one's own process cannot show. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseSafetensors } from '../../src/io/index.js';
import { type Call, type Ended, run } from '../support/command.js';

const MAIN = 'dist/node/cli/main.js';
const folder = mkdtempSync(join(tmpdir(), 'contragrad-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = (name: string): string => join(folder, name);

/** Variables that decide about colours, none set. */
const { FORCE_COLOR: _force, NO_COLOR: _no, ...environment } = process.env;

/** What a process prints, and how it ends. */
async function ended(child: ChildProcess): Promise<Ended> {
  const text = { out: '', err: '' };
  child.stdout?.on('data', (part) => {
    text.out += part;
  });
  child.stderr?.on('data', (part) => {
    text.err += part;
  });
  const status = await new Promise<number>((resolve, reject) => child.on('error', reject).on('close', resolve));
  return { status, ...text };
}

function start(words: readonly string[], { input = '', env = {} }: Call = {}): Promise<Ended> {
  const child = spawn(process.execPath, [MAIN, ...words], { env: { ...environment, ...env } });
  child.stdin.end(input);
  return ended(child);
}

const row = (i: number): string => `${3 * (i % 3) + (i % 7) / 7},${(i * 7) % 11},${(i % 3) - (i % 5) / 9}`;
const rows = Array.from({ length: 90 }, (_, i) => `${row(i)},${'abc'[i % 3]}\n`).join('');
const train = (out: string): string[] => ['train', path('rows.csv'), '--epochs', '15', '--hidden', '8', '--out', out];

beforeAll(async () => {
  writeFileSync(path('rows.csv'), `x,y,z,kind\n${rows}`);
  expect(await run([...train(path('run')), '--dim', '3'])).toMatchObject({ status: 0, err: '' });
});

/** How long a run took, and where it is, differ from run to run. */
const alike = ({ status, out, err }: Ended): Ended => ({
  status,
  out: out.replaceAll(/\d+\.\d s$/gm, '? s').replaceAll(/\w+\.safetensors|report\.html|other/g, ''),
  err,
});

test.each<[string, number, string[], Call?]>([
  ['a walk through a loss', 0, ['explain', 'triplet']],
  ['colours where they are asked for', 0, ['explain', 'mi'], { env: { FORCE_COLOR: '1' } }],
  ['none where they are refused', 0, ['explain', 'mi'], { env: { FORCE_COLOR: '1', NO_COLOR: '1' } }],
  ['a document', 0, ['explain', 'infonce', '--seed', '3', '--json']],
  ['a training', 0, train(path('other'))],
  ['figures', 0, ['evaluate', path('run')]],
  [
    'embeddings of what is piped in',
    0,
    ['embed', path('run'), '-', '--format', 'csv'],
    { input: `x,y,z\n${row(1)}\n` },
  ],
  ['the version', 0, ['--version']],
  ['help', 0, ['train', '--help']],
  ['a missing file', 1, ['embed', path('run'), path('none.csv')]],
  ['an unknown option', 2, ['train', '--bogus']],
  ['an option of another loss', 2, ['explain', 'mi', '--margin', '1']],
])('a process prints and ends as the tests see it: %s', async (_, status, words, call) => {
  const seen = await start(words, call);
  rmSync(path('other'), { recursive: true, force: true });
  expect(alike(seen)).toEqual(alike(await run(words, call)));
  expect([seen.status, seen.out !== '', seen.err !== '']).toEqual([status, status === 0, status !== 0]);
  rmSync(path('other'), { recursive: true, force: true });
});

test('its report is the built page, with data in which no label is a script', async () => {
  const label = '</script><script>alert(1)</script>';
  writeFileSync(path('hostile.csv'), `x,y,z,kind\n${rows.replaceAll(',b\n', `,"${label}"\n`)}`);
  const words = ['train', path('hostile.csv'), '--epochs', '2', '--quiet', '--out', path('hostile')];
  expect(await start(words)).toMatchObject({ status: 0, err: '' });
  const report = readFileSync(join(path('hostile'), 'report.html'), 'utf8');
  const [before, after] = readFileSync('dist/cli/report/template.html', 'utf8').split('>null<') as [string, string];
  expect([report.startsWith(before), report.endsWith(after)]).toEqual([true, true]);
  const data = report.slice(before.length + 1, -after.length - 1);
  expect(data).not.toContain('<');
  expect((JSON.parse(data) as { classes: string[] }).classes).toContain(label);
});

test('the file runs by itself, as npm links it', async () => {
  chmodSync(MAIN, 0o755);
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  expect(await ended(spawn(MAIN, ['--version']))).toEqual({ status: 0, out: `${version}\n`, err: '' });
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s stops cleanly and saves: status %i', { timeout: 60_000 }, async (signal, wanted) => {
  const out = path(signal);
  const child = spawn(process.execPath, [MAIN, 'train', path('rows.csv'), '--epochs', '1000000', '--out', out]);
  const end = ended(child);
  const lines = join(out, 'metrics.jsonl');
  while (child.exitCode === null && !(existsSync(lines) && readFileSync(lines).length > 0)) await wait(5);
  child.kill(signal);
  const seen = await end;
  expect(seen.status).toBe(wanted);
  expect(seen.err).toMatch(/^(training {2}\d+ % \| epoch \d+ \| loss \d\.\d{4} \| \d+ steps\/s\n)*$/);
  expect(seen.out).toContain('equal error rate');
  expect(seen.out).not.toContain('steps/s');
  expect(existsSync(join(out, 'model.safetensors'))).toBe(true);
  const { metadata } = parseSafetensors(readFileSync(join(out, 'checkpoint.safetensors')));
  const step = Number(/trained +(\d+) of/.exec(seen.out)![1]);
  expect(step).toBeGreaterThan(0);
  expect(JSON.parse(metadata.checkpoint!).position).toBe(step);
});

test('memory does not grow with the rows of embed, and whoever reads may stop', { timeout: 120_000 }, async () => {
  writeFileSync(path('long.csv'), `x,y,z,kind\n${rows.repeat(2000)}`);
  writeFileSync(path('peak.mjs'), "process.on('exit', () => process._rawDebug(process.resourceUsage().maxRSS));");
  const peak = async (name: string): Promise<number> => {
    const words = ['--import', path('peak.mjs'), MAIN, 'embed', path('run'), path(name), '-o', path('long.npy')];
    const { err } = await ended(spawn(process.execPath, words));
    expect(err).toMatch(/^\d+\n$/);
    return Number(err) / 1024;
  };
  const [short, long] = [await peak('rows.csv'), await peak('long.csv')];
  console.log(`embed: ${short.toFixed(0)} MiB for 90 rows, ${long.toFixed(0)} MiB for 180,000`);
  // The young generation of the heap fills once; 180,000 rows as objects would be more.
  expect(long - short).toBeLessThan(90);
  expect(readFileSync(path('long.npy')).length).toBe(128 + 180_000 * 3 * 4);

  const child = spawn(process.execPath, [MAIN, 'embed', path('run'), path('long.csv')]);
  const end = ended(child);
  child.stdout.once('data', () => child.stdout.destroy());
  expect(await end).toMatchObject({ status: 0, err: '' });
});

test('--step does not wait where there is no terminal', { timeout: 20_000 }, async () => {
  const child = spawn(process.execPath, [MAIN, 'explain', 'mi', '--step'], { stdio: ['pipe', 'ignore', 'ignore'] });
  expect((await ended(child)).status).toBe(0);
});

const terminal = '/usr/bin/script';
const hasTerminal = existsSync(terminal);
if (!hasTerminal) console.log('SKIPPED --step on a terminal: no script(1) is installed');
test.skipIf(!hasTerminal)('--step on a terminal shows a part for each Enter, until q', async () => {
  const parts = async (keys: string): Promise<{ count: number; out: string }> => {
    const child = spawn(terminal, ['-qec', `node ${MAIN} explain mi --step --no-color`, '/dev/null']);
    child.stdin.end(keys);
    const { out } = await ended(child);
    return { count: out.split('Enter: next, q: quit').length - 1, out };
  };
  const [two, all] = await Promise.all([parts('\n\nq\n'), parts('\n'.repeat(40))]);
  expect(two.count).toBe(3);
  expect(two.out).toContain('Forward pass');
  expect(two.out).not.toContain('Backward pass');
  expect(all.out).toContain('Who pulls and pushes whom');
  expect(all.count).toBeGreaterThan(8);
});
