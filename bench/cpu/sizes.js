/** @file What a page would load: bundled and minified by Vite, then gzip. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { BINARIES, TFJS } from './tfjs-bundle.js';

const CONTRAGRAD = JSON.stringify(`${import.meta.dirname}/../../dist/index.js`);

const PROGRAMS = [
  { name: 'contragrad, all of it', code: `export * from ${CONTRAGRAD};` },
  {
    name: 'contragrad: ops, four losses, Linear, Adam, compile',
    code: `
      import { nn, optim } from ${CONTRAGRAD};
      export { compile, contrastiveLoss, infoNCELoss, mutualInformationLoss, tensor, tripletLoss } from ${CONTRAGRAD};
      export const Linear = nn.Linear;
      export const Adam = optim.Adam;`,
  },
  { name: 'TF.js core and wasm backend', code: TFJS, binary: `${BINARIES}tfjs-backend-wasm-simd.wasm` },
  { name: 'jax-js', code: `export * from '@jax-js/jax';` },
  { name: 'js-pytorch, without its gpu.js', code: `export * from 'js-pytorch';` },
];

/** The bundle of a program, as Vite makes it for a page. */
async function bundle(code) {
  // Beside the peers, so that their names lead to them.
  const folder = mkdtempSync(join(import.meta.dirname, 'size-'));
  try {
    const input = join(folder, 'page.js');
    writeFileSync(input, code);
    const { output } = await build({
      root: folder,
      configFile: false,
      logLevel: 'error',
      build: {
        // js-pytorch asks for modules of Node, and for gpu.js through them.
        rolldownOptions: { input, preserveEntrySignatures: 'strict', external: ['fs', 'module', /^node:/] },
        modulePreload: false,
        write: false,
      },
    });
    return Buffer.from(output.map(({ code: text }) => text ?? '').join(''));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Bytes of each program. */
export async function sizes() {
  const rows = [];
  for (const { name, code, binary } of PROGRAMS) {
    const parts = [await bundle(code), ...(binary ? [readFileSync(binary)] : [])];
    const gzip = (part) => gzipSync(part, { level: 9 }).length;
    rows.push({
      name,
      minified: parts[0].length,
      gzip: gzip(parts[0]),
      ...(binary && { binaryGzip: gzip(parts[1]) }),
    });
  }
  return rows.map((row) => ({ ...row, ratio: (row.gzip + (row.binaryGzip ?? 0)) / rows[0].gzip }));
}
