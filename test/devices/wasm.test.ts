/** @file The WebAssembly kernels against the plain loops. */
import { expect, test } from 'vitest';
import { furthest, kernelCases } from '../support/kernel-cases.js';
import { compiled, plain } from '../support/wasm-program.js';

test.each(kernelCases(1).filter(({ kernel }) => ['map', 'zip', 'matmul', 'squaredDistance'].includes(kernel)))('$title', ({ kernel, spec, inputs }) => {
  const expected = plain(kernel, spec, inputs);
  expect(furthest(compiled(kernel, spec, inputs, expected), expected)).toBeLessThan(1e-5);
});
