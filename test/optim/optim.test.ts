/** @file The optimizers: PyTorch's numbers, options and state. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { cpu, type DType, ones, optim, type Tensor, tensor } from '../../src/index.js';

interface Golden {
  readonly start: number[][];
  readonly gradients: number[][][];
  readonly cases: readonly {
    readonly optimizer: 'SGD' | 'Adam' | 'AdamW';
    readonly options: { readonly lr: number };
    readonly after: number[][][];
  }[];
  /** In which steps each of several parameters has a gradient, and what they are then. */
  readonly have: readonly (readonly boolean[])[];
  readonly joins: readonly {
    readonly optimizer: 'SGD' | 'Adam' | 'AdamW';
    readonly options: { readonly lr: number };
    readonly after: number[][][][];
  }[];
}
const golden = JSON.parse(readFileSync('test/golden/optim.json', 'utf8')) as Golden;

const tolerances: [DType, number][] = [
  ['float64', 1e-12],
  ['float32', 1e-5],
];

describe.each(tolerances)('in %s', (dtype, tolerance) => {
  test.each(golden.cases.map((row) => [`${row.optimizer} ${JSON.stringify(row.options)}`, row] as const))(
    '%s follows PyTorch',
    (_, { optimizer, options, after }) => {
      const p = tensor(golden.start, { dtype, requiresGrad: true });
      const subject = new optim[optimizer]([p], options);
      golden.gradients.forEach((gradient, step) => {
        p.grad = tensor(gradient, { dtype });
        subject.step();
        const wanted = after[step]!.flat();
        [...p.dataSync()].forEach((value, i) => {
          expect(Math.abs(value - wanted[i]!)).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(wanted[i]!)));
        });
      });
    },
  );

  test.each(golden.joins.map((row) => [`${row.optimizer} ${JSON.stringify(row.options)}`, row] as const))(
    '%s follows PyTorch with parameters that join late and pause',
    (_, { optimizer, options, after }) => {
      const parameters = golden.have.map(() => tensor(golden.start, { dtype, requiresGrad: true }));
      const subject = new optim[optimizer](parameters, options);
      golden.gradients.forEach((gradient, step) => {
        parameters.forEach((p, i) => {
          p.grad = golden.have[i]![step] ? tensor(gradient, { dtype }) : null;
        });
        subject.step();
        const wanted = after[step]!.flat(2);
        parameters
          .flatMap((p) => [...p.dataSync()])
          .forEach((value, i) => {
            expect(Math.abs(value - wanted[i]!)).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(wanted[i]!)));
          });
      });
    },
  );
});

const leaf = (): Tensor => tensor([1, 2], { requiresGrad: true });

test('a parameter without a gradient stays as it is', () => {
  const [p, q] = [leaf(), leaf()];
  const optimizer = new optim.Adam([p, q], { lr: 0.1 });
  p.square().sum().backward();
  optimizer.step();
  expect(q.toArray()).toEqual([1, 2]);
  expect(p.toArray()).not.toEqual([1, 2]);
});

test('the learning rate can be read and changed; zeroGrad forgets gradients', () => {
  const p = leaf();
  const optimizer = new optim.SGD([p], { lr: 0.5 });
  p.sum().backward();
  optimizer.step();
  expect(p.toArray()).toEqual([0.5, 1.5]);
  optimizer.lr = 1;
  expect(optimizer.lr).toBe(1);
  optimizer.step();
  expect(p.toArray()).toEqual([-0.5, 0.5]);
  optimizer.zeroGrad();
  expect(p.grad).toBeNull();
});

test('an update never writes into numbers that somebody else holds', () => {
  const p = leaf();
  const before = p.detach();
  p.sum().backward();
  new optim.SGD([p], { lr: 1 }).step();
  expect(before.toArray()).toEqual([1, 2]);
  expect(p.toArray()).toEqual([0, 1]);
});

test('Adam’s rate is 1e-3 where none is said', () => {
  for (const kind of ['Adam', 'AdamW'] as const) expect(new optim[kind]([leaf()]).lr).toBe(1e-3);
});

test('without decay what is infinite stays so; a decay of 1 counts', () => {
  const p = tensor([Number.POSITIVE_INFINITY, 2], { requiresGrad: true });
  const [q, r] = [leaf(), leaf()];
  for (const x of [p, q, r]) x.grad = ones([2]);
  new optim.SGD([p], { lr: 0.5 }).step();
  new optim.SGD([q], { lr: 0.5, weightDecay: 1 }).step();
  new optim.SGD([r], { lr: 0.5, momentum: 0.5, weightDecay: 1 }).step();
  expect(p.toArray()).toEqual([Number.POSITIVE_INFINITY, 1.5]);
  expect([q.toArray(), r.toArray()]).toEqual([
    [0, 0.5],
    [0, 0.5],
  ]);
});

test('what an optimizer is given of a parameter stays as it was', () => {
  class Remembering extends optim.Optimizer {
    before: Tensor | null = null;
    constructor(parameters: readonly Tensor[]) {
      super('Remembering', parameters, 0.5);
    }
    protected override updated(p: Tensor, g: Tensor): Tensor {
      this.before = p;
      return p.sub(g.mul(this.lrTensor));
    }
  }
  const p = leaf();
  const optimizer = new Remembering([p]);
  p.sum().backward();
  optimizer.step();
  expect([optimizer.before!.toArray(), p.toArray()]).toEqual([
    [1, 2],
    [0.5, 1.5],
  ]);
});

test.each<[string, () => unknown, string]>([
  ['no parameters', () => new optim.SGD([], { lr: 1 }), 'SGD: needs at least one parameter, got none'],
  ['a constant', () => new optim.SGD([ones([1])], { lr: 1 }), 'SGD: parameters must be leaves with requiresGrad'],
  ['a rate', () => new optim.SGD([leaf()], { lr: Number.NaN }), 'SGD: lr must be a finite number, 0 or more, got NaN'],
  ['a beta', () => new optim.Adam([leaf()], { betas: [0.9, 1] }), 'Adam: betas[1] must be in [0, 1), got 1'],
  ['a first beta', () => new optim.Adam([leaf()], { betas: [1, 0.9] }), 'Adam: betas[0] must be in [0, 1), got 1'],
  ['a negative beta', () => new optim.Adam([leaf()], { betas: [-1, 0.9] }), 'Adam: betas[0] must be in [0, 1), got -1'],
  ['an epsilon', () => new optim.Adam([leaf()], { eps: -1 }), 'Adam: eps must be a finite number, 0 or more, got -1'],
  [
    'a momentum',
    () => new optim.SGD([leaf()], { lr: 1, momentum: -0.1 }),
    'SGD: momentum must be a finite number, 0 or more, got -0.1',
  ],
  [
    'a decay of SGD',
    () => new optim.SGD([leaf()], { lr: 1, weightDecay: -0.1 }),
    'SGD: weightDecay must be a finite number, 0 or more, got -0.1',
  ],
  [
    'a rate that is set later',
    () => Object.assign(new optim.SGD([leaf()], { lr: 1 }), { lr: -1 }),
    'SGD: lr must be a finite number, 0 or more, got -1',
  ],
  [
    'two devices',
    () => new optim.SGD([leaf(), tensor([1], { device: { ...cpu, name: 'other' }, requiresGrad: true })], { lr: 1 }),
    'SGD: parameters must share one dtype and one device; use an optimizer for each',
  ],
  [
    'a decay',
    () => new optim.AdamW([leaf()], { weightDecay: -1 }),
    'AdamW: weightDecay must be a finite number, 0 or more, got -1',
  ],
  [
    'Nesterov',
    () => new optim.SGD([leaf()], { lr: 1, nesterov: true }),
    'SGD: nesterov needs a momentum above 0, got 0',
  ],
  [
    'two types',
    () => new optim.SGD([leaf(), tensor([1], { dtype: 'float64', requiresGrad: true })], { lr: 1 }),
    'SGD: parameters must share one dtype and one device; use an optimizer for each',
  ],
])('%s is refused', (_, act, message) => {
  expect(act).toThrow(message);
});
