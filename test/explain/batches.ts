/** @file What situations are made of: batches that are well or ill in known ways. */
import type { Diagnosis, Finding } from '../../src/explain/index.js';
import * as cg from '../../src/index.js';
import { Generator, type Tensor, tensor } from '../../src/index.js';

/** A situation, and what is to be said of it. */
export interface Situation {
  readonly name: string;
  readonly make: () => Diagnosis;
  /** What the verdict is about. */
  readonly verdict: Finding['kind'] | 'well';
  /** What it says, figures included. */
  readonly says: RegExp;
  /** What must not be found. */
  readonly never?: readonly Finding['kind'][];
}

export const float64 = { dtype: 'float64' } as const;

/** Standard normal rows. */
export const random = (n: number, d: number, seed = 1): Tensor =>
  cg.randn([n, d], { ...float64, generator: new Generator(seed) });

/** The same row `n` times. */
export const point = (n: number, d: number): Tensor => cg.full([n, d], 0.7, float64);

/** `of` classes of `each` rows, one after another. */
export const classes = (of: number, each: number): number[] =>
  Array.from({ length: of * each }, (_, i) => Math.floor(i / each));

/** Rows of classes around centres on the axes, `apart` from the origin. */
export function clusters(labels: readonly number[], d: number, noise: number, apart = 1, seed = 1): Tensor {
  const centres = labels.map((label) => Array.from({ length: d }, (_, t) => (t === label % d ? apart : 0)));
  return tensor(centres, float64).add(random(labels.length, d, seed).mul(noise));
}

/** The rows in another order: the last one first. */
export const turned = (x: Tensor): Tensor => cg.concat([x.slice({ starts: [1] }), x.slice({ ends: [1] })]);

/** Two views of samples. */
export const views = (n: number, d: number, noise: number, seed = 1): [Tensor, Tensor] => {
  const z = random(n, d, seed);
  return [z.add(random(n, d, seed + 1).mul(noise)), z.add(random(n, d, seed + 2).mul(noise))];
};

/** Rows that lie on a line. */
export const line = (n: number, d: number, seed = 1): Tensor => random(n, 1, seed).matmul(random(1, d, seed + 1));

/** Pairs of which every second is the same, `near` apart, the others `far`. */
export function pairs(near: number, far: number, d = 4, n = 20): [Tensor, Tensor, number[]] {
  const a = random(n, d, 5);
  const directions = cg.normalize(random(n, d, 6));
  const lengths = tensor(
    Array.from({ length: n }, (_, i) => [(i % 2 === 0 ? near : far) * (0.8 + (0.4 * i) / n)]),
    float64,
  );
  return [a, a.add(directions.mul(lengths)), Array.from({ length: n }, (_, i) => Number(i % 2 === 0))];
}

/** Anchors, positives `near` and negatives `far` from them. */
export function triplets(near: number, far: number, d = 4, n = 12): [Tensor, Tensor, Tensor] {
  const a = random(n, d, 7);
  return [a, a.add(cg.normalize(random(n, d, 8)).mul(near)), a.add(cg.normalize(random(n, d, 9)).mul(far))];
}

/** What is said of a collapse. */
export const collapse: Pick<Situation, 'verdict' | 'says'> = {
  verdict: 'collapse',
  says: /embeddings are all but one point \(.*%.*\), where the loss is [\d.]+/,
};

/** What is said of a batch with nothing wrong. */
export const well: Pick<Situation, 'verdict' | 'says'> = {
  verdict: 'well',
  says: /^Nothing looks wrong: loss [\d.]+ \(one point for everything: [\d.]+\)/,
};
