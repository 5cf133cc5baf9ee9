/** @file Every optimizer treats each parameter as one of that parameter alone would, whatever the others do. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compile, type DType, optim, type Tensor, tensor } from '../../src/index.js';
import { assertProperty } from '../support/depth.js';

type Make = (parameters: readonly Tensor[]) => optim.Optimizer;
const MAKES: Readonly<Record<string, readonly Make[]>> = {
  SGD: [
    (p) => new optim.SGD(p, { lr: 0.1, weightDecay: 0.2 }),
    (p) => new optim.SGD(p, { lr: 0.1, momentum: 0.9 }),
    (p) => new optim.SGD(p, { lr: 0.1, momentum: 0.5, nesterov: true, weightDecay: 0.1 }),
  ],
  Adam: [(p) => new optim.Adam(p, { lr: 0.1 }), (p) => new optim.Adam(p, { lr: 0.1, weightDecay: 0.2 })],
  AdamW: [(p) => new optim.AdamW(p, { lr: 0.1, weightDecay: 0.3 })],
};

test('every optimizer is here', () => {
  const all = Object.entries(optim).filter(([, value]) => value.prototype instanceof optim.Optimizer);
  expect(all.map(([name]) => name).sort()).toEqual(Object.keys(MAKES).sort());
});

const SIZES = [1, 2, 5, 3];

/** Which of the parameters are trained in a step; the first one always is. */
const patterns = fc.array(fc.tuple(fc.constant(true), fc.boolean(), fc.boolean(), fc.boolean()), {
  minLength: 1,
  maxLength: 12,
});
const runs = fc.record({
  pattern: patterns,
  /** Places in the list that are given again. */
  again: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }),
  /** Before which step another optimizer takes the state over. */
  handOver: fc.integer({ min: 0, max: 11 }),
});

const parametersIn = (dtype: DType): Tensor[] =>
  SIZES.map((size, i) =>
    tensor(
      Array.from({ length: size }, (_, k) => Math.cos(i + 2 * k)),
      { dtype, requiresGrad: true },
    ),
  );

/** One step: those that are frozen have no gradient. */
function update(parameters: readonly Tensor[], optimizer: optim.Optimizer, x: Tensor): Tensor {
  const loss = parameters.map((p, i) => p.mul(x).sub(i).square().sum()).reduce((sum, part) => sum.add(part));
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
  return loss;
}

const named = Object.entries(MAKES).flatMap(([name, makes]) => makes.map((make, i) => [`${name} ${i}`, make] as const));

describe.each(named)('%s', (_, make) => {
  test.each([
    ['eager', 'float64', null],
    ['eager', 'float32', null],
    ['compiled', 'float64', 'generic'],
    ['compiled', 'float32', 'wasm'],
  ] as const)('%s in %s, bit for bit', (how, dtype, executor) => {
    assertProperty(
      fc.property(runs, ({ pattern, again, handOver }) => {
        const [together, alone] = [parametersIn(dtype), parametersIn(dtype)];
        const list = [...together, ...again.map((i) => together[i]!)];
        let optimizer = make(list);
        const own = alone.map((p) => make([p]));
        expect(optimizer.parameters).toEqual(together);
        const begin = (): ((x: Tensor) => Tensor) => {
          const step = (x: Tensor): Tensor => update(together, optimizer, x);
          if (how === 'eager') return step;
          const compiled = compile(step);
          return (x) => {
            const loss = compiled(x);
            expect(compiled.plan!.executor).toBe(executor);
            return loss;
          };
        };
        let step = begin();
        pattern.forEach((isTrained, t) => {
          if (t === handOver) {
            const state = optimizer.stateDict();
            optimizer = make(list);
            optimizer.loadStateDict(state);
            step = begin();
          }
          const x = tensor(Math.sin(t + 1), { dtype });
          together.forEach((p, i) => {
            p.requiresGrad = isTrained[i]!;
          });
          step(x);
          alone.forEach((p, i) => {
            if (!isTrained[i]) return;
            own[i]!.zeroGrad();
            p.mul(x).sub(i).square().sum().backward();
            own[i]!.step();
          });
          expect(together.map((p) => p.toArray())).toEqual(alone.map((p) => p.toArray()));
        });
      }),
      60,
    );
  });
});
