/** @file The lessons' figures on the built site: what they show is true, and a keyboard is enough to use them. */
import type { Locator, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { digits, numberOf } from '../../docs/.vitepress/theme/figures/numbers.js';
import { chromiumPath } from '../support/chromium.js';
import { faultsOf, scriptsOf } from '../support/page-checks.js';
import { closePage, openPage, siteInBrowser } from '../support/site.js';

const PAGES = ['number', 'matrix-product', 'normalisation', 'mutual-information', 'collapse', 'gradient-check'];

const shown = async (place: Locator): Promise<number> => numberOf((await place.textContent())!);
const held = async (place: Locator, name = 'data-value'): Promise<number> => Number(await place.getAttribute(name));
const slider = (page: Page, name: string): Locator => page.locator(`[data-slider="${name}"]`);

async function press(place: Locator, key: string, times: number): Promise<void> {
  await place.focus();
  for (let i = 0; i < times; i++) await place.page().keyboard.press(key);
}

if (chromiumPath === undefined) console.log('SKIPPED lessons: no Chromium is installed');
else {
  describe('the lessons', () => {
    const opened = siteInBrowser();

    /** Opens a lesson, lets its figures be used, and expects that nothing went wrong on the page. */
    async function inLesson(name: string, use: (page: Page) => Promise<void>, width = 1440): Promise<void> {
      const { page, problems } = await openPage(opened, `lessons/${name}.html`, { width, colorScheme: 'light' });
      await page.waitForSelector('.lesson-figure');
      await use(page);
      expect(problems).toEqual([]);
      await closePage(page);
    }

    test('number: by keyboard, a small nudge gives the gradient of the chain rule, at every box', () =>
      inLesson('number', async (page) => {
        await press(slider(page, 'h'), 'Home', 1);
        await press(slider(page, 'x'), 'ArrowLeft', 70);
        expect(await slider(page, 'x').inputValue()).toBe('0.5');
        const boxes = page.locator('[data-node]');
        expect(await boxes.count()).toBe(4);
        for (let i = 0; i < 4; i++) {
          const [gradient, quotient] = [
            await held(boxes.nth(i), 'data-gradient'),
            await held(boxes.nth(i), 'data-quotient'),
          ];
          expect(Math.abs(gradient - quotient)).toBeLessThan(1e-4);
        }
        const gradient = await held(boxes.first(), 'data-gradient');
        expect(gradient).toBeCloseTo(-2 * 0.5 * Math.exp(-0.25), 10);
        expect(await shown(page.locator('[data-chain-rule]'))).toBeCloseTo(gradient, 3);
        expect(await shown(page.locator('[data-nudge]'))).toBeCloseTo(gradient, 3);
        await press(slider(page, 'h'), 'End', 1);
        expect(await shown(page.locator('[data-apart]'))).toBeGreaterThan(0.05);
      }));

    test('number: h is divided by ten with three steps, its sum is true, and where it jumps over the top its sign is wrong', () =>
      inLesson('number', async (page) => {
        const apart = async (): Promise<number> => {
          const [rise, h] = [await shown(page.locator('[data-rise]')), await shown(page.locator('[data-h]'))];
          expect(await page.locator('[data-slider="h"] + output').textContent()).toBe(digits(h, 1));
          expect(rise / h).toBeCloseTo(await shown(page.locator('[data-nudge]')), 4);
          return shown(page.locator('[data-apart]'));
        };
        const before = await apart();
        await press(slider(page, 'h'), 'ArrowLeft', 3);
        expect(before / (await apart())).toBeGreaterThan(9);
        await press(slider(page, 'x'), 'ArrowLeft', 160);
        await press(slider(page, 'h'), 'End', 1);
        expect(await shown(page.locator('[data-chain-rule]'))).toBeGreaterThan(0);
        expect(await shown(page.locator('[data-nudge]'))).toBeLessThan(0);
      }));

    test('number: on a phone sliders, curve and both sums are on one screen; both dots are on the axis', () =>
      inLesson(
        'number',
        async (page) => {
          await press(slider(page, 'x'), 'End', 1);
          await press(slider(page, 'h'), 'End', 1);
          const place = async (selector: string) => (await page.locator(selector).first().boundingBox())!;
          const [top, sums, chart] = [
            await place('[data-slider="x"]'),
            await place('[data-apart]'),
            await place('.figure-draggable svg'),
          ];
          expect(sums.y + sums.height - top.y).toBeLessThan(640);
          for (const dot of await page.locator('.figure-draggable svg').first().locator('.figure-dot').all()) {
            const { x, width } = (await dot.boundingBox())!;
            expect(x).toBeGreaterThan(chart.x + 50);
            expect(x + width).toBeLessThan(chart.x + chart.width - 12);
          }
        },
        390,
      ));

    test('number: x follows the pointer over the curve', () =>
      inLesson('number', async (page) => {
        const curve = page.locator('.figure-draggable svg').first();
        await curve.scrollIntoViewIfNeeded();
        const box = (await curve.boundingBox())!;
        // From −2.25 to 3.25, between its margins.
        const middle = box.x + 50 + ((box.width - 62) * 2.25) / 5.5;
        await page.mouse.move(middle - 100, box.y + 80);
        await page.mouse.down();
        await page.mouse.move(middle, box.y + 90, { steps: 4 });
        await page.mouse.up();
        expect(Math.abs(Number(await slider(page, 'x').inputValue()))).toBeLessThan(0.02);
        await page.mouse.move(middle + 150, box.y + 90);
        expect(Math.abs(Number(await slider(page, 'x').inputValue()))).toBeLessThan(0.02);
      }));

    test('matrix product: what lights up for each entry, multiplied and summed, is the entry', () =>
      inLesson('matrix-product', async (page) => {
        const lit = (kind: string) => page.locator(`.figure-${kind}`).allTextContents();
        const first = page.locator('[data-entry="dW 0 0"]');
        await first.focus();
        for (const key of ['', 'ArrowRight', 'ArrowDown', 'ArrowDown', 'ArrowLeft', 'ArrowLeft']) {
          if (key !== '') await page.keyboard.press(key);
          const [left, right] = [(await lit('left')).map(numberOf), (await lit('right')).map(numberOf)];
          expect(left).toHaveLength(3);
          const sum = left.reduce((total, v, i) => total + v * right[i]!, 0);
          expect(await shown(page.locator('.figure-chosen'))).toBe(sum);
          expect(await shown(page.locator('[data-value]'))).toBe(sum);
        }
        expect(await page.locator('.figure-chosen').getAttribute('data-entry')).toBe('dW 2 0');
        await page.locator('[data-entry="dX 1 1"]').hover();
        expect(await page.locator('.figure-chosen').getAttribute('data-entry')).toBe('dX 1 1');
        expect(await page.locator('[data-matrix="G"] .figure-left').count()).toBe(4);
        expect(await page.locator('[data-matrix="W"] .figure-right').count()).toBe(4);
        const before = await page.locator('[data-matrix="X"]').textContent();
        await page.getByRole('button', { name: 'other numbers' }).click();
        expect(await page.locator('[data-matrix="X"]').textContent()).not.toBe(before);
      }));

    test('matrix product: on a phone the button below stays where it is, whichever entry is chosen', () =>
      inLesson(
        'matrix-product',
        async (page) => {
          const height = async (): Promise<number> => (await page.locator('.figure-entry').boundingBox())!.height;
          const start = await height();
          for (const entry of await page.locator('[data-entry]').all()) {
            await entry.focus();
            expect(await height()).toBe(start);
          }
        },
        390,
      ));

    test('normalisation: wherever z is taken, its gradient has no radial part', () =>
      inLesson('normalisation', async (page) => {
        const z = page.locator('[data-point="z"]');
        const part = (kind: string, when: string) => held(page.locator(`[data-${kind}="${when}"]`));
        const length = () => held(page.locator('[data-length]'));
        const check = async (): Promise<void> => {
          expect(Math.abs(await part('radial', 'after'))).toBeLessThan(1e-12);
          expect(await page.locator('[data-radial="after"]').textContent()).toBe('0.000');
          expect((await part('tangent', 'after')) * (await length())).toBeCloseTo(await part('tangent', 'before'), 9);
        };
        await check();
        expect(Math.abs(await part('radial', 'before'))).toBeGreaterThan(0.1);
        const start = await length();
        await press(z, 'ArrowUp', 5);
        expect(await length()).toBeGreaterThan(start);
        await check();
        await z.scrollIntoViewIfNeeded();
        const box = (await z.boundingBox())!;
        const [x, y] = [box.x + 15, box.y + box.height - 15];
        await page.mouse.move(x, y);
        await page.mouse.down();
        await page.mouse.move(x - 160, y + 30, { steps: 6 });
        await page.mouse.up();
        await check();
        const before = await length();
        await page.getByRole('button', { name: 'take a gradient step' }).click();
        expect(await length()).toBeGreaterThan(before);
        await check();
      }));

    test('normalisation: a step off the plane is refused in words, the origin keeps the page still, reset brings all back', () =>
      inLesson('normalisation', async (page) => {
        const z = page.locator('[data-point="z"]');
        const status = page.locator('.figure-status');
        const places = page.locator('[data-z]');
        const step = page.getByRole('button', { name: 'take a gradient step' });
        const start = await places.textContent();
        const height = await page.evaluate('document.body.scrollHeight');
        await press(z, 'ArrowLeft', 18);
        await press(z, 'ArrowDown', 17);
        expect(await places.textContent()).toBe('0.100, 0.050');
        await step.click();
        expect(await places.textContent()).toBe('0.100, 0.050');
        expect(await status.textContent()).toContain('off the plane: it was not taken');
        await press(z, 'ArrowLeft', 2);
        expect(await status.textContent()).toBe('');
        await press(z, 'ArrowDown', 1);
        expect(await places.textContent()).toBe('0.000, 0.000');
        expect(await status.textContent()).toContain('no direction');
        expect(await step.isDisabled()).toBe(true);
        expect(await page.evaluate('document.body.scrollHeight')).toBe(height);
        await page.getByRole('button', { name: 'reset' }).click();
        expect(await places.textContent()).toBe(start);
        expect(await status.textContent()).toBe('');
      }));

    test('normalisation: heads of arrows are seen beside the mark of t; opposite t the part lies beside the whole', () =>
      inLesson('normalisation', async (page) => {
        const numbers = async (place: Locator, name: string): Promise<number[]> =>
          ((await place.getAttribute(name))!.match(/-?[\d.]+/g) ?? []).map(Number);
        /** How far the tip of an arrow's head is from the middle of t's mark, in pixels. */
        const away = async (kind: string): Promise<number> => {
          const [, , x, y] = await numbers(page.locator(`.figure-plane .${kind} .lab-head`), 'd');
          const [markX, markY] = await numbers(page.locator('[data-point="t"]'), 'transform');
          return Math.hypot(x! - markX!, y! - markY!);
        };
        // The mark is 18 pixels from corner to corner.
        expect(await away('figure-before')).toBeGreaterThan(12);
        expect(await away('figure-before')).toBeLessThan(16);
        const z = page.locator('[data-point="z"]');
        await press(z, 'Shift+ArrowLeft', 8);
        await press(z, 'Shift+ArrowDown', 2);
        expect(await page.locator('[data-z]').textContent()).toBe('−1.000, 0.400');
        expect(await page.locator('[data-tangent="before"]').textContent()).toBe('0.000');
        expect(await away('figure-before')).toBeGreaterThan(12);
        expect(await away('lab-push')).toBeGreaterThan(12);
        const [, startY] = await numbers(page.locator('.figure-plane .figure-before .lab-shaft'), 'd');
        const [, asideY] = await numbers(page.locator('.figure-plane .lab-push .lab-shaft'), 'd');
        expect(Math.abs(startY! - asideY!)).toBeGreaterThan(4);
      }));

    test('mutual information: infoNCE stays below log N, which rises with N, while the truth does not', () =>
      inLesson('mutual-information', async (page) => {
        const cell = (name: string) => page.locator(`[data-estimate="${name}"]`);
        await page.waitForSelector('[data-drawn-for="16"]');
        await press(slider(page, 'rho'), 'End', 1);
        const truth = await shown(cell('truth'));
        for (const n of [16, 8, 4]) {
          expect(await shown(cell('ceiling'))).toBeCloseTo(Math.log(n), 2);
          expect(await held(cell('infoNCE'))).toBeLessThanOrEqual(Math.log(n));
          expect(await shown(cell('truth'))).toBe(truth);
          if (n > 4) await press(slider(page, 'n'), 'ArrowLeft', 1);
        }
        expect(await held(cell('dv'))).toBeGreaterThan(2 * truth);
        await page.waitForSelector('[data-drawn-for="4"]');
        // What is far above the truth is on the chart as well.
        const [chart, dot] = [page.locator('.figure-chart > svg'), page.locator('.figure-dot.figure-second')];
        expect((await dot.boundingBox())!.y).toBeGreaterThan((await chart.boundingBox())!.y);
        expect(await page.locator('.figure-curve').count()).toBe(10);
        await press(slider(page, 'rho'), 'Home', 1);
        expect(await shown(cell('infoNCE'))).toBe(0);
      }));

    test('collapse: the diagnosis names it without negatives, and not with them', () =>
      inLesson('collapse', async (page) => {
        const figure = (name: string) => held(page.locator(`[data-figure-of="${name}"]`));
        const verdict = page.locator('[data-verdict]');
        const train = async (): Promise<void> => {
          await page.getByRole('button', { name: 'train', exact: true }).click();
          await page.waitForSelector('[data-steps="300"]');
        };
        expect(await figure('spread')).toBeGreaterThan(0.5);
        await train();
        expect(await verdict.textContent()).toContain('are all but one point');
        expect(await figure('loss')).toBeLessThan(1e-4);
        expect(await figure('rank')).toBeLessThan(1.1);
        await page.locator('[data-figure="collapse"] select').selectOption('healthy');
        await page.waitForSelector('[data-steps="0"]');
        await train();
        expect(await verdict.textContent()).toMatch(/^The loss is all but 0 .* the batch is solved/);
        expect(await figure('loss')).toBeLessThan(1e-4);
        expect(await figure('rank')).toBeGreaterThan(1.5);
      }));

    test('gradient check: every wrong rule is caught on screen, its element marked, and the right one passes', () =>
      inLesson('gradient-check', async (page) => {
        const figure = page.locator('[data-figure="gradcheck"]');
        const verdict = figure.locator('[data-verdict]');
        const choices = await page.evaluate<string[]>(
          `[...document.querySelectorAll('[data-rule] option')].map(({ value }) => value)`,
        );
        expect(choices).toHaveLength(5);
        for (const rule of choices) {
          await figure.locator('[data-rule]').selectOption(rule);
          await figure.locator('[data-planted]').check();
          const message = (await verdict.textContent())!;
          expect(message).toContain('caught');
          const [, input, row, column] = /input (\d), element \[(\d), (\d)\]/.exec(message)!;
          const named = figure.locator('.figure-named');
          expect(await named.count()).toBe(1);
          expect(await named.getAttribute('data-element')).toBe(`${input} ${row} ${column}`);
          expect(await named.textContent()).toContain('✗ named');
          await figure.locator('[data-planted]').press(' ');
          expect(await verdict.textContent()).toContain('passed');
          expect(await figure.locator('.figure-named').count()).toBe(0);
          expect(await figure.getByText('✗').count()).toBe(0);
        }
      }));

    test('gradient check: at h = 1e-5 float64 is near its best, float32 far from it; at the ends both are bad', () =>
      inLesson('gradient-check', async (page) => {
        const cell = (dtype: string, name: string) => held(page.locator(`[data-type="${dtype}"] [data-${name}]`));
        const said = /derivative is ([\d.]+);/.exec(
          (await page.locator('[data-figure="step-size"] caption').textContent())!,
        )!;
        const quotient = await shown(page.locator('[data-type="float32"] td').first());
        expect(await shown(page.locator('[data-type="float32"] [data-error]'))).toBeCloseTo(
          Math.abs(quotient - Number(said[1])),
          3,
        );
        expect(await cell('float64', 'error')).toBeLessThan(1e-9);
        expect(await cell('float32', 'error')).toBeGreaterThan(1e-3);
        expect(await cell('float32', 'best')).toBeGreaterThan(1e3 * (await cell('float64', 'best')));
        for (const end of ['Home', 'End']) {
          await press(slider(page, 'step'), end, 1);
          for (const dtype of ['float32', 'float64']) {
            expect(await cell(dtype, 'error')).toBeGreaterThan(1e3 * (await cell(dtype, 'best')));
          }
        }
      }));

    test.each(PAGES)('%s: on a phone in the dark it fits, axe finds no fault, and its scripts stay small', (name) =>
      inLesson(
        name,
        async (page) => {
          await page.emulateMedia({ colorScheme: 'dark' });
          expect(await faultsOf(page, { within: '.lesson-figure' })).toEqual([]);
          expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
          const { bytes } = await scriptsOf(page);
          expect(bytes).toBeGreaterThan(20_000);
          expect(bytes).toBeLessThanOrEqual(250_000);
          console.log(`lesson ${name} loads ${(bytes / 1000).toFixed(0)} kB of scripts, gzipped`);
        },
        390,
      ),
    );
  });
}
