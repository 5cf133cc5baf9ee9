/** @file The walk-through for the terminal. */
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { renderText, trace } from '../../src/explain/index.js';
import { columns } from '../../src/explain/numbers.js';
import { takeAlongAxis, tensor } from '../../src/index.js';
import { HOSTILE, leaf, small, traces } from './traces.js';

/** The columns that a terminal needs, counted another way than the source does: by grapheme. */
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
const widest = (text: string): number =>
  Math.max(
    ...stripVTControlCharacters(text)
      .split('\n')
      .map((line) => [...graphemes.segment(line)].length),
  );

test('a square and a sum are told step by step, with every number', () => {
  expect(renderText(small('x'))).toBe(
    [
      'Forward pass, from the inputs to the loss.',
      '  x   3',
      '',
      'x',
      '  mul = mul(x, x)   c = a ⊙ b   9',
      '  add = add(mul, x)   c = a + b   12',
      '',
      'Backward pass, from the loss, whose own gradient is 1.',
      'ā is the derivative of the loss by a. ⊙ and ⊘ go element by element.',
      '',
      'x',
      '1. add = add(mul, x)   c = a + b   c̄ = 1',
      '    to mul  ā += c̄   1',
      '    to x    b̄ += c̄   1',
      '2. mul = mul(x, x)   c = a ⊙ b   c̄ = 1',
      '    to x  ā += c̄ ⊙ b        3',
      '    + what came before      1',
      '    = its gradient so far   4',
      '    to x  b̄ += c̄ ⊙ a        3',
      '    + what came before      4',
      '    = its gradient so far   7',
      '',
    ]
      .join('\n')
      .normalize('NFC'),
  );
});

test.each(Object.entries(traces))('no line of the %s loss is wider than asked for, at any width', (_, shown) => {
  for (const width of [20, 33, 60, 80, 200]) {
    for (const color of [false, true]) expect(widest(renderText(shown, { width, color }))).toBeLessThanOrEqual(width);
  }
  expect(renderText(shown, { width: 40 })).toContain('…');
  expect(renderText(shown, { width: 200 })).not.toContain('…');
});

test('colour changes nothing but colour', () => {
  const plain = renderText(traces.infoNCE);
  const painted = renderText(traces.infoNCE, { color: true });
  expect(plain).not.toContain('\u001b');
  expect(painted).toContain('\u001b[33m');
  expect(stripVTControlCharacters(painted)).toBe(plain);
});

test('groups are headings, and a matrix that does not fit stands below in columns', () => {
  const text = renderText(traces.infoNCE);
  expect(text).toMatch(/^normalize$/m);
  expect(text).toMatch(/^scores$/m);
  expect(renderText(traces.contrastive)).toMatch(/^hinge > distance$/m);
  expect(renderText(traces.infoNCE, { width: 60 })).toMatch(/\n {6}C̄ =( +-?[\d. e-]{22,24}\n){3} {4}to div₃/u);
});

test('two results of one operation have two names', () => {
  expect(renderText(traces.triplet)).toMatch(/sub₁ = sub\(anchor, negative\)[\s\S]*sub₂ = sub\(anchor, positive\)/);
});

test('a large tensor is cut by rows and columns, one without numbers says so', () => {
  const x = tensor(
    Float64Array.from({ length: 600 }, (_, i) => i / 7),
    { shape: [20, 30], requiresGrad: true },
  );
  const text = renderText(trace(() => x.square().sum()));
  expect(widest(text)).toBeLessThanOrEqual(80);
  expect(text).toContain('… 13 more rows');
  expect(text).toMatch(/ 0 +0\.1429 .*…$/m);
  expect(renderText(trace(() => x.square().sum(), { maxElements: 10 }))).toContain('too many numbers to list');
});

test('values that are no numbers, empty tensors and wide names stay readable', () => {
  const x = leaf(0);
  expect(renderText(trace(() => x.log().mul(0)))).toContain('-∞');
  const none = tensor([], { shape: [0, 2], requiresGrad: true });
  expect(renderText(trace(() => none.sum()))).toContain('[0, 2]');
  const wide = '距離'.repeat(30);
  const line = renderText(small(wide)).split('\n')[1]!;
  expect(2 * (line.match(/\p{Script=Han}/gu) ?? []).length).toBeLessThanOrEqual(80);
  expect(columns(line)).toBeLessThanOrEqual(80);
});

test('a name cannot move the cursor', () => {
  const text = renderText(small(HOSTILE), { width: 200 });
  expect(text.split('\n')).toHaveLength(renderText(small('x')).split('\n').length);
  expect(text).not.toContain('\u001b');
});

test('numbers too small for four decimals keep their exponent', () => {
  const x = leaf([[1e-7, 0.25, 123456, -0.0004]]);
  expect(renderText(trace(() => x.sum()))).toContain('1e-7 0.25 1.2e5 -4e-4');
});

test('a rule with subscripts of subscripts is told', () => {
  const x = leaf([
    [1, 2],
    [3, 4],
  ]);
  const text = renderText(trace(() => takeAlongAxis(x, tensor([[1, 0]], { dtype: 'int32' }), { axis: 0 }).sum()));
  expect(text).toContain('x̄_(kᵢⱼ j) += ȳᵢⱼ'.normalize('NFC'));
});

test.each([0, 19, 80.5, Number.NaN])('a width of %s is refused', (width) => {
  expect(() => renderText(small('x'), { width })).toThrow(
    `renderText: width must be a whole number, 20 or more, got ${width}`,
  );
});
