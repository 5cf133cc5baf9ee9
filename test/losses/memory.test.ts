/** @file How much memory a large batch takes: measured in a process of its own, where nothing else allocates. */
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

test('supConLoss of 4,096 rows of 128 holds at most 400 MB of numbers, forward and backward', () => {
  const program = `
    import { cpu, randn, supConLoss } from 'contragrad';
    let peak = 0;
    const device = { ...cpu, name: 'watched', run: (...call) => {
      const out = cpu.run(...call);
      peak = Math.max(peak, process.memoryUsage().arrayBuffers);
      return out;
    } };
    const labels = Array.from({ length: 4096 }, (_, i) => i % 64);
    const z = randn([4096, 128], { device, requiresGrad: true });
    supConLoss(z, labels).backward();
    console.log(JSON.stringify([peak / 2 ** 20, z.grad.shape]));
  `;
  const output = execFileSync('node', ['--input-type=module', '--eval', program], { encoding: 'utf8' });
  const [peak, shape] = JSON.parse(output) as [number, number[]];
  console.log(`supConLoss, 4,096 x 128: at most ${peak.toFixed(0)} MB`);
  expect(shape).toEqual([4096, 128]);
  expect(peak).toBeLessThan(400);
  expect(peak).toBeGreaterThan(60);
});
