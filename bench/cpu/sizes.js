/** @file What a page would load: bundled and minified by esbuild, then gzip. */
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
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

/** Bytes of each program. */
export async function sizes() {
  const rows = [];
  for (const { name, code, binary } of PROGRAMS) {
    const { outputFiles } = await build({
      stdin: { contents: code, resolveDir: import.meta.dirname },
      bundle: true,
      minify: true,
      format: 'esm',
      write: false,
      logLevel: 'error',
      // js-pytorch asks for them, and for gpu.js through them.
      external: ['fs', 'module', 'node:*'],
      platform: 'browser',
    });
    const parts = [Buffer.from(outputFiles[0].contents), ...(binary ? [readFileSync(binary)] : [])];
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
