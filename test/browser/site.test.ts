/** @file The docs site in a real browser, built and served under a sub-path. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { chromiumPath } from '../support/chromium.js';
import { isFull } from '../support/depth.js';
import { faultsOf } from '../support/page-checks.js';
import { BUILT, closePage, openPage, type Site, siteInBrowser } from '../support/site.js';

/** Pages of the reference that are looked at in any case: the largest, and one with a wide formula. */
const NAMED = ['api/contragrad/classes/Tensor.html', 'api/contragrad/functions/infoNCELoss.html'];

/** The colours are all that a scheme changes: where both are looked at, the other rules need to be asked once only. */
const RULES = { light: {}, dark: { runOnly: ['color-contrast', 'link-in-text-block'] } };

const WIDTHS = [1440, 390] as const;
const SCHEMES = ['light', 'dark'] as const;

/** All forms of a page at full depth; at quick depth one, another one for the next page. */
const ofDepth = <Form>(forms: readonly Form[], turn: number): readonly Form[] =>
  isFull ? forms : [forms[turn % forms.length]!];

/** Where the links of a part of a page lead, as paths within the site. */
async function linksIn(page: Page, selector: string, { url }: Site): Promise<string[]> {
  const links = await page.evaluate<string[]>(
    `[...document.querySelectorAll('${selector} a[href]')].map(({ href }) => href)`,
  );
  return links.filter((link) => link.startsWith(url)).map((link) => link.slice(url.length).replace(/#.*/, ''));
}

/** Some pages of the reference, evenly spread. */
function referencePages(count: number): string[] {
  const pages = readdirSync(join(BUILT, 'api'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.html'))
    .sort();
  return Array.from({ length: count }, (_, i) => `api/${pages[Math.floor((i * pages.length) / count)]}`);
}

if (chromiumPath === undefined) console.log('SKIPPED site: no Chromium is installed');
else {
  describe('the site', () => {
    const opened = siteInBrowser();

    /** The pages that the menus of a page lead to, the reference's apart. */
    async function linkedFrom(page: Page): Promise<string[]> {
      const links = [
        ...(await linksIn(page, '.VPNav', opened.site)),
        ...(await linksIn(page, '.VPSidebar', opened.site)),
      ];
      return links.filter((link) => !link.startsWith('api/'));
    }

    test('every page opens without an error or a request elsewhere, fits its window, and axe finds no fault', async () => {
      // It grows while it is walked.
      const pages = new Set(['', 'api/', ...NAMED, ...referencePages(isFull ? 10 : 3)]);
      const faults: string[] = [];
      let i = 0;
      for (const path of pages) {
        for (const width of ofDepth(WIDTHS, i)) {
          const { page, problems } = await openPage(opened, path, { width, colorScheme: 'light' });
          for (const link of await linkedFrom(page)) pages.add(link);
          for (const colorScheme of ofDepth(SCHEMES, Math.floor(i / 2))) {
            await page.emulateMedia({ colorScheme });
            const wide = await page.evaluate('document.documentElement.scrollWidth > innerWidth');
            const found = [
              ...(await faultsOf(page, isFull ? RULES[colorScheme] : {})),
              ...(wide ? ['wider than its window'] : []),
            ];
            faults.push(...[...problems, ...found].map((fault) => `${path}, ${width} px, ${colorScheme}: ${fault}`));
          }
          await closePage(page);
        }
        i++;
      }
      console.log(`the site: ${pages.size} pages looked at`);
      expect([...pages]).toEqual(
        expect.arrayContaining(['guide/tensors.html', 'operations.html', 'lessons/triplet.html']),
      );
      expect(faults).toEqual([]);
    });

    test.each([768, 960, 1024])('the whole menu fits a window of %i px', async (width) => {
      for (const path of ['', 'guide/losses.html']) {
        const { page, problems } = await openPage(opened, path, { width, colorScheme: 'light' });
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
        const ends = await page.evaluate<number[]>(
          "[...document.querySelectorAll('.VPNavBarMenuLink, .VPNavBarExtra')].map((item) => item.getBoundingClientRect().right)",
        );
        expect(ends).toHaveLength(7);
        expect(Math.max(...ends)).toBeLessThanOrEqual(width);
        expect(problems).toEqual([]);
        await closePage(page);
      }
    });

    test('an address that does not exist is answered with ways to go on', async () => {
      const { page, problems } = await openPage(opened, 'nowhere.html', { width: 390, colorScheme: 'light' });
      expect(await linksIn(page, 'main', opened.site)).toEqual([
        '',
        'guide/first-encoder.html',
        'lessons/number.html',
        'api/',
      ]);
      expect(problems.filter((problem) => !problem.includes('404'))).toEqual([]);
      expect(await faultsOf(page)).toEqual([]);
      await closePage(page);
    });

    test.each([
      ['kinks', 'guide/gradcheck.html'],
      ['semiHard', 'api/contragrad/type-aliases/Mining.html'],
      ['batchTripletLoss', 'api/contragrad/functions/batchTripletLoss.html'],
    ])('the search finds %s', async (words, wanted) => {
      const { page, problems } = await openPage(opened, '', { width: 1440, colorScheme: 'light' });
      await page.click('.DocSearch-Button');
      await page.fill('#localsearch-input', words);
      await page.waitForSelector('.VPLocalSearchBox .results a');
      expect(await linksIn(page, '.VPLocalSearchBox .results', opened.site)).toContain(wanted);
      expect(problems).toEqual([]);
      await closePage(page);
    });
  });
}
