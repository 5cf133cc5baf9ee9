/** @file The gpu.js device on WebGL2 in a real browser, out of a minified bundle. */
import { expect, test } from 'vitest';
import { chromiumPath, inPage } from '../support/chromium.js';

interface Results {
  readonly name: string;
  readonly info: { readonly backend: string; readonly kernels: number };
  readonly kernels: { title: string; error: number }[];
  readonly training: { title: string; error: number }[];
  readonly rows: { title: string; error: number }[];
}

if (chromiumPath === undefined) console.log('SKIPPED webgl2: no Chromium is installed');
else {
  test('webgl2 in Chromium has the kernels and the table of the CPU to 1e-4, and trains with every loss as it does to 1e-3', async () => {
    const results = await inPage('test/browser/page.ts', (page) => page.evaluate<Results>('globalThis.results'));
    expect(results.name).toBe('gpu:webgl2');
    expect(results.info.backend).toBe('webgl2');
    expect(results.kernels.length).toBeGreaterThan(50);
    expect(results.kernels.filter(({ error }) => !(error <= 1e-4))).toEqual([]);
    expect(results.rows.length).toBeGreaterThan(120);
    expect(results.rows.filter(({ error }) => !(error <= 1e-4))).toEqual([]);
    expect(results.training).toHaveLength(4);
    expect(results.training.filter(({ error }) => !(error <= 1e-3))).toEqual([]);
  });
}
