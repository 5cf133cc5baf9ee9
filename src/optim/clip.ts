/** @file Gradients kept within bounds, between the backward pass and the optimizer's step. */
import { noGrad } from '../autograd/context.js';
import { scoped } from '../autograd/scope.js';
import type { Tensor } from '../autograd/tensor.js';
import { checkPositive } from '../checks.js';
import { ArgumentError } from '../errors.js';
import { add, div, mul, square } from '../ops/arithmetic.js';
import { clamp } from '../ops/comparison.js';
import { sum } from '../ops/reduce.js';
import { sqrt } from '../ops/transcendental.js';
import { listed } from './optimizer.js';

/** Puts another gradient in the place of each that there is. */
function replace(parameters: readonly Tensor[], change: (gradient: Tensor) => Tensor): void {
  for (const parameter of parameters) {
    const gradient = parameter.grad?.detach();
    if (gradient !== undefined) parameter.accumulate(change(gradient));
  }
}

/**
 * Scales all gradients together so that their norm, as one long vector, is at most `maxNorm`, as
 * `torch.nn.utils.clip_grad_norm_`: $g \leftarrow g \cdot \min(1, \frac{\mathrm{maxNorm}}{\lVert g \rVert_2 + 10^{-6}})$.
 *
 * @param parameters - Those without a gradient do not count, one that comes twice counts once.
 * @param maxNorm - How long it may be.
 * @returns The norm before, a scalar tensor: inside a compiled step nothing is read.
 * @throws {@link ArgumentError} when no parameter has a gradient, or `maxNorm` is not positive.
 *
 * @example
 * ```ts
 * import { optim, tensor } from 'contragrad';
 *
 * const p = tensor([3, 4], { requiresGrad: true });
 * p.square().mul(0.5).sum().backward();
 * console.log(optim.clipGradNorm([p], 1).item()); // 5
 * const clipped = [...p.grad!.dataSync()].map((g) => g.toFixed(3));
 * console.log(clipped); // [ '0.600', '0.800' ]
 * ```
 */
export function clipGradNorm(parameters: Iterable<Tensor>, maxNorm: number): Tensor {
  checkPositive('clipGradNorm', 'maxNorm', maxNorm);
  return scoped('clipGradNorm', () =>
    noGrad(() => {
      const all = listed('clipGradNorm', parameters);
      const squares = all.flatMap(({ grad }) => (grad === null ? [] : [sum(square(grad))]));
      if (squares.length === 0) {
        throw new ArgumentError('clipGradNorm', 'no parameter has a gradient', 'call backward() before it');
      }
      const norm = sqrt(squares.reduce((total, part) => add(total, part)));
      const factor = clamp(div(maxNorm, add(norm, 1e-6)), { max: 1 });
      replace(all, (gradient) => mul(gradient, factor));
      return norm;
    }),
  );
}

/**
 * Brings every element of every gradient into [-v, v], as `torch.nn.utils.clip_grad_value_`.
 *
 * @param parameters - Those without a gradient stay as they are.
 * @param value - The v.
 * @throws {@link ArgumentError} when it is not positive.
 */
export function clipGradValue(parameters: Iterable<Tensor>, value: number): void {
  checkPositive('clipGradValue', 'value', value);
  scoped('clipGradValue', () => {
    noGrad(() =>
      replace(listed('clipGradValue', parameters), (gradient) => clamp(gradient, { min: -value, max: value })),
    );
  });
}
