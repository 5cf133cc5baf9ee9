/** @file The memory bank, and how much memory a large batch takes. */
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import * as cg from '../../src/index.js';
import { type Tensor, tensor } from '../../src/index.js';
import { furthest } from '../../src/testing/index.js';

const f64 = (data: number[][]): Tensor => tensor(data, { dtype: 'float64' });

test('a memory bank serves what it holds, forgets the oldest, and compiles', () => {
  const make = (): { bank: cg.MemoryBank; step: (q: Tensor, k: Tensor) => Tensor } => {
    const bank = cg.memoryBank({ size: 5, dim: 2, dtype: 'float64' });
    const step = (q: Tensor, k: Tensor): Tensor => {
      const loss = cg.infoNCELoss(q, k, { negatives: bank, temperature: 0.5 });
      bank.push(k);
      return loss;
    };
    return { bank, step };
  };
  const [eager, replayed] = [make(), make()];
  expect(() => eager.step(f64([[1, 0]]), f64([[1, 0]]))).toThrow(
    'infoNCELoss: the batch has no negative (the memory bank is empty)',
  );
  const compiled = cg.compile(replayed.step);
  const generator = new cg.Generator(6);
  const draw = (): Tensor => cg.randn([2, 2], { dtype: 'float64', generator });
  const first = draw();
  for (const { bank } of [eager, replayed]) bank.push(first);
  expect(eager.bank.mask.toArray()).toEqual([1, 1, 0, 0, 0]);
  const kept = [...(first.toArray() as number[][])];
  for (let i = 0; i < 4; i++) {
    const [q, k] = [draw(), draw()];
    const filled = tensor(kept.slice(-5), { dtype: 'float64' });
    const wanted = cg.infoNCELoss(q, k, { negatives: filled, temperature: 0.5 });
    expect(furthest(eager.step(q, k), wanted).error).toBeLessThan(1e-13);
    expect(furthest(compiled(q, k), wanted).error).toBeLessThan(1e-13);
    kept.push(...(k.toArray() as number[][]));
  }
  expect(replayed.bank.rows.toArray()).toEqual(eager.bank.rows.toArray());
  expect(() => eager.bank.push(f64([[1, 2, 3]]))).toThrow(
    'memoryBank: takes batches [N, 2] with N up to 5, got [1, 3]',
  );
});

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
