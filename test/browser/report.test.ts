/** @file The report of a run, opened from disk in Chromium: all is drawn, told and inert. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Gallery, Heatmap, Scatter } from '../../src/cli/report/data.js';
import {
  type ReportData,
  type ReportInput,
  type ReportRows,
  renderReport,
  reportOf,
} from '../../src/cli/report/index.js';
import { Generator } from '../../src/index.js';
import { chromiumPath, newPage, openBrowser } from '../support/chromium.js';
import { faultsOf } from '../support/page-checks.js';
import type { View } from '../support/site.js';

const WIDE: View = { width: 1440, colorScheme: 'light' };
const NARROW: View = { width: 390, colorScheme: 'dark' };
const HOSTILE = [
  '</script><script>globalThis.broken = 1</script>',
  '<img src=x onerror="globalThis.broken = 1">',
  '__proto__',
  "$&$'`\u2028",
];

/** Rows around one centre for each class. */
function rowsOf(classes: number, count: number, size: number, features: number): ReportRows & { labels: Int32Array } {
  const generator = new Generator(3);
  const centres = Array.from({ length: classes * size }, () => 4 * generator.normal());
  return {
    count,
    embeddings: Float32Array.from(
      { length: count * size },
      (_, i) => centres[(Math.floor(i / size) % classes) * size + (i % size)]! + generator.normal(),
    ),
    features: Float32Array.from({ length: count * features }, () => generator.normal()),
    labels: Int32Array.from({ length: count }, (_, row) => row % classes),
  };
}

const BASE: Omit<ReportInput, 'tested' | 'history'> = {
  title: 'runs/digits',
  command: 'contragrad train digits.csv --loss triplet',
  facts: [{ name: 'data', value: 'digits.csv: 300 rows' }],
  figures: [
    { name: '3-NN accuracy', values: [0.97, 0.98, 0.96], raw: 0.9, note: 'on 80 test rows' },
    { name: 'equal error rate', values: [0.02, 0.03, 0.04], raw: 0.2, format: 'percent' },
  ],
  settings: [{ name: 'lr', value: '0.003' }],
  diagnosis: { verdict: 'Few pairs are active. Mine.', findings: [] },
  metric: 'euclidean',
};

const epochs = Array.from({ length: 40 }, (_, i) => ({
  ...{ epoch: i + 1, loss: i === 20 ? Number.NaN : 1 / (i + 1), validationLoss: 1.2 / (i + 1) },
  ...{ validationFigure: 1 - 1 / (i + 2) },
}));

const labelled = rowsOf(4, 80, 5, 16);
const { labels: _, ...unlabelled } = rowsOf(3, 60, 2, 16);

const pages: Readonly<Record<string, ReportData>> = {
  pictures: reportOf({
    ...BASE,
    history: { entries: epochs, figure: 'accuracy', kept: 30 },
    classes: ['oak', 'ash', 'elm', 'fir'],
    tested: labelled,
    shape: [4, 4],
  }),
  hostile: reportOf({
    ...BASE,
    ...{ title: HOSTILE[0]!, command: HOSTILE[0]! },
    facts: HOSTILE.map((text) => ({ name: text, value: text })),
    settings: HOSTILE.map((text) => ({ name: text, value: text })),
    figures: HOSTILE.map((name) => ({ name, values: [1], note: name })),
    diagnosis: { verdict: HOSTILE[0]!, findings: HOSTILE.map((text) => ({ message: text, advice: text })) },
    history: { entries: epochs, figure: HOSTILE[0]! },
    classes: HOSTILE,
    featureNames: HOSTILE,
    tested: { ...labelled, sampleNames: Array.from({ length: 80 }, (_, i) => HOSTILE[i % 4]!) },
  }),
  unlabelled: reportOf({ ...BASE, figures: [], history: { entries: [{ epoch: 1, loss: 0 }] }, tested: unlabelled }),
  line: reportOf({
    ...BASE,
    history: { entries: [{ epoch: 1, loss: Number.NaN }] },
    tested: rowsOf(2, 50, 1, 3),
    classes: ['a', 'b'],
  }),
  one: reportOf({ ...BASE, history: { entries: epochs.slice(0, 2) }, tested: rowsOf(1, 1, 3, 3), classes: ['only'] }),
  many: reportOf({
    ...BASE,
    history: { entries: epochs },
    metric: 'cosine',
    tested: rowsOf(200, 2200, 3, 3),
    classes: Array.from({ length: 200 }, (_, i) => `subject ${i}`),
  }),
  empty: reportOf({ ...BASE, history: { entries: [] }, tested: { count: 0, embeddings: [], features: [] } }),
};

if (chromiumPath === undefined) console.log('SKIPPED report: no Chromium is installed');
else {
  describe('report.html', () => {
    const folder = mkdtempSync(join(tmpdir(), 'contragrad-report-'));
    const template = readFileSync('dist/cli/report/template.html', 'utf8');
    let browser: Browser;
    beforeAll(async () => {
      for (const [name, data] of Object.entries(pages)) {
        writeFileSync(join(folder, `${name}.html`), renderReport(data, template));
      }
      browser = await openBrowser();
    });
    afterAll(async () => {
      await browser.close();
      rmSync(folder, { recursive: true });
    });

    /** Opens a report from disk, lets it be looked at, and expects that nothing went wrong and nothing was asked for. */
    async function inReport(name: string, { width, colorScheme }: View, look: (page: Page) => Promise<void>) {
      const page = await newPage(browser, { viewport: { width, height: 900 }, colorScheme });
      const problems: string[] = [];
      page.on('console', (message) => problems.push(`${message.type()}: ${message.text()}`));
      page.on('pageerror', (error) => problems.push(`error: ${error.message}`));
      page.on('request', (request) => {
        if (!/^(data|blob):/.test(request.url())) problems.push(`request: ${request.url()}`);
      });
      const url = pathToFileURL(join(folder, `${name}.html`)).href;
      await page.goto(url);
      await page.waitForSelector('#settings');
      // Not waitForFunction, which the page's policy refuses when it has to wait.
      await expect.poll(() => page.locator('.chart:not(:has(svg))').count()).toBe(0);
      await look(page);
      expect(problems).toEqual([`request: ${url}`]);
      await page.context().close();
    }

    const marks = (page: Page, selector: string): Promise<number> => page.locator(selector).count();

    test('all plots are there, with a mark for each thing', () =>
      inReport('pictures', WIDE, async (page) => {
        const [gallery, heatmap] = [pages.pictures!.gallery as Gallery, pages.pictures!.heatmap as Heatmap];
        expect(await marks(page, '#history svg.plot')).toBe(2);
        // Training and validation loss, each as recorded and as smoothed; the figure likewise.
        expect(await marks(page, '#history [data-mark="line"] path')).toBe(6);
        expect(await marks(page, '#scatter [data-mark="dot"] path')).toBe(80);
        expect(await page.locator('#scatter .names text').allTextContents()).toEqual(['ash', 'elm', 'fir', 'oak']);
        expect(await marks(page, '#roc [data-mark="dot"] circle')).toBe(2);
        expect(await marks(page, '#heatmap [data-mark="rule"] line')).toBe(6);
        const [wide, high] = await page.evaluate<[number, number]>(`(async () => {
          const picture = new Image();
          picture.src = document.querySelector('#heatmap .chart image').getAttribute('href');
          await picture.decode();
          return [picture.naturalWidth, picture.naturalHeight];
        })()`);
        expect([wide, high]).toEqual([heatmap.samples.length, heatmap.samples.length]);
        expect(await marks(page, '#gallery canvas')).toBe(gallery.samples.length);
        expect(await page.locator('#figures tbody td').allTextContents()).toEqual([
          ...['0.9700 ±\u00a00.0100', '0.9000', '3.00 ±\u00a01.00\u00a0%', '20.00\u00a0%'],
        ]);
        expect(await page.title()).toBe('runs/digits · contragrad');
        expect(await page.locator('#settings code').textContent()).toBe(BASE.command);
        expect(await page.locator('footer pre').textContent()).toMatch(/@observablehq\/plot [\d.]+: Copyright/);
      }));

    test('pointing at a sample tells its name, class, neighbours and picture; arrow keys go on', () =>
      inReport('pictures', WIDE, async (page) => {
        const { points } = pages.pictures!.scatter as Scatter;
        const classes = pages.pictures!.classes;
        // The point that is furthest from all others cannot be mistaken.
        const place = page.locator('#scatter .chart');
        await place.scrollIntoViewIfNeeded();
        const boxes = await page.evaluate<[number, number][]>(
          `[...document.querySelectorAll('#scatter [data-mark="dot"] path')].map((dot) => {
            const box = dot.getBoundingClientRect();
            return [box.x + box.width / 2, box.y + box.height / 2];
          })`,
        );
        const room = boxes.map(([x, y], i) =>
          Math.min(...boxes.filter((_, j) => j !== i).map(([u, v]) => Math.hypot(u - x, v - y))),
        );
        const alone = room.indexOf(Math.max(...room));
        await page.mouse.move(boxes[alone]![0] + 1, boxes[alone]![1]);
        const card = place.locator('.card');
        const { name, label, neighbours } = points[alone]!;
        await expect.poll(() => card.textContent()).toContain(`${name} ${classes[label]}`);
        expect(await card.textContent()).toContain(`nearest 5: `);
        for (const other of new Set(neighbours)) expect(await card.textContent()).toContain(classes[other]);
        expect(await card.locator('canvas').count()).toBe(1);
        await page.mouse.move(2, 2);
        expect(await card.isVisible()).toBe(false);
        await place.focus();
        await page.keyboard.press('ArrowRight');
        await page.keyboard.press('ArrowRight');
        expect(await card.locator('strong').textContent()).toBe(points[1]!.name);
        await page.keyboard.press('Escape');
        expect(await card.isVisible()).toBe(false);
      }));

    test('curves and cells are told too, and a class is brought out', () =>
      inReport('pictures', WIDE, async (page) => {
        const told = async (part: string, keys: readonly string[]): Promise<string | null> => {
          const place = page.locator(`${part} .chart`).first();
          await place.focus();
          for (const key of keys) await page.keyboard.press(key);
          return place.locator('.card').textContent();
        };
        expect(await told('#history', ['ArrowRight', 'ArrowRight'])).toBe(
          'epoch 2training loss: 0.5validation loss: 0.6',
        );
        expect(await told('#roc', ['ArrowRight'])).toBe('encoderfalse accepts: 0.00\u00a0%true accepts: 0.00\u00a0%');
        const { samples } = pages.pictures!.heatmap as Heatmap;
        expect(await told('#heatmap', ['ArrowRight', 'ArrowRight', 'ArrowDown', 'ArrowDown'])).toMatch(
          new RegExp(`^distance [\\d.]+${samples[2]!.name} \\(ash\\)${samples[1]!.name} \\(ash\\)$`),
        );
        await page.getByRole('button', { name: 'elm' }).click();
        expect(await marks(page, '#scatter .faded')).toBe(60);
        await page.getByRole('button', { name: 'elm' }).click();
        expect(await marks(page, '#scatter .faded')).toBe(0);
      }));

    test('labels, names and settings that look like markup are text', () =>
      inReport('hostile', WIDE, async (page) => {
        expect(await page.evaluate('[globalThis.broken, ({}).broken]')).toEqual([undefined, undefined]);
        expect(await marks(page, 'img')).toBe(0);
        expect(await page.locator('h1').textContent()).toBe(HOSTILE[0]);
        expect(await page.locator('#settings dd').allTextContents()).toEqual(HOSTILE);
        expect((await page.locator('#scatter button').allTextContents()).sort()).toEqual([...HOSTILE].sort());
        await page.locator('#scatter .chart').focus();
        await page.keyboard.press('ArrowRight');
        expect(await page.locator('#scatter .card strong').textContent()).toBe(HOSTILE[0]);
      }));

    test('no other script runs, not even one that is put into the file', async () => {
      const page = await newPage(browser);
      const path = join(folder, 'changed.html');
      writeFileSync(path, renderReport(pages.one!, template).replace('</main>', '</main><script>broken = 1</script>'));
      await page.goto(pathToFileURL(path).href);
      await page.waitForSelector('#settings');
      expect(await page.evaluate('globalThis.broken')).toBeUndefined();
      expect(await page.evaluate("fetch('data:,').then(() => 'fetched', () => 'refused')")).toBe('refused');
      await page.close();
    });

    test.each([...Object.keys(pages).map((name) => [name, NARROW] as const), ['hostile', WIDE] as const])(
      '%s: accessible, and nothing is wider than the page',
      (name, view) =>
        inReport(name, view, async (page) => {
          expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0);
          expect(await faultsOf(page)).toEqual([]);
        }),
    );
  });
}
