/** @file Eager training leaves nothing behind: measured in a process of its own, where nothing else allocates. */
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

const program = `
  import { contrastiveLoss, nn, optim, randn } from 'contragrad';
  const encoder = new nn.Sequential(new nn.Linear(64, 32), new nn.ReLU(), new nn.Linear(32, 16));
  const optimizer = new optim.Adam(encoder.parameters());
  const [a, b] = [randn([8, 64]), randn([8, 64])];
  const used = [];
  for (let step = 1; step <= 20000; step++) {
    const loss = contrastiveLoss(encoder.forward(a), encoder.forward(b), [0, 1, 0, 1, 0, 1, 0, 1]);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    if (globalThis.leak) globalThis.leak.push(loss);
    if (step % 200 === 0) {
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
function growth(code: string): number {
  const output = execFileSync('node', ['--expose-gc', '--input-type=module', '--eval', code], {
    encoding: 'utf8',
  });
  const used = JSON.parse(output) as number[];
  expect(used).toHaveLength(100);
  const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  return mean(used.slice(90)) / mean(used.slice(10, 20));
}

test('20,000 training steps of a 64-32-16 encoder keep memory flat', () => {
  const flat = growth(program);
  console.log(`memory after 20,000 steps: ${(100 * flat).toFixed(1)} % of the early level`);
  expect(Math.abs(flat - 1)).toBeLessThan(0.1);
});

test('a leak of one loss a step would be seen', () => {
  expect(growth(`globalThis.leak = [];${program}`)).toBeGreaterThan(1.1);
});
