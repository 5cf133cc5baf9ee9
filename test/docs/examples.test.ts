/** @file Every code block of the README and of the site's pages, and every `@example`, runs and prints what it says. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Examples, examplesOfDocument, examplesOfSources } from '../support/examples.js';

/** The pages that are written by hand; the reference repeats the docstrings. */
const pages = readdirSync('docs', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.md') && !/^(api|\.vitepress)\//.test(name))
  .map((name) => join('docs', name));

const examples = ['README.md', ...pages].flatMap(examplesOfDocument).concat(examplesOfSources('src'));

// Each waits for those before it.
vi.setConfig({ testTimeout: 600_000 });

const runner = new Examples();
afterAll(() => runner.close());

test('examples are found', () => {
  expect(examples.length).toBeGreaterThan(10);
  expect(examples.map(({ from }) => from)).toContain('docs/guide/tensors.md');
});

test.each([
  ['imports what is not there', "import { nothing } from 'contragrad';", /^exit 1: .*'nothing'/s],
  ['throws', "console.log(1); throw new RangeError('too far');", /^exit 1: RangeError: too far/],
  ['rejects', "await Promise.reject(new Error('no'));", /^exit 1: Error: no/],
  ['leaves', 'console.log(1); process.exit(3);', /^exit 3: $/],
  ['waits for nothing', 'await new Promise(() => {});', /^exit 13: /],
  ['never ends', 'for (;;);', /^stopped after 1 seconds: it does not end$/],
])('an example that %s is seen', async (name, code, wanted) => {
  expect(await runner.run({ code }, name === 'never ends' ? 1 : 100)).toMatch(wanted);
});

test('what an example does to its globals is gone in the next', async () => {
  await runner.run({ code: 'Array.prototype.map = null; globalThis.left = 1; console.log = null;' });
  for (let i = 0; i < 4; i++) {
    expect(await runner.run({ code: 'console.log(typeof [].map, globalThis.left, 1 + 1)' })).toBe(
      'function undefined 2',
    );
  }
});

describe('each example prints what it says', () => {
  let printed: Promise<string>[];
  // All begin here, and run beside each other.
  beforeAll(() => {
    printed = examples.map((example) => runner.run(example));
  });

  test.each(examples.map((example, index) => ({ title: `${example.from} (${index})`, example, index })))(
    '$title',
    async ({ example, index }) => {
      if (example.code.includes('console.log')) expect(example.expected).not.toBe('');
      expect(await printed[index]).toBe(example.expected);
    },
  );
});
