/** @file examples/web as a user has it: installed beside the package, built by Vite, opened in Chromium. */
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { encode } from 'fast-png';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { imagesFromFiles } from '../../src/data/index.js';
import { Generator, infoNCELoss, nn, optim, randn } from '../../src/index.js';
import { loadEncoder, type RunConfig, serializeRunConfig, writeSafetensors } from '../../src/io/index.js';
import { inBuiltPage } from '../support/built-page.js';
import { chromiumPath } from '../support/chromium.js';
import { faultsOf } from '../support/page-checks.js';

const folder = mkdtempSync(join(tmpdir(), 'contragrad-web-'));
const run = join(folder, 'public/encoder');
afterAll(() => rmSync(folder, { recursive: true }));

const SHAPE = [1, 8, 8];
const names = Array.from({ length: 64 }, (_, i) => `p${i}`);
const generator = new Generator(3);
const rows = [0, 1, 2].map(() => names.map(() => Math.round(1000 * generator.uniform()) / 1000));

/** Trains a small convolutional encoder and writes what a run leaves of it. */
async function trainEncoder(): Promise<void> {
  const architecture: nn.LayerConfig[] = [
    { type: 'Conv2d', outChannels: 4, kernelSize: 3, padding: 1 },
    { type: 'BatchNorm2d' },
    { type: 'ReLU' },
    { type: 'MaxPool2d', kernelSize: 2 },
    { type: 'Flatten' },
    { type: 'Linear', outFeatures: 5 },
  ];
  const model = nn.fromConfig(architecture, { input: SHAPE, generator });
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.01 });
  for (let step = 0; step < 10; step++) {
    const x = randn([16, ...SHAPE], { generator });
    const view = (): ReturnType<typeof randn> => model.forward(x.add(randn(x.shape, { generator }).mul(0.1)));
    const loss = infoNCELoss(view(), view());
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
  }
  const config: RunConfig = {
    format: 'contragrad-run',
    version: 1,
    input: { shape: SHAPE, features: names, mean: [0.5], scale: [0.25] },
    architecture,
    metric: 'cosine',
    settings: { loss: 'infonce' },
  };
  mkdirSync(run, { recursive: true });
  writeFileSync(join(run, 'config.json'), serializeRunConfig(config));
  await writeSafetensors(join(run, 'model.safetensors'), model.stateDict());
}

/** A picture in colours. */
function picture(width: number, height: number): Uint8Array {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * i * 7 + i) % 256);
  return encode({ width, height, data, channels: 3, depth: 8 });
}

/** All that belongs to it; an encoder or packages that somebody put there do not. */
const files = readdirSync('examples/web', { withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name !== 'package-lock.json')
  .map(({ name }) => name);

test('it has at most 60 lines', () => {
  const lines = files.flatMap((name) => readFileSync(join('examples/web', name), 'utf8').trimEnd().split('\n'));
  expect(lines.length).toBeGreaterThan(30);
  expect(lines.length).toBeLessThanOrEqual(60);
});

if (chromiumPath === undefined) console.log('SKIPPED examples/web: no Chromium is installed');
else {
  beforeAll(async () => {
    for (const name of files) copyFileSync(join('examples/web', name), join(folder, name));
    await trainEncoder();
    // As npm links what package.json calls file:../..
    const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      dependencies: { contragrad: string };
    };
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(
      resolve('examples/web', dependencies.contragrad.replace('file:', '')),
      join(folder, 'node_modules/contragrad'),
    );
  });

  test("rows of a table and images get Node's embeddings, and what is no row is refused in words", async () => {
    await inBuiltPage(folder, async (page) => {
      await page.waitForFunction("!document.querySelector('#embed').disabled");
      expect(await page.textContent('#about')).toMatch(/^An encoder of rows \[1, 8, 8\]: p0, p1, /);
      const encoder = await loadEncoder(run);

      const table = [names, ...rows].map((row) => row.join(',')).join('\n');
      await page.fill('#rows', table);
      expectClose(await after(page, () => page.click('#embed')), await encoder.embed(rows));
      await page.fill('#rows', rows[1]!.join('\t'));
      expectClose(await after(page, () => page.click('#embed')), await encoder.embed([rows[1]!]));

      for (const [width, height] of [
        [8, 8],
        [20, 14],
      ] as const) {
        const buffer = picture(width, height);
        const file = { name: `${width}.png`, mimeType: 'image/png', buffer: Buffer.from(buffer) };
        const { features } = await imagesFromFiles([buffer], { size: [8, 8], channels: 1 });
        expectClose(await after(page, () => page.setInputFiles('#image', file)), await encoder.embed(features));
      }

      await page.fill('#rows', table.replace('p0,p1', 'p1,p0'));
      expect(await after(page, () => page.click('#embed'))).toContain('embed: the columns must be p0, p1, ');
      await page.fill('#rows', '1,2,3');
      expect(await after(page, () => page.click('#embed'))).toContain('embed: rows must have 64 features (p0, p1, ');
      await page.fill('#rows', '1,x');
      expect(await after(page, () => page.click('#embed'))).toContain('rows: ');
      expect(await faultsOf(page)).toEqual([]);
    });
  });
}

/** What the page shows after something was done to it. */
async function after(page: Page, act: () => Promise<void>): Promise<string> {
  await page.evaluate("document.querySelector('#embeddings').textContent = ''");
  await act();
  await page.waitForFunction("document.querySelector('#embeddings').textContent !== ''");
  return (await page.textContent('#embeddings'))!;
}

function expectClose(text: string, wanted: number[][]): void {
  const shown = text.split('\n').map((line) => line.split(', ').map(Number));
  expect(shown.map((row) => row.length)).toEqual(wanted.map((row) => row.length));
  const errors = shown.flatMap((row, i) => row.map((value, j) => Math.abs(value - wanted[i]![j]!)));
  expect(Math.max(...errors)).toBeLessThanOrEqual(1e-5);
}
