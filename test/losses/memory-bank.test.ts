/** @file The memory bank. */
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
    'infoNCELoss: negatives is an empty memory bank; push a batch into it first',
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
