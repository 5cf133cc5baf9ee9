/** @file The microscope on the built site: whole backward passes, against central differences of plain loops. */
import { basename } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { BATCHES, LABELS } from '../../src/cli/lesson-batches.js';
import { chromiumPath } from '../support/chromium.js';
import { faultsOf, scriptsOf } from '../support/page-checks.js';
import { closePage, openPage, siteInBrowser, type View } from '../support/site.js';

const WIDE: View = { width: 1440, colorScheme: 'light' };

type Row = readonly number[];
type Rows = readonly Row[];
type Leaves = Readonly<Record<string, Rows>>;

const dot = (x: Row, y: Row): number => x.reduce((sum, v, i) => sum + v * y[i]!, 0);
const apart = (x: Row, y: Row): number => x.reduce((sum, v, i) => sum + (v - y[i]!) ** 2, 0);
const mean = (values: Row): number => values.reduce((sum, v) => sum + v, 0) / values.length;
const crossEntropy = (scores: Rows): number =>
  mean(scores.map((row, i) => Math.log(row.reduce((sum, s) => sum + Math.exp(s), 0)) - row[i]!));

/** The losses of the built-in batches in plain loops, of rows as they reach the loss. */
const plain: Readonly<Record<keyof typeof BATCHES, (rows: readonly Rows[]) => number>> = {
  contrastive: ([a, b]) =>
    mean(
      a!.map((x, i) => {
        const square = apart(x, b![i]!);
        return 0.5 * (LABELS[i] === 1 ? square : Math.max(1 - Math.sqrt(square), 0) ** 2);
      }),
    ),
  triplet: ([a, p, n]) => mean(a!.map((x, i) => Math.max(apart(x, p![i]!) - apart(x, n![i]!) + 1, 0))),
  infonce: ([q, k]) => crossEntropy(q!.map((x) => k!.map((y) => dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y)) / 0.5))),
  mi: ([l, g]) => crossEntropy(l!.map((x) => g!.map((y) => dot(x, y)))),
};

/** The loss of leaves: through the layer tanh(x Wᵀ + b) where there is one. */
function plainLoss(loss: keyof typeof BATCHES, { W, bias, ...rows }: Leaves): number {
  const through = (x: Row): Row =>
    W === undefined ? x : W.map((weights, i) => Math.tanh(dot(x, weights) + bias![0]![i]!));
  return plain[loss](Object.values(rows).map((each) => each.map(through)));
}

/** Central differences by each element of a leaf. */
function slopes(loss: keyof typeof BATCHES, leaves: Leaves, name: string): number[] {
  const at = (row: number, column: number, step: number): number => {
    const moved = leaves[name]!.map((old, i) => old.map((v, j) => (i === row && j === column ? v + step : v)));
    return plainLoss(loss, { ...leaves, [name]: moved });
  };
  return leaves[name]!.flatMap((old, i) => old.map((_, j) => (at(i, j, 1e-5) - at(i, j, -1e-5)) / 2e-5));
}

type Shown = number | readonly Shown[];
const flat = (numbers: Shown): number[] => (typeof numbers === 'number' ? [numbers] : numbers.flatMap(flat));

/** A table as the page has it: its exact numbers, and the text in its cells. */
interface Table {
  readonly caption: string;
  readonly numbers: Shown;
  readonly cells: readonly string[];
}

/** What the page tells of a step. */
interface Told {
  readonly step: number;
  readonly visited: string;
  /** The step that is marked in the list, and the box that is lit in the graph. */
  readonly listed: string;
  readonly lit: string;
  readonly incoming: Table;
  readonly values: readonly Table[];
  readonly flows: readonly { to: string; parts: readonly Table[]; total: Table | null; rule: string }[];
  readonly leaves: Readonly<Record<string, Table>>;
  readonly flowing: number;
}

const TELL = `(() => {
    const table = (figure) => figure && {
      caption: figure.querySelector('figcaption').textContent,
      numbers: JSON.parse(figure.dataset.numbers),
      cells: [...figure.querySelectorAll('td')].map(({ textContent }) => textContent),
    };
    const all = (root, selector) => [...root.querySelectorAll(selector)];
    const panel = document.querySelector('.ms-panel');
    return {
      step: Number(panel.dataset.step),
      visited: panel.dataset.visited,
      listed: document.querySelector('.ms-steps [aria-current]').textContent.trim(),
      lit: document.querySelector('.ms-box.ms-now').dataset.box,
      incoming: table(panel.querySelector('.ms-incoming figure') ?? panel.querySelector('figure:last-of-type')),
      values: all(panel, ':scope > .ms-row figure').map(table),
      flows: all(panel, '.ms-flow').map((flow) => ({
        to: flow.dataset.to,
        parts: all(flow, '.ms-part').map(table),
        total: table(flow.querySelector('.ms-total')),
        rule: flow.querySelector('.katex').textContent,
      })),
      leaves: Object.fromEntries(all(document, '.ms-leaf:has(figure)').map((leaf) => [leaf.dataset.leaf, table(leaf.querySelector('figure'))])),
      flowing: all(document, '.ms-flowing').length,
    };
  })()`;
const tell = (page: Page): Promise<Told> => page.evaluate<Told>(TELL);

/** Presses the button for a step until it is disabled, and says what the page tells each time. */
const walk = (page: Page): Promise<Told[]> =>
  page.evaluate<Told[]>(`(async () => {
    const button = [...document.querySelectorAll('.ms-walk button')].find(({ textContent }) => textContent.includes('step'));
    const told = [];
    while (!button.disabled && told.length < 100) {
      button.click();
      await new Promise((resolve) => setTimeout(resolve));
      told.push(${TELL});
    }
    return told;
  })()`);

/** A cell shows its number to the digits that it has. */
function expectShown({ numbers, cells, caption }: Table): void {
  const exact = flat(numbers);
  expect(cells).toHaveLength(exact.length);
  for (const [i, cell] of cells.entries()) {
    const text = cell.replaceAll('−', '-');
    const digits = text.includes('e')
      ? 0.051 * 10 ** Number(text.split('e')[1])
      : 0.5 * 10 ** -(text.split('.')[1]?.length ?? 4);
    expect(Math.abs(Number(text) - exact[i]!), `${caption}: ${cell}`).toBeLessThanOrEqual(digits + 1e-9);
  }
}

const lastStep = async (page: Page): Promise<number> =>
  Number(await page.locator('.ms-slider input').getAttribute('max'));

if (chromiumPath === undefined) console.log('SKIPPED microscope: no Chromium is installed');
else {
  describe('the microscope', () => {
    const opened = siteInBrowser();

    /** Opens the microscope, lets it be used, and expects that nothing went wrong on the page. */
    async function under(hash: string, use: (page: Page) => Promise<void>, view = WIDE): Promise<void> {
      const { page, problems } = await openPage(opened, `microscope.html#${hash}`, view);
      await page.waitForSelector('.ms-frame svg');
      await use(page);
      expect(problems).toEqual([]);
      await closePage(page);
    }

    /** Walks the whole pass that the page shows, and holds every number against what plain loops say. */
    async function expectPass(page: Page, loss: keyof typeof BATCHES, leaves: readonly string[]): Promise<void> {
      const last = await lastStep(page);
      const parts = new Map<string, number[][]>();
      const given: Record<string, Rows> = { ...BATCHES[loss] };
      const start = await tell(page);
      expect(start.leaves).toEqual({});
      expect(start.incoming.numbers).toBe(1);
      parts.set(start.visited, [[1]]);
      const steps = await walk(page);
      expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: last }, (_, i) => i + 1));
      for (const told of steps) {
        const { step } = told;
        expect(told.listed).toMatch(new RegExp(`^${step}\\. ${told.visited} → `));
        expect(told.lit.startsWith(told.visited)).toBe(true);
        expect(told.flowing).toBe(new Set(told.flows.map(({ to }) => to)).size);
        expect(told.flows.length).toBeGreaterThan(0);
        for (const value of told.values) expectShown(value);
        // What arrives at a result is all that was passed on to it before.
        const sum = (all: number[][]): number[] => all[0]!.map((_, i) => all.reduce((s, part) => s + part[i]!, 0));
        expect(flat(told.incoming.numbers)).toEqual(sum(parts.get(told.visited)!).map((v) => expect.closeTo(v, 10)));
        expectShown(told.incoming);
        for (const { to, parts: shown, total, rule } of told.flows) {
          expect(rule).not.toBe('');
          parts.set(to, [...(parts.get(to) ?? []), flat(shown.at(-1)!.numbers)]);
          expect(shown.map(({ numbers }) => flat(numbers))).toEqual(parts.get(to));
          expect(total === null).toBe(shown.length === 1);
          if (total === null) continue;
          expect(flat(total.numbers)).toEqual(sum(parts.get(to)!).map((v) => expect.closeTo(v, 10)));
          for (const table of [...shown, total]) expectShown(table);
        }
        for (const { caption, numbers } of told.values) {
          const leaf = /= (W|bias) \[/.exec(caption)?.[1];
          if (leaf !== undefined) given[leaf] = leaf === 'bias' ? [flat(numbers)] : (numbers as Rows);
        }
      }
      const told = steps.at(-1)!;
      expect(Object.keys(told.leaves)).toEqual(leaves);
      for (const leaf of leaves) {
        const expected = slopes(loss, given, leaf);
        // Far above what the comparison allows, so that a gradient of nothing cannot pass.
        expect(Math.max(...expected.map(Math.abs))).toBeGreaterThan(1e-3);
        expect(flat(told.leaves[leaf]!.numbers)).toEqual(expected.map((v) => expect.closeTo(v, 7)));
        expectShown(told.leaves[leaf]!);
      }
    }

    test.each(Object.keys(BATCHES) as (keyof typeof BATCHES)[])(
      '%s: every step adds up, and the leaves end at plain differences',
      (loss) =>
        under(`loss=${loss}`, async (page) => {
          await expectPass(page, loss, Object.keys(BATCHES[loss]));
          await page.getByLabel('through a layer').check();
          await expectPass(page, loss, ['W', 'bias']);
        }),
    );

    test('finite differences stand beside the gradient of any tensor, and tell when it is not complete', () =>
      under('loss=contrastive&step=4&compare=on', async (page) => {
        const largest = async (): Promise<number> =>
          Number(await page.locator('.ms-check [data-largest]').getAttribute('data-largest'));
        expect(await page.locator('.ms-check').getAttribute('data-tensor')).toBe('where');
        expect(await largest()).toBeLessThan(1e-8);
        await page.getByRole('button', { name: 'look at sum₁' }).click();
        expect(await page.locator('.ms-check').getAttribute('data-tensor')).toBe('sum₁');
        expect(await largest()).toBeGreaterThan(0.01);
        expect(await page.locator('.ms-check').textContent()).toContain('not complete: 1 more use');
        // What was picked stays while the pass goes on, until its last part has come.
        await page.locator('.ms-slider input').fill('7');
        expect(await largest()).toBeGreaterThan(0.01);
        await page.locator('.ms-slider input').fill('8');
        expect(await page.locator('.ms-check').getAttribute('data-tensor')).toBe('sum₁');
        expect(await largest()).toBeLessThan(1e-8);
        await page.locator('.ms-pick').selectOption('');
        expect(await page.locator('.ms-check').getAttribute('data-tensor')).toBe('safeSqrt');
        await page.locator('.ms-slider input').fill(String(await lastStep(page)));
        await page.locator('.ms-pick').selectOption({ label: 'a' });
        const differences = await page
          .locator('.ms-check [data-difference]')
          .evaluateAll((cells) => cells.map((cell) => Number(cell.getAttribute('data-difference'))));
        const expected = slopes('contrastive', BATCHES.contrastive, 'a');
        expect(differences).toEqual(expected.map((v) => expect.closeTo(v, 7)));
        expect(await largest()).toBeLessThan(1e-8);
      }));

    test('groups fold by their button, unfold by a press on the box, and stay so in the address', () =>
      under('loss=infonce&encoder=on&step=10', async (page) => {
        const boxes = page.locator('.ms-box');
        const whole = await boxes.count();
        const fold = (group: string) => page.locator(`[data-group="${group}"]`);
        let before = whole;
        for (const group of ['layer', 'normalize', 'scores', 'reduction']) {
          await fold(group).click();
          expect(await fold(group).getAttribute('aria-pressed')).toBe('true');
          expect(await boxes.count()).toBeLessThan(before);
          before = await boxes.count();
        }
        const normalize = page.locator('.ms-box[data-box^="normalize"]');
        expect(await normalize.count()).toBe(2);
        expect(await page.locator('.ms-box.ms-now').getAttribute('data-box')).toMatch(/^normalize \(6 operations\)/);
        await page.waitForFunction("location.hash.includes('fold=layer%2Cnormalize%2Cscores%2Creduction')");
        const hash = await page.evaluate<string>('location.hash.slice(1)');
        await under(hash, async (other) => {
          expect(await other.locator('.ms-box').count()).toBe(before);
          expect(await other.locator('.ms-panel').getAttribute('data-step')).toBe('10');
          expect(await other.getByLabel('through a layer').isChecked()).toBe(true);
        });
        await normalize.first().click();
        expect(await normalize.count()).toBe(0);
        await page.locator('.ms-box[data-box^="layer"]').first().focus();
        await page.keyboard.press('Enter');
        for (const group of ['scores', 'reduction']) await fold(group).click();
        expect(await boxes.count()).toBe(whole);
      }));

    test('the keyboard alone walks the pass, by arrows, the list, the slider and the boxes', () =>
      under('loss=triplet', async (page) => {
        const step = async (): Promise<number> => Number(await page.locator('.ms-panel').getAttribute('data-step'));
        const last = await lastStep(page);
        for (let i = 1; i <= last; i++) {
          await page.keyboard.press('ArrowRight');
          expect(await step()).toBe(i);
        }
        await page.keyboard.press('ArrowRight');
        expect(await step()).toBe(last);
        await page.keyboard.press('ArrowLeft');
        expect(await step()).toBe(last - 1);
        await page.locator('.ms-steps [tabindex="0"]').focus();
        for (const [key, to] of [
          ['Home', 0],
          ['ArrowDown', 1],
          ['ArrowDown', 2],
          ['ArrowUp', 1],
          ['End', last],
        ] as const) {
          await page.keyboard.press(key);
          expect(await step()).toBe(to);
          await page.waitForFunction("document.activeElement.getAttribute('aria-current') === 'step'");
        }
        await page.locator('.ms-slider input').focus();
        await page.keyboard.press('ArrowLeft');
        expect(await step()).toBe(last - 1);
        await page.locator('.ms-box[data-box^="relu"]').focus();
        await page.keyboard.press('Enter');
        expect(await page.locator('.ms-panel').getAttribute('data-visited')).toBe('relu');
        expect(await page.locator('.microscope [aria-live]').textContent()).toMatch(
          /^Step 3 of \d+: relu passes on to add/,
        );
        await page.getByRole('button', { name: 'play' }).focus();
        await page.keyboard.press('Enter');
        await page.waitForFunction("Number(document.querySelector('.ms-panel').dataset.step) >= 5");
        await page.keyboard.press('Enter');
        const paused = await step();
        await page.waitForTimeout(1500);
        expect(await step()).toBe(paused);
      }));

    test('of a large batch the first rows are shown, and how far its numbers reach', () =>
      under('loss=mi&batch=large&step=5', async (page) => {
        const { values } = await tell(page);
        const scores = values.find(({ caption }) => caption.includes('[12, 12]'))!;
        expect(flat(scores.numbers)).toHaveLength(144);
        expect(scores.cells.length).toBeLessThan(40);
        expect(await page.locator('.ms-numbers p').first().textContent()).toMatch(
          /^12 × 12 numbers, from −?[\d.]+ to [\d.]+$/,
        );
      }));

    test.each([1440, 1280])(
      'at %d pixels no table is wider than its column, at the last step of a large batch',
      (width) =>
        under(
          'loss=contrastive&batch=large&step=11',
          async (page) => {
            for (const loss of ['contrastive', 'triplet', 'infonce', 'mi']) {
              await page.evaluate(`location.hash = 'loss=${loss}&batch=large&step=999'`);
              await page.waitForFunction(`document.querySelector('.microscope input[value="${loss}"]').checked`);
              expect(await page.locator('.ms-leaf table').count()).toBe(loss === 'triplet' ? 3 : 2);
              expect(await page.evaluate<number>('document.documentElement.scrollWidth'), loss).toBe(width);
            }
          },
          { width, colorScheme: 'light' },
        ),
    );

    test('a bad address is told, and the usual pass is shown', () =>
      under('loss=%3Cimg%20src=x%3E', async (page) => {
        expect(await page.locator('.lab-message').textContent()).toContain('no loss is called <img src=x>');
        expect(await page.locator('.microscope img').count()).toBe(0);
        expect((await tell(page)).step).toBe(0);
      }));

    test.each([1440, 390])('axe finds nothing at %d pixels, light and dark, and the page fits', (width) =>
      under(
        'loss=contrastive&step=9&compare=on',
        async (page) => {
          for (const hash of ['', 'loss=infonce&encoder=on&batch=large&step=12&compare=on&fold=normalize']) {
            if (hash !== '') {
              await page.evaluate(`location.hash = '${hash}'`);
              await page.waitForSelector('.ms-panel[data-step="12"]');
            }
            for (const colorScheme of ['light', 'dark'] as const) {
              await page.emulateMedia({ colorScheme });
              expect(await faultsOf(page, { within: '.microscope' }), `${hash} ${colorScheme}`).toEqual([]);
            }
            expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBe(width);
          }
        },
        { width, colorScheme: 'light' },
      ),
    );

    test('the page loads at most 250 kB of scripts, gzipped', () =>
      under('', async (page) => {
        const { names, bytes } = await scriptsOf(page);
        expect(names.some((path) => basename(path).startsWith('TheMicroscope'))).toBe(true);
        console.log(`the microscope loads ${(bytes / 1000).toFixed(0)} kB of scripts, gzipped`);
        expect(bytes).toBeLessThanOrEqual(250_000);
      }));
  });
}
