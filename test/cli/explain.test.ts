/** @file The explain command, as a user runs it. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'contragrad-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Variables that decide about colours, none set. */
const { FORCE_COLOR: _force, NO_COLOR: _no, ...environment } = process.env;

function explain(
  words: readonly string[],
  colors: NodeJS.ProcessEnv = {},
): { status: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync('node', ['dist/cli/main.js', 'explain', ...words], {
    encoding: 'utf8',
    env: { ...environment, ...colors },
  });
  return { status, out: stdout, err: stderr };
}

type Rows = number[][];
interface Document {
  readonly loss: string;
  readonly value: number;
  readonly batch: Readonly<Record<string, Rows>>;
  readonly trace: {
    readonly loss: number;
    readonly tensors: readonly { readonly name: string; readonly value: number; readonly gradient: Rows }[];
  };
  readonly gradients: Readonly<Record<'closedForm' | 'autograd' | 'differences', readonly Rows[]>>;
  readonly attribution: {
    readonly forces: readonly {
      readonly on: { readonly input: number; readonly row: number };
      readonly force: number[];
    }[];
  };
}
const documentOf = (...words: readonly string[]): Document => JSON.parse(explain([...words, '--json']).out) as Document;

const LOSSES = ['contrastive', 'triplet', 'infonce', 'mi'] as const;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
const widest = (text: string): number =>
  Math.max(
    ...stripVTControlCharacters(text)
      .split('\n')
      .map((line) => [...graphemes.segment(line)].length),
  );

test.each(LOSSES)(
  '%s: no line is wider than 80 columns or cut, in colour or without; colours are left out where not wanted',
  (loss) => {
    const { status, out, err } = explain([loss]);
    expect([status, err]).toEqual([0, '']);
    expect(widest(out)).toBeLessThanOrEqual(80);
    expect(out).not.toMatch(/…|NaN|undefined|\[object/);
    expect(out).not.toContain('\u001b');
    const painted = explain([loss], { FORCE_COLOR: '1' }).out;
    expect(painted).toContain('\u001b');
    expect(stripVTControlCharacters(painted)).toBe(out);
    expect(explain([loss, '--no-color'], { FORCE_COLOR: '1' }).out).toBe(out);
    expect(explain([loss], { FORCE_COLOR: '1', NO_COLOR: '1' }).out).toBe(out);
  },
);

/** Each printed `expression = number` of the part that puts the numbers in. */
function equations(out: string): { expression: string; value: number }[] {
  const [, part] = /\nThe loss\n([\s\S]*?)\n\nForward pass/.exec(out)!;
  return part!
    .split('\n')
    .filter((line) => /^ {2}(pair|triplet|row) \d|^L = \(/.test(line))
    .flatMap((line) => line.replace(/^.*?: +/, '').split(/, (?=max)/))
    .map((clause) => {
      const [expression, value] = clause.replace(/^(L|D²) = /, '').split(/ = (?=\S+$)/);
      return { expression: expression!, value: Number(value) };
    });
}

/** What a printed expression comes to. */
function evaluate(expression: string): number {
  const script = expression
    .replaceAll('²', '**2')
    .replaceAll('·', '*')
    .replaceAll('max(', 'Math.max(')
    .replaceAll('log(', 'Math.log(')
    .replace(/√([\d.]+)/g, 'Math.sqrt($1)')
    .replace(/e\^(-?[\d.]+)/g, 'Math.exp($1)');
  return new Function(`return ${script}`)() as number;
}

test.each([
  ...LOSSES.map((loss) => [loss]),
  ['contrastive', '--margin', '1.5', '--seed', '3'],
  ['triplet', '--margin', '0.5', '--seed', '4'],
  ['infonce', '--temperature', '0.3', '--seed', '5'],
  ['mi', '--temperature', '2', '--seed', '6'],
])('%s %s %s %s %s: the numbers put into the formula come to the loss', (...words) => {
  const found = equations(explain(words).out);
  expect(found.length).toBeGreaterThanOrEqual(4);
  for (const { expression, value } of found) expect(evaluate(expression), expression).toBeCloseTo(value, 3);
  expect(found.at(-1)!.value).toBeCloseTo(documentOf(...words).value, 4);
});

test.each([...LOSSES.map((loss) => [loss]), ...LOSSES.map((loss) => [loss, '--seed', '7'])])(
  '%s %s %s: the document holds three gradients that agree, and forces that add up to them',
  (...words) => {
    const { loss, value, batch, trace, gradients, attribution } = documentOf(...words);
    expect(loss).toBe(words[0]);
    expect(trace.tensors[trace.loss]!.value).toBe(value);
    const [exact, found, differences] = [gradients.closedForm, gradients.autograd, gradients.differences].map((x) =>
      x.flat(2),
    );
    expect(exact).toHaveLength(Object.values(batch).flat(2).length);
    expect(Math.max(...exact!.map(Math.abs))).toBeGreaterThan(0.01);
    exact!.forEach((v, i) => {
      expect(Math.abs(v - found![i]!)).toBeLessThan(1e-12);
      expect(Math.abs(v - differences![i]!)).toBeLessThan(1e-6);
    });
    Object.keys(batch).forEach((name, input) => {
      expect(trace.tensors.find((tensor) => tensor.name === name)!.gradient).toEqual(gradients.autograd[input]);
      gradients.autograd[input]!.forEach((row, r) => {
        const forces = attribution.forces.filter(({ on }) => on.input === input && on.row === r);
        row.forEach((v, t) => {
          expect(forces.reduce((sum, { force }) => sum + force[t]!, 0)).toBeCloseTo(-v, 12);
        });
      });
    });
  },
);

test('a seed fixes the batch, and another seed is another batch', () => {
  const batch = (seed: string): unknown => documentOf('triplet', '--seed', seed).batch;
  expect(batch('1')).toEqual(batch('1'));
  expect(batch('1')).not.toEqual(batch('2'));
});

test('a margin that puts a hinge on its kink is told, not hidden', () => {
  const out = explain(['triplet', '--margin', '0.27']).out;
  expect(out).toContain('Row 2 is at a kink: there the differences see both of its sides.');
  expect(explain(['triplet']).out).not.toContain('kink');
});

test('--svg writes the graph and says so; with --json it is silent', () => {
  const path = join(folder, 'graph.svg');
  const out = explain(['infonce', '--svg', path]).out;
  expect(out).toContain(`The graph is in ${path}.`);
  expect(readFileSync(path, 'utf8')).toMatch(/^<svg[\s\S]*<\/svg>\n$/);
  rmSync(path);
  const { out: json, err } = explain(['infonce', '--json', '--svg', path]);
  expect(() => JSON.parse(json)).not.toThrow();
  expect([err, existsSync(path)]).toEqual(['', true]);
});

test.each<[string, string[], string]>([
  ['an unknown loss', ['ntxent'], 'Allowed choices are contrastive, triplet, infonce, mi.'],
  ['no loss', [], "error: missing required argument 'loss'"],
  ['a negative margin', ['triplet', '--margin', '-1'], "argument '-1' is invalid. It must be a positive number."],
  ['a broken seed', ['mi', '--seed', '1.5'], "argument '1.5' is invalid. It must be a whole number, 0 or more."],
  [
    'an option of another loss',
    ['mi', '--margin', '1'],
    'error: --margin: means nothing to the loss mi; it is for contrastive and triplet',
  ],
  [
    'a file that cannot be written',
    ['mi', '--svg', join(folder, 'none', 'x.svg')],
    `error: ${join(folder, 'none', 'x.svg')}: cannot be written (ENOENT)`,
  ],
  ['a folder in place of a file', ['mi', '--svg', folder], `error: ${folder}: cannot be written (EISDIR)`],
])('%s is one line, without a stack trace; nothing is printed or written', (_, words, message) => {
  const before = readdirSync(folder);
  const { status, out, err } = explain(words);
  // 2 for a wrong call, 1 for a file.
  expect([status, out]).toEqual([message.includes('cannot be written') ? 1 : 2, '']);
  expect(err).toContain(message);
  expect(err).not.toMatch(/\n\s+at /);
  expect(readdirSync(folder)).toEqual(before);
});

test('--step does not wait where there is no terminal', { timeout: 20_000 }, async () => {
  const child = spawn('node', ['dist/cli/main.js', 'explain', 'mi', '--step'], { stdio: ['pipe', 'ignore', 'ignore'] });
  expect(await new Promise((resolve) => child.on('exit', resolve))).toBe(0);
});

const terminal = '/usr/bin/script';
const hasTerminal = existsSync(terminal);
if (!hasTerminal) console.log('SKIPPED --step on a terminal: no script(1) is installed');
test.skipIf(!hasTerminal)('--step on a terminal shows a part for each Enter, until q', () => {
  const parts = (keys: string): { count: number; out: string } => {
    const command = 'node dist/cli/main.js explain mi --step --no-color';
    const { stdout } = spawnSync(terminal, ['-qec', command, '/dev/null'], { encoding: 'utf8', input: keys });
    return { count: stdout.split('Enter: next, q: quit').length - 1, out: stdout };
  };
  const two = parts('\n\nq\n');
  expect(two.count).toBe(3);
  expect(two.out).toContain('Forward pass');
  expect(two.out).not.toContain('Backward pass');
  const all = parts('\n'.repeat(40));
  expect(all.out).toContain('Who pulls and pushes whom');
  expect(all.count).toBeGreaterThan(8);
});
