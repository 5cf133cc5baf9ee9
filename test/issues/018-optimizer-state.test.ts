/** @file What an optimizer keeps belongs to one parameter, and its learning rate is what was set. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import * as c from '../../src/index.js';
import { loadCheckpoint, saveCheckpoint, writeSafetensors } from '../../src/io/index.js';

const { nn, optim } = c;
type Tensor = c.Tensor;

const folder = mkdtempSync(join(tmpdir(), 'contragrad-optimizer-'));
afterAll(() => rmSync(folder, { recursive: true }));

const leaf = (dtype: c.DType = 'float32'): Tensor => c.tensor([1], { dtype, requiresGrad: true });

describe.each(['eager', 'compiled'] as const)('%s', (how) => {
  test.each(['Adam', 'AdamW'] as const)('a parameter that joins %s after 1,000 steps first moves by lr', (kind) => {
    const [a, b] = [leaf('float64'), leaf('float64')];
    b.requiresGrad = false;
    const optimizer = new optim[kind]([a, b], { lr: 0.01, weightDecay: 0 });
    const update = (): void => {
      optimizer.zeroGrad();
      a.add(b).mul(3).sum().backward();
      optimizer.step();
    };
    const step = how === 'compiled' ? c.compile(update) : update;
    for (let i = 0; i < 1000; i++) step();
    expect(b.item()).toBe(1);
    b.requiresGrad = true;
    step();
    expect((1 - b.item()) / 0.01).toBeCloseTo(1, 6);
    expect(optimizer.stateDict().step!.toArray()).toEqual([1001, 1]);
    // Frozen again, it stays, and its count waits.
    const rest = b.item();
    b.requiresGrad = false;
    step();
    expect([b.item(), optimizer.stateDict().step!.toArray()]).toEqual([rest, [1002, 1]]);
  });

  test('a resumed run, unfrozen before and after, is the uninterrupted one bit for bit', async () => {
    const start = (seed: number) => {
      const model = new nn.Sequential(
        new nn.Linear(3, 4, { generator: new c.Generator(seed) }),
        new nn.Tanh(),
        new nn.Linear(4, 2, { generator: new c.Generator(seed + 1) }),
      );
      for (const parameter of model.parameters()) parameter.requiresGrad = false;
      const optimizer = new optim.AdamW(model.parameters(), { lr: 0.01 });
      const update = (x: Tensor): Tensor => {
        const loss = model.forward(x).square().mean();
        optimizer.zeroGrad();
        loss.backward();
        optimizer.step();
        return loss;
      };
      return { model, optimizer, step: how === 'compiled' ? c.compile(update) : update };
    };
    const train = ({ model, step }: ReturnType<typeof start>, from: number, to: number): void => {
      for (let t = from; t < to; t++) {
        // Thawed from the end.
        model.parameters().forEach((parameter, i) => {
          parameter.requiresGrad = i >= 3 - t / 3;
        });
        step(c.randn([5, 3], { generator: new c.Generator(t) }));
      }
    };
    const [whole, first, second] = [start(1), start(1), start(7)];
    train(whole, 0, 14);
    train(first, 0, 5);
    const path = join(folder, `thaw-${how}.safetensors`);
    const parts = ({ model, optimizer }: ReturnType<typeof start>) => ({ model, optimizer });
    await saveCheckpoint(path, parts(first));
    await loadCheckpoint(path, parts(second));
    train(second, 5, 14);
    for (const part of ['model', 'optimizer'] as const) {
      const numbers = (run: ReturnType<typeof start>): unknown =>
        Object.entries(run[part].stateDict()).map(([name, value]) => [name, value.toArray()]);
      expect(numbers(second)).toEqual(numbers(whole));
    }
    expect(new Set(second.optimizer.stateDict().step!.dataSync()).size).toBeGreaterThan(1);
  });
});

test('frozen parameters are accepted, and stay', () => {
  const layer = new nn.Linear(2, 2);
  for (const parameter of layer.parameters()) parameter.requiresGrad = false;
  const before = layer.weight.toArray();
  for (const optimizer of [
    new optim.SGD(layer.parameters(), { lr: 1, momentum: 0.9, weightDecay: 0.1 }),
    new optim.AdamW(layer.parameters()),
  ]) {
    optimizer.zeroGrad();
    optimizer.step();
  }
  expect(layer.weight.toArray()).toEqual(before);
});

test('what was never to be trained is refused', () => {
  const message = 'SGD: parameters must be leaves with requiresGrad, or frozen ones that had it';
  for (const tensor of [
    c.tensor([1]),
    new nn.BatchNorm1d(2).runningMean,
    leaf().mul(2),
    c.tensor([1], { dtype: 'int32' }),
  ]) {
    expect(() => new optim.SGD([tensor], { lr: 1 })).toThrow(message);
  }
});

describe('the learning rate', () => {
  const rates = [0.01, 0.1, 3e-4, 1e-3 / 3, 0];

  test('reads as it was set', () => {
    for (const lr of rates) {
      const optimizer = new optim.Adam([leaf()], { lr });
      expect(optimizer.lr).toBe(lr);
      optimizer.lr = lr / 7;
      expect(optimizer.lr).toBe(lr / 7);
      const schedule = new optim.StepLR(optimizer, { stepSize: 1, gamma: 0.3 });
      schedule.step();
      expect(optimizer.lr).toBe(schedule.lr);
    }
  });

  test('goes through a state and a checkpoint unrounded', async () => {
    const path = join(folder, 'rate.safetensors');
    for (const lr of rates) {
      const [saved, twin, resumed] = [lr, 1, 2].map((rate) => new optim.SGD([leaf()], { lr: rate })) as [
        c.optim.SGD,
        c.optim.SGD,
        c.optim.SGD,
      ];
      twin.loadStateDict(saved.stateDict());
      expect(twin.lr).toBe(lr);
      const model = new nn.ReLU();
      await saveCheckpoint(path, { model, optimizer: twin });
      await loadCheckpoint(path, { model, optimizer: resumed });
      expect(resumed.lr).toBe(lr);
      expect(resumed.stateDict().lr!.item()).toBe(lr);
    }
  });

  test('is what a compiled step used, also after one that failed', () => {
    const p = leaf();
    const optimizer = new optim.SGD([p], { lr: 0.1 });
    const step = c.compile((fails: boolean) => {
      optimizer.zeroGrad();
      p.sum().backward();
      optimizer.lr = 0.3;
      optimizer.step();
      if (fails) throw new Error('no');
    });
    expect(() => step(true)).toThrow('no');
    expect(optimizer.lr).toBe(0.1);
    step(false);
    expect(optimizer.lr).toBeCloseTo(0.3, 7);
    expect(p.item()).toBeCloseTo(0.7, 6);
    expect(() => c.compile(() => p.mul(optimizer.lr))()).toThrow('item: the value of a leaf cannot be read');
  });
});

test('an older state, with one count for all and a rounded rate, is loaded', async () => {
  const start = (): { model: c.nn.Linear; optimizer: c.optim.Adam } => {
    const model = new nn.Linear(2, 1, { generator: new c.Generator(1) });
    return { model, optimizer: new optim.Adam(model.parameters(), { lr: 0.01 }) };
  };
  const update = ({ model, optimizer }: ReturnType<typeof start>): void => {
    optimizer.zeroGrad();
    model
      .forward(c.ones([3, 2]))
      .square()
      .sum()
      .backward();
    optimizer.step();
  };
  const [whole, resumed] = [start(), start()];
  for (let i = 0; i < 5; i++) update(whole);
  const older = { ...whole.optimizer.stateDict(), step: c.tensor(5), lr: c.tensor(0.01) };
  resumed.model.loadStateDict(whole.model.stateDict());
  resumed.optimizer.loadStateDict(older);
  expect(resumed.optimizer.stateDict().step!.toArray()).toEqual([5, 5]);
  for (const run of [whole, resumed]) update(run);
  expect(resumed.model.weight.toArray()).toEqual(whole.model.weight.toArray());
  expect(() => resumed.optimizer.loadStateDict({ ...older, step: c.tensor([1, 2, 3]) })).toThrow(
    'loadStateDict: step must have shape [2], got [3]',
  );

  const path = join(folder, 'older.safetensors');
  const run = {
    format: 'contragrad-checkpoint',
    version: 1,
    random: { seed: 0, counter: 0 },
    generators: {},
    optimizer: true,
    schedule: null,
    position: 5,
    extra: {},
  };
  const parts = Object.entries({ model: whole.model.stateDict(), optimizer: older }).flatMap(([part, state]) =>
    Object.entries(state).map(([name, value]) => [`${part}.${name}`, value] as const),
  );
  await writeSafetensors(path, Object.fromEntries(parts), { checkpoint: JSON.stringify(run) });
  const another = start();
  expect((await loadCheckpoint(path, another)).position).toBe(5);
  expect(another.optimizer.stateDict().step!.toArray()).toEqual([5, 5]);
});
