/** @file Random expression graphs: rules that are right alone must be right together, with shared subexpressions. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as cg from '../../src/index.js';
import { compile, grad, gradcheck, type Tensor, tensor } from '../../src/index.js';
import { assertProperty, cases } from '../support/depth.js';

/** Notes how far a point is from a kink: the smallest of these values, in size. */
type Note = (distances: Tensor) => void;

/** Operations that stay in their domains whatever comes in, and keep [n, n] or what broadcasts to it. */
const OPERATIONS: Record<string, (a: Tensor, b: Tensor, note: Note) => Tensor> = {
  add: (a, b) => a.add(b),
  sub: (a, b) => a.sub(b),
  mul: (a, b) => a.mul(b),
  div: (a, b) => a.div(b.square().add(0.5)),
  matmul: (a, b) => full(a).matmul(full(b)).mul(0.5),
  transpose: (a) => full(a).transpose(),
  neg: (a) => a.neg(),
  tanh: (a) => a.tanh(),
  sigmoid: (a) => a.sigmoid(),
  // Below -8 its value is 0 in double precision: no difference sees the gradient that there is.
  gelu: (a) => a.tanh().mul(4).gelu(),
  softplus: (a) => a.softplus(),
  exp: (a) => a.tanh().exp(),
  expm1: (a) => a.tanh().expm1(),
  log: (a) => a.square().add(0.5).log(),
  log1p: (a) => a.square().log1p(),
  sqrt: (a) => a.square().add(0.5).sqrt(),
  pow: (a, b) => a.square().add(0.5).pow(b.tanh()),
  reciprocal: (a) => a.square().add(0.5).reciprocal(),
  sum: (a) => full(a).sum({ axis: 1, keepDims: true }),
  mean: (a) => full(a).mean({ axis: 0, keepDims: true }),
  variance: (a) => full(a).variance({ axis: 1, keepDims: true }),
  logSumExp: (a) => full(a).logSumExp().expandDims(0),
  softmax: (a) => full(a).softmax({ axis: 0 }),
  logSoftmax: (a) => full(a).logSoftmax(),
  flip: (a) => full(a).flip({ axis: 0 }),
  concat: (a, b) =>
    cg.concat([full(a), full(b)], { axis: 1 }).slice({ starts: [0, 1], ends: [9, full(a).shape[0]! + 1] }),
  gather: (a) =>
    full(a)
      .gather(tensor([[1], [0]], { dtype: 'int32' }).broadcastTo([2, full(a).shape[1]!]), { axis: 0 })
      .sum({ axis: 0, keepDims: true }),
  outer: (a, b) => cg.outer(full(a).sum({ axis: 0 }), full(b).sum({ axis: 1 })).mul(0.3),
  normalize: (a) => full(a).add(0.1).square().add(0.2).normalize(),
  squaredCdist: (a, b) => cg.squaredCdist(full(a), full(b)).mul(0.3),
  relu: (a, _, note) => {
    note(a);
    return a.relu();
  },
  leakyRelu: (a, _, note) => {
    note(a);
    return a.leakyRelu({ slope: 0.3 });
  },
  abs: (a, _, note) => {
    note(a);
    return a.abs();
  },
  maximum: (a, b, note) => {
    if (a === b) return a.maximum(b);
    note(a.sub(b));
    return a.maximum(b);
  },
  clamp: (a, _, note) => {
    note(a.sub(1));
    note(a.add(1));
    return a.clamp({ min: -1, max: 1 });
  },
};
const names = Object.keys(OPERATIONS);

/** A step: which operation, on which earlier results. */
interface Step {
  readonly op: string;
  readonly a: number;
  readonly b: number;
}

interface Graph {
  readonly n: number;
  readonly points: readonly number[];
  readonly steps: readonly Step[];
}

const graphs: fc.Arbitrary<Graph> = fc.integer({ min: 2, max: 3 }).chain((n) =>
  fc.record({
    n: fc.constant(n),
    points: fc.array(
      fc.integer({ min: -1500, max: 1500 }).map((i) => i / 1000 + 0.0005),
      {
        minLength: 2 * n * n,
        maxLength: 2 * n * n,
      },
    ),
    steps: fc.array(fc.record({ op: fc.constantFrom(...names), a: fc.nat(), b: fc.nat() }), {
      minLength: 3,
      maxLength: 12,
    }),
  }),
);

let side = 2;
const full = (x: Tensor): Tensor => x.broadcastTo([side, side]);

/** Which of the results before step `i` a number picks: one of the latest four, the two inputs included. */
const picked = (i: number, index: number): number => i + 1 - (index % Math.min(i + 2, 4));

/** Whether a result goes into more than one place. */
function sharesSubexpressions({ steps }: Graph): boolean {
  const uses = steps.flatMap(({ op, a, b }, i) =>
    OPERATIONS[op]!.length === 2 || op === 'maximum' ? [picked(i, a), picked(i, b)] : [picked(i, a)],
  );
  return new Set(uses).size < uses.length;
}

/** Runs a graph; every step sees the two inputs and all steps before it, the latest ones most. */
function evaluate({ n, steps }: Graph, inputs: readonly Tensor[], note: Note): Tensor {
  side = n;
  const results = [...inputs];
  steps.forEach(({ op, a, b }, i) => {
    results.push(OPERATIONS[op]!(results[picked(i, a)]!, results[picked(i, b)]!, note));
  });
  return full(results.at(-1)!);
}

/** Why a graph is no good test at its point; null when it is one. */
function unfit(graph: Graph, inputs: readonly Tensor[]): string | null {
  let closest = Number.POSITIVE_INFINITY;
  const leaves = inputs.map((x) => tensor(x.dataSync(), { shape: x.shape, requiresGrad: true }));
  const out = evaluate(graph, leaves, (distances) => {
    closest = Math.min(closest, ...distances.dataSync().map(Math.abs));
  });
  if (closest < 1e-3) return 'a kink is near';
  const gradients = grad(out.mul(out.detach().add(1)).sum(), leaves, { allowUnused: true });
  const norm = Math.hypot(...gradients.flatMap((g) => [...g.dataSync()]));
  if (!(norm >= 1e-3)) return 'the gradient vanishes';
  return norm <= 1e3 ? null : 'the gradient explodes';
}

test('random graphs of 3 to 12 operations agree with central differences, a tenth of them to second order', () => {
  const rejected = new Map<string, number>();
  let [tried, checked, second, shared] = [0, 0, 0, 0];
  assertProperty(
    fc.property(graphs, (graph) => {
      tried++;
      const { n, points } = graph;
      const inputs = [0, 1].map((i) =>
        tensor(Float64Array.from(points.slice(i * n * n, (i + 1) * n * n)), { shape: [n, n] }),
      );
      const reason = unfit(graph, inputs);
      if (reason !== null) rejected.set(reason, (rejected.get(reason) ?? 0) + 1);
      fc.pre(reason === null);
      const order = checked % 10 === 0 ? 2 : 1;
      gradcheck((a, b) => evaluate(graph, [a!, b!], () => {}), inputs, {
        order,
        directions: 2,
        name: graph.steps.map(({ op }) => op).join(' '),
      });
      checked++;
      if (order === 2) second++;
      if (sharesSubexpressions(graph)) shared++;
    }),
    2000,
  );
  const rate = (tried - checked) / tried;
  const reasons = [...rejected].map(([reason, count]) => `${reason} ${count}`).join(', ');
  console.log(
    `random graphs: ${checked} checked, ${second} to second order, ${shared} with shared subexpressions; ` +
      `${(100 * rate).toFixed(1)} % of ${tried} rejected (${reasons})`,
  );
  expect(checked).toBe(cases(2000));
  expect(second).toBeGreaterThanOrEqual(checked / 10);
  expect(rate).toBeLessThan(0.3);
});

test('random graphs, value and gradients, replay as they run: to the last bit in float64, to 1e-5 in WebAssembly', () => {
  let worst = 0;
  assertProperty(
    fc.property(graphs, (graph) => {
      const { n, points } = graph;
      const inputs = (dtype: cg.DType, shift: number): Tensor[] =>
        [0, 1].map((i) => {
          const data = Array.from({ length: n * n }, (_, k) => points[(i * n * n + k + shift) % points.length]!);
          return tensor(data, { shape: [n, n], dtype, requiresGrad: true });
        });
      fc.pre([0, 1].every((shift) => unfit(graph, inputs('float64', shift)) === null));
      const step = (...leaves: Tensor[]): Tensor[] => {
        const out = evaluate(graph, leaves, () => {});
        return [out, ...grad(out.square().sum(), leaves, { allowUnused: true })];
      };
      for (const [dtype, executor] of [
        ['float64', 'generic'],
        ['float32', 'wasm'],
      ] as const) {
        const compiled = compile(step);
        for (const shift of [0, 0, 1]) {
          const [wanted, actual] = [step(...inputs(dtype, shift)), compiled(...inputs(dtype, shift))];
          wanted.forEach((x, part) => {
            const [theirs, mine] = [x.dataSync(), actual[part]!.dataSync()];
            const scale = Math.max(1, ...Array.from(theirs, Math.abs));
            const error = Math.max(...Array.from(mine, (v, k) => Math.abs(v - theirs[k]!) / scale));
            if (dtype === 'float64') expect(error).toBe(0);
            else worst = Math.max(worst, error);
            expect(error).toBeLessThanOrEqual(1e-5);
          });
        }
        expect(compiled.plan!.executor).toBe(executor);
      }
    }),
    500,
  );
  console.log(`random graphs in WebAssembly: at most ${worst.toExponential(1)} from the eager run`);
});
