/** @file Faults to plant: programs run by plain loops, with one thing wrong. The random programs must find each. */
import { Tensor, tensor } from '../../src/index.js';
import { mapLeaves } from '../../src/leaves.js';
import { byHand, PlainTrainer, type Run, type Tools } from './tools.js';

const copy = (x: Tensor): Tensor =>
  tensor([...x.dataSync()], { shape: x.shape, dtype: x.dtype, requiresGrad: x.requiresGrad });

/** The step gets copies: an argument that it holds too is another tensor for it. */
const copying =
  (step: Run): Run =>
  (...given) =>
    step(...(mapLeaves(given, (x) => x instanceof Tensor, copy) as unknown[]));

/** Tensors that were arguments of the first call have, within each later one, the numbers of those in their places. */
const replacing = (step: Run): Run => {
  let first: Tensor[] | null = null;
  return (...given) => {
    const now: Tensor[] = [];
    mapLeaves(
      given,
      (x) => x instanceof Tensor,
      (x) => now.push(x),
    );
    first ??= now;
    const moved = first.flatMap((x, i) => {
      const other = now[i];
      return other && other.dtype === x.dtype && other.size === x.size
        ? [{ x, own: x.detach(), other: other.detach() }]
        : [];
    });
    for (const { x, other } of moved) x.assign(other);
    try {
      return step(...given);
    } finally {
      for (const { x, own } of moved) x.assign(own);
    }
  };
};

const isNumbers = (value: unknown): boolean => Array.isArray(value) && typeof value.flat(2)[0] === 'number';

/** `now`, with the plain numbers of `before` where both have such. */
function withNumbersOf(before: unknown, now: unknown): unknown {
  if (isNumbers(now)) return isNumbers(before) ? before : now;
  if (Array.isArray(now)) return now.map((value, i) => withNumbersOf((before as unknown[])[i], value));
  if (typeof now !== 'object' || now === null || now instanceof Tensor) return now;
  return Object.fromEntries(
    Object.entries(now).map(([name, value]) => [name, withNumbersOf((before as Record<string, unknown>)[name], value)]),
  );
}

/** The step gets the arrays of its first call again and again. */
const freezing = (step: Run): Run => {
  let first: readonly unknown[] | null = null;
  return (...given) => {
    first ??= given;
    return step(...(withNumbersOf(first, given) as unknown[]));
  };
};

/** An Adam with one count of steps for all its parameters. */
class SharedCount extends PlainTrainer {
  protected override count(): number {
    return Math.max(...Array.from(this.kept.values(), ({ steps }) => steps));
  }
}

/** What is wrong, and how. */
export const planted: readonly (readonly [string, Partial<Tools>])[] = [
  ['arguments lose their identity', { compile: copying }],
  ['what was an argument once is read from the argument', { compile: replacing }],
  ['arrays among the arguments are read once', { compile: freezing }],
  ['a step that throws leaves what it did', { rollsBack: true }],
  [
    'a layer that comes twice is updated twice',
    { trainer: (trained, _, described) => new PlainTrainer(trained, described) },
  ],
  [
    'Adam counts steps for all parameters together',
    { trainer: (trained, _, described) => new SharedCount(trained, [...new Set(described)]) },
  ],
];

/** Tools with a fault. */
export const withFault = (fault: Partial<Tools>): Tools => ({ ...byHand, ...fault });
