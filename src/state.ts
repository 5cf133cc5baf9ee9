/** @file State as tensors by name: what modules and optimizers hand out, and take back. */
import { scope } from './autograd/scope.js';
import type { Tensor } from './autograd/tensor.js';
import { ArgumentError, ShapeError } from './errors.js';
import { cast } from './ops/comparison.js';
import { to } from './ops/layout.js';
import { formatShape, sameShape } from './shape.js';

/** Tensors by name, for example `{ '0.weight': … }`, as PyTorch names them. */
export type StateDict = Record<string, Tensor>;

/** The numbers of leaves by name; binding the leaves to others later does not change what it returned. */
export function stateOf(leaves: Iterable<readonly [string, Tensor]>): StateDict {
  return Object.fromEntries(Array.from(leaves, ([name, leaf]) => [name, leaf.detach()]));
}

/**
 * Binds leaves to the numbers of a state, in each leaf's type and on its device. On an error nothing has changed.
 *
 * @throws {@link ArgumentError} when a name is missing or unknown.
 * @throws {@link ShapeError} when a shape differs.
 */
export function loadState(leaves: Iterable<readonly [string, Tensor]>, state: StateDict): void {
  const own = new Map(leaves);
  const missing = [...own.keys()].filter((name) => !Object.hasOwn(state, name));
  const unknown = Object.keys(state).filter((name) => !own.has(name));
  if (missing.length > 0 || unknown.length > 0) {
    throw new ArgumentError(
      'loadStateDict',
      `names differ: missing [${missing.join(', ')}], unknown [${unknown.join(', ')}]`,
    );
  }
  for (const [name, leaf] of own) {
    if (!sameShape(leaf.shape, state[name]!.shape)) {
      const shapes = `${formatShape(leaf.shape)}, got ${formatShape(state[name]!.shape)}`;
      throw new ShapeError('loadStateDict', `${name} must have shape ${shapes}`);
    }
  }
  scope(() => {
    const values = [...own].map(([name, leaf]) => to(cast(state[name]!.detach(), leaf.dtype), leaf.device));
    [...own.values()].forEach((leaf, index) => {
      leaf.assign(values[index]!);
    });
  });
}
