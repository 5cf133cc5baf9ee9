/** @file Programs that no plan can be right for: each is an error that says what to do. */
import * as cg from '../../../src/index.js';
import { nn, optim, type Tensor } from '../../../src/index.js';
import type { Program } from '../run-program.js';

/** A module that keeps its last result. */
class Keeping extends nn.Module {
  last: Tensor | null = null;

  override forward(x: Tensor): Tensor {
    this.last = x.mul(2);
    return this.last;
  }
}

export const refused: Program[] = [
  {
    name: 'what a module keeps in a field inside of the step is read outside',
    refuses:
      /^item: this tensor was freed with the compiled step that it was made in; return it from the compiled step$/,
    run: ({ leaf, wrap }) => {
      const module = new Keeping();
      wrap((x: Tensor) => module.forward(x))(leaf(1));
      return [module.last!.item()];
    },
  },
  {
    name: 'what a module kept in a field is read by the next call',
    refuses: /^storage: this tensor was freed with the compiled step that it was made in; /,
    run: ({ leaf, wrap }) => {
      const module = new Keeping();
      const step = wrap((x: Tensor) => {
        const before = module.last;
        return module.forward(before === null ? x : x.add(before.detach()));
      });
      return [step(leaf(1)), step(leaf(2))];
    },
  },
  {
    name: 'a schedule goes on inside of the step',
    refuses: /^Schedule\.step: a number that changes in JavaScript .*; do it outside of the step, or /,
    run: ({ leaf, wrap }) => {
      const w = leaf([1], true);
      const optimizer = new optim.SGD([w], { lr: 1 });
      const schedule = new optim.StepLR(optimizer, { stepSize: 1, gamma: 0.5 });
      const step = wrap(() => schedule.step());
      step();
      return [w];
    },
  },
  {
    name: 'numbers are drawn in JavaScript inside of the step',
    refuses: /^Generator: a number that changes in JavaScript .* compute with tensors \(rand, dropout\)$/,
    run: ({ leaf, wrap }) => {
      const generator = new cg.Generator(1);
      return [wrap(() => leaf(1).mul(generator.uniform()))()];
    },
  },
  {
    name: 'a generator is seeded inside of the step',
    refuses: /^Generator: /,
    run: ({ wrap, options }) => [
      wrap(() => {
        cg.manualSeed(1);
        return cg.rand([2], options);
      })(),
    ],
  },
  {
    name: 'a gradient flows through what was computed before the step',
    refuses:
      /^backward: what comes from before the step is computed by square: no gradient flows out .*; pass detach\(\), or compute it inside the step$/,
    run: ({ leaf, wrap }) => {
      const w = leaf([1, 2], true);
      const h = w.square();
      const step = wrap(() => void h.sum().backward(undefined, { retainGraph: true }));
      step();
      return [w.grad];
    },
  },
  {
    name: 'what a step leaves in a variable is read outside',
    refuses:
      /^item: this tensor was freed with the compiled step that it was made in; return it from the compiled step$/,
    run: ({ leaf, wrap }) => {
      let last = leaf(0);
      const step = wrap((x: Tensor) => {
        last = x.mul(2);
      });
      step(leaf(1));
      return [last.item()];
    },
  },
  {
    name: 'what a step leaves in a variable is an argument of another',
    refuses: /^compile: this tensor was freed with the compiled step/,
    run: ({ leaf, wrap }) => {
      let last = leaf(0);
      const double = wrap((x: Tensor) => x.mul(2));
      const step = wrap((x: Tensor) => {
        last = x.mul(2);
      });
      double(leaf(1));
      step(leaf(1));
      return [double(last)];
    },
  },
  {
    name: 'a tensor comes back in a Map',
    refuses: /^item: this tensor was freed with the compiled step/,
    run: ({ leaf, wrap }) => [
      wrap((x: Tensor) => new Map([['y', x.mul(2)]]))(leaf(1))
        .get('y')!
        .item(),
    ],
  },
  {
    name: 'an argument is written to',
    refuses: /^compile: the step writes into argument 0\.list, which no replay would do; return what it computes$/,
    run: ({ leaf, wrap }) => {
      const step = wrap((log: { list: Tensor[] }, x: Tensor) => void log.list.push(x));
      step({ list: [leaf(1)] }, leaf(2));
      return [];
    },
  },
];
