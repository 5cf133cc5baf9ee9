/** @file Five programs as strangers write them, with the weights and data of PyTorch: the same losses, eager and compiled. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compile, type Tensor, tensor } from '../../../src/index.js';
import { furthest } from '../../../src/testing/index.js';
import { autoencoder } from './autoencoder.js';
import { clip } from './clip.js';
import { type Given, type Learned, STEPS } from './given.js';
import { moco } from './moco.js';
import { moons } from './moons.js';
import { unfreezing } from './unfreezing.js';

interface Plain {
  readonly shape: number[];
  readonly dtype: 'float64' | 'int32';
  readonly data: number[];
}

interface Golden {
  readonly data: Readonly<Record<string, Plain>>;
  readonly state: Readonly<Record<string, Plain>>;
  readonly losses: readonly number[];
  readonly after: Readonly<Record<string, Plain>>;
}

const programs = { moons, clip, moco, autoencoder, unfreezing } as const;
const golden = JSON.parse(readFileSync('test/golden/strangers.json', 'utf8')) as Record<keyof typeof programs, Golden>;

const tensorsOf = (list: Readonly<Record<string, Plain>>): Record<string, Tensor> =>
  Object.fromEntries(
    Object.entries(list).map(([name, { shape, dtype, data }]) => [name, tensor(data, { shape, dtype })]),
  );

/** The loss of every step, and the weights after the last, are PyTorch's to so much. */
const CLOSE = 1e-9;

const names = Object.keys(programs) as (keyof typeof programs)[];

describe.each(names)('%s', (name) => {
  const { data, state, losses, after } = golden[name];
  const run = (wrap: Given['wrap']): Learned =>
    programs[name]({ data: tensorsOf(data), state: tensorsOf(state), wrap });

  test.each<[string, Given['wrap']]>([
    ['eager', (step) => step],
    ['compiled', compile],
  ])('%s, it has the losses of PyTorch and ends with its weights', (how, wrap) => {
    const learned = run(wrap);
    const state = learned.module.stateDict();
    expect(Object.keys(state)).toEqual(Object.keys(after));
    const errors = [
      furthest([...learned.losses], [...losses]).error,
      ...Object.entries(after).map(([key, { data }]) => furthest(state[key]!, data).error),
    ];
    console.log(`${name}, ${how}: never further than ${Math.max(...errors)} from PyTorch in ${STEPS} steps`);
    expect(losses).toHaveLength(STEPS);
    expect(Math.max(...errors)).toBeLessThanOrEqual(CLOSE);
  });
});
