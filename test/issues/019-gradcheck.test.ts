/** @file Wrong gradients that passed, and right ones that did not: issue 19. */
import { describe, expect, test } from 'vitest';
import {
  type Call,
  cast,
  contrastiveGradient,
  defineOp,
  type GradcheckOptions,
  gradcheck,
  rand,
  type Tensor,
  tensor,
} from '../../src/index.js';

type Single = readonly [Tensor];

/** A function with a pull-back of its own. */
function planted(
  forward: (x: Tensor) => Tensor,
  pullBack: (g: Tensor, call: Call<Single, undefined>) => Tensor,
): (x: Tensor) => Tensor {
  const op = defineOp<Single>({
    name: 'planted',
    formula: 'y',
    localDerivative: [''],
    forward: ([x]) => forward(x),
    pullBack: [pullBack],
  });
  return (x) => op([x]);
}

const check = (fn: (x: Tensor) => Tensor, at: number[], options: GradcheckOptions = {}) =>
  gradcheck((x) => fn(x!), [tensor(at, { dtype: 'float64' })], { name: 'f', ...options });

describe('a wrong gradient is found', () => {
  test('that is infinite', () => {
    const twice = (x: Tensor): Tensor => x.mul(2);
    expect(() =>
      check(
        planted(twice, (g) => g.mul(Number.POSITIVE_INFINITY)),
        [1],
      ),
    ).toThrow(/^gradcheck: f, input 0, element \[0\]: the gradient is -?Infinity, the finite difference -?[\d.]+ /);
    const one = planted(
      (x) => x.mul(3),
      (g) => g.mul(tensor([3, Number.POSITIVE_INFINITY], { dtype: 'float64' })),
    );
    expect(() => check(one, [1, 2])).toThrow(
      /element \[1\]: the gradient is -?Infinity, the finite difference -?[\d.]+ /,
    );
    const none = planted(twice, (g) => g.mul(Number.NaN));
    expect(() => check(none, [1])).toThrow(/element \[0\]: the gradient is NaN/);
    // Infinity times 0 on the way.
    expect(() =>
      check(
        planted(twice, (g, { inputs: [x] }) => g.mul(x.sub(x).div(x.sub(x)))),
        [1],
      ),
    ).toThrow(/is NaN/);
  });

  test('of a function that is large', () => {
    expect(() =>
      check(
        planted(
          (x) => x.mul(2),
          (g) => g.mul(0),
        ),
        [3e7],
      ),
    ).toThrow(/element \[0\]: the gradient is -?0, /);
    for (const offset of [0, 1, 1e3, 1e6, 1e9]) {
      const shifted = (x: Tensor): Tensor => x.tanh().mul(3).add(offset);
      const wrong = planted(shifted, (g, { inputs: [x] }) => g.mul(x.tanh().square().neg().add(1)).mul(3 * 1.05));
      expect(() => check(wrong, [0.3, 1])).toThrow(/element \[0\]: the gradient is/);
      expect(check(shifted, [0.3, 1])).toEqual({ compared: 5, kinks: 0 });
    }
  });

  test('that lets nothing pass to the gradient that comes in', () => {
    const square = planted(
      (x) => x.mul(x),
      (g, { inputs: [x] }) => g.detach().mul(x).mul(2),
    );
    expect(check(square, [1, 2]).compared).toBe(5);
    expect(() => check(square, [1, 2], { order: 2 })).toThrow(
      /^gradcheck: the gradient of f, the gradient that comes in, element \[0\]: the gradient is 0, the finite difference -?[\d.]+ .*; write the pull-back in operations of g, without detach$/,
    );
    const right = planted(
      (x) => x.mul(x),
      (g, { inputs: [x] }) => g.mul(x).mul(2),
    );
    expect(check(right, [1, 2], { order: 2 })).toEqual({ compared: 15, kinks: 0 });
  });
});

describe('what is no function of tensors is said so', () => {
  test('a number, or anything else in place of a tensor', () => {
    const returns = (value: unknown) => () => check(() => value as Tensor, [1]);
    expect(returns(3)).toThrow('gradcheck: what f returns must be a tensor, got 3');
    expect(returns(undefined)).toThrow('gradcheck: what f returns must be a tensor, got undefined');
    expect(returns([1])).toThrow('gradcheck: what f returns must be a tensor, got [1]');
    expect(returns(Promise.resolve(1))).toThrow('gradcheck: what f returns must be a tensor, got a Promise');
    expect(returns(tensor(1))).toThrow('gradcheck: what f returns must be float64, got float32');
    expect(() => check((x) => x.greater(0), [1])).toThrow('gradcheck: f must return float64, got int32');
    expect(() => gradcheck((x) => x!, [3 as unknown as Tensor])).toThrow('gradcheck: input 0 must be a tensor, got 3');
    expect(() => check((x) => cast(x, 'float32'), [1])).toThrow('must be float64, got float32');
  });

  test('random numbers', () => {
    const noisy = (x: Tensor): Tensor => x.add(rand([1], { dtype: 'float64' }));
    expect(() => check(noisy, [1])).toThrow('gradcheck: f gives other numbers at a second call with the same inputs;');
    let calls = 0;
    expect(() => check((x) => x.mul(++calls), [1])).toThrow('gives other numbers at a second call');
  });

  test('numbers that are not finite', () => {
    expect(() => check((x) => x.log(), [-1])).toThrow('gradcheck: f is NaN at this point; check at other points');
    expect(() => check((x) => x.log(), [0])).toThrow('gradcheck: f is -Infinity at this point');
  });

  test('options that are none', () => {
    expect(() => check((x) => x, [1], { tolerances: 1 } as GradcheckOptions)).toThrow('has no option "tolerances"');
    expect(() => check((x) => x, [1], { order: 3 as 2 })).toThrow("order must be '1' or '2'");
    expect(() => check((x) => x, [1], { tolerance: Number.NaN })).toThrow('tolerance must be');
    expect(() => check((x) => x, [1], { step: 0 })).toThrow('step must be a positive finite number');
  });
});

test('contrastiveGradient takes a label tensor, and refuses pairs of two lengths', () => {
  const [a, b] = [tensor([[0, 0]]), tensor([[1, 1]])];
  const { value } = contrastiveGradient(a, b, tensor([1], { dtype: 'int32' }));
  expect(value).toBe(contrastiveGradient(a, b, [1]).value);
  expect(value).toBeCloseTo(1, 12);
  expect(() =>
    contrastiveGradient(
      tensor([
        [0, 0],
        [1, 1],
      ]),
      b,
      [1, 0],
    ),
  ).toThrow('needs embeddings of one shape [N, D]');
});
