/** @file The pages of the guide that are typed into a terminal, followed one after another, print what they say. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { follow, install } from '../support/walkthrough.js';

const folder = mkdtempSync(join(tmpdir(), 'contragrad-guide-'));
afterAll(() => rmSync(folder, { recursive: true }));
install(folder);

// The second page goes on with what the first one made.
test.each([
  ['docs/guide/first-encoder.md', 3],
  ['docs/guide/command.md', 9],
])('%s', (page, outputs) => {
  const typed = follow(page, folder);
  expect(typed.filter(({ promised }) => promised !== null)).toHaveLength(outputs);
  for (const { commands, promised, printed, isError } of typed) {
    const said = { printed: promised ?? printed, isError: promised?.startsWith('error: ') ?? false };
    expect({ commands, printed, isError }).toEqual({ commands, ...said });
  }
});
