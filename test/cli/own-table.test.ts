/** @file The command on a table as people have them: text, missing cells, a forgotten label, a file that has changed. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ended, run as runCommand } from '../support/command.js';

const folder = mkdtempSync(join(tmpdir(), 'contragrad-'));
afterAll(() => rmSync(folder, { recursive: true }));

const run = (...words: readonly string[]): Promise<Ended> => runCommand(words, { cwd: folder });
const path = (name: string): string => join(folder, name);

const states = ['fine', 'worn', 'broken'];
const header = 'reading id,taken on,temp_c,load,machine state';
const lines = Array.from({ length: 90 }, (_, i) => {
  const temperature = i % 30 === 7 ? ['', 'NA', 'null'][Math.floor(i / 30)] : 20 + 9 * (i % 3) + (i % 7) / 7;
  return `R-${i},2025-01-${1 + (i % 28)},${temperature},${(i * 7) % 11},${states[i % 3]}`;
});
const LEFT = ['--drop', 'reading id,taken on', '--missing', 'drop'];
const SHORT = ['--epochs', '3', '--hidden', '4', '--dim', '2'];
/** A table without the first two columns. */
const narrow = (rows: readonly string[]): string =>
  [header, ...rows].map((line) => line.split(',').slice(2).join()).join('\n');

beforeAll(async () => {
  writeFileSync(path('readings.csv'), [header, ...lines].join('\n'));
  const { status, out, err } = await run('train', 'readings.csv', ...LEFT, ...SHORT, '--out', 'run');
  expect([status, err]).toEqual([0, '']);
  expect(out).toContain('70 rows to train, 17 to test, 2 features, 3 classes; 3 rows with missing cells left out\n');
});

describe('columns of text and missing cells', () => {
  test('are one error that says how to go on, and leave no folder', async () => {
    const { status, out, err } = await run('train', 'readings.csv');
    expect([status, out]).toEqual([1, '']);
    expect(err).toBe(
      'error: readings.csv: columns "reading id", "taken on" hold text, the first is "R-0" in line 2; ' +
        '3 cells are missing in 3 rows, the first in line 9, column "temp_c"; ' +
        'leave them out with --drop "reading id,taken on"; or choose the label with --label; ' +
        'leave out rows with missing cells with --missing drop\n',
    );
    expect(existsSync(path('runs'))).toBe(false);
    mkdirSync(path('kept/inner'), { recursive: true });
    await run('train', 'readings.csv', '--out', 'kept/inner');
    expect(existsSync(path('kept/inner'))).toBe(true);
  });

  test('are left out in all that follows a run', async () => {
    expect(JSON.parse(readFileSync(path('run/config.json'), 'utf8'))).toMatchObject({
      input: { features: ['temp_c', 'load'] },
      settings: { drop: 'reading id,taken on', missing: 'drop' },
    });
    expect((await run('evaluate', 'run')).out).toContain('; 3 rows with missing cells left out\n');
    const { status, err, out } = await run('train', '--resume', '--epochs', '4', '--out', 'run');
    expect([status, err]).toEqual([0, '']);
    expect(out).toContain('; 3 rows with missing cells left out\n');
    writeFileSync(path('whole.csv'), [header, ...lines.slice(0, 5)].join('\n'));
    writeFileSync(path('narrow.csv'), narrow(lines.slice(0, 5)));
    const wide = await run('embed', 'run', 'whole.csv');
    expect([wide.status, wide.err]).toEqual([0, '']);
    expect(wide.out.split('\n')[1]).toMatch(/^\{"row":2,"label":"worn","embedding":\[/);
    expect((await run('embed', 'run', 'narrow.csv')).out).toBe(wide.out);
    const figures = async (name: string): Promise<string> =>
      JSON.stringify(JSON.parse((await run('evaluate', 'run', name, '--json')).out).encoder);
    expect(await figures('narrow.csv')).toBe(await figures('whole.csv'));
  });

  test('without names the columns are found by their places', async () => {
    writeFileSync(path('bare.csv'), lines.join('\n'));
    const { status, err } = await run(
      'train',
      'bare.csv',
      '--drop',
      '0,1',
      '--missing',
      'drop',
      ...SHORT,
      '--out',
      'bare',
    );
    expect([status, err]).toEqual([0, '']);
    writeFileSync(path('five.csv'), lines.slice(0, 5).join('\n'));
    const embedded = await run('embed', 'bare', 'five.csv', '--format', 'csv');
    expect(embedded.err).toBe('');
    expect(embedded.out.split('\n').slice(0, 2).join()).toMatch(/^label,e1,e2,fine,/);
  });

  test('a row with a missing cell has no embedding: the error names the column', async () => {
    const { status, err } = await run('embed', 'run', 'readings.csv');
    expect(status).toBe(1);
    expect(err).toBe(
      'error: readings.csv: line 9, column "temp_c": expected a finite number, got ""; ' +
        'a row with a missing cell has no embedding: leave it out\n',
    );
  });
});

describe('runs that contragrad train did not write', () => {
  const foreign: [string, object][] = [
    [
      'of the trainer',
      { seed: 1, lr: 0.01, sharpness: 1, device: 'wasm', loss: 'triplet', dim: 2, data: 'x', steps: 5 },
    ],
    ['without settings', {}],
  ];
  test.each(foreign)('%s: embed and evaluate need no settings; what needs them says so', async (name, settings) => {
    cpSync(path('run'), path(name), { recursive: true });
    const config = JSON.parse(readFileSync(path('run/config.json'), 'utf8'));
    writeFileSync(path(`${name}/config.json`), JSON.stringify({ ...config, settings }));
    writeFileSync(path('new.csv'), narrow(lines.slice(10, 30)));
    const [own, embedded] = [await run('embed', 'run', 'new.csv'), await run('embed', name, 'new.csv')];
    expect([embedded.status, embedded.err]).toEqual([0, '']);
    expect(embedded.out).toBe(own.out);
    const evaluated = await run('evaluate', name, 'new.csv');
    expect(evaluated.status).toBe(0);
    expect(evaluated.out).toMatch(/^3-NN accuracy +[01]\.\d{4} /m);
    expect(evaluated.err).toMatch(/^note: .*was not written by contragrad train .*: every second row of new\.csv is /);
    const unnamed = await run('evaluate', name);
    expect(unnamed.status).toBe(1);
    expect(unnamed.err).toMatch(
      /config\.json: was not written by contragrad train .*; name a file of labelled rows\n$/,
    );
    expect((await run('train', '--resume', '--out', name)).err).toMatch(
      /was not written by contragrad train .* began goes on\n$/,
    );
  });
});

test('a file that has changed since training is told from the one that was trained on', async () => {
  writeFileSync(path('changing.csv'), narrow(lines.filter((_, i) => i % 30 !== 7)));
  expect((await run('train', 'changing.csv', ...SHORT, '--out', 'changing')).err).toBe('');
  writeFileSync(path('others.csv'), narrow(lines.slice(10, 30)));
  expect((await run('evaluate', 'changing', 'others.csv')).err).toBe('');
  const text = readFileSync(path('changing.csv'), 'utf8');
  const changes: [string, string][] = [
    [text.slice(0, text.trimEnd().lastIndexOf('\n')), '86 rows, was 87'],
    [text.replace(',10,', ',9,'), '87 rows as before, with other values'],
  ];
  for (const [changed, how] of changes) {
    writeFileSync(path('changing.csv'), changed);
    const { status, err } = await run('evaluate', 'changing');
    expect(status).toBe(1);
    expect(err).toBe(
      `error: changing.csv: has changed since training: ${how}; the split would differ, and rows that were trained on be tested; name a file of test rows\n`,
    );
    const other = await run('evaluate', 'changing', 'others.csv');
    expect([other.status, other.err]).toEqual([0, `note: changing.csv has changed since training: ${how}\n`]);
    const resumed = await run('train', '--resume', '--epochs', '5', '--out', 'changing');
    expect(resumed.status).toBe(1);
    expect(resumed.err).toContain(`error: changing.csv: has changed since training: ${how}; a run goes on with`);
  }
});

test('what is likely a mistake is warned of', async () => {
  const numbers = Array.from({ length: 60 }, (_, i) => `${i % 7},${i % 3},${i < 50 ? i : 0}`);
  writeFileSync(path('numbers.csv'), ['x,y,humidity', ...numbers].join('\n'));
  const { status, err } = await run('train', 'numbers.csv', ...SHORT, '--loss', 'mi', '--out', 'numbers');
  expect(status).toBe(0);
  expect(err).toContain(
    'warning: numbers.csv: 50 classes in 60 rows, 49 of them with one row only: is column "humidity" the label? choose it with --label\n',
  );
  const same = await run('train', 'readings.csv', ...LEFT, ...SHORT, '--test', './readings.csv', '--out', 'same');
  expect(same.err).toBe(
    'warning: --test ./readings.csv is the file that is trained on: its figures say nothing of new rows\n',
  );
  expect(same.out).toContain('; 6 rows with missing cells left out\n');
  expect((await run('evaluate', 'run', 'readings.csv')).err).toBe(
    'note: readings.csv holds the rows that were trained on: the figures say nothing of new rows\n',
  );
});

test.each<[string, string[], string]>([
  [
    'a label with a space',
    ['train', 'readings.csv', '--label', 'machine', 'state'],
    `too many arguments for 'train': "state" is one too many; a name with a space needs quotes`,
  ],
  [
    'widths with a space',
    ['train', 'readings.csv', '--hidden', '64', '32'],
    `"32" is one too many; numbers of one option have commas between them: --hidden 64,32`,
  ],
  ['an argument of evaluate', ['evaluate', 'run', 'a.csv', 'b.csv'], `too many arguments for 'evaluate': "b.csv"`],
  ...['label', 'labels', 'test', 'group', 'drop'].map((option): [string, string[], string] => [
    `--${option} without data`,
    ['train', `--${option}`, 'x'],
    `--${option}: needs a file of data; name it before the options`,
  ]),
  ['--missing without data', ['train', '--missing', 'drop'], '--missing: needs a file of data'],
  ['evaluate --label without data', ['evaluate', 'run', '--label', 'x'], '--label: needs a file of data'],
  ['--patience alone', ['train', '--patience', '3'], '--patience: needs --validation <share>'],
])('%s is a wrong call, in words', async (_, words, message) => {
  const { status, out, err } = await run(...words);
  expect([status, out]).toEqual([2, '']);
  expect(err).toContain(message);
});

test('--version is that of the package, and help says from where columns count', async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  expect(await run('--version')).toEqual({ status: 0, out: `${version}\n`, err: '' });
  expect((await run('train', '--label', 'x')).status).toBe(2);
  expect((await run('train', 'a', 'b')).status).toBe(2);
  expect((await run('train', '--help')).out.replaceAll(/\s+/g, ' ')).toContain('(0 is the first, -1 the last)');
});
