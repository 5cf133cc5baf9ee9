/** @file The WebAssembly kernels in a page. */
import { expect, test } from 'vitest';
import { chromiumPath, inPage } from '../support/chromium.js';

test.skipIf(chromiumPath === undefined)(
  "the kernels compile at once on a page's main thread, under a policy of 'wasm-unsafe-eval'",
  async () => {
    const results = await inPage(
      'test/browser/wasm-page.ts',
      'webgl2',
      async (page) => {
        await page.waitForFunction(() => 'results' in globalThis);
        return page.evaluate(() => (globalThis as unknown as { results: { title: string; error: number }[] }).results);
      },
      { policy: "default-src 'none'; img-src data:; script-src 'self' 'wasm-unsafe-eval'" },
    );
    expect(results.length).toBeGreaterThan(50);
    expect(results.filter(({ error }) => !(error <= 5e-5))).toEqual([]);
  },
);
