/** @file Programs at the edges of what a plan fits: each needs a line of the recorder that no other program needs. */
import { nn, type Tensor } from '../../../src/index.js';
import type { Program, Sight } from '../run-program.js';

export const edges: Program[] = [
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
