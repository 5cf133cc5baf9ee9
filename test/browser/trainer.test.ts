/** @file The live trainer on the built site: it learns, on either device, from whatever table, and its files come back. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { Generator } from '../../src/index.js';
import { loadEncoder } from '../../src/io/index.js';
import { chromiumPath, newPage } from '../support/chromium.js';
import { faultsOf } from '../support/page-checks.js';
import { closePage, openPage, problemsOf, siteInBrowser, type View } from '../support/site.js';

const WIDE: View = { width: 1440, colorScheme: 'light' };

/** Labels that would run, were they markup; the last one would be computed by a spreadsheet. */
const HOSTILE = [
  '</script><script>window.hacked = 1</script>',
  '<img src=x onerror="window.hacked = 1">',
  '{{ window.hacked = 1 }}',
];

/** Rows around three places of the plane. */
function hostileRows(): { readonly rows: number[][]; readonly text: string } {
  const generator = new Generator(3);
  const rows = Array.from({ length: 60 }, (_, i) => [
    Math.fround(3 * (i % 3) + generator.normal()),
    Math.fround(50 * (i % 2) + generator.normal()),
  ]);
  const lines = rows.map(([x, y], i) => `${x},${y},"${HOSTILE[i % 3]!.replaceAll('"', '""')}"`);
  return { rows, text: ['"<b>x</b>",y,kind', ...lines].join('\n') };
}

const control = (page: Page, name: string) => page.locator(`[data-control="${name}"]`);
const shown = (page: Page, name: string): Promise<string> =>
  page.locator(`[data-shown="${name}"]`).textContent() as Promise<string>;
/** A small loss is written with a power of ten, and that with a real minus sign. */
const lossOf = async (page: Page): Promise<number> => Number((await shown(page, 'loss')).replace('−', '-'));
const ready = (page: Page) => page.waitForSelector('.encoder-trainer[data-busy="false"]');
const stepsDone = (page: Page, steps: number) =>
  page.waitForFunction(`Number(document.querySelector('.encoder-trainer').dataset.step) >= ${steps}`);
/** The picture on the canvas, as a number: equal for equal pictures. The worker draws it, so only a copy can be read. */
const picture = (page: Page): Promise<number> =>
  page.evaluate(`{
    const canvas = document.querySelector('canvas');
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d');
    copy.drawImage(canvas, 0, 0);
    copy.getImageData(0, 0, canvas.width, canvas.height).data.reduce((hash, byte) => (Math.imul(hash, 31) + byte) | 0, 7);
  }`);

if (chromiumPath === undefined) console.log('SKIPPED trainer: no Chromium is installed');
else {
  describe('the live trainer', () => {
    const opened = siteInBrowser();

    /** Opens the trainer, lets it be used, and expects that nothing went wrong on the page. */
    async function inTrainer(
      use: (page: Page, problems: readonly string[]) => Promise<void>,
      view = WIDE,
    ): Promise<void> {
      const { page, problems } = await openPage(opened, 'trainer.html', view);
      await ready(page);
      await use(page, problems);
      expect(problems).toEqual([]);
      await closePage(page);
    }

    async function choose(page: Page, text: string, name = 'birds.csv'): Promise<void> {
      await control(page, 'rows').selectOption('table');
      await control(page, 'file').setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
      // The file is looked at before it is read.
      await control(page, 'label').waitFor();
      await ready(page);
    }

    async function saved(page: Page, folder: string): Promise<void> {
      for (const [which, name] of Object.entries({
        weights: 'model.safetensors',
        config: 'config.json',
        embeddings: 'embeddings.csv',
      })) {
        const [download] = await Promise.all([
          page.waitForEvent('download'),
          page.locator(`[data-save="${which}"]`).click(),
        ]);
        expect(download.suggestedFilename()).toBe(name);
        await download.saveAs(join(folder, name));
      }
    }

    test('by keyboard alone it comes to 0.9 on held-out rows within 2,000 steps, pauses, steps and resets', () =>
      inTrainer(async (page) => {
        const before = await picture(page);
        const first = Number(await page.getAttribute('.encoder-trainer', 'data-accuracy'));
        expect(first).toBeLessThan(0.6);
        // From the first control on, Tab leads to all of them.
        await control(page, 'rows').focus();
        const seen: string[] = [];
        for (let i = 0; i < 12; i++) {
          await page.keyboard.press('Tab');
          seen.push(
            await page.evaluate<string>("document.activeElement.dataset.control ?? document.activeElement.type ?? ''"),
          );
          if (seen.at(-1) === 'run') break;
        }
        expect(seen).toEqual(['radio', 'sharpness', 'dim', 'device', 'run']);
        await page.keyboard.press('Enter');
        await page.waitForFunction("Number(document.querySelector('.encoder-trainer').dataset.accuracy) >= 0.9");
        const steps = Number(await page.getAttribute('.encoder-trainer', 'data-step'));
        console.log(`the trainer: from ${first} to 0.9 in ${steps} steps`);
        expect(steps).toBeLessThan(2000);
        expect(await shown(page, 'runner')).toBe('Runs on the CPU, compiled into one WebAssembly call.');
        expect(await picture(page)).not.toBe(before);
        await page.keyboard.press('Enter');
        await page.waitForSelector('.encoder-trainer[data-running="false"]');
        await page.waitForFunction(
          "/^Paused/.test(document.querySelector('.encoder-trainer [role=status]').textContent)",
        );
        await page.waitForTimeout(300);
        const paused = Number(await shown(page, 'step'));
        await page.keyboard.press('Tab');
        await page.keyboard.press('Enter');
        await stepsDone(page, paused + 1);
        expect(await shown(page, 'step')).toBe(String(paused + 1));
        await page.keyboard.press('Tab');
        await page.keyboard.press('Enter');
        await page.waitForSelector('.encoder-trainer[data-step="0"][data-busy="false"]');
        // The same weights again.
        expect(Number(await page.getAttribute('.encoder-trainer', 'data-accuracy'))).toBe(first);
      }));

    test.each(['triplet', 'infonce', 'supcon'])('%s, on the spirals, in 16 dimensions: the loss falls', (loss) =>
      inTrainer(async (page) => {
        await page.locator(`input[value="${loss}"]`).check({ force: true });
        await control(page, 'rows').selectOption('spirals');
        await control(page, 'dim').selectOption('16');
        await control(page, 'speed').selectOption('fast');
        await ready(page);
        // A batch of InfoNCE has three pairs here: one loss alone says little.
        const meanLoss = async (): Promise<number> => {
          let sum = 0;
          for (let i = 0; i < 8; i++) {
            const done = Number(await page.getAttribute('.encoder-trainer', 'data-step'));
            await control(page, 'step').click();
            await stepsDone(page, done + 1);
            sum += await lossOf(page);
          }
          return sum / 8;
        };
        const first = await meanLoss();
        await control(page, 'run').click();
        await stepsDone(page, 150);
        await control(page, 'run').click();
        await page.waitForSelector('.encoder-trainer[data-running="false"]');
        await page.waitForTimeout(300);
        expect(first).toBeGreaterThan(0);
        expect(await meanLoss()).toBeLessThan(first);
        expect(await shown(page, 'verdict')).toMatch(/\w{3}/);
      }),
    );

    test('trains on WebGL2, says so, and loads gpu.js only then', () =>
      inTrainer(async (page) => {
        const loaded: string[] = [];
        page.on('request', (request) => loaded.push(request.url()));
        await control(page, 'step').click();
        await stepsDone(page, 1);
        expect(loaded.filter((url) => url.includes('gpu'))).toEqual([]);
        await control(page, 'device').selectOption('webgl2');
        await ready(page);
        expect(loaded.some((url) => url.includes('gpu'))).toBe(true);
        await control(page, 'step').click();
        await stepsDone(page, 1);
        const first = await lossOf(page);
        await control(page, 'run').click();
        await stepsDone(page, 6);
        await control(page, 'run').click();
        await page.waitForSelector('.encoder-trainer[data-running="false"]');
        expect(await lossOf(page)).toBeLessThan(first);
        expect(await shown(page, 'runner')).toMatch(/^Runs on webgl2, .*compiled into a list of kernel calls\.$/);
      }));

    test('a table with markup for labels stays inert; its encoder loads in Node and embeds the same', () =>
      inTrainer(async (page, problems) => {
        const { rows, text } = hostileRows();
        await choose(page, text);
        await page.waitForFunction("document.querySelectorAll('.trainer-legend li').length === 3");
        expect(await page.locator('.trainer-legend li').allInnerTexts()).toEqual(HOSTILE);
        expect(await control(page, 'label').locator('option').allInnerTexts()).toEqual(['<b>x</b>', 'y', 'kind']);
        await control(page, 'run').click();
        await stepsDone(page, 10);
        await control(page, 'run').click();
        await page.waitForSelector('.encoder-trainer[data-running="false"]');
        expect(await page.evaluate('window.hacked')).toBeUndefined();
        expect(await page.locator('.encoder-trainer :is(img, script, b)').count()).toBe(0);
        expect(problems).toEqual([]);
        const folder = mkdtempSync(join(tmpdir(), 'trainer-'));
        try {
          await saved(page, folder);
          const encoder = await loadEncoder(folder);
          expect(encoder.config.classes).toEqual(HOSTILE);
          const expected = await encoder.embed(rows, { features: ['<b>x</b>', 'y'] });
          const lines = readFileSync(join(folder, 'embeddings.csv'), 'utf8').trimEnd().split('\n').slice(1);
          expect(lines).toHaveLength(60);
          lines.forEach((line, row) => {
            const numbers = line.split(',').slice(-2).map(Number);
            numbers.forEach((v, t) => {
              expect(v).toBeCloseTo(expected[row]![t]!, 5);
            });
          });
        } finally {
          rmSync(folder, { recursive: true });
        }
      }));

    test('a file can be dropped and its label chosen, rows pasted, and what is wrong is told in words', () =>
      inTrainer(async (page) => {
        const drop = (text: string) =>
          page.evaluate(`{
            const carried = new DataTransfer();
            carried.items.add(new File([${JSON.stringify(text)}], 'dropped.csv'));
            document.querySelector('.trainer-data').dispatchEvent(
              new DragEvent('drop', { dataTransfer: carried, bubbles: true, cancelable: true }));
          }`);
        const alert = page.getByRole('alert');
        await drop('kind,x,y\n1,5,a\n1,6,b\n2,7,c\n2,8,a\n');
        await alert.waitFor();
        expect(await alert.textContent()).toContain(
          'dropped.csv: needs two classes with two rows and more, got 1 of 3',
        );
        await drop(`kind,x\n${'1,5\n1,6\n2,7\n2,8\n'.repeat(3)}`);
        await alert.waitFor({ state: 'detached' });
        await ready(page);
        await control(page, 'label').selectOption({ label: 'kind' });
        await page.waitForFunction("document.querySelectorAll('.trainer-legend li').length === 2");
        await ready(page);
        expect(await alert.count()).toBe(0);
        expect(await shown(page, 'runner')).toContain('Ready: dropped.csv, 9 rows to train on, 3 held out.');
        await control(page, 'paste').fill('x,kind\n1,a\nlots,a\n2,b\n');
        await page.getByRole('button', { name: 'use these rows' }).click();
        await alert.waitFor();
        expect(await alert.textContent()).toContain('line 3, column "x": expected a finite number, got "lots"');
        // Nothing trains that the form does not show, whatever else is set.
        const stopped = async (): Promise<void> => {
          for (const name of ['run', 'step', 'reset']) expect(await control(page, name).isDisabled()).toBe(true);
          expect(await shown(page, 'runner')).toContain('No rows to train on yet.');
        };
        await stopped();
        await control(page, 'dim').selectOption('16');
        await stopped();
        await control(page, 'rows').selectOption('spirals');
        await alert.waitFor({ state: 'detached' });
        await page.waitForSelector('[data-control="step"]:enabled');
        await control(page, 'step').click();
        await stepsDone(page, 1);
        expect(await page.locator('.trainer-legend li').count()).toBe(3);
        // A table that is not there yet is none to train on either; the file that was chosen before is read again.
        await control(page, 'rows').selectOption('iris');
        await page.waitForSelector('[data-control="step"]:enabled');
        await control(page, 'rows').selectOption('table');
        await alert.waitFor();
        await stopped();
      }));

    test('axe finds no fault with all controls open, light and dark; at 390 px nothing is cut off', async () => {
      for (const view of [WIDE, { width: 390, colorScheme: 'dark' }] as const) {
        await inTrainer(async (page) => {
          await choose(page, `x,kind\n${'1,a\n2,a\n3,b\n4,b\n'.repeat(3)}`);
          await control(page, 'paste').fill('rows');
          await control(page, 'step').click();
          await stepsDone(page, 1);
          expect(await faultsOf(page)).toEqual([]);
          // With a table that cannot be read, too: its message, and what is disabled then.
          await page.getByRole('button', { name: 'use these rows' }).click();
          await page.getByRole('alert').waitFor();
          expect(await faultsOf(page)).toEqual([]);
          expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0);
        }, view);
      }
    });

    test('its scripts, the worker included, weigh at most 250 kB gzip', async () => {
      const page = await newPage(opened.browser);
      const problems = problemsOf(page, opened.site.url);
      const scripts = new Map<string, Promise<number>>();
      page.context().on('response', (response) => {
        if (!/\.js$/.test(response.url())) return;
        scripts.set(
          response.url(),
          response.body().then((body) => gzipSync(body).length),
        );
      });
      await page.goto(`${opened.site.url}trainer.html`);
      await ready(page);
      await control(page, 'step').click();
      await stepsDone(page, 1);
      const sizes = await Promise.all(scripts.values());
      const names = [...scripts.keys()];
      expect(names.some((name) => name.includes('worker'))).toBe(true);
      const total = sizes.reduce((sum, size) => sum + size, 0);
      console.log(`the trainer: ${(total / 1000).toFixed(0)} kB of JavaScript, gzip, in ${sizes.length} files`);
      expect(total).toBeLessThanOrEqual(250_000);
      expect(problems).toEqual([]);
      await page.close();
    });
  });
}
