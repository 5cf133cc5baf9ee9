/** @file Replayed steps leave nothing behind: measured in a process of its own, where nothing else allocates. */
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

test('100,000 replayed steps of a 2-16-2 encoder keep memory flat', () => {
  const program = `
    import { compile, contrastiveLoss, nn, optim, randn, tensor } from 'contragrad';
    const encoder = new nn.Sequential(new nn.Linear(2, 16), new nn.ReLU(), new nn.Linear(16, 2));
    const optimizer = new optim.Adam(encoder.parameters());
    const same = tensor(Array.from({ length: 32 }, (_, i) => i % 2), { dtype: 'int32' });
    const step = compile((a, b) => {
      const loss = contrastiveLoss(encoder.forward(a), encoder.forward(b), same);
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      return loss;
    });
    const used = [];
    for (let i = 1; i <= 100000; i++) {
      step(randn([32, 2]), randn([32, 2]));
      if (i % 5000 === 0) {
        gc();
        gc();
        const { heapUsed, arrayBuffers } = process.memoryUsage();
        used.push(heapUsed + arrayBuffers);
      }
    }
    console.log(JSON.stringify({ used, executor: step.plan.executor }));
  `;
  const output = execFileSync('node', ['--expose-gc', '--input-type=module', '--eval', program], { encoding: 'utf8' });
  const { used, executor } = JSON.parse(output) as { used: number[]; executor: string };
  expect(executor).toBe('wasm');
  const [early, late] = [Math.max(...used.slice(2, 6)), Math.max(...used.slice(-4))];
  console.log(`100,000 replayed steps: ${((100 * late) / early).toFixed(1)} % of the early memory`);
  expect(late).toBeLessThan(1.02 * early);
});
