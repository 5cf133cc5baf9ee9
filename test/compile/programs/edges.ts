/** @file Programs at the edges of what a plan fits: each needs a line of the recorder that no other program needs. */
import * as cg from '../../../src/index.js';
import { nn, type Tensor } from '../../../src/index.js';
import type { Program, Sight } from '../run-program.js';

export const edges: Program[] = [
  {
    name: 'texts are made of what stands between two texts',
    run: ({ leaf, wrap }) => {
      const step = wrap((...given: unknown[]) => leaf(1).div(given.length));
      return [step('a; string b'), step('a', 'b'), step('a; string b')];
    },
  },
  {
    name: 'functions of one text are arguments',
    run: ({ leaf, wrap }) => {
      const times = (k: number) => (x: Tensor) => x.mul(k);
      const [double, triple] = [times(2), times(3)];
      const step = wrap((x: Tensor, f: (x: Tensor) => Tensor) => f(x));
      return [double, triple, double].map((f) => step(leaf([1, 2]), f));
    },
  },
  {
    name: 'an array and an object with its indices as names are arguments',
    run: ({ leaf, wrap }) => {
      const step = wrap((x: Tensor, given: readonly unknown[] | Record<string, unknown>) =>
        x.mul(Array.isArray(given) ? 2 : 3),
      );
      const [list, object] = [[leaf(1), 'a'], { 0: leaf(1), 1: 'a' }];
      return [list, object, list].map((given) => step(leaf(5), given));
    },
  },
  {
    name: 'a list of numbers is passed, or nothing, or another kind of list',
    run: ({ leaf, wrap, options }) => {
      const step = wrap((x: Tensor, list?: readonly number[] | Float32Array | null) =>
        list ? x.add(cg.tensor(list, options)) : x,
      );
      const x = leaf([1, 2]);
      return [step(x, [1, 2]), step(x, undefined), step(x, [3, 4]), step(x, null), step(x, Float32Array.of(5, 6))];
    },
  },
  {
    name: 'an empty list is filled by the step',
    run: ({ leaf, wrap }) => {
      const list: number[] = [];
      const step = wrap((x: Tensor, log: number[]) => {
        log.push(x.size);
        return x.mul(2);
      });
      // From the second call on it is a list of numbers, into which no replay writes.
      return [step(leaf([1, 2]), list), list.length];
    },
  },
  {
    name: 'a step sets a mode that it does not read',
    run: ({ leaf, wrap }) => {
      const layer = new nn.ReLU();
      const step = wrap((x: Tensor) => {
        layer.training = true;
        return x.mul(2);
      });
      return [true, false, true, false].flatMap((training): Sight[] => {
        layer.training = training;
        return [step(leaf([1, 2])), layer.training];
      });
    },
  },
];
