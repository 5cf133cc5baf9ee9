/** @file Every code block of the README and every `@example` runs, and prints what it says. */
import { expect, test } from 'vitest';
import { examplesOfDocument, examplesOfSources, run } from '../support/examples.js';

const examples = [...examplesOfDocument('README.md'), ...examplesOfSources('src')];

test('examples are found, and a wrong one fails', () => {
  expect(examples.length).toBeGreaterThan(10);
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
