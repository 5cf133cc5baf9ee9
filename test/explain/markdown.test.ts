/** @file The Markdown document. */
import katex from 'katex';
import { expect, test } from 'vitest';
import { toMarkdown, trace } from '../../src/explain/index.js';
import { tensor } from '../../src/index.js';
import { HOSTILE, small, traces } from './traces.js';

/** The insides of `$…$`, escaped dollars aside. */
const formulas = (text: string): string[] => [...text.matchAll(/(?<!\\)\$(.+?)(?<!\\)\$/g)].map(([, tex]) => tex!);

test.each(Object.entries(traces))('every formula of the %s loss is TeX that KaTeX sets', (_, shown) => {
  const found = formulas(toMarkdown(shown));
  expect(found.length).toBeGreaterThan(40);
  for (const tex of found)
    expect(() => katex.renderToString(tex, { throwOnError: true, strict: 'error' })).not.toThrow();
});

test('each step is a section, with its gradient, its rules and what adds up', () => {
  const text = toMarkdown(traces.contrastive);
  expect(text.match(/^## /gm)).toHaveLength(traces.contrastive.steps.length);
  expect(text).toContain('**sub₁** = sub(a, b), $c = a - b$, in distance');
  expect(text).toContain(String.raw`$\begin{bmatrix} 0.1000 & -0.1333 \\ 0.0561 & -0.0467 \\ 0 & 0 \end{bmatrix}$`);
  expect(toMarkdown(small('x'))).toContain(
    String.raw`$\bar b \mathrel{+}= \bar c \odot a$: $3$, with earlier $4$ in all $7$`,
  );
});

test('large matrices are cut to eight rows and columns', () => {
  const x = tensor(
    Float64Array.from({ length: 200 }, (_, i) => i),
    { shape: [10, 20], requiresGrad: true },
  );
  const text = toMarkdown(trace(() => x.sum()));
  expect(text).toContain(String.raw`0 & 1 & 2 & 3 & 4 & 5 & \cdots & 19 \\`);
  expect(text).toContain(String.raw`\vdots`);
  expect(text).not.toContain('150');
});

test('a hostile name is text', () => {
  const text = toMarkdown(small(HOSTILE));
  expect(text).not.toMatch(/<|&(?!#\d+;)|(?<!\\)`/);
  expect(text).toContain(String.raw`\$x\$`);
  expect(text.split('\n')).toHaveLength(toMarkdown(small('x')).split('\n').length);
});

test('numbers that need an exponent, and those that are none, are TeX', () => {
  const x = tensor([[1e-9, Number.POSITIVE_INFINITY, Number.NaN]], { requiresGrad: true });
  const text = toMarkdown(trace(() => x.sum()));
  expect(text).toContain(String.raw`1 \cdot 10^{-9} & \infty & \mathrm{NaN}`);
});
