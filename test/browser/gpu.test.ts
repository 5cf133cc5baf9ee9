/** @file The gpu.js device on WebGL2 and WebGPU in a real browser, out of production bundles. */
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { chromiumPath, inPage, PATIENCE, type PageOptions } from '../support/chromium.js';
import { isFull, seed } from '../support/depth.js';

interface Errors {
  readonly title: string;
  readonly error: number;
}

interface Results {
  readonly name: string;
  readonly info: { readonly backend: string; readonly adapter: string | null; readonly compiled: { count: number } };
  readonly kernels: Errors[];
  readonly training: Errors[];
  readonly rows: Errors[];
  readonly refusals: string[];
}

interface Live {
  readonly handles: number;
  readonly bytes: number;
}

/** What the encoder in training holds: 256-64-16 in four parameters, each with its gradient and both of Adam's moments, and how often each was updated. */
const NUMBERS = 256 * 64 + 64 + 64 * 16 + 16;
const HELD: Live = { handles: 4 * 4 + 1, bytes: 4 * (4 * NUMBERS + 4) };

const LABELS = 'contrastiveLoss: labels must be 0 or 1, got 7 at row 1';

const modes = {
  webgl2: {
    requested: 'auto',
    // To compile a kernel takes long here: each is run below by itself, and the losses need most of them.
    random: isFull ? { seed, numRuns: 5, oneOf: 1 } : { seed, numRuns: 1, oneOf: 6 },
    steps: isFull ? 2000 : 100,
    item: 'no error',
    lost: 'gpu:webgl2: lost its WebGL context',
  },
  webgpu: {
    requested: 'webgpu',
    random: isFull ? { seed: seed + 3, numRuns: 2, oneOf: 1 } : { seed: seed + 3, numRuns: 1, oneOf: 6 },
    steps: isFull ? 300 : 100,
    item: 'gpu:webgpu: numbers are still on their way; use await t.data()',
    lost: 'gpu:webgpu: lost its WebGPU device (Device was destroyed.)',
  },
} as const;

if (chromiumPath === undefined) console.log('SKIPPED webgl2 and webgpu: no Chromium is installed');
else {
  describe.each(['webgl2', 'webgpu'] as const)('%s in Chromium', (backend) => {
    const { requested, random, steps, item, lost } = modes[backend];
    const ask = <Answer>(call: string, options?: PageOptions): Promise<Answer> =>
      inPage('test/browser/page.ts', backend, (page: Page) => page.evaluate<Answer>(call), options);

    test('runs kernels and table as on the CPU to 1e-4, training with every loss to 1e-3 (Vite bundle)', async () => {
      const results = await ask<Results>(`run('${requested}', ${JSON.stringify(random)})`);
      expect(results.name).toBe(`gpu:${backend}`);
      expect(results.info.backend).toBe(backend);
      expect(results.info.adapter).toMatch(/swiftshader/i);
      expect(results.info.compiled.count).toBeGreaterThan(100);
      expect(results.kernels.length).toBeGreaterThan(70);
      expect(results.kernels.filter(({ error }) => !(error <= 1e-4))).toEqual([]);
      expect(results.rows.length).toBeGreaterThan(120 / random.oneOf);
      expect(results.rows.filter(({ error }) => !(error <= 1e-4))).toEqual([]);
      expect(results.training).toHaveLength(4);
      expect(results.training.filter(({ error }) => !(error <= 1e-3))).toEqual([]);
      expect(results.refusals).toEqual([item, LABELS, 'no error']);
    });

    test('trains the siamese encoder within 1 % of the CPU over all steps (esbuild bundle)', async () => {
      const { backend: ran, apart } = await ask<{ backend: string; apart: number }>(
        `siamese('${backend}', ${isFull ? 200 : 20})`,
        {
          bundler: 'esbuild',
        },
      );
      console.log(`${backend}: at most ${apart.toExponential(1)} from the CPU's loss`);
      expect(ran).toBe(backend);
      expect(apart).toBeLessThan(0.01);
    });

    test('holds the same memory all along a hundred training steps and batches, and more, without a collection', async () => {
      const { seen, after } = await ask<{ seen: Live[]; after?: Live }>(
        `lifetimes('${backend}', ${steps}, ${JSON.stringify(HELD)}, ${PATIENCE / 2})`,
      );
      expect(seen).toEqual(Array.from({ length: (2 * steps) / 100 }, () => HELD));
      expect(after).toEqual({ handles: 0, bytes: 0 });
    });

    test.each([
      ['lose', lost],
      ['destroy', `gpu:${backend}: was destroyed`],
    ])('%s in the middle of training is told, spares the CPU, and a new device trains', async (how, message) => {
      const result = await ask<{ messages: string[]; onCpu: number[]; backend: string; losses: number[] }>(
        `fault('${backend}', '${how}')`,
      );
      const told = `${message}; open a new one with gpu()`;
      expect(result.messages).toEqual([told, `${told} [in linear 256-64]`]);
      expect(result.onCpu).toEqual([2, 4, 6]);
      expect(result.backend).toBe(backend);
      expect(result.losses).toHaveLength(3);
      expect(result.losses.every((loss) => loss > 0)).toBe(true);
    });

    test('teaches what it cannot take', async () => {
      const size = `gpu:${backend}: holds tensors of up to 2^24 elements`;
      expect(await ask(`badInput('${backend}')`)).toEqual([
        expect.stringContaining(`holds float32, int32, got float64`),
        ...[2 ** 24 + 2, 25e6, 2 ** 25, 2 ** 25].map(
          (large) => `gpu:${backend}: holds int32 up to 2^24 only, got ${large}; stay on the CPU`,
        ),
        'no error',
        `${size}, got 16781312; take smaller batches, or stay on the CPU`,
        `${size}, got 16781312; take smaller batches, or stay on the CPU`,
        `add: inputs live on two devices, gpu:${backend} and cpu; bring them together with to(device)`,
        expect.stringContaining("gpu: mode must be 'auto', 'webgpu', 'webgl2'"),
      ]);
    });
  });

  test.each([
    ["script-src 'self'", ['webasm', 'cpu']],
    ["script-src 'self' 'wasm-unsafe-eval'", ['cpu']],
    ["script-src 'self' 'unsafe-eval'", []],
  ])('under %s all modes compute but %j', async (policy, refused) => {
    const tried = await inPage(
      'test/browser/page.ts',
      'webgpu',
      async (page) => {
        const said: Record<string, string> = {};
        for (const mode of ['webgpu', 'webgl2', 'webgl', 'webasm', 'cpu']) {
          said[mode] = await page.evaluate<string>(`tried('${mode}')`);
        }
        return said;
      },
      { policy },
    );
    expect(Object.keys(tried).filter((mode) => tried[mode] !== 'no error')).toEqual(refused);
    if (refused.includes('cpu')) expect(tried.cpu).toMatch(/cpu: it makes kernels by new Function, which .* forbid: /);
  });
}
