/** @file NaN, infinities and -0 on WebGL2 and WebGPU in a real browser, in software: as in PyTorch. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { elementwiseCases } from '../ops/elementwise-cases.js';
import { reduceCases } from '../ops/reduce-cases.js';
import { table, titleOf } from '../ops/table.js';
import { chromiumPath, inPage } from '../support/chromium.js';
import { isFull } from '../support/depth.js';

interface Results {
  readonly backend: string;
  readonly keepsNaN: boolean;
  readonly rows: readonly { readonly title: string; readonly differences: readonly string[] }[];
}

/** The kernels that look at values are in the first rows, of which a quick run asks each on one of both; a full run looks at all that is made of them, too. */
const rowsOn = (mode: string) =>
  isFull ? table : [...elementwiseCases, ...reduceCases].filter((_, at) => at % 2 === (mode === 'webgl2' ? 0 : 1));

if (chromiumPath === undefined) console.log('SKIPPED special numbers on webgl2 and webgpu: no Chromium is installed');
else {
  test.each(['webgl2', 'webgpu'] as const)(
    'on %s every row makes of NaN, infinities and -0 what PyTorch does',
    async (mode) => {
      const rows = rowsOn(mode);
      const golden = readFileSync('test/golden/special.json', 'utf8');
      const call = `special('${mode}', ${golden}, ${JSON.stringify(rows.map(titleOf))})`;
      const results = await inPage('test/browser/special-page.ts', mode, (page) => page.evaluate<Results>(call));
      const differing = results.rows.filter(({ differences }) => differences.length > 0);
      console.log(
        `special numbers on ${mode}, in software: ${results.rows.length} rows, ${differing.length} differ from PyTorch`,
      );
      expect([results.backend, results.keepsNaN]).toEqual([mode, true]);
      expect(results.rows).toHaveLength(rows.length);
      expect(differing).toEqual([]);
    },
  );
}
