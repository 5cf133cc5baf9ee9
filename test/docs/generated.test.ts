/** @file Pages that are written by a script are what the script writes. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** What a script writes. */
function writtenBy(script: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'contragrad-'));
  const page = join(folder, 'page.md');
  execFileSync('node', [script, page]);
  const written = readFileSync(page, 'utf8');
  rmSync(folder, { recursive: true });
  return written;
}

test('docs/conventions.md is what the conventions say', () => {
  const written = writtenBy('scripts/conventions.js');
  expect(written).toContain('| <code>keras</code> |');
  expect(readFileSync('docs/conventions.md', 'utf8')).toBe(written);
});

test('docs/operations.md is what the rules say, and lists every one', () => {
  const written = writtenBy('scripts/operations.js');
  expect(readFileSync('docs/operations.md', 'utf8')).toBe(written);
  const rules = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => readFileSync(join('src', name), 'utf8').match(/^export const \w+Op\b/gm) ?? []);
  expect(rules.length).toBeGreaterThan(35);
  expect(written.match(/^\| .*\$ \|$|^\| .*— \|$/gm)).toHaveLength(rules.length);
});

test('docs/benchmarks.md is what the last benchmark measured, and its chart has a bar for every step', () => {
  const page = readFileSync('docs/benchmarks.md', 'utf8');
  expect(page).toBe(writtenBy('scripts/benchmarks.js'));
  const { races } = JSON.parse(readFileSync('bench/cpu/results.json', 'utf8'));
  const steps = races.filter(({ losses }: { losses?: object }) => losses !== undefined);
  expect(steps.length).toBeGreaterThan(0);
  expect(page.match(/<svg [^>]*aria-label="[SML] \w+: contragrad compiled 1\.00, /g)).toHaveLength(steps.length);
});
