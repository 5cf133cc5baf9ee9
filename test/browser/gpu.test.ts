/** @file The gpu.js device on WebGL2 and WebGPU in a real browser, out of a production bundle. */
import { describe, expect, test } from 'vitest';
import { chromiumPath, inPage } from '../support/chromium.js';

interface Results {
  readonly name: string;
  readonly info: { readonly backend: string; readonly kernels: number };
  readonly kernels: { title: string; error: number }[];
  readonly training: { title: string; error: number }[];
  readonly rows: { title: string; error: number }[];
  readonly refusals: string[];
}

const LABELS = 'contrastiveLoss: labels must be 0 or 1, got 7 at row 1';

if (chromiumPath === undefined) console.log('SKIPPED webgl2 and webgpu: no Chromium is installed');
else {
  describe.each([
    ['auto', 'webgl2', 5, ['no error', LABELS, 'no error']],
    ['webgpu', 'webgpu', 2, ['gpu:webgpu: numbers are still on their way; use await t.data()', LABELS, 'no error']],
  ] as const)('mode %s in Chromium', (mode, backend, numRuns, refusals) => {
    test(`runs on ${backend}: kernels and table as on the CPU to 1e-4, training with every loss to 1e-3`, async () => {
      const results = await inPage('test/browser/page.ts', backend, (page) =>
        page.evaluate<Results>(`run('${mode}', ${numRuns})`),
      );
      expect(results.name).toBe(`gpu:${backend}`);
      expect(results.info.backend).toBe(backend);
      expect(results.kernels.length).toBeGreaterThan(50);
      expect(results.kernels.filter(({ error }) => !(error <= 1e-4))).toEqual([]);
      expect(results.rows.length).toBeGreaterThan(120);
      expect(results.rows.filter(({ error }) => !(error <= 1e-4))).toEqual([]);
      expect(results.training).toHaveLength(4);
      expect(results.training.filter(({ error }) => !(error <= 1e-3))).toEqual([]);
      expect(results.refusals).toEqual(refusals);
    });
  });
}
