/** @file How the pictures of a graph look in a browser. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toSvg } from '../../src/explain/index.js';
import { HOSTILE, small, traces } from '../explain/traces.js';
import { chromiumPath, newPage, openBrowser } from '../support/chromium.js';

if (chromiumPath === undefined) console.log('SKIPPED pictures in a browser: no Chromium is installed');
describe.skipIf(chromiumPath === undefined)('in a browser', () => {
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    browser = await openBrowser();
    page = await newPage(browser);
  });
  afterAll(() => browser.close());

  test.each<[string, string]>([
    ['contrastive', toSvg(traces.contrastive)],
    ['triplet, folded', toSvg(traces.triplet, { fold: 'all' })],
    ['InfoNCE', toSvg(traces.infoNCE)],
    ['InfoNCE, folded', toSvg(traces.infoNCE, { fold: 'all' })],
    ['hostile', toSvg(small(HOSTILE))],
    ['wide letters', toSvg(small('距離'.repeat(20)))],
  ])(
    '%s: no text leaves its box, nothing the picture, no arrow crosses a box, all is legible by day and night',
    async (_, svg) => {
      await page.setContent(`<body>${svg}`);
      expect(await page.evaluate(OUTLIERS)).toEqual([]);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        expect(await page.evaluate(LEAST_CONTRAST)).toBeGreaterThan(4.5);
      }
    },
  );

  test('a picture is well-formed XML', async () => {
    const documents = [toSvg(small(HOSTILE), { title: HOSTILE }), toSvg(traces.infoNCE)];
    expect(await page.evaluate(illFormed(documents))).toBe(0);
    expect(await page.evaluate(illFormed(['<svg>', ...documents]))).toBe(1);
  });
});

/** Script for the page: texts that leave their boxes, what leaves the picture, arrows that cross boxes. */
const OUTLIERS = `(() => {
  const svg = document.querySelector('svg');
  const inside = (inner, outer) =>
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height;
  const groups = [...svg.querySelectorAll('g')];
  const boxes = groups.map((g) => g.querySelector('rect').getBBox());
  const texts = groups.flatMap((g, i) =>
    [...g.querySelectorAll('text')].filter((text) => !inside(text.getBBox(), boxes[i])));
  const outside = [...svg.querySelectorAll('rect, path')].filter((x) => !inside(x.getBBox(), svg.viewBox.baseVal));
  const crossing = [...svg.querySelectorAll('path:not(.head)')].filter((path) =>
    Array.from({ length: 200 }, (_, i) => path.getPointAtLength((path.getTotalLength() * i) / 199)).some(({ x, y }) =>
      boxes.some((b) => x > b.x + 1 && x < b.x + b.width - 1 && y > b.y + 1 && y < b.y + b.height - 1)));
  return [...texts, ...outside, ...crossing].map((element) => element.outerHTML);
})()`;

/** Script for the page: the least contrast of a text with the box behind it, as WCAG counts it. */
const LEAST_CONTRAST = `(() => {
  const luminance = (color) => {
    const [r, g, b] = color.match(/[\\d.]+/g).map((part) => {
      const share = Number(part) / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  return Math.min(...[...document.querySelectorAll('g')].flatMap((g) => {
    const ground = luminance(getComputedStyle(g.querySelector('rect')).fill);
    return [...g.querySelectorAll('text')].map((text) => {
      const ink = luminance(getComputedStyle(text).fill);
      return (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05);
    });
  }));
})()`;

/** Script for the page: how many of some documents are no well-formed XML. */
const illFormed = (documents: readonly string[]): string =>
  `${JSON.stringify(documents)}.filter((text) => new DOMParser().parseFromString(text, 'image/svg+xml').querySelector('parsererror')).length`;
