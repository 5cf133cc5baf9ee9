/** @file "Train in a page of your own": its pages made as the guide says, one by Vite, one by nothing, opened in Chromium. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { createServer, preview } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadTable, splitDataset } from '../../src/data/index.js';
import { metrics } from '../../src/index.js';
import { loadEncoder } from '../../src/io/index.js';
import { inBuiltPage } from '../support/built-page.js';
import { chromiumPath, newPage, openBrowser } from '../support/chromium.js';
import { faultsOf } from '../support/page-checks.js';
import { problemsOf } from '../support/site.js';
import { install, save } from '../support/walkthrough.js';

const folder = mkdtempSync(join(tmpdir(), 'contragrad-in-a-page-'));
afterAll(() => rmSync(folder, { recursive: true }));
const leaves = join(folder, 'leaves.csv');

/** What the page says of a training. */
interface Figures {
  readonly step: number;
  readonly loss: number;
  readonly right: number;
}

async function figuresOf(page: Page): Promise<Figures> {
  const said = (await page.textContent('#now'))!;
  const [, step, loss, right] = /^step (\d+), loss ([\d.]+), held out ([\d.]+) % right$/.exec(said) ?? [];
  if (right === undefined) throw new Error(`no figures: ${said}`);
  return { step: Number(step), loss: Number(loss), right: Number(right) };
}

const reached = (page: Page, step: number): Promise<unknown> =>
  page.waitForFunction(`Number(/step (\\d+)/.exec(document.querySelector('#now').textContent)?.[1]) >= ${step}`);

/** Keeps the last picture that a worker has sent, from workers that start from now on. */
const LISTEN = `{
  const Native = Worker;
  globalThis.Worker = class extends Native {
    constructor(...args) {
      super(...args);
      this.addEventListener('message', ({ data }) => {
        if (data.kind === 'frame') globalThis.points = data.parts.map(({ points }) => [...points]);
      });
    }
  };
}`;

/** Which colours a canvas has: each pixel's three numbers, the see-through ones left out. */
const COLOURS = `(() => {
  const { width, height } = document.querySelector('#plot');
  const { data } = document.querySelector('#plot').getContext('2d').getImageData(0, 0, width, height);
  const colours = {};
  for (let i = 0; i < data.length; i += 4) {
    if (data[i + 3] === 255) colours[data.slice(i, i + 3)] = (colours[data.slice(i, i + 3)] ?? 0) + 1;
  }
  return colours;
})()`;

async function saved(page: Page, into: string, name: string): Promise<void> {
  const download = page.waitForEvent('download');
  await page.click(`button:text-is("Save ${name}")`);
  expect((await download).suggestedFilename()).toBe(name);
  await (await download).saveAs(join(into, name));
}

if (chromiumPath === undefined) console.log('SKIPPED training in a page of your own: no Chromium is installed');
else {
  beforeAll(() => {
    install(folder);
    save('docs/guide/first-encoder.md', folder);
    save('docs/guide/in-a-page.md', folder);
    execFileSync('node', ['make-leaves.mjs'], { cwd: folder });
  });

  test('the built page trains on a picked file, pauses, and saves an encoder that Node reads', async () => {
    await inBuiltPage(folder, async (page) => {
      expect(await page.isVisible('#actions')).toBe(false);
      await page.evaluate(LISTEN);

      // What is no table of numbers is refused in words, and another file may be picked.
      const words = { name: 'words.csv', mimeType: 'text/csv', buffer: Buffer.from('a,b,kind\n1,two,x\n') };
      await page.setInputFiles('#file', words);
      await page.waitForFunction("document.querySelector('#problem').textContent !== ''");
      expect(await page.textContent('#problem')).toBe(
        'words.csv: line 2, column "b": expected a finite number, got "two"',
      );

      await page.setInputFiles('#file', leaves);
      await reached(page, 100);
      expect(await page.textContent('#problem')).toBe('');
      expect(await page.textContent('#kinds')).toBe('● beech, ▲ birch, ■ maple, ◆ oak; hollow: trained on');

      await page.click('#pause');
      // What the worker tells comes in order: with the files all pictures are there.
      const run = join(folder, 'saved');
      mkdirSync(run);
      for (const name of ['config.json', 'model.safetensors']) await saved(page, run, name);
      const paused = await figuresOf(page);
      await page.waitForTimeout(300);
      expect(await figuresOf(page)).toEqual(paused);
      expect(paused.right).toBeGreaterThan(90);
      const colours = await page.evaluate<Record<string, number>>(COLOURS);
      for (const drawn of ['76,120,216', '209,96,31', '47,145,88', '181,72,159']) {
        expect(colours[drawn]).toBeGreaterThan(200);
      }
      expect(await faultsOf(page)).toEqual([]);

      const encoder = await loadEncoder(run);
      expect(encoder.config.classes).toEqual(['beech', 'birch', 'maple', 'oak']);
      const shown = await page.evaluate<number[][]>('points');
      const { train, test: heldOut } = splitDataset(await loadTable(leaves), { train: 0.8, test: 0.2 });
      const parts = await Promise.all(
        [train, heldOut].map(async ({ features, featureNames, labels }) => ({
          points: (await encoder.embed(features, { features: featureNames! })).flat(),
          labels,
        })),
      );
      parts.forEach(({ points }, part) => {
        expect(points).toHaveLength(shown[part]!.length);
        const furthest = Math.max(...points.map((value, i) => Math.abs(value - shown[part]![i]!)));
        expect(furthest).toBeLessThanOrEqual(1e-5);
      });
      expect(100 * metrics.knnAccuracy(parts[0]!, parts[1]!)).toBeCloseTo(paused.right, 1);

      await page.click('#pause');
      await reached(page, paused.step + 20);
    });
  });

  test('while it is written, a file that is picked at once is trained on: Vite does not load the page again', async () => {
    const server = await createServer({
      root: folder,
      configFile: join(folder, 'vite.config.mjs'),
      logLevel: 'silent',
      server: { port: 0, host: '127.0.0.1', hmr: false },
    });
    const browser = await openBrowser();
    try {
      await server.listen();
      const page = await newPage(browser);
      let loads = 0;
      page.on('load', () => loads++);
      await page.goto(server.resolvedUrls!.local[0]!);
      await page.setInputFiles('#file', leaves);
      await reached(page, 10);
      expect(loads).toBe(1);
    } finally {
      await browser.close();
      await server.close();
    }
  });

  test('without a bundler an import map is enough, and what the guide says of posting holds', async () => {
    const server = await preview({
      root: folder,
      configFile: false,
      logLevel: 'silent',
      build: { outDir: '.' },
      preview: { port: 0, host: '127.0.0.1' },
    });
    const browser = await openBrowser();
    try {
      const url = server.resolvedUrls!.local[0]!;
      const page = await newPage(browser);
      const problems = problemsOf(page, url);
      await page.goto(`${url}plain.html`);
      await page.waitForFunction("/^step 400,/.test(document.querySelector('#now').textContent)");
      const [, right] = /held out ([\d.]+)$/.exec((await page.textContent('#now'))!)!;
      expect(Number(right)).toBeGreaterThan(0.9);
      expect(await faultsOf(page)).toEqual([]);
      for (const [entry, name] of [
        ['io', 'loadEncoder'],
        ['explain', 'toSvg'],
      ]) {
        expect(await page.evaluate(`import('contragrad/${entry}').then(({ ${name} }) => typeof ${name})`)).toBe(
          'function',
        );
      }
      expect(
        await page.evaluate(`import('contragrad').then(({ tensor }) => {
          const x = tensor([1, 2], { requiresGrad: true });
          return [x, x.square()].map((sent) => {
            try {
              structuredClone(sent);
            } catch ({ name, message }) {
              return name + ': ' + message;
            }
          });
        })`),
      ).toEqual(Array(2).fill(expect.stringMatching(/^DataCloneError: .*send await t\.data\(\) and t\.shape/)));
      expect(problems).toEqual([]);
    } finally {
      await browser.close();
      await server.close();
    }
  });
}
