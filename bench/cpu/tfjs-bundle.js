/**
 * @file TensorFlow.js in one file. Its modules import without extensions, which Node refuses, and what its packages give
 * to `require` leaves out the gradients.
 */
import { build } from 'esbuild';

/** What a program with gradients on the WebAssembly backend imports. */
export const TFJS = `
  import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
  import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js';
  export * from '@tensorflow/tfjs-core';
  export { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
`;

/** Where {@link bundle} puts it. */
export const PATH = `${import.meta.dirname}/node_modules/.cache/tfjs.cjs`;

/** Where the backend's binaries are. */
export const BINARIES = `${import.meta.dirname}/node_modules/@tensorflow/tfjs-backend-wasm/dist/`;

/** Writes the bundle. */
export async function bundle() {
  await build({
    stdin: { contents: TFJS, resolveDir: import.meta.dirname },
    outfile: PATH,
    bundle: true,
    platform: 'node',
    mainFields: ['module', 'main'],
    logLevel: 'error',
  });
}
