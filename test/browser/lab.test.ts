/** @file The loss lab on the built site: what is drawn, against central differences of plain loops. */
import { basename, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { chromiumPath, newPage } from '../support/chromium.js';
import { arrowOf, drawnIn, expectArrows } from '../support/drawn-lab.js';
import { faultsOf, scriptsOf } from '../support/page-checks.js';
import { measuresOf, type Point, pairForce, plainLosses, slopeAt, totalForce } from '../support/plain-losses.js';
import { BUILT, closePage, openPage, siteInBrowser, type View } from '../support/site.js';

const WIDE: View = { width: 1440, colorScheme: 'light' };

const numberIn = (text: string | null): number => Number(text!.trim().replace('−', '-'));

async function dragPoint(page: Page, loss: string, point: number, by: Point): Promise<void> {
  const { marks } = await drawnIn(page, loss);
  const [x, y] = marks[point]! as [number, number];
  await page.mouse.move(x + 2, y + 1);
  await page.mouse.down();
  await page.mouse.move(x + by[0]! / 2, y + by[1]! / 2, { steps: 4 });
  await page.mouse.move(x + 2 + by[0]!, y + 1 + by[1]!, { steps: 4 });
  await page.mouse.up();
}

const choose = (page: Page, loss: string): Promise<void> =>
  page.locator(`.lab-losses input[value="${loss}"]`).check({ force: true });
const option = (page: Page, key: string) => page.locator(`[data-option="${key}"]`);

if (chromiumPath === undefined) console.log('SKIPPED lab: no Chromium is installed');
else {
  describe('the loss lab', () => {
    const opened = siteInBrowser();

    /** Opens the lab, lets it be used, and expects that nothing went wrong on the page. */
    async function inLab(use: (page: Page) => Promise<void>, { hash = '', view = WIDE, path = 'lab.html' } = {}) {
      const { page, problems } = await openPage(opened, `${path}${hash}`, view);
      await page.waitForSelector('.loss-lab svg[data-loss]');
      await use(page);
      expect(problems).toEqual([]);
      await closePage(page);
    }

    test.each(Object.keys(plainLosses))('%s: a point is dragged, and all arrows follow to a pixel', (loss) =>
      inLab(async (page) => {
        await choose(page, loss);
        await page.getByRole('button', { name: 'fit arrows' }).click();
        const before = await drawnIn(page, loss);
        await dragPoint(page, loss, 4, [-60, -70]);
        const after = await drawnIn(page, loss);
        // To drag a point does not select it, so that what it does to the selected one can be watched; to click it does.
        expect(after.selected).toBe(before.selected);
        after.marks.forEach((mark, i) => {
          const by = i === 4 ? [-60, -70] : [0, 0];
          expect(mark[0]).toBeCloseTo(before.marks[i]![0]! + by[0]!, 1);
          expect(mark[1]).toBeCloseTo(before.marks[i]![1]! + by[1]!, 1);
        });
        expectArrows(loss, after);
        await dragPoint(page, loss, 1, [35, 20]);
        expectArrows(loss, await drawnIn(page, loss));
        const { marks } = await drawnIn(page, loss);
        await page.mouse.click(marks[6]![0]! + 1, marks[6]![1]!);
        const clicked = await drawnIn(page, loss);
        expect([clicked.selected, clicked.marks]).toEqual([6, marks]);
        expectArrows(loss, clicked);
      }),
    );

    test.each(Object.keys(plainLosses))('%s: value and matrices are those of plain loops', (loss) =>
      inLab(async (page) => {
        await choose(page, loss);
        await dragPoint(page, loss, 2, [25, 50]);
        const { points } = await drawnIn(page, loss);
        const plain = plainLosses[loss]!;
        const measures = measuresOf(plain, points);
        const value = page.locator('.lab-value');
        expect(Number(await value.getAttribute('data-value'))).toBeCloseTo(plain.loss(measures), 9);
        expect(numberIn(await value.locator('strong').textContent())).toBeCloseTo(plain.loss(measures), 3);
        const tables = await page.evaluate<[string, string][][]>(
          `[...document.querySelectorAll('.lab-matrix')].map((matrix) =>
            [...matrix.querySelectorAll('[data-cell]')].map((cell) => [cell.dataset.cell, cell.textContent]))`,
        );
        const n = plain.rows(points.length).length;
        tables.forEach((cells, table) => {
          expect(cells).toHaveLength(plain.symmetric ? n * (n - 1) : n * n);
          for (const [cell, text] of cells) {
            const [row, column] = cell.split(' ').map(Number) as [number, number];
            const expected = table === 0 ? measures[row]![column]! : slopeAt(plain, points, row, column);
            const digits = text.trim().split('.')[1]?.length ?? 6;
            expect(Math.abs(numberIn(text) - expected), cell).toBeLessThanOrEqual(0.51 * 10 ** -digits);
          }
        });
      }),
    );

    test('pointing at a cell tells its pair, and a press selects it', () =>
      inLab(async (page) => {
        const cell = page.locator('.lab-matrix').nth(1).locator('[data-cell="2 5"]');
        await cell.hover({ force: true });
        const { points } = await drawnIn(page, 'contrastive');
        const slope = slopeAt(plainLosses.contrastive!, points, 2, 5);
        const [, told] = /^2a, 3b: D = [\d.]+, ∂L\/∂D = ([^;]+);/.exec(
          (await page.locator('.lab-readout').textContent())!,
        )!;
        expect(numberIn(told!)).toBeCloseTo(slope, 3);
        await cell.click({ force: true });
        await page.mouse.move(5, 5);
        expect((await drawnIn(page, 'contrastive')).selected).toBe(2);
        expect(await page.locator('.lab-partner').getAttribute('data-point')).toBe('5');
      }));

    test('a lesson holds labs of its own, and leaves its address alone', () =>
      inLab(
        async (page) => {
          await option(page, 'squared').first().uncheck();
          await dragPoint(page, 'triplet', 2, [20, 20]);
          await page.waitForTimeout(500);
          expect(await page.evaluate<string>('location.hash')).toBe('');
          expect(await option(page, 'squared').last().isChecked()).toBe(true);
        },
        { path: 'lessons/triplet.html' },
      ));

    test('side by side, each loss draws its own forces on the same batch', () =>
      inLab(async (page) => {
        await page.getByLabel('all four side by side').check();
        await dragPoint(page, 'triplet', 6, [20, -30]);
        for (const loss of Object.keys(plainLosses)) expectArrows(loss, await drawnIn(page, loss));
      }));

    test('the forces of all pairs are drawn where plain loops say', () =>
      inLab(async (page) => {
        await choose(page, 'mutualInformation');
        await page.getByLabel('forces of all pairs').check();
        const drawn = await drawnIn(page, 'mutualInformation');
        const { points, selected } = drawn;
        const ends = await page.evaluate<
          Point[][]
        >(`[...document.querySelectorAll('.lab-all .lab-head')].map((path) => {
          const { e, f } = path.getScreenCTM();
          return path.getAttribute('d').slice(1).split('M').map((head) => {
            const [, x, y] = /L(-?[\\d.]+) (-?[\\d.]+)/.exec(head);
            return [Number(x) + e, Number(y) + f];
          });
        })`);
        let expected = 0;
        points.forEach((_, on) => {
          points.forEach((_, from) => {
            const force = pairForce(plainLosses.mutualInformation!, points, on, from);
            if (on === selected || force === undefined) return;
            const [, tip] = arrowOf(drawn, on, force);
            const pull = on >> 1 === from >> 1;
            const near = Math.min(...ends[pull ? 0 : 1]!.map(([x, y]) => Math.hypot(x! - tip[0]!, y! - tip[1]!)));
            expect(near, `${from} on ${on}`).toBeLessThan(1);
            expected += 1;
          });
        });
        expect(ends.flat()).toHaveLength(expected);
      }));

    test('the formulas hold the numbers of the batch, while it is dragged', () =>
      inLab(async (page) => {
        const place = async (formula: number, name: string): Promise<number> =>
          numberIn(
            await page.locator('.lab-formula').nth(formula).locator(`[data-place="${name}"]`).first().textContent(),
          );
        await dragPoint(page, 'contrastive', 0, [30, 30]);
        const { points, selected } = await drawnIn(page, 'contrastive');
        const plain = plainLosses.contrastive!;
        const value = plain.loss(measuresOf(plain, points));
        expect(await place(0, 'pairs')).toBe(28);
        expect(((await place(0, 'same')) + (await place(0, 'different'))) / 56).toBeCloseTo(value, 3);
        expect(await place(0, 'value')).toBeCloseTo(value, 3);
        const partner = Number(await page.locator('.lab-partner').getAttribute('data-point'));
        const force = pairForce(plain, points, selected, partner)!;
        expect(await place(1, 'slope')).toBeCloseTo(slopeAt(plain, points, selected, partner), 3);
        expect(await place(1, 'x')).toBeCloseTo(force[0]!, 3);
        expect(await place(1, 'y')).toBeCloseTo(force[1]!, 3);
      }));

    test('presets load, and a shared address shows the same', () =>
      inLab(async (page) => {
        await page.getByLabel('batch').selectOption('temperature');
        await option(page, 'temperature').fill('0.3');
        await page.getByLabel('forces of all pairs').check();
        await dragPoint(page, 'infoNCE', 3, [15, 10]);
        const drawn = await drawnIn(page, 'infoNCE');
        expect(drawn.points).toHaveLength(10);
        await page.waitForFunction('location.hash.length > 100');
        await page.waitForTimeout(400);
        const hash = await page.evaluate<string>('location.hash');
        await inLab(
          async (other) => {
            const same = await drawnIn(other, 'infoNCE');
            same.points.forEach(([x, y], i) => {
              expect(x).toBeCloseTo(drawn.points[i]![0]!, 5);
              expect(y).toBeCloseTo(drawn.points[i]![1]!, 5);
            });
            expect([same.scale, same.selected]).toEqual([drawn.scale, drawn.selected]);
            expect(await option(other, 'temperature').inputValue()).toBe('0.3');
            expect(await other.getByLabel('forces of all pairs').isChecked()).toBe(true);
            await dragPoint(other, 'infoNCE', 0, [40, 0]);
            await other.getByRole('button', { name: 'reset' }).click();
            expect((await drawnIn(other, 'infoNCE')).points).toEqual(same.points);
          },
          { hash },
        );
      }));

    test.each(['#nonsense', `#${Buffer.from('{"points":[[1e300,0]]}').toString('base64url')}`])(
      'a bad address is told: %s',
      (hash) =>
        inLab(
          async (page) => {
            expect(await page.locator('.lab-message').textContent()).toMatch(/^The address holds no batch of the lab/);
            expect((await drawnIn(page, 'contrastive')).points).toHaveLength(8);
          },
          { hash },
        ),
    );

    test('the keyboard moves points, selects them, reads matrices and changes options', () =>
      inLab(async (page) => {
        const at = async () => (await drawnIn(page, 'contrastive')).points[3]!;
        const [x, y] = (await at()) as [number, number];
        await page.locator('[data-point="2"]').focus();
        await page.keyboard.press('Tab');
        await page.keyboard.press('ArrowRight');
        await page.keyboard.press('Shift+ArrowUp');
        expect((await at())[0]).toBeCloseTo(x + 0.05, 9);
        expect((await at())[1]).toBeCloseTo(y + 0.25, 9);
        await page.keyboard.press('Enter');
        expect((await drawnIn(page, 'contrastive')).selected).toBe(3);
        await page.locator('.lab-matrix svg').first().focus();
        for (const key of ['ArrowUp', 'ArrowUp', 'ArrowRight']) await page.keyboard.press(key);
        const looked = await page.locator('.lab-readout').textContent();
        expect(looked).toMatch(/^\d[ab], \d[ab]: D = [\d.]+, ∂L\/∂D = /);
        await page.keyboard.press('Enter');
        await page.keyboard.press('Tab');
        expect(await page.locator('.lab-readout').textContent()).toBe(looked);
        await option(page, 'margin').focus();
        await page.keyboard.press('ArrowRight');
        expect(await option(page, 'margin').inputValue()).toBe('1.05');
        await page.waitForTimeout(700);
        expect(await page.locator('.loss-lab [aria-live]').textContent()).toMatch(/^Contrastive loss 0\.\d+$/);
      }));

    test('playing goes downhill until it is paused; reset brings the batch back', () =>
      inLab(async (page) => {
        const value = async () => Number(await page.locator('.lab-value').getAttribute('data-value'));
        const before = await drawnIn(page, 'contrastive');
        const values = [await value()];
        await page.getByRole('button', { name: 'play' }).click();
        for (let i = 0; i < 2; i++) {
          await page.waitForTimeout(600);
          values.push(await value());
        }
        await page.getByRole('button', { name: 'pause' }).click();
        const paused = await value();
        expect([...values].sort((p, q) => q - p)).toEqual(values);
        expect(values[2]).toBeLessThan(values[0]!);
        await page.waitForTimeout(700);
        expect(await value()).toBe(paused);
        const { points } = await drawnIn(page, 'contrastive');
        await page.getByRole('button', { name: 'take a gradient step' }).click();
        const after = (await drawnIn(page, 'contrastive')).points;
        points.forEach((point, i) => {
          const force = totalForce(plainLosses.contrastive!, points, i);
          for (const t of [0, 1]) expect(after[i]![t]).toBeCloseTo(point[t]! + 0.5 * force[t]!, 6);
        });
        await page.getByRole('button', { name: 'reset' }).click();
        expect((await drawnIn(page, 'contrastive')).points).toEqual(before.points);
      }));

    test('pairs are added and removed, and a batch without a triplet says what it lacks', () =>
      inLab(async (page) => {
        const count = async () => await page.locator('[data-point]').count();
        await page.getByRole('button', { name: 'add a pair' }).click();
        expect(await count()).toBe(10);
        for (let i = 0; i < 4; i++) await page.getByRole('button', { name: /^remove/ }).click();
        expect(await count()).toBe(2);
        expect(await page.getByRole('button', { name: /^remove/ }).isDisabled()).toBe(true);
        await choose(page, 'triplet');
        expect(await page.locator('.lab-message').textContent()).toContain('batchTripletLoss: ');
        await page.evaluate(`(() => {
          const add = [...document.querySelectorAll('button')].find(({ textContent }) => textContent === 'add a pair');
          for (let i = 0; i < 31; i++) add.click();
        })()`);
        expect(await count()).toBe(64);
        expect(await page.getByRole('button', { name: 'add a pair' }).isDisabled()).toBe(true);
      }));

    test('a finger drags a point on a narrow screen, where nothing is cut off', () =>
      inLab(
        async (page) => {
          await page.locator('[data-point="4"]').scrollIntoViewIfNeeded();
          const { marks } = await drawnIn(page, 'contrastive');
          const [x, y] = marks[4]! as [number, number];
          const client = await page.context().newCDPSession(page);
          const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', by: number) =>
            client.send('Input.dispatchTouchEvent', {
              type,
              touchPoints: type === 'touchEnd' ? [] : [{ x: x + by, y: y - by }],
            });
          await touch('touchStart', 0);
          for (const by of [10, 20, 30]) await touch('touchMove', by);
          await touch('touchEnd', 30);
          const after = await drawnIn(page, 'contrastive');
          expect(after.marks[4]![0]).toBeCloseTo(x + 30, 0);
          expect(after.marks[4]![1]).toBeCloseTo(y - 30, 0);
          expectArrows('contrastive', after);
          await page.getByLabel('all four side by side').check();
          expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBe(390);
        },
        { view: { width: 390, colorScheme: 'dark' } },
      ));

    test.each([
      [1440, 'light'],
      [1440, 'dark'],
      [390, 'light'],
      [390, 'dark'],
    ] as const)('axe finds nothing at %d pixels, %s, one loss and four', (width, colorScheme) =>
      inLab(
        async (page) => {
          expect(await faultsOf(page, { within: '.loss-lab' })).toEqual([]);
          await page.getByLabel('all four side by side').check();
          await choose(page, 'infoNCE');
          expect(await faultsOf(page, { within: '.loss-lab' })).toEqual([]);
        },
        { view: { width, colorScheme } },
      ),
    );

    test('the page loads at most 250 kB of scripts, gzipped', () =>
      inLab(async (page) => {
        const { names, bytes } = await scriptsOf(page);
        expect(names.some((path) => basename(path).startsWith('LossLab'))).toBe(true);
        console.log(`the lab loads ${(bytes / 1000).toFixed(0)} kB of scripts, gzipped`);
        expect(bytes).toBeLessThanOrEqual(250_000);
      }));

    test('the lab in one file works from disk', async () => {
      const page = await newPage(opened.browser, { viewport: { width: 1440, height: 900 } });
      const problems: string[] = [];
      page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
      page.on('pageerror', ({ message }) => problems.push(message));
      page.on('request', (request) => {
        if (!/^(file|data|blob):/.test(request.url())) problems.push(request.url());
      });
      await page.goto(`file://${resolve(BUILT, 'loss-lab.html')}`);
      await dragPoint(page, 'contrastive', 4, [-60, -70]);
      expectArrows('contrastive', await drawnIn(page, 'contrastive'));
      expect(await page.evaluate("document.fonts.check('16px KaTeX_Main')")).toBe(true);
      expect(problems).toEqual([]);
      await page.context().close();
    });
  });
}
