/** @file Eager training leaves nothing behind: measured in a process of its own, where nothing else allocates. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { isFull } from '../support/depth.js';

/** How long a run is. */
const STEPS = isFull ? 20_000 : 4000;

/** Trains; prints how much memory is used ten times in the second tenth of the run, and ten times in the last. */
const program = `
  import { contrastiveLoss, nn, optim, randn } from 'contragrad';
  const encoder = new nn.Sequential(new nn.Linear(64, 32), new nn.ReLU(), new nn.Linear(32, 16));
  const optimizer = new optim.Adam(encoder.parameters());
  const [a, b] = [randn([8, 64]), randn([8, 64])];
  const used = [];
  for (let step = 1; step <= ${STEPS}; step++) {
    const loss = contrastiveLoss(encoder.forward(a), encoder.forward(b), [0, 1, 0, 1, 0, 1, 0, 1]);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    if (globalThis.leak) globalThis.leak.push(loss);
    const percent = (100 * step) / ${STEPS};
    if (Number.isInteger(percent) && ((percent > 10 && percent <= 20) || percent > 90)) {
      // Buffers are swept while the program goes on; the second collection waits for the sweep of the first.
      gc();
      gc();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      used.push(heapUsed + arrayBuffers);
    }
  }
  console.log(JSON.stringify(used));
`;

/** How the mean of the last tenth of a run compares to that of its second tenth. */
async function growth(code: string): Promise<number> {
  const { stdout } = await promisify(execFile)('node', ['--expose-gc', '--input-type=module', '--eval', code]);
  const used = JSON.parse(stdout) as number[];
  expect(used).toHaveLength(20);
  const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  return mean(used.slice(10)) / mean(used.slice(0, 10));
}

let [flat, leaky] = [Number.NaN, Number.NaN];
beforeAll(async () => {
  [flat, leaky] = await Promise.all([growth(program), growth(`globalThis.leak = [];${program}`)]);
});

test(`${STEPS} training steps of a 64-32-16 encoder keep memory flat`, () => {
  console.log(`memory after ${STEPS} steps: ${(100 * flat).toFixed(1)} % of the early level`);
  expect(Math.abs(flat - 1)).toBeLessThan(0.1);
});

test('a leak of one loss a step would be seen', () => {
  expect(leaky).toBeGreaterThan(1.1);
});
