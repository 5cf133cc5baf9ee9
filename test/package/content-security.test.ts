/** @file A page whose policy forbids WebAssembly computes what plain loops compute. */
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { chromiumPath, inServedPage, type ServedOptions } from '../support/chromium.js';
import { installedProject } from '../support/installed.js';

const { folder } = installedProject();

/** Calls of a size that WebAssembly takes over where it can, and a compiled step; every digit of what they give. */
const program = `
  import { compile, infoNCELoss, manualSeed, nn, optim, randn } from 'contragrad';
  manualSeed(5);
  const digits = (x) => [...x.dataSync()].join();
  const [a, b] = [randn([48, 40]), randn([48, 40])];
  const eager = [a.matmul(b.transpose()), a.exp(), a.softmax({ axis: 1 }), a.add(b), a.sum({ axis: 0 })].map(digits);
  const encoder = new nn.Sequential(new nn.Linear(40, 32), new nn.Tanh(), new nn.Linear(32, 8));
  const optimizer = new optim.Adam(encoder.parameters());
  const step = compile((x, y) => {
    const loss = infoNCELoss(encoder.forward(x), encoder.forward(y));
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    return loss;
  });
  const losses = [1, 2, 3].map(() => step(a, b).item());
  const weights = encoder.parameters().map(digits);
  globalThis.found = { numbers: [...eager, ...losses, ...weights], executor: step.plan.executor };`;

interface Found {
  readonly numbers: readonly unknown[];
  readonly executor: string;
}

test.skipIf(chromiumPath === undefined)(
  "under script-src 'self' eager and compiled numbers are those of plain loops, to the last bit",
  async () => {
    const { outputFiles } = await build({
      stdin: { contents: program, resolveDir: folder },
      ...{ bundle: true, minify: true, write: false },
    });
    const scripts = new Map([['/page.js', outputFiles[0]!.text]]);
    const html = '<script src="/page.js"></script>';
    const found = (options: ServedOptions): Promise<Found> =>
      inServedPage(scripts, (page) => page.evaluate<Found>('found'), { html, ...options });
    const forbidden = await found({ policy: "script-src 'self'" });
    const plain = await found({ before: 'delete globalThis.WebAssembly' });
    expect(plain.numbers).toHaveLength(12);
    expect(forbidden).toEqual(plain);
    expect(forbidden.executor).toBe('generic');
    const allowed = await found({ policy: "script-src 'self' 'wasm-unsafe-eval'" });
    expect(allowed.executor).toBe('wasm');
  },
);
