/** @file The matrix product as gpu.js's own README writes it: one thread an element, the result read back. */
import { GPU } from 'gpu.js';
import { matrix } from './inputs.js';

export function readme(mode) {
  return {
    name: `gpu.js README ${mode}`,
    prepare(workload) {
      const [kind, size] = workload.split(' ');
      if (kind !== 'matmul') return null;
      const n = Number(size);
      const rows = (data) => Array.from({ length: n }, (_, i) => data.slice(i * n, (i + 1) * n));
      const [a, b] = [rows(matrix(n, n, 1)), rows(matrix(n, n, 2))];
      const gpu = new GPU({ mode });
      // Text, since a bundler would rename what gpu.js looks for. A literal bound: an argument's stops at 1000.
      const multiply = gpu
        .createKernel(
          `function (a, b) {
            let sum = 0;
            for (let i = 0; i < ${n}; i++) { sum += a[this.thread.y][i] * b[i][this.thread.x]; }
            return sum;
          }`,
        )
        .setOutput([n, n]);
      return async () => multiply(a, b)[1][1];
    },
  };
}
