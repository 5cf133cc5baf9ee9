/**
 * @file Lifetimes on devices whose memory no garbage collector counts. On the CPU a scope does nothing.
 */

import { mapLeaves } from '../leaves.js';
import { context, type Owner, within } from './context.js';
import { Tensor } from './tensor.js';

/** Frees the tensors that came into being while it was open. */
class Scope implements Owner {
  readonly #tensors: Tensor[] = [];

  owns(tensor: Tensor): void {
    this.#tensors.push(tensor);
  }

  /** Frees all but the tensors that outlive it; those that are kept go to the owner around it. */
  close(kept: ReadonlySet<Tensor>, around: Owner | null): void {
    for (const tensor of this.#tensors) {
      if (!kept.has(tensor)) tensor.leave();
      else {
        tensor.forget();
        around?.owns(tensor);
      }
    }
  }
}

/** {@link scope}, for the operation `op`. */
export function scoped<Result>(op: string, callback: () => Result): Result {
  const around = context().scope;
  const own = new Scope();
  const kept = new Set<Tensor>();
  try {
    const result = within(op, { scope: own }, callback);
    mapLeaves(
      result,
      (value) => Tensor.isTensor(value),
      (tensor) => kept.add(tensor),
    );
    return result;
  } finally {
    own.close(kept, around);
  }
}

/**
 * Runs `callback` and frees the GPU memory of every tensor made inside but those that it returns, alone or in arrays and
 * plain objects, without their graph. Parameters, optimizer state and gradients stay as well: leaves with `requiresGrad`,
 * and whatever was bound by `assign` or to `grad`. Scopes nest. Wrap each training step and each batch in one; without, memory
 * waits for the garbage collector. Tensors on the CPU need none.
 *
 * @param callback - Synchronous; what it returns is returned.
 * @throws {@link GraphError} when the callback returns a promise.
 *
 * @example
 * ```ts
 * import { scope, tensor } from 'contragrad';
 *
 * const total = scope(() => tensor([1, 2, 3]).square().sum());
 * console.log(total.item()); // 14
 * ```
 */
export function scope<Result>(callback: () => Result): Result {
  return scoped('scope', callback);
}
