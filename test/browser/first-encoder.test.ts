/** @file The page that "Your first encoder" ends with: made as the guide says, built by Vite, opened in Chromium. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadEncoder } from '../../src/io/index.js';
import { inBuiltPage } from '../support/built-page.js';
import { chromiumPath } from '../support/chromium.js';
import { faultsOf } from '../support/page-checks.js';
import { follow, install } from '../support/walkthrough.js';

const folder = mkdtempSync(join(tmpdir(), 'contragrad-first-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** One line of `known.jsonl`. */
interface Known {
  readonly label: string;
  readonly embedding: readonly number[];
}

/** What the page should say of a row. */
async function nearestTo(row: number[]): Promise<string> {
  const [point] = await (await loadEncoder(join(folder, 'runs/leaves'))).embed([row]);
  const lines = readFileSync(join(folder, 'public/known.jsonl'), 'utf8').trim().split('\n');
  const distances = lines.map((line) => {
    const { label, embedding } = JSON.parse(line) as Known;
    return { label, distance: Math.hypot(...embedding.map((x, i) => x - point![i]!)) };
  });
  const { label, distance } = distances.reduce((best, next) => (next.distance < best.distance ? next : best));
  return `${label}, at a distance of ${distance.toFixed(3)}`;
}

if (chromiumPath === undefined) console.log('SKIPPED the first encoder in a page: no Chromium is installed');
else {
  test('the page names the nearest leaf as Node does, and says in words what is wrong with a row', async () => {
    install(folder);
    follow('docs/guide/first-encoder.md', folder);
    await inBuiltPage(folder, async (page) => {
      await page.waitForFunction("document.querySelector('#answer').textContent !== 'Loading …'");
      expect(await page.textContent('#answer')).toBe(await nearestTo([11.2, 6.1, 70, 9.5, 20]));
      for (const [typed, said] of [
        ['5, 4, 60, 12, 15', await nearestTo([5, 4, 60, 12, 15])],
        ['1, 2, 3', 'embed: row 0 must have 5 features (length, width, humidity, hour, temperature), got 3'],
        ['11,, 6, 3, 5', 'embed: row 0, feature width: must be a finite number, got NaN'],
      ] as const) {
        await page.fill('#row', typed);
        await page.waitForFunction(`document.querySelector('#answer').textContent === ${JSON.stringify(said)}`);
      }
      expect(await faultsOf(page)).toEqual([]);
    });
  });
}
