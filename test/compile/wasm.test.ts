/** @file Steps replayed as one WebAssembly call: the numbers of the eager run, and the protocol of state. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as cg from '../../src/index.js';
import { compile, grad, nn, optim, type Tensor, tensor } from '../../src/index.js';
import { table, titleOf } from '../ops/table.js';
import { assertProperty, isFull } from '../support/depth.js';

/** How far results are apart, relative to the largest element of each (at least 1). */
function apart(actual: readonly Tensor[], wanted: readonly Tensor[]): number {
  expect(actual.map(({ shape, dtype }) => [shape, dtype])).toEqual(wanted.map(({ shape, dtype }) => [shape, dtype]));
  return Math.max(
    0,
    ...actual.map((x, part) => {
      const [mine, theirs] = [x.dataSync(), wanted[part]!.dataSync()];
      const scale = Math.max(1, ...Array.from(theirs, Math.abs).filter(Number.isFinite));
      return Math.max(
        0,
        ...Array.from(mine, (v, i) => (Object.is(v, theirs[i]) ? 0 : Math.abs(v - theirs[i]!) / scale)),
      );
    }),
  );
}

/** Not `to`, which reads. */
const rows = table.filter(({ covers }) => covers !== 'to');

describe('every row of the table in float32, recorded with some numbers and replayed with others', () => {
  test.each(rows.map((row) => [titleOf(row), row] as const))('%s', (_, row) => {
    assertProperty(
      fc.property(row.inputs, (inputs) => {
        const leaves = (shift: number): Tensor[] =>
          inputs.map((x) => {
            const data = [...x.dataSync()];
            const moved = data.map((_, i) => data[(i + shift) % data.length]!);
            const isFloat = x.dtype !== 'int32';
            return tensor(moved, { shape: x.shape, dtype: isFloat ? 'float32' : 'int32', requiresGrad: isFloat });
          });
        const step = (...given: Tensor[]): Tensor[] => {
          const out = row.fn(...given);
          if (!out.requiresGrad) return [out];
          const seed = cg.cast(cg.arange(out.size, { dtype: 'float32' }).add(1), out.dtype).reshape(out.shape);
          const wanted = given.filter((x) => x.requiresGrad);
          return [out, ...grad(out, wanted, { gradient: seed.mul(1 / out.size), allowUnused: true })];
        };
        const compiled = compile(step);
        for (const shift of [0, 0, 1]) {
          expect(apart(compiled(...leaves(shift)), step(...leaves(shift)))).toBeLessThanOrEqual(1e-5);
        }
        expect(compiled.plan!.executor).toBe('wasm');
      }),
      20,
    );
  });
});

interface Sizes {
  readonly layers: readonly [number, number, number];
  readonly batch: number;
  readonly steps: number;
}

interface Run {
  readonly encoder: nn.Sequential;
  readonly optimizer: optim.Adam;
  readonly step: (a: Tensor, b: Tensor, same: Tensor) => Tensor;
}

/** A siamese encoder with dropout, and a step that shuffles its batch. */
function training({ layers: [size, hidden, dim], batch }: Sizes, loss: 'contrastive' | 'infonce'): Run {
  const generator = new cg.Generator(5);
  const encoder = new nn.Sequential(
    new nn.Linear(size, hidden, { generator }),
    new nn.ReLU(),
    new nn.Linear(hidden, dim, { generator }),
  );
  const optimizer = new optim.Adam(encoder.parameters(), { lr: 1e-3 });
  const embed = (x: Tensor): Tensor => encoder.forward(cg.dropout(x, { p: 0.1, generator }));
  const step = (a: Tensor, b: Tensor, same: Tensor): Tensor => {
    const order = cg.rand([batch, batch], { generator }).argmax({ axis: 1 });
    const rows = (x: Tensor): Tensor => x.gather(order.expandDims(1).broadcastTo([batch, size]), { axis: 0 });
    const value =
      loss === 'contrastive'
        ? cg.contrastiveLoss(embed(rows(a)), embed(rows(b)), same.gather(order), { margin: 2 })
        : cg.infoNCELoss(embed(rows(a)), embed(rows(b)), { temperature: 0.5 });
    optimizer.zeroGrad();
    value.backward();
    optimizer.step();
    return value;
  };
  return { encoder, optimizer, step };
}

const S: Sizes = { layers: [2, 16, 2], batch: 32, steps: 300 };
const M: Sizes = { layers: [64, 128, 32], batch: 64, steps: 300 };
// An eager step of this size takes as long as forty of the one above.
const L: Sizes = { layers: [784, 256, 64], batch: 256, steps: isFull ? 300 : 20 };

describe.each(['contrastive', 'infonce'] as const)(
  '%s steps with dropout and shuffling are those of the eager run',
  (loss) => {
    test.each([
      ['S', S, 1e-5],
      ['M', M, 1e-5],
      ['L', L, 1e-5],
    ] as const)(
      '%s',
      (name, sizes, tolerance) => {
        const [eager, replayed] = [training(sizes, loss), training(sizes, loss)];
        const compiled = compile(replayed.step);
        const generator = new cg.Generator(9);
        const pool = Array.from({ length: 5 }, () => [
          cg.randn([sizes.batch, sizes.layers[0]], { generator }),
          cg.randn([sizes.batch, sizes.layers[0]], { generator }),
        ]);
        const same = tensor(
          Array.from({ length: sizes.batch }, (_, i) => i % 2),
          { dtype: 'int32' },
        );
        let [initial, worst, first] = [0, 0, 0];
        for (let i = 0; i < sizes.steps; i++) {
          const [a, b] = pool[i % 5]! as [Tensor, Tensor];
          const wanted = eager.step(a, b, same).item();
          const actual = compiled(a, b, same).item();
          if (i === 0) initial = wanted;
          const error = Math.abs(actual - wanted) / (name === 'L' ? initial : Math.abs(wanted));
          if (i === 1) first = error;
          worst = Math.max(worst, error);
        }
        console.log(
          `${name} ${loss}: ${sizes.steps} replayed steps at most ${worst.toExponential(1)} from the eager ones`,
        );
        expect(compiled.plan!.executor).toBe('wasm');
        expect(first).toBeLessThanOrEqual(1e-6);
        expect(worst).toBeLessThanOrEqual(tolerance);
      },
      300_000,
    );
  },
);

describe('the state of a plan', () => {
  const make = (): { p: Tensor; step: ReturnType<typeof compile<[Tensor], Tensor>> } => {
    const p = tensor([1, 2], { requiresGrad: true });
    const optimizer = new optim.SGD([p], { lr: 0.5 });
    const step = compile((x: Tensor) => {
      const loss = p.mul(x).sum();
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      return loss;
    });
    return { p, step };
  };
  const x = tensor([2, 4]);

  test('is read at any time, and what was read stays as it was', () => {
    const { p, step } = make();
    step(x);
    const before = p.detach();
    const gradient = p.grad!;
    expect(step(x).item()).toBe(0);
    expect(before.toArray()).toEqual([0, 0]);
    step(tensor([1, 1]));
    expect(gradient.toArray()).toEqual([2, 4]);
    expect(p.grad!.toArray()).toEqual([1, 1]);
    expect(p.toArray()).toEqual([-1.5, -2.5]);
    expect(step.plan!.executor).toBe('wasm');
  });

  test('goes on from what was bound in between, and moves between plans of two shapes', () => {
    const w = tensor([1], { requiresGrad: true });
    const optimizer = new optim.SGD([w], { lr: 1, momentum: 0.5 });
    const eager = tensor([1], { requiresGrad: true });
    const twin = new optim.SGD([eager], { lr: 1, momentum: 0.5 });
    const run =
      (weight: Tensor, by: optim.SGD) =>
      (data: Tensor): Tensor => {
        const loss = weight.mul(data).mean();
        by.zeroGrad();
        loss.backward();
        by.step();
        return loss;
      };
    const [step, wanted] = [compile(run(w, optimizer)), run(eager, twin)];
    for (let i = 0; i < 30; i++) {
      if (i === 10) for (const parameter of [w, eager]) parameter.assign(tensor([7]));
      if (i === 20) for (const one of [optimizer, twin]) one.lr = 0.25;
      const data = tensor(i % 3 === 2 ? [1, 2, 3] : [i, 1]);
      expect(step(data).item()).toBeCloseTo(wanted(data).item(), 5);
      if (i % 4 === 0) expect(w.item()).toBeCloseTo(eager.item(), 5);
    }
  });

  test('on an argument belongs to the tensor of the call', () => {
    const step = compile((leaf: Tensor) => {
      leaf.assign(leaf.mul(2));
      return leaf.sum();
    });
    const [a, b] = [tensor([1]), tensor([10])];
    for (let i = 0; i < 3; i++) for (const leaf of [a, b]) step(leaf);
    expect([a.item(), b.item()]).toEqual([8, 80]);
  });

  test('may be swapped between two tensors', () => {
    const [a, b] = [tensor([1]), tensor([2])];
    const step = compile(() => {
      const held = a.detach();
      a.assign(b);
      b.assign(held);
    });
    for (const wanted of [
      [2, 1],
      [1, 2],
      [2, 1],
      [1, 2],
    ]) {
      step();
      expect([a.item(), b.item()]).toEqual(wanted);
    }
  });

  test('survives dispose(), after which the next call records anew', () => {
    const { p, step } = make();
    step(x);
    step(x);
    step.dispose();
    expect(step.plan).toBeNull();
    expect(p.toArray()).toEqual([-1, -2]);
    step(x);
    expect(p.toArray()).toEqual([-2, -4]);
  });

  test('is told by the plan: executor, kernels, bytes, constants', () => {
    const { step } = make();
    step(x);
    const text = String(step.plan);
    expect(text).toMatch(/^plan of \d+ kernels on the wasm executor, \d+ bytes$/m);
    expect(text).toMatch(/^ {2}kernels {4}.*zip x \d/m);
    expect(step.plan!.bytes % 65536).toBe(0);
  });
});

test('a tensor whose shape or type changed is another call; tensors of two devices are refused, and nothing has changed', () => {
  const p = tensor([1, 2], { requiresGrad: true });
  const optimizer = new optim.SGD([p], { lr: 1 });
  const step = compile((x: Tensor) => {
    const loss = p.mul(x).sum();
    loss.backward();
    optimizer.step();
    return loss;
  });
  step(tensor([1, 1]));
  const before = [p.toArray(), p.grad!.toArray()];
  const elsewhere = tensor([1, 1], { device: { ...cg.cpu, name: 'cpu:2' } });
  expect(() => step(elsewhere)).toThrow('mul: inputs live on two devices, cpu and cpu:2');
  expect(() => step(tensor([1, 1], { dtype: 'float64' }))).toThrow('mul: types differ: float32 and float64');
  expect(() => step(tensor([1, 1, 1]))).toThrow('mul: cannot broadcast [2] with [3]');
  expect([p.toArray(), p.grad!.toArray()]).toEqual(before);
  expect(step(tensor([[1, 1]])).item()).toBe(1);
});
