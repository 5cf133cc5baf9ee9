/** @file detectAnomaly and compiled steps: around a call, and inside the step; both executors, at the first call and at a replay. */
import { describe, expect, test } from 'vitest';
import { type CompiledStep, compile, type DType, detectAnomaly, optim, type Tensor, tensor } from '../../src/index.js';

const executors = [
  ['wasm', 'float32'],
  ['generic', 'float64'],
] as const;

/** A training step whose pull-back of sqrt makes NaN where an element of the weights is 0: infinity times 0. */
function make(dtype: DType): { weights: Tensor; body: (mask: Tensor) => Tensor } {
  const weights = tensor([1, 4], { dtype, requiresGrad: true });
  const optimizer = new optim.SGD([weights], { lr: 0.1 });
  const body = (mask: Tensor): Tensor => {
    const loss = weights.mul(mask).sqrt().mul(mask).sum();
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    return loss;
  };
  return { weights, body };
}

const [good, bad] = [
  [1, 1],
  [1, 0],
] as const;
const NAMED = /^backward: the pull-back of sqrt to input 0 made NaN; called at .*anomaly\.test\.ts/;

describe.each(executors)('on the %s executor', (executor, dtype) => {
  const mask = (values: readonly number[]): Tensor => tensor([...values], { dtype });

  test('detectAnomaly around the first call names the operation', () => {
    const step = compile(make(dtype).body);
    expect(() => detectAnomaly(() => step(mask(bad)))).toThrow(NAMED);
    expect(step.plan).toBeNull();
  });

  test('detectAnomaly around a replay names the operation, and changes nothing while there is no NaN', () => {
    const { weights, body } = make(dtype);
    const plain = make(dtype);
    const step = compile(body);
    for (let i = 0; i < 2; i++) step(mask(good));
    expect(step.plan!.executor).toBe(executor);
    detectAnomaly(() => step(mask(good)));
    step(mask(good));
    for (let i = 0; i < 4; i++) plain.body(mask(good));
    expect(weights.toArray()).toEqual(plain.weights.toArray());
    expect(() => detectAnomaly(() => step(mask(bad)))).toThrow(NAMED);
    // Without it NaN goes on, as it does eagerly.
    step(mask(bad));
    expect(weights.dataSync()[1]).toBeNaN();
  });

  test('detectAnomaly inside the step: the first call and every other one are those of the eager step', () => {
    const { weights, body } = make(dtype);
    const plain = make(dtype);
    const step = compile((x: Tensor) => detectAnomaly(() => body(x)));
    for (let i = 0; i < 3; i++) {
      expect(step(mask(good)).toArray()).toEqual(plain.body(mask(good)).toArray());
      expect(weights.toArray()).toEqual(plain.weights.toArray());
    }
    expect(() => step(mask(bad))).toThrow(NAMED);
    const fresh = compile((x: Tensor) => detectAnomaly(() => make(dtype).body(x)));
    expect(() => fresh(mask(bad))).toThrow(NAMED);
  });

  test('a step that no longer looks for NaN gets a plan, also where its own catch hides that it did', () => {
    const state = { isWatched: true };
    const { body } = make(dtype);
    const step: CompiledStep<[Tensor], Tensor> = compile((x: Tensor) => {
      if (!state.isWatched) return body(x);
      try {
        return detectAnomaly(() => body(x));
      } catch (error) {
        if (NAMED.test(String((error as Error).message))) throw error;
        return x.mul(0);
      }
    });
    expect(step(mask(good)).item()).toBe(3);
    expect(step.plan).toBeNull();
    state.isWatched = false;
    step(mask(good));
    step(mask(good));
    expect(step.plan!.executor).toBe(executor);
    step.dispose();
  });
});
