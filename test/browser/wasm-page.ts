/** @file A page that compiles the WebAssembly kernels on its main thread and runs every case. */
import { furthest, kernelCases } from '../support/kernel-cases.js';
import { compiled, plain } from '../support/wasm-program.js';

const results = kernelCases(1).map(({ title, kernel, spec, inputs }) => {
  const right = plain(kernel, spec, inputs);
  return { title, error: furthest(compiled(kernel, spec, inputs, right), right) };
});
Object.assign(globalThis, { results });
