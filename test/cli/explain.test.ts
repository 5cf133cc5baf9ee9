/** @file The explain command, as a user runs it. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { type Call, type Ended, run } from '../support/command.js';

const folder = mkdtempSync(join(tmpdir(), 'contragrad-'));
afterAll(() => rmSync(folder, { recursive: true }));

const explain = (words: readonly string[], env: Call['env'] = {}): Promise<Ended> =>
  run(['explain', ...words], { env });

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
const documentOf = async (...words: readonly string[]): Promise<Document> =>
  JSON.parse((await explain([...words, '--json'])).out) as Document;

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
  async (loss) => {
    const { status, out, err } = await explain([loss]);
    expect([status, err]).toEqual([0, '']);
    expect(widest(out)).toBeLessThanOrEqual(80);
    expect(out).not.toMatch(/…|NaN|undefined|\[object/);
    expect(out).not.toContain('\u001b');
    const { out: painted } = await explain([loss], { FORCE_COLOR: '1' });
    expect(painted).toContain('\u001b');
    expect(stripVTControlCharacters(painted)).toBe(out);
    expect((await explain([loss, '--no-color'], { FORCE_COLOR: '1' })).out).toBe(out);
    expect((await explain([loss], { FORCE_COLOR: '1', NO_COLOR: '1' })).out).toBe(out);
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
])('%s %s %s %s %s: the numbers put into the formula come to the loss', async (...words) => {
  const found = equations((await explain(words)).out);
  expect(found.length).toBeGreaterThanOrEqual(4);
  for (const { expression, value } of found) expect(evaluate(expression), expression).toBeCloseTo(value, 3);
  expect(found.at(-1)!.value).toBeCloseTo((await documentOf(...words)).value, 4);
});

test.each([...LOSSES.map((loss) => [loss]), ...LOSSES.map((loss) => [loss, '--seed', '7'])])(
  '%s %s %s: the document holds three gradients that agree, and forces that add up to them',
  async (...words) => {
    const { loss, value, batch, trace, gradients, attribution } = await documentOf(...words);
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

test('a seed fixes the batch, and another seed is another batch', async () => {
  const batch = async (seed: string): Promise<unknown> => (await documentOf('triplet', '--seed', seed)).batch;
  const first = await batch('1');
  expect(await batch('1')).toEqual(first);
  expect(await batch('2')).not.toEqual(first);
});

test('a margin that puts a hinge on its kink is told, not hidden', async () => {
  const { out } = await explain(['triplet', '--margin', '0.27']);
  expect(out).toContain('Row 2 is at a kink: there the differences see both of its sides.');
  expect((await explain(['triplet'])).out).not.toContain('kink');
});

test('--svg writes the graph and says so; with --json it is silent', async () => {
  const path = join(folder, 'graph.svg');
  const { out } = await explain(['infonce', '--svg', path]);
  expect(out).toContain(`The graph is in ${path}.`);
  expect(readFileSync(path, 'utf8')).toMatch(/^<svg[\s\S]*<\/svg>\n$/);
  rmSync(path);
  const { out: json, err } = await explain(['infonce', '--json', '--svg', path]);
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
])('%s is one line, without a stack trace; nothing is printed or written', async (_, words, message) => {
  const before = readdirSync(folder);
  const { status, out, err } = await explain(words);
  // 2 for a wrong call, 1 for a file.
  expect([status, out]).toEqual([message.includes('cannot be written') ? 1 : 2, '']);
  expect(err).toContain(message);
  expect(err).not.toMatch(/\n\s+at /);
  expect(readdirSync(folder)).toEqual(before);
});
