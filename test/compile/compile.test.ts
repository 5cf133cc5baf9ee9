/** @file Recorded steps: replayed, they are what the step is eagerly. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as cg from '../../src/index.js';
import { compile, grad, nn, optim, type Tensor, tensor } from '../../src/index.js';
import { furthest } from '../../src/testing/index.js';
import { table, titleOf } from '../ops/table.js';
import { assertProperty } from '../support/depth.js';

const f64 = { dtype: 'float64' } as const;

/** Not `to`, which reads. */
const rows = table.filter(({ covers }) => covers !== 'to');

describe('every row of the table, recorded with some numbers and replayed with others', () => {
  test.each(rows.map((row) => [titleOf(row), row] as const))('%s', (_, row) => {
    assertProperty(
      fc.property(row.inputs, (inputs) => {
        const leaves = (order: (values: number[]) => number[]): Tensor[] =>
          inputs.map((x) =>
            tensor(order([...x.dataSync()]), {
              shape: x.shape,
              dtype: x.dtype,
              requiresGrad: x.dtype === 'float64',
            }),
          );
        const step = (...given: Tensor[]): Tensor[] => {
          const out = row.fn(...given);
          if (!out.requiresGrad) return [out];
          const seed = cg.arange(out.size, f64).add(1).reshape(out.shape);
          return [
            out,
            ...grad(
              out,
              given.filter((x) => x.requiresGrad),
              { gradient: seed, allowUnused: true },
            ),
          ];
        };
        const compiled = compile(step);
        const same = (order: (values: number[]) => number[]): void => {
          const wanted = step(...leaves(order));
          const actual = compiled(...leaves(order));
          expect(actual.length).toBe(wanted.length);
          actual.forEach((x, i) => {
            expect(x.shape).toEqual(wanted[i]!.shape);
            expect(x.requiresGrad).toBe(false);
            expect(furthest(x, wanted[i]!).error).toBe(0);
          });
        };
        same((values) => values);
        const { plan } = compiled;
        same((values) => [...values].reverse());
        same((values) => values.map((_, i) => values[(i + 1) % values.length]!));
        expect(compiled.plan).toBe(plan);
      }),
    );
  });
});

interface Run {
  readonly step: (x: Tensor, labels: readonly number[]) => Tensor;
  readonly encoder: nn.Sequential;
  readonly optimizer: optim.Adam;
}

function training(wrap: <F extends Run['step']>(step: F) => F | ReturnType<typeof compile>): Run {
  const generator = new cg.Generator(5);
  const options = { generator, ...f64 };
  const encoder = new nn.Sequential(new nn.Linear(6, 8, options), new nn.ReLU(), new nn.Linear(8, 3, options));
  const optimizer = new optim.Adam(encoder.parameters(), { lr: 1e-2 });
  const step = wrap((x: Tensor, labels: readonly number[]) => {
    const loss = cg.batchContrastiveLoss(encoder.forward(x), labels, { margin: 2 });
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    return loss;
  }) as Run['step'];
  return { step, encoder, optimizer };
}

test('300 Adam steps replay as they run, through loadStateDict, a new rate, other batch sizes and reads in between', () => {
  const eager = training((step) => step);
  const replayed = training((step) => compile(step) as never);
  const generator = new cg.Generator(9);
  const initial = eager.encoder.stateDict();
  let worst = 0;
  for (let i = 0; i < 300; i++) {
    const rows = i % 50 < 40 ? 8 : 5;
    const x = cg.randn([rows, 6], { generator, ...f64 });
    const labels = Array.from({ length: rows }, (_, row) => (row + i) % 3);
    if (i === 100) for (const { optimizer } of [eager, replayed]) optimizer.lr = 3e-3;
    if (i === 200) for (const { encoder } of [eager, replayed]) encoder.loadStateDict(initial);
    const [wanted, actual] = [eager.step(x, labels), replayed.step(x, labels)];
    worst = Math.max(worst, furthest(actual, wanted).error);
    if (i % 7 === 0) {
      eager.encoder.parameters().forEach((p, k) => {
        const twin = replayed.encoder.parameters()[k]!;
        worst = Math.max(worst, furthest(twin, p).error, furthest(twin.grad!, p.grad!).error);
      });
    }
  }
  console.log(`300 replayed Adam steps: never further than ${worst} from the eager ones`);
  expect(worst).toBeLessThanOrEqual(1e-12);
  expect((replayed.step as ReturnType<typeof compile>).plan?.executor).toBe('generic');
});

test('what is not needed is left out of the plan; what was made inside is listed as constant', () => {
  const step = compile((x: Tensor) => {
    x.exp().mul(3);
    return x.mul(tensor([1, 2]));
  });
  step(tensor([5, 6]));
  expect(step.plan!.kernels).toEqual(['zip']);
  expect(step.plan!.constants).toEqual([{ dtype: 'float32', size: 2 }]);
  // Nor does a plan set gradients that nobody can see.
  const inner = compile((x: Tensor) => {
    const p = x.detach();
    p.requiresGrad = true;
    p.exp().sum().backward();
    return x.mul(2);
  });
  inner(tensor([5, 6]));
  expect(inner.plan!.kernels).toEqual(['zip']);
});

test('dropout and noise draw new numbers with every replay, those of the eager run', () => {
  const make = (): ((x: Tensor) => Tensor) => {
    const generator = new cg.Generator(3);
    return (x) => cg.dropout(x, { generator }).add(cg.randn(x.shape, { generator }));
  };
  const [eager, replayed] = [make(), compile(make())];
  const x = cg.ones([20]);
  const runs = Array.from({ length: 4 }, () => [eager(x).toArray(), replayed(x).toArray()]);
  for (const [wanted, actual] of runs) expect(actual).toEqual(wanted);
  expect(runs[1]![1]).not.toEqual(runs[2]![1]);
});

test('a module switched to evaluation is another plan', () => {
  class Noisy extends nn.Module {
    readonly generator = new cg.Generator(1);
    forward(x: Tensor): Tensor {
      return cg.dropout(x, { training: this.training, generator: this.generator });
    }
  }
  const module = new Noisy();
  const step = compile((x: Tensor) => module.forward(x));
  const x = cg.ones([50]);
  expect(step(x).toArray()).toContain(0);
  module.eval();
  expect(step(x).toArray()).toEqual(new Array(50).fill(1));
  module.train();
  expect(step(x).toArray()).toContain(0);
});

test('gradients accumulate over replays, and on arguments', () => {
  const p = tensor([1, 2], { requiresGrad: true });
  const step = compile((x: Tensor) => p.mul(x).sum().backward());
  for (let i = 1; i <= 4; i++) {
    const x = tensor([3, i], { requiresGrad: true });
    step(x);
    expect(p.grad!.toArray()).toEqual([3 * i, (i * (i + 1)) / 2]);
    expect(x.grad!.toArray()).toEqual([1, 2]);
  }
});

test('plain arrays, typed arrays and nested values are inputs; other values choose the plan', () => {
  const step = compile(({ rows, weights }: { rows: number[][]; weights: Float32Array }, power: number) =>
    tensor(rows).mul(tensor(weights)).pow(power).sum(),
  );
  expect(step({ rows: [[1, 2]], weights: Float32Array.of(1, 1) }, 1).item()).toBe(3);
  const first = step.plan;
  expect(step({ rows: [[3, 4]], weights: Float32Array.of(2, 1) }, 1).item()).toBe(10);
  expect(step.plan).toBe(first);
  expect(step({ rows: [[3, 4]], weights: Float32Array.of(2, 1) }, 2).item()).toBe(52);
  expect(step.plan).not.toBe(first);
});

test('plans are kept for the calls used last, not for ever', () => {
  let runs = 0;
  const step = compile((x: Tensor, by: number) => {
    runs++;
    return x.mul(by);
  });
  for (let i = 0; i < 100; i++) expect(step(tensor(2), i).item()).toBe(2 * i);
  expect(runs).toBe(100);
  step(tensor(2), 99);
  expect(runs).toBe(100);
  step(tensor(2), 0);
  expect(runs).toBe(101);
});

test('one tensor given twice is not two tensors', () => {
  const step = compile((a: Tensor, b: Tensor) => a.mul(b));
  const [x, y] = [tensor([2]), tensor([5])];
  expect(step(x, x).item()).toBe(4);
  expect(step(x, y).item()).toBe(10);
  expect(step(y, y).item()).toBe(25);
});

test('two tensors that share their numbers in one call only are told apart in the next', () => {
  const p = tensor([2], { requiresGrad: true });
  const product = compile((a: Tensor, b: Tensor) => a.mul(b));
  const x = tensor([3]);
  expect(product(x, x.detach()).item()).toBe(9);
  expect(product(x, tensor([5])).item()).toBe(15);
  const withParameter = compile((a: Tensor) => a.mul(p));
  expect(withParameter(p.detach()).item()).toBe(4);
  expect(withParameter(tensor([5])).item()).toBe(10);
});

test('parameters that share their numbers and part later are told apart', () => {
  const a = tensor([1], { requiresGrad: true });
  const b = tensor([0], { requiresGrad: true });
  b.assign(a);
  const step = compile(() => a.add(b));
  expect(step().item()).toBe(2);
  expect(step().item()).toBe(2);
  a.assign(tensor([10]));
  expect(step().item()).toBe(11);
});

test('reading a value inside a step names the operation and the way out, and leaves everything as it was', () => {
  const run = training((step) => step);
  const before = JSON.stringify(run.encoder.parameters().map((p) => p.toArray()));
  const generator = new cg.Generator(4);
  const step = compile((x: Tensor) => {
    cg.rand([2], { generator });
    const loss = run.step(x, [0, 1, 0]);
    return loss.item();
  });
  expect(() => step(cg.ones([3, 6], f64))).toThrow(cg.CompileError);
  expect(() => step(cg.ones([3, 6], f64))).toThrow(
    /^item: the value of div cannot be read while its step is compiled: .*; return the tensor from the step/,
  );
  expect(JSON.stringify(run.encoder.parameters().map((p) => p.toArray()))).toBe(before);
  expect(run.encoder.parameters()[0]!.grad).toBeNull();
  expect(generator.state).toEqual({ seed: 4, counter: 0 });
});

test('state that is made inside the step is refused', () => {
  let state: Tensor | undefined;
  const step = compile(() => {
    state ??= tensor([0]);
    return state.assign(state.add(1));
  });
  expect(step).toThrow(
    'assign: a tensor made inside the step is bound to new numbers, which no later call would find; make state outside the step',
  );
});

test('a tensor cannot leave its device inside a step', () => {
  const step = compile((x: Tensor) => x.to({ ...cg.cpu, name: 'cpu:2' }));
  expect(() => step(tensor([1]))).toThrow(/^dataSync: the value of a leaf cannot be read while its step/);
});

test('what is wrong with values is found in a replay too, which then changes nothing', () => {
  const p = tensor([[1, 2]], { requiresGrad: true });
  const optimizer = new optim.SGD([p], { lr: 1 });
  const generator = new cg.Generator(1);
  const step = compile((labels: number[]) => {
    const z = cg.randn([2, 2], { generator }).add(p);
    const loss = cg.contrastiveLoss(z, z.detach(), labels);
    loss.backward();
    optimizer.step();
    return loss;
  });
  step([0, 1]);
  const [numbers, gradient, state] = [p.toArray(), p.grad!.toArray(), generator.state];
  expect(() => step([1, 7])).toThrow('contrastiveLoss: labels must be 0 or 1, got 7 at row 1');
  expect([p.toArray(), p.grad!.toArray(), generator.state]).toEqual([numbers, gradient, state]);
});

test('a plan is no place for a graph to go through', () => {
  const x = tensor([1], { requiresGrad: true });
  const step = compile((y: Tensor) => y.mul(2));
  expect(() => step(x.mul(3))).toThrow(
    'compile: argument 0 is computed by mul: no gradient flows out of a plan; pass detach(), or compute it inside the step',
  );
  expect(() => step(x).backward()).toThrow(cg.GraphError);
  expect(() => compile(async () => 1)()).toThrow('compile: the callback must be synchronous, got a promise');
});

test('a compiled step inside another is a part of it', () => {
  const inner = compile((x: Tensor) => x.mul(2));
  const outer = compile((x: Tensor) => inner(x).add(1));
  expect([outer(tensor(1)).item(), outer(tensor(4)).item()]).toEqual([3, 9]);
  expect(outer.plan!.kernels).toEqual(['zip', 'zip']);
});
