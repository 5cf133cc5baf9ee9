/** @file Programs that a plan must not get wrong: each runs eagerly and compiled, and says what it saw. */
import * as cg from '../../src/index.js';
import { grad, nn, optim, type Tensor } from '../../src/index.js';
import type { Sight, Tools } from './run-program.js';

/** One program; it returns what it saw. */
export interface Program {
  readonly name: string;
  run(tools: Tools): Sight[];
  /** What the compiled step says, where it cannot be right. */
  readonly refuses?: RegExp;
}

const SAME = 'is passed where it is held';
const FIELD = 'is set between calls';

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

/** A module with options of every kind in its fields. */
class Scaled extends nn.Module {
  factor = 2;
  kind = 'double';
  weights: Tensor[];
  byName: Map<string, Tensor>;
  settings: { shift: number; deep: { list: number[] } } = { shift: 1, deep: { list: [1, 2] } };
  table: Float32Array = Float32Array.of(1, 2);
  missing?: Tensor;

  constructor(weights: Tensor[]) {
    super();
    this.weights = weights;
    this.byName = new Map(weights.map((weight, i) => [String(i), weight]));
  }

  override forward(x: Tensor): Tensor {
    const { shift, deep } = this.settings;
    let y = this.weights.reduce((sum, weight) => sum.add(weight), x.mul(this.factor).add(shift));
    if (this.kind === 'double') y = y.mul(2);
    if (this.missing !== undefined) y = y.add(this.missing);
    return y
      .add(this.byName.get('0')!)
      .add(deep.list.reduce((a, b) => a + b))
      .mul(this.table[1]!);
  }
}

/** A module that remembers. */
class Counting extends nn.Module {
  calls = 0;
  size = 0;
  last: Tensor | null = null;

  override forward(x: Tensor): Tensor {
    this.calls++;
    this.size = x.size;
    this.last = x.mul(2);
    return this.last.mul(this.calls);
  }
}

/** No module: plans look at it where it is an argument. */
class Batch {
  x: Tensor;
  scale = 2;
  labels: number[] = [1, 2];
  constructor(x: Tensor) {
    this.x = x;
  }
}

export const programs: Program[] = [
  {
    name: `a tensor ${SAME}`,
    run: ({ leaf, wrap }) => {
      const w = leaf([1, 2]);
      const step = wrap((x: Tensor) => x.mul(w).sum());
      return [w, leaf([3, 4]), w, leaf([5, 6]), w].map((x) => step(x));
    },
  },
  {
    name: `a tensor ${SAME}, last`,
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
    name: `a parameter of an optimizer ${SAME}`,
    run: ({ leaf, wrap }) => {
      const [w, v] = [leaf([1, 2], true), leaf([3, 4], true)];
      const step = wrap(trainer([w], (x) => x.mul(w).sum()));
      const losses = [step(w), step(v), step(w), step(v)];
      return [...losses, w, v, w.grad, v.grad];
    },
  },
  {
    name: `labels and running averages ${SAME}`,
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
  {
    name: 'the same array is passed twice, or is held',
    run: ({ leaf, wrap }) => {
      const held = [1, 2];
      const step = wrap((x: Tensor, a: number[], b: number[]) => [
        x.mul(cg.tensor(a, { dtype: x.dtype })),
        x.mul(cg.tensor(b, { dtype: x.dtype })),
        x.mul(cg.tensor(held, { dtype: x.dtype })),
      ]);
      const x = leaf([1, 1]);
      return [step(x, held, held), step(x, [3, 4], [5, 6]), step(x, held, [7, 8])];
    },
  },
  ...(['plain', 'typed'] as const).map((kind): Program => {
    const array = (...numbers: number[]): number[] =>
      kind === 'plain' ? numbers : (Float64Array.from(numbers) as unknown as number[]);
    return {
      name: `numbers of a ${kind} array are looked at in the step`,
      run: ({ leaf, wrap }) => {
        const x = leaf([1, 2, 3]);
        const steps = [
          wrap((y: number[]) => x.mul(y[0]!)),
          wrap((y: number[]) => x.mul(Math.max(...y))),
          wrap((y: number[]) => x.mul(y.map((v) => 2 * v)[1]!)),
          wrap((y: number[]) => (y.includes(7) ? x : x.mul(3))),
          wrap((y: number[]) => x.mul(cg.tensor(y, { dtype: x.dtype })).mul(y.filter((v) => v > 4).length)),
          wrap((y: number[]) => x.mul(cg.tensor([y[2]!, 1, 1], { dtype: x.dtype }))),
          wrap((y: number[]) => x.mul(JSON.stringify(y).length)),
          wrap((y: number[]) => x.mul(Float64Array.from(y)[1]!)),
          wrap((y: number[]) => [...y].reduce((sum, v) => sum.add(v), x)),
        ];
        return steps.flatMap((step) =>
          [array(2, 3, 4), array(5, 3, 4), array(2, 7, 8), array(2, 3, 4), array(0, 0, -0)].map((y) => step(y)),
        );
      },
    };
  }),
  {
    name: 'numbers of nested arrays are looked at in the step',
    run: ({ leaf, wrap }) => {
      const x = leaf([1, 2]);
      const step = wrap(({ rows }: { rows: number[][] }) =>
        x.mul(rows[1]![0]!).add(cg.tensor(rows[0]!, { dtype: x.dtype })),
      );
      const steps = [
        [
          [1, 2],
          [3, 4],
        ],
        [
          [5, 6],
          [7, 8],
        ],
        [
          [5, 6],
          [3, 9],
        ],
      ];
      return steps.map((rows) => step({ rows }));
    },
  },
  {
    name: 'arguments come back as they went in',
    run: ({ leaf, wrap }) => {
      const step = wrap((x: Tensor, y: number[], z: Float32Array, rest: { x: Tensor; n: number }) => ({
        x,
        y,
        z,
        rest,
      }));
      return [1, 2].map((i) => {
        const given = { y: [i, 3], z: Float32Array.of(i), rest: { x: leaf(i), n: 1 } };
        const { x, y, z, rest } = step(leaf(i), given.y, given.z, given.rest);
        return [x, y === given.y, z === given.z, rest === given.rest, rest.x];
      });
    },
  },
  {
    name: 'numbers and texts differ in what a text of them hides',
    run: ({ leaf, wrap }) => {
      const step = wrap((...given: unknown[]) => leaf(1).div(given[0] === 0 ? Number(given[0]) : given.length));
      const sights = [step(0), step(-0), step('a; "b"'), step('a', 'b'), step('null'), step(null), step('1'), step(1)];
      return [...sights, step({ 'a: number 1, b': 2 }), step({ a: 1, b: 2 }), step([1, 'x']), step(['1,"x"'])];
    },
  },
  {
    name: 'the order of names in an argument matters',
    run: ({ leaf, wrap }) => {
      const step = wrap((parts: Record<string, Tensor>) => cg.concat(Object.values(parts)));
      const [a, b] = [leaf([1]), leaf([2])];
      return [step({ a, b }), step({ b, a }), step({ a: b, b: a })];
    },
  },
  {
    name: 'an object of a class among the arguments changes',
    run: ({ leaf, wrap }) => {
      const batch = new Batch(leaf([1, 2]));
      const map = new Map<string, unknown>([['w', leaf([1, 1])]]);
      const set = new Set([leaf([2, 2])]);
      const bytes = Uint8Array.of(1, 2);
      const step = wrap((b: Batch, m: typeof map, s: typeof set, u: Uint8Array) => {
        const tensors = [m.get('w') as Tensor, ...s];
        return tensors
          .reduce((sum, x) => sum.add(x), b.x.mul(b.scale))
          .add(b.labels[0]!)
          .add(u[0]!);
      });
      const sights: Sight[] = [];
      const call = (): void => void sights.push(step(batch, map, set, bytes));
      call();
      batch.x = leaf([3, 4]);
      call();
      batch.scale = 5;
      call();
      batch.labels[0] = 9;
      call();
      map.set('w', leaf([7, 7]));
      call();
      set.clear();
      set.add(leaf([8, 8]));
      call();
      bytes[0] = 100;
      call();
      sights.push(step(new Batch(leaf([1, 2])), map, set, bytes), step(batch, map, set, bytes));
      return sights;
    },
  },
  {
    name: 'an object of a class holds a tensor that is an argument, too',
    run: ({ leaf, wrap }) => {
      const [w, v] = [leaf([1, 2], true), leaf([3, 4], true)];
      const batch = new Batch(w);
      const step = wrap((b: Batch, x: Tensor) => void b.x.mul(x).sum().backward());
      step(batch, w);
      step(batch, v);
      batch.x = v;
      step(batch, w);
      step(batch, v);
      return [w.grad, v.grad];
    },
  },
  {
    name: `every kind of field of a module ${FIELD}`,
    run: ({ leaf, wrap }) => {
      const module = new Scaled([leaf([1, 1])]);
      const step = wrap((x: Tensor) => module.forward(x));
      const x = leaf([1, 2]);
      const changes: (() => void)[] = [
        () => {},
        () => {
          module.factor = 3;
        },
        () => {
          module.kind = 'single';
        },
        () => {
          module.weights[0] = leaf([5, 6]);
        },
        () => void module.weights.push(leaf([7, 8])),
        () => {
          module.weights = [leaf([0, 1])];
        },
        () => void module.byName.set('0', leaf([9, 9])),
        () => {
          module.settings.shift = 4;
        },
        () => {
          module.settings.deep.list[1] = 6;
        },
        () => {
          module.table[1] = 3;
        },
        () => {
          module.missing = leaf([2, 3]);
        },
        () => {
          delete module.missing;
        },
        () => {
          module.forward = (y) => y;
        },
      ];
      return changes.flatMap((change) => {
        change();
        return [step(x), step(x)];
      });
    },
  },
  {
    name: `the weight of a layer ${FIELD}, and trained`,
    run: ({ leaf, wrap, options }) => {
      const layer = new nn.Linear(2, 1, { ...options, generator: new cg.Generator(1) });
      const step = wrap((x: Tensor) => void layer.forward(x).sum().backward());
      const x = leaf([[1, 2]]);
      step(x);
      const before = layer.weight;
      Object.assign(layer, { weight: new nn.Parameter(leaf([[3, 4]])) });
      step(x);
      step(x);
      return [before.grad, layer.weight.grad, layer.bias!.grad];
    },
  },
  {
    name: 'options of layers are set between calls',
    run: ({ leaf, wrap, options }) => {
      const bn = new nn.BatchNorm1d(2, options);
      const ln = new nn.LayerNorm(2, options);
      const leaky = new nn.LeakyReLU();
      const unit = new nn.L2Normalize();
      const dropout = new nn.Dropout({ p: 0.25, generator: new cg.Generator(3) });
      const residual = new nn.Residual(leaky);
      const model = new nn.Sequential(bn, ln, residual, unit, dropout);
      const step = wrap((x: Tensor) => model.forward(x));
      const x = leaf([
        [1, -2],
        [3, 5],
      ]);
      const sights: Sight[] = [];
      const set = (owner: object, values: object): void => {
        Object.assign(owner, values);
        sights.push(step(x), bn.runningMean, bn.runningVariance);
      };
      set(bn, {});
      set(bn, { momentum: 0.5 });
      set(bn, { eps: 0.5 });
      set(ln, { eps: 0.25 });
      set(leaky, { slope: 0.5 });
      set(unit, { eps: 10 });
      set(dropout, { p: 0.75 });
      set(residual, { body: new nn.Tanh() });
      set(residual, { projection: new nn.Tanh() });
      set(model.layers, { 1: new nn.Tanh() });
      bn.eval();
      set(bn, { eps: 2 });
      bn.train();
      set(dropout, {});
      dropout.eval();
      set(bn, {});
      return sights;
    },
  },
  {
    name: 'modules in Maps, arrays and arguments switch to evaluation, one by one',
    run: ({ leaf, wrap, options }) => {
      const parts = new Map([['bn', new nn.BatchNorm1d(2, options)]]);
      const list = [new nn.BatchNorm1d(2, options)];
      const step = wrap((x: Tensor, model: nn.Module) =>
        [parts.get('bn')!, ...list, model].reduce((y, module) => module.forward(y), x),
      );
      const model = new nn.Sequential(new nn.BatchNorm1d(2, options));
      const x = leaf([
        [1, -2],
        [3, 5],
      ]);
      const sights = [step(x, model)];
      for (const module of [parts.get('bn')!, list[0]!, model]) {
        module.eval();
        sights.push(step(x, model));
        module.train();
        sights.push(step(x, model));
      }
      return sights;
    },
  },
  {
    name: 'a step switches its module to evaluation and back',
    run: ({ leaf, wrap, options }) => {
      const bn = new nn.BatchNorm1d(2, options);
      const x = leaf([
        [1, -2],
        [3, 5],
      ]);
      const step = wrap(() => {
        const trained = bn.train().forward(x);
        return [trained, bn.eval().forward(x)];
      });
      const sights: Sight[] = [step(), bn.training, step(), bn.training];
      bn.train();
      return [...sights, step(), bn.training, bn.runningMean];
    },
  },
  {
    name: 'a step counts in a field of its module',
    run: ({ leaf, wrap }) => {
      const module = new Counting();
      const step = wrap((x: Tensor) => module.forward(x));
      return [leaf([3, 4]), leaf([1, 2]), leaf([5]), leaf([1, 2])].flatMap((x) => {
        const y = step(x);
        if (x.size === 1) module.calls += 10;
        return [y, module.calls, module.size];
      });
    },
  },
  {
    name: 'what a module keeps in a field inside of the step is read outside',
    refuses:
      /^item: this tensor was freed with the compiled step that it was made in; .*, or assign\(\) it to one made before$/,
    run: ({ leaf, wrap }) => {
      const module = new Counting();
      wrap((x: Tensor) => module.forward(x))(leaf(1));
      return [module.last!.item()];
    },
  },
  {
    name: 'what a module kept in a field is read by the next call',
    refuses: /^storage: this tensor was freed with the compiled step that it was made in; /,
    run: ({ leaf, wrap }) => {
      const module = new Counting();
      const step = wrap((x: Tensor) => {
        const before = module.last;
        return module.forward(before === null ? x : x.add(before.detach()));
      });
      return [step(leaf(1)), step(leaf(2))];
    },
  },
  {
    name: 'a step makes a constant once and keeps it in a field',
    run: ({ leaf, wrap, options }) => {
      class Masked extends nn.Module {
        mask?: Tensor;
        override forward(x: Tensor): Tensor {
          this.mask ??= cg.eye(2, options).mul(3);
          return x.mul(this.mask);
        }
      }
      const module = new Masked();
      const step = wrap((x: Tensor) => module.forward(x));
      return [step(leaf([1, 2])), step(leaf([3, 4])), step(leaf([[5, 6]]).reshape([2])), module.mask];
    },
  },
  {
    name: 'an optimizer of the user keeps its numbers in fields',
    run: ({ leaf, wrap }) => {
      class Plain extends optim.Optimizer {
        rate = 0.5;
        factors = [1, 2];
        constructor(parameters: readonly Tensor[]) {
          super('Plain', parameters, 0.1);
        }
        protected override updated(p: Tensor, g: Tensor): Tensor {
          return p.sub(g.mul(this.rate * this.factors[1]!));
        }
      }
      const w = leaf([1, 2], true);
      const optimizer = new Plain([w]);
      const step = wrap((x: Tensor) => {
        optimizer.zeroGrad();
        w.mul(x).sum().backward();
        optimizer.step();
      });
      const x = leaf([1, 2]);
      step(x);
      step(x);
      optimizer.rate = 0.25;
      step(x);
      optimizer.factors[1] = 3;
      step(x);
      return [w];
    },
  },
  {
    name: 'parameters are frozen and unfrozen, inside and outside of the step',
    run: ({ leaf, wrap }) => {
      const [w, v] = [leaf([1, 2], true), leaf([3, 4], true)];
      const optimizer = new optim.SGD([w, v], { lr: 0.5 });
      const step = wrap((x: Tensor) => {
        optimizer.zeroGrad();
        v.requiresGrad = false;
        w.mul(v).mul(x).sum().backward();
        v.requiresGrad = true;
        v.mul(x).sum().backward();
        optimizer.step();
      });
      const x = leaf([1, 2]);
      const sights: Sight[] = [];
      for (const frozen of [false, true, true, false]) {
        w.requiresGrad = !frozen;
        if (frozen) continue;
        step(x);
        sights.push(w.detach(), v.detach(), w.requiresGrad, v.requiresGrad);
      }
      return sights;
    },
  },
  {
    name: 'an argument is made trainable in the step',
    run: ({ leaf, wrap }) => {
      const step = wrap((x: Tensor) => {
        x.requiresGrad = true;
        x.square().sum().backward();
      });
      const [x, y] = [leaf([1, 2]), leaf([3, 4])];
      for (const given of [x, y, x]) step(given);
      return [x.requiresGrad, x.grad, y.requiresGrad, y.grad];
    },
  },
  {
    name: 'a schedule goes on outside of the step, and the rate is set',
    run: ({ leaf, wrap }) => {
      const w = leaf([1, 2], true);
      const optimizer = new optim.SGD([w], { lr: 1 });
      const schedule = new optim.StepLR(optimizer, { stepSize: 1, gamma: 0.5 });
      const step = wrap(() => {
        optimizer.zeroGrad();
        w.sum().backward();
        optimizer.step();
      });
      for (let i = 0; i < 3; i++) {
        step();
        schedule.step();
      }
      optimizer.lr = 8;
      step();
      return [w];
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
    name: 'the rate is set inside of the step',
    refuses: /^lr: a number that changes in JavaScript .*; do it outside of the step, or /,
    run: ({ leaf, wrap }) => {
      const optimizer = new optim.SGD([leaf([1], true)], { lr: 1 });
      wrap(() => {
        optimizer.lr = 0.5;
      })();
      return [];
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
      /^item: this tensor was freed with the compiled step that it was made in; return it from the compiled step, /,
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
    name: 'a tensor comes back in a Map',
    refuses: /^item: this tensor was freed with the compiled step/,
    run: ({ leaf, wrap }) => [
      wrap((x: Tensor) => new Map([['y', x.mul(2)]]))(leaf(1))
        .get('y')!
        .item(),
    ],
  },
  {
    name: 'the list of parameters grows, which are clipped inside of the step',
    run: ({ leaf, wrap }) => {
      const module = new Scaled([leaf([1, 1], true)]);
      const all = (): Tensor[] => [...module.weights, ...module.parameters()];
      const step = wrap((x: Tensor) => {
        for (const parameter of all()) parameter.grad = null;
        module.forward(x).sum().backward();
        return optim.clipGradNorm(all(), 1);
      });
      const x = leaf([1, 2]);
      const sights: Sight[] = [step(x), step(x)];
      module.weights.push(leaf([1, 2], true));
      sights.push(step(x));
      Object.assign(module, { extra: new nn.Parameter(leaf([3, 4])) });
      sights.push(step(x), step(x));
      return [...sights, ...module.weights.map(({ grad }) => grad)];
    },
  },
  {
    name: 'a memory bank, and its rows as an argument',
    run: ({ leaf, wrap, options }) => {
      const bank = cg.memoryBank({ size: 4, dim: 2, ...options });
      const step = wrap((x: Tensor, rows: Tensor) => {
        const loss = cg.infoNCELoss(x, rows.slice({ ends: [2] }), { negatives: bank });
        bank.push(x);
        return loss;
      });
      const [x, y] = [
        leaf([
          [1, 2],
          [3, 1],
        ]),
        leaf([
          [0, 1],
          [2, 2],
        ]),
      ];
      bank.push(y);
      return [step(x, x), step(x, y), step(y, bank.rows), step(x, y), step(y, bank.rows), bank.rows, bank.mask];
    },
  },
  {
    name: 'a model moves between plans of two steps, and of evaluation',
    run: ({ leaf, wrap, options }) => {
      const model = new nn.Linear(2, 2, { ...options, generator: new cg.Generator(1) });
      const [adam, sgd] = [
        new optim.Adam(model.parameters()),
        new optim.SGD([model.weight], { lr: 0.5, momentum: 0.5 }),
      ];
      const train = [adam, sgd].map((optimizer) =>
        wrap((x: Tensor) => {
          const loss = model.forward(x).square().mean();
          optimizer.zeroGrad();
          loss.backward();
          optimizer.step();
          return loss;
        }),
      );
      const evaluate = wrap((x: Tensor) => model.forward(x));
      const x = leaf([[1, 2]]);
      return [0, 1, 0, 0, 1, 1].flatMap((which) => [
        train[which]!(x),
        evaluate(x),
        cg.noGrad(() => evaluate(model.weight)),
        evaluate(x),
      ]);
    },
  },
  {
    name: 'a model is an argument, and another of its kind',
    run: ({ leaf, wrap, options }) => {
      const [one, two] = [1, 2].map((seed) => new nn.Linear(2, 1, { ...options, generator: new cg.Generator(seed) }));
      const step = wrap((model: nn.Linear, x: Tensor) => model.forward(x));
      const x = leaf([[1, 2]]);
      const sights = [step(one!, x), step(two!, x), step(one!, x)];
      Object.assign(one!, { weight: two!.weight });
      return [...sights, step(one!, x), step(two!, two!.weight)];
    },
  },
  {
    name: 'a step that throws in the middle leaves tensors and fields as they were, and goes on',
    run: ({ leaf, wrap }) => {
      class Checked extends nn.Module {
        last = 0;
        override forward(x: Tensor): Tensor {
          this.last = x.size;
          if (x.size === 3) throw new Error('three');
          return x.mul(this.last);
        }
      }
      const module = new Checked();
      const w = leaf([1], true);
      const step = wrap((x: Tensor) => {
        const y = module.forward(x);
        w.assign(w.add(1));
        return y;
      });
      const sights: Sight[] = [step(leaf([1, 2]))];
      try {
        step(leaf([1, 2, 3]));
      } catch {
        sights.push(w.detach());
      }
      return [...sights, step(leaf([5])), w, module.last];
    },
  },
  {
    name: 'a device is an argument, alone or in options',
    run: ({ leaf, wrap }) => {
      const step = wrap((x: Tensor, device: cg.Device, { options }: { options: { device: cg.Device } }) =>
        x.add(cg.ones([2], { device, dtype: x.dtype })).mul(cg.full([2], 3, { ...options, dtype: x.dtype })),
      );
      return [leaf([1, 2]), leaf([3, 4])].map((x) => step(x, cg.cpu, { options: { device: cg.cpu } }));
    },
  },
  {
    name: 'anomalies are looked for in a compiled step',
    run: ({ leaf, wrap }) => {
      const step = wrap((x: Tensor) => x.log());
      const sights: Sight[] = [step(leaf([1])), step(leaf([-1]))];
      for (const value of [2, -2]) {
        try {
          sights.push(cg.detectAnomaly(() => step(leaf([value]))));
        } catch (error) {
          sights.push((error as Error).message.split(';')[0]);
        }
      }
      return sights;
    },
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
