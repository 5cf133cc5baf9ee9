/** @file Programs in which fields, options and modes change between calls, or inside of the step. */
import * as cg from '../../../src/index.js';
import { nn, optim, type Tensor } from '../../../src/index.js';
import type { Program, Sight } from '../run-program.js';

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

export const fields: Program[] = [
  {
    name: 'every kind of field of a module is set between calls',
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
    name: 'the weight of a layer is replaced between calls, and trained',
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
];
