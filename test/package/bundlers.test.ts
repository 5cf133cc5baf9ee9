/** @file Programs of a user, made into one script by every usual bundler as it comes, and run where it is meant for. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildOptions, build as esbuild } from 'esbuild';
import type { Page } from 'playwright-core';
import { build as vite } from 'vite';
import { describe, expect, test } from 'vitest';
import { chromiumPath, inServedPage } from '../support/chromium.js';
import { isFull } from '../support/depth.js';
import { installedProject } from '../support/installed.js';

const { folder, write, node } = installedProject();
const out = join(folder, 'out/page.js');

/** What each finds goes into `said`. */
const programs = {
  'a program that trains with compile': `
    import { compile, infoNCELoss, manualSeed, nn, optim, randn } from 'contragrad';
    manualSeed(3);
    const encoder = new nn.Sequential(new nn.Linear(6, 32), new nn.Tanh(), new nn.Linear(32, 4));
    const optimizer = new optim.Adam(encoder.parameters(), { lr: 0.01 });
    const step = compile((a, b) => {
      const loss = infoNCELoss(encoder.forward(a), encoder.forward(b));
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      return loss;
    });
    const [a, b] = [randn([32, 6]), randn([32, 6])];
    let loss;
    for (let i = 0; i < 20; i++) loss = step(a, b).item();
    globalThis.said = [step.plan.executor, loss.toFixed(5)].join();`,
  'a program that reads data and explains': `
    import { tensor } from 'contragrad';
    import { loadTable } from 'contragrad/data';
    import { renderText, toSvg, trace } from 'contragrad/explain';
    const work = async () => {
      const { classes, features } = await loadTable(new Blob(['x,y,kind\\n1,2,cat\\n3,4,"a, dog"\\n']));
      const x = tensor(features, { shape: [2, 2], requiresGrad: true });
      const traced = trace(() => x.square().sum());
      globalThis.said = [...classes, JSON.stringify(traced.tensors[0].gradient), /sum/.test(renderText(traced)), /<svg/.test(toSvg(traced))].join();
    };
    work();`,
};

/** Throws what a bundler warns of. */
const refuse = (text: string): never => {
  throw new Error(text);
};

const byEsbuild = (options: BuildOptions) => async (): Promise<string> => {
  const { warnings, outputFiles } = await esbuild({
    entryPoints: [join(folder, 'page.js')],
    ...{ bundle: true, write: false, logLevel: 'silent', ...options },
  });
  for (const { text } of warnings) refuse(text);
  return outputFiles![0]!.text;
};

const byRollup = (format: 'es' | 'iife') => async (): Promise<string> => {
  const [{ rollup }, { nodeResolve }] = await Promise.all([import('rollup'), import('@rollup/plugin-node-resolve')]);
  const onwarn = ({ message }: { message: string }): never => refuse(message);
  const bundle = await rollup({ input: join(folder, 'page.js'), plugins: [nodeResolve({ browser: true })], onwarn });
  const { output } = await bundle.generate({ format, inlineDynamicImports: true });
  return output[0].code;
};

async function byVite(): Promise<string> {
  const rolldownOptions = { input: join(folder, 'page.js'), output: { entryFileNames: 'page.js' } };
  await vite({ root: folder, configFile: false, logLevel: 'error', build: { rolldownOptions } });
  return readFileSync(join(folder, 'dist/page.js'), 'utf8');
}

async function byWebpack(): Promise<string> {
  const { default: webpack } = await import('webpack');
  await new Promise<void>((resolve, reject) => {
    const options = { context: folder, entry: './page.js', mode: 'production', performance: false } as const;
    webpack({ ...options, output: { path: join(folder, 'out'), filename: 'page.js' } }, (error, stats) => {
      if (error) reject(error);
      else if (stats!.hasErrors() || stats!.hasWarnings()) reject(new Error(stats!.toString()));
      else resolve();
    });
  });
  return readFileSync(out, 'utf8');
}

/** What goes wrong in a page is what it says. */
const TELL = `addEventListener('error', ({ message }) => { globalThis.said = message; });
  addEventListener('unhandledrejection', ({ reason }) => { globalThis.said = String(reason); });`;

const saidBy = async (page: Page): Promise<unknown> => (await page.waitForFunction('globalThis.said')).jsonValue();

const MODULE = '<script type="module" src="/page.js"></script>';
const CLASSIC = '<script src="/page.js"></script>';

/** By whom, how, the page that it is meant for, and whether it takes seconds. */
const bundlers: readonly [string, () => Promise<string>, html: string | null, isSlow?: boolean][] = [
  ['Vite', byVite, MODULE],
  ['webpack', byWebpack, CLASSIC, true],
  ['Rollup, es', byRollup('es'), MODULE, true],
  ['Rollup, iife', byRollup('iife'), CLASSIC, true],
  ['esbuild, esm', byEsbuild({ format: 'esm' }), MODULE],
  ['esbuild, iife', byEsbuild({}), CLASSIC],
  ['esbuild for Node, cjs', byEsbuild({ platform: 'node' }), null],
];

/** Each program, its code, and what it says in Node without a bundler. */
const cases = Object.entries(programs).map(([title, code], at) => {
  const right = node(`${code}\nsetTimeout(() => console.log(said), 50);`);
  expect(right).toMatch([/^wasm,\d\.\d{5}$/, /^cat,a, dog,\[\[2,4\],\[6,8\]\],true,true$/][at]!);
  return [title, code, right] as const;
});

describe.each(bundlers.filter(([, , , isSlow]) => isFull || !isSlow))('%s', (_, bundle, html) => {
  test.skipIf(html !== null && chromiumPath === undefined).for(cases)('%s', async ([, code, right]) => {
    write('page.js', code);
    const script = await bundle();
    if (html === null) {
      const path = write('out.cjs', `${script}\nsetTimeout(() => console.log(said), 50);`);
      const { stdout, stderr } = spawnSync('node', [path], { encoding: 'utf8' });
      expect(stdout.trim() + stderr).toBe(right);
      return;
    }
    const said = await inServedPage(new Map([['/page.js', script]]), saidBy, { html, before: TELL });
    expect(said).toBe(right);
  });
});
