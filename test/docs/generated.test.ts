/** @file Pages that are written by a script are what the script writes; examples run, and say what they promise. */
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
  expect(written).toContain('| `keras` |');
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

test('docs/benchmarks.md is what the last benchmark measured, and its chart is that one', () => {
  expect(readFileSync('docs/benchmarks.md', 'utf8')).toBe(writtenBy('scripts/benchmarks.js'));
  expect(readFileSync('docs/public/steps.svg', 'utf8')).toBe(readFileSync('bench/cpu/steps.svg', 'utf8'));
});

/** What each example prints. */
const outputs = new Map(
  readdirSync('examples')
    .filter((name) => name.endsWith('.js'))
    .map((name) => [name, execFileSync('node', [join('examples', name)], { encoding: 'utf8' })]),
);

test('every example runs and says something', () => {
  expect(outputs.size).toBeGreaterThan(0);
  for (const output of outputs.values()) expect(output.length).toBeGreaterThan(20);
});

test('InfoNCE stops at log N, dv does not, jsd at 2 log 2; all are near the truth where there is little to know', () => {
  const output = outputs.get('01-mutual-information.js')!;
  const rows = output
    .split('\n')
    .filter((line) => /^\d\.\d\d /.test(line))
    .map((line) => line.trim().split(/\s+/).map(Number) as [number, number, number, number, number]);
  expect(rows).toHaveLength(7);
  for (const [rho, truth, nce, dv, jsd] of rows) {
    expect(truth).toBeCloseTo(-10 * Math.log(1 - rho ** 2), 1);
    expect(nce).toBeLessThanOrEqual(5.55);
    expect(jsd).toBeLessThanOrEqual(1.39);
    if (rho <= 0.4) expect([Math.abs(nce - truth) < 0.3, Math.abs(dv - truth) < 0.3]).toEqual([true, true]);
  }
  const last = rows.at(-1)!;
  expect(last[1]).toBeCloseTo(39.17, 2);
  expect(last[2]).toBeGreaterThan(5.4);
  expect(last[3]).toBeGreaterThan(2 * last[1]);
  expect(output).toContain('cannot report more than log N = 5.55 nats');
});
