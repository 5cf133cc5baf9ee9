/** @file The docs site in a real browser, built and served under a sub-path. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumPath, launch } from '../support/chromium.js';
import { openPage, type Site, serveSite } from '../support/site.js';

if (chromiumPath === undefined) console.log('SKIPPED site: no Chromium is installed');
else {
  describe('the site', () => {
    let site: Site;
    let browser: Browser;
    beforeAll(async () => {
      [site, browser] = await Promise.all([serveSite(), launch()]);
    }, 300_000);
    afterAll(async () => {
      await browser.close();
      site.close();
    });

    test('the start page opens without an error', async () => {
      const { problems } = await openPage(browser, site, '', { width: 1440, colorScheme: 'light' });
      expect(problems).toEqual([]);
    });
  });
}
