/** @file Every code block of the README and of the site's pages, and every `@example`, runs and prints what it says. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { examplesOfDocument, examplesOfSources, run } from '../support/examples.js';

/** The pages that are written by hand; the reference repeats the docstrings. */
const pages = readdirSync('docs', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.md') && !/^(api|\.vitepress)\//.test(name))
  .map((name) => join('docs', name));

const examples = ['README.md', ...pages].flatMap(examplesOfDocument).concat(examplesOfSources('src'));

test('examples are found, and a wrong one fails', () => {
  expect(examples.length).toBeGreaterThan(10);
  expect(examples.map(({ from }) => from)).toContain('docs/guide/tensors.md');
  expect(run({ from: '', code: "import { nothing } from 'contragrad';", expected: '' })).toContain('exit 1');
});

test.each(examples.map((example, index) => ({ title: `${example.from} (${index})`, example })))(
  '$title',
  ({ example }) => {
    const printed = run(example);
    if (example.code.includes('console.log')) expect(example.expected).not.toBe('');
    expect(printed).toBe(example.expected);
  },
);
