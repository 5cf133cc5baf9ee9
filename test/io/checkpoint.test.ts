/** @file Checkpoints: training goes on bit for bit as if it had never stopped. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { ArgumentError, compile, DataError, Generator, manualSeed, nn, optim, rand, tensor } from '../../src/index.js';
import { type JsonObject, loadCheckpoint, saveCheckpoint, serializeSafetensors } from '../../src/io/index.js';
import { assertProperty, cases } from '../support/depth.js';
import { mutationsOf } from './mutations.js';
import { Run, type RunOptions } from './run.js';

const folder = mkdtempSync(join(tmpdir(), 'contragrad-checkpoint-'));
afterAll(() => rmSync(folder, { recursive: true }));

const kinds: RunOptions[] = [false, true].flatMap((compiled) =>
  (['Adam', 'AdamW', 'SGD'] as const).map((optimizer) => ({ optimizer, compiled })),
);

test.each(kinds)('a resumed run is the uninterrupted one, bit for bit: %o', async (options) => {
  manualSeed(3);
  const whole = new Run(options, 1);
  const losses = whole.train(23);
  const random = rand([]).item();

  manualSeed(3);
  const first = new Run(options, 1);
  const path = join(folder, `${options.optimizer}-${options.compiled}.safetensors`);
  const before = first.train(12);
  const writing = first.save(path);
  // What is written is the moment of the call.
  first.train(14);
  await writing;
  expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);

  manualSeed(99);
  const second = new Run(options, 7);
  second.train(3);
  expect((await second.load(path)).extra).toEqual({ best: 0.5 });
  expect([...before, ...second.train(23)]).toEqual(losses);
  expect(second.state).toBe(whole.state);
  expect(rand([]).item()).toBe(random);
  // Random numbers were drawn, and the run was no standstill.
  expect(new Set(losses).size).toBe(23);
});

test("a compiled step's first call has the last digits of all others", () => {
  const run = (fresh: boolean): number[] => {
    const layer = new nn.Linear(30, 40, { generator: new Generator(1) });
    const optimizer = new optim.Adam(layer.parameters(), { lr: 0.1 });
    const make = (): (() => ReturnType<typeof rand>) =>
      compile(() => {
        const loss = layer
          .forward(tensor([Array.from({ length: 30 }, (_, i) => Math.cos(i))]))
          .sigmoid()
          .log()
          .exp()
          .mean();
        optimizer.zeroGrad();
        loss.backward();
        optimizer.step();
        return loss;
      });
    let step = make();
    return Array.from({ length: 8 }, () => {
      if (fresh) step = make();
      return step().item();
    });
  };
  expect(run(true)).toEqual(run(false));
});

const parts = (): { model: nn.Linear; optimizer: optim.Adam; generators: { g: Generator } } => {
  const model = new nn.Linear(2, 2);
  return { model, optimizer: new optim.Adam(model.parameters()), generators: { g: new Generator(1) } };
};

test('a checkpoint of another run is refused, and nothing has changed', async () => {
  const path = join(folder, 'other.safetensors');
  const saved = parts();
  const schedule = new optim.StepLR(saved.optimizer, { stepSize: 3 });
  await saveCheckpoint(path, { ...saved, schedule });
  const { model, optimizer, generators } = parts();
  const own = (lr = 1): { optimizer: optim.Adam; schedule: optim.Schedule } => {
    const made = new optim.Adam(model.parameters(), { lr });
    return { optimizer: made, schedule: new optim.StepLR(made, { stepSize: 3 }) };
  };
  const wide = new nn.Linear(2, 3);
  const before = model.weight.toArray();
  const cases: [Parameters<typeof loadCheckpoint>[1], string][] = [
    [{ model, optimizer, generators }, 'holds a state of the schedule, the run has none'],
    [{ model, schedule, generators }, 'holds a state of the optimizer, the run has none'],
    [{ model, ...own() }, 'holds the generators [g], the run has []'],
    [{ model, ...own(), generators: { h: new Generator() } }, 'holds the generators [g], the run has [h]'],
    [
      { ...own(), model: wide, generators },
      'is not of such a run: loadStateDict: weight must have shape [3, 2], got [2, 2]',
    ],
    [
      { ...own(), optimizer: new optim.SGD(model.parameters(), { lr: 1 }), model, generators },
      'is not of such a run: loadStateDict: names differ',
    ],
  ];
  for (const [run, message] of cases) {
    await expect(loadCheckpoint(path, run)).rejects.toThrow(DataError);
    await expect(loadCheckpoint(path, run)).rejects.toThrow(`${path}: ${message}`);
  }
  expect(model.weight.toArray()).toEqual(before);
  expect(generators.g.state).toEqual({ seed: 1, counter: 0 });
  await loadCheckpoint(path, { model, ...own(), generators });
  expect(model.weight.toArray()).toEqual(saved.model.weight.toArray());
});

test('what is no checkpoint is refused', async () => {
  const path = join(folder, 'none.safetensors');
  const weights = { weight: tensor([1]) };
  const write = (run: unknown): void =>
    writeFileSync(
      path,
      serializeSafetensors(weights, { checkpoint: typeof run === 'string' ? run : JSON.stringify(run) }),
    );
  const good = {
    format: 'contragrad-checkpoint',
    version: 1,
    random: { seed: 1, counter: 0 },
    generators: {},
    optimizer: false,
    schedule: null,
    position: 0,
    extra: {},
  };
  writeFileSync(path, serializeSafetensors(weights));
  await expect(loadCheckpoint(path, parts())).rejects.toThrow('is no checkpoint: it holds tensors only');
  for (const [run, message] of [
    ['{', 'its metadata is not JSON'],
    [{ ...good, version: 2 }, 'must be a contragrad-checkpoint of version 1, got "contragrad-checkpoint" of version 2'],
    [
      { ...good, random: { seed: -1, counter: 0 } },
      'generator "random" needs a seed and a counter, got {"seed":-1,"counter":0}',
    ],
    [{ ...good, generators: [] }, 'its metadata lack generators, optimizer, schedule, position or extra'],
    [{ ...good, position: undefined }, 'its metadata lack'],
    ['{"__proto__":{}}', 'has the key "__proto__"'],
    [good, 'has a tensor "weight", which belongs to no part of a run'],
  ] as const) {
    write(run);
    await expect(loadCheckpoint(path, { model: new nn.ReLU() })).rejects.toThrow(DataError);
    await expect(loadCheckpoint(path, { model: new nn.ReLU() })).rejects.toThrow(message);
  }
});

test('damaged checkpoints: loaded or a DataError, and then nothing has changed', async () => {
  const path = join(folder, 'damaged.safetensors');
  await saveCheckpoint(path, { ...parts(), position: 3 });
  const file = new Uint8Array(readFileSync(path));
  let refused = 0;
  await assertProperty(
    fc.asyncProperty(mutationsOf(file), async (bytes) => {
      writeFileSync(path, bytes);
      const run = parts();
      const before = JSON.stringify(run.model.weight.toArray());
      try {
        await loadCheckpoint(path, run);
      } catch (error) {
        expect(error).toBeInstanceOf(DataError);
        expect(JSON.stringify(run.model.weight.toArray())).toBe(before);
        refused++;
      }
    }),
    500,
  );
  expect(refused).toBeGreaterThan(cases(500) / 5);
});

test.each<[string, unknown]>([
  ['NaN', Number.NaN],
  ['a Map', new Map()],
  ['undefined inside', { a: undefined }],
  ['an own __proto__', JSON.parse('{"__proto__":1}')],
  ['a typed array', new Float32Array(2)],
])('%s cannot be kept', async (_, value) => {
  const path = join(folder, 'plain.safetensors');
  await expect(saveCheckpoint(path, { ...parts(), extra: { value } as JsonObject })).rejects.toThrow(ArgumentError);
  await expect(saveCheckpoint(path, { ...parts(), extra: { value } as JsonObject })).rejects.toThrow(
    'extra must be plain JSON',
  );
  expect(readdirSync(folder)).not.toContain('plain.safetensors');
});
