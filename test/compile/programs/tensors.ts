/** @file Programs whose arguments are tensors that the step holds, each other, or gradients. */
import * as cg from '../../../src/index.js';
import { grad, nn, optim, type Tensor } from '../../../src/index.js';
import type { Program, Sight } from '../run-program.js';

/** A training step on what `loss` makes of an argument. */
function trainer(parameters: Tensor[], loss: (x: Tensor) => Tensor): (x: Tensor) => Tensor {
  const optimizer = new optim.SGD(parameters, { lr: 0.125 });
  return (x) => {
    const value = loss(x);
    optimizer.zeroGrad();
    value.backward();
    optimizer.step();
    return value;
  };
}

export const tensors: Program[] = [
  {
    name: 'a tensor is passed that the step holds',
    run: ({ leaf, wrap }) => {
      const w = leaf([1, 2]);
      const step = wrap((x: Tensor) => x.mul(w).sum());
      return [w, leaf([3, 4]), w, leaf([5, 6]), w].map((x) => step(x));
    },
  },
  {
    name: 'a tensor is passed that the step holds, last',
    run: ({ leaf, wrap }) => {
      const w = leaf([1, 2], true);
      const step = wrap((x: Tensor) => void x.mul(w).sum().backward());
      step(leaf([3, 4]));
      const before = w.grad;
      w.grad = null;
      step(w);
      return [before, w.grad];
    },
  },
  {
    name: 'a parameter is passed that an optimizer holds',
    run: ({ leaf, wrap }) => {
      const [w, v] = [leaf([1, 2], true), leaf([3, 4], true)];
      const step = wrap(trainer([w], (x) => x.mul(w).sum()));
      const losses = [step(w), step(v), step(w), step(v)];
      return [...losses, w, v, w.grad, v.grad];
    },
  },
  {
    name: 'labels and running averages are passed that the step holds',
    run: ({ leaf, wrap, options }) => {
      const labels = cg.tensor([0, 1], { dtype: 'int32' });
      const bn = new nn.BatchNorm1d(2, options);
      const step = wrap((y: Tensor, mean: Tensor) => [
        bn.forward(leafed).mul(mean),
        cg.cast(y.mul(2).add(labels), options.dtype),
      ]);
      const leafed = leaf([
        [1, 2],
        [3, 5],
      ]);
      const other = leaf([7, 8]);
      return [
        step(labels, bn.runningMean),
        step(cg.tensor([1, 1], { dtype: 'int32' }), other),
        step(labels, other),
        step(labels, bn.runningMean),
        bn.runningMean,
        bn.runningVariance,
      ];
    },
  },
  {
    name: 'a tensor that is bound to new numbers is an argument, or not',
    run: ({ leaf, wrap }) => {
      const [w, v] = [leaf([1, 2]), leaf([3, 4])];
      const step = wrap((x: Tensor) => {
        w.assign(w.add(x));
        return x.mul(2);
      });
      return [step(w), step(v), step(w), step(v), w, v];
    },
  },
  {
    name: 'an argument is bound to new numbers, and is held or not',
    run: ({ leaf, wrap }) => {
      const [w, v] = [leaf([1, 2]), leaf([3, 4])];
      const step = wrap((x: Tensor) => {
        x.assign(x.mul(2));
        return w.add(x);
      });
      return [step(v), step(w), step(v), step(w), w, v];
    },
  },
  {
    name: 'tensors in nested arguments are each other, or held',
    run: ({ leaf, wrap }) => {
      const [w, v] = [leaf([1, 2], true), leaf([3, 4], true)];
      const step = wrap(({ a, list: [b, { c }] }: { a: Tensor; list: [Tensor, { c: Tensor }] }) => {
        a.mul(b).add(c.square()).mul(w).sum().backward();
      });
      const sights: Sight[] = [];
      for (const [a, b, c] of [
        [w, w, w],
        [v, w, v],
        [v, v, v],
        [w, v, w],
      ] as [Tensor, Tensor, Tensor][]) {
        step({ a, list: [b, { c }] });
        sights.push(w.grad, v.grad);
        w.grad = null;
        v.grad = null;
      }
      return sights;
    },
  },
  {
    name: 'two arguments are one tensor, views of one, or two',
    run: ({ leaf, wrap }) => {
      const step = wrap((a: Tensor, b: Tensor) => {
        a.assign(a.add(b));
        return a.mul(b);
      });
      const [x, y] = [leaf([1, 2]), leaf([3, 4])];
      return [step(x, x), step(x, y), step(x, x.detach()), step(y, y.reshape([2])), step(x, y), x, y];
    },
  },
  {
    name: 'an argument is the gradient of a parameter',
    run: ({ leaf, wrap }) => {
      const p = leaf([1, 2], true);
      const step = wrap((g: Tensor) => {
        p.mul(p.detach()).sum().backward();
        return [g.mul(2), p.grad!.mul(3)];
      });
      p.mul(3).sum().backward();
      return [step(p.grad!), step(leaf([5, 6])), step(p.grad!), p.grad].flat() as Sight[];
    },
  },
  {
    name: 'a gradient that is held is read by way of its parameter, too',
    run: ({ leaf, wrap }) => {
      const p = leaf([1, 2], true);
      p.mul(3).sum().backward();
      const held = p.grad!;
      const step = wrap((first: boolean) => {
        const sums = first ? [held.mul(2), p.grad!.mul(3)] : [p.grad!.mul(3), held.mul(2)];
        return sums as Sight[];
      });
      const sights = [step(true), step(false)];
      p.grad = leaf([7, 8]);
      return [...sights, step(true), step(false)];
    },
  },
  {
    name: 'two gradients have the same numbers, and then others',
    run: ({ leaf, wrap }) => {
      const [p, q] = [leaf([1, 2], true), leaf([3, 4], true)];
      p.add(q).sum().backward();
      const step = wrap(() => [p.grad!.mul(2), q.grad!.mul(3)]);
      const first = step();
      q.grad = leaf([5, 6]);
      return [first, step()];
    },
  },
  {
    name: 'the gradient of an argument is there, or not, with requiresGrad or without',
    run: ({ leaf, wrap }) => {
      const step = wrap((x: Tensor) => (x.grad === null ? x.mul(2) : x.grad.mul(3)));
      const x = leaf([1, 2], true);
      const sights = [step(x)];
      x.mul(5).sum().backward();
      sights.push(step(x));
      x.requiresGrad = false;
      sights.push(step(x));
      x.grad = null;
      return [...sights, step(x)];
    },
  },
  {
    name: 'a gradient changes its shape',
    run: ({ leaf, wrap }) => {
      const p = leaf([1, 2], true);
      const step = wrap(() => p.grad!.sum());
      p.grad = leaf([1, 2]);
      const first = step();
      p.grad = leaf([[1, 2, 3]]);
      return [first, step()];
    },
  },
  {
    name: 'a default argument is a tensor that is passed later',
    run: ({ leaf, wrap }) => {
      const w = leaf([1, 2], true);
      const step = wrap((x: Tensor, t: Tensor = w) => void x.mul(t).sum().backward());
      const x = leaf([3, 4]);
      step(x);
      step(x, w);
      step(w, w);
      step(x, leaf([1, 1], true));
      return [w.grad];
    },
  },
  {
    name: 'a parameter of a layer is an argument',
    run: ({ leaf, wrap, options }) => {
      const layer = new nn.Linear(2, 1, { ...options, generator: new cg.Generator(1) });
      const other = new nn.Linear(2, 1, { ...options, generator: new cg.Generator(2) });
      const x = leaf([[1, 2]]);
      const step = wrap((w: Tensor) => {
        layer.forward(x).mul(w).sum().backward();
      });
      for (const { weight } of [layer, other, layer]) step(weight);
      return [layer.weight.grad, other.weight.grad, layer.bias!.grad];
    },
  },
  {
    name: 'gradients are asked for by grad, of a tensor that is also an argument',
    run: ({ leaf, wrap }) => {
      const [w, v] = [leaf([1, 2], true), leaf([3, 4], true)];
      const step = wrap((x: Tensor) => grad(x.mul(w).add(x).sum(), [w, x], { allowUnused: true }));
      return [step(w), step(v), step(w)].flat();
    },
  },
];
