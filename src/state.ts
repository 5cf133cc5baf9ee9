/** @file State as tensors by name: what holds it, and what modules and optimizers hand out and take back. */
import { checkTensor } from './autograd/op.js';
import { scope } from './autograd/scope.js';
import { Tensor, type TensorParts } from './autograd/tensor.js';
import { checkKind, checkObject, describe } from './checks.js';
import { ArgumentError, ShapeError } from './errors.js';
import { cast } from './ops/comparison.js';
import { to } from './ops/layout.js';
import { formatShape, sameShape } from './shape.js';

/** What a leaf takes over of a tensor. */
function numbersOf(op: string, value: Tensor): TensorParts {
  checkTensor(op, value, 'its value');
  return { storage: value.storage, shape: value.shape, device: value.device };
}

/** A leaf that a module trains. */
export class Parameter extends Tensor {
  /** @param value - The first numbers; its graph is not taken over. */
  constructor(value: Tensor) {
    super({ ...numbersOf('Parameter', value), requiresGrad: true });
  }
}

/** A leaf that belongs to a module's state and is not trained, for example a running average. */
export class Buffer extends Tensor {
  /** Its name in a state; null for that of the property that holds it. */
  readonly key: string | null;

  /**
   * @param value - The first numbers; its graph is not taken over.
   * @param key - Its name in a state, where PyTorch spells it in another way. Default: the property's.
   */
  constructor(value: Tensor, key: string | null = null) {
    super(numbersOf('Buffer', value));
    if (key !== null) checkKind('Buffer', 'key', key, 'string');
    // It lives as long as its module: no scope around it frees it.
    this.bind(this.storage, this.device);
    this.key = key;
  }
}

/** What a list or another collection holds; a tensor, which can be gone through too, is none. */
export function listOf<Item>(op: string, what: string, items: Iterable<Item>): Item[] {
  const isCollection = typeof items === 'object' && items !== null && typeof items[Symbol.iterator] === 'function';
  const isOther = ArrayBuffer.isView(items) || items instanceof Map || items instanceof Tensor;
  if (isCollection && !isOther) return [...items];
  throw new ArgumentError(op, `needs a list of ${what}, got ${describe(items)}`);
}

/** Tensors by name, for example `{ '0.weight': … }`, as PyTorch names them. */
export type StateDict = Record<string, Tensor>;

/** Leaves by name: a file would keep one of two that have the same. */
function byName(op: string, leaves: Iterable<readonly [string, Tensor]>): Map<string, Tensor> {
  const named = new Map<string, Tensor>();
  for (const [name, leaf] of leaves) {
    if ((named.get(name) ?? leaf) !== leaf) throw new ArgumentError(op, `two tensors have the name ${name}`);
    named.set(name, leaf);
  }
  return named;
}

/** The numbers of leaves by name; binding the leaves to others later does not change what it returned. */
export function stateOf(leaves: Iterable<readonly [string, Tensor]>): StateDict {
  return Object.fromEntries(Array.from(byName('stateDict', leaves), ([name, leaf]) => [name, leaf.detach()]));
}

/** Whether two tensors of one shape hold the same numbers. */
function areEqual(a: Tensor, b: Tensor): boolean {
  if (a.storage === b.storage) return true;
  const others = b.dataSync();
  return a.dataSync().every((value, i) => Object.is(value, others[i]));
}

/**
 * Binds leaves to the numbers of a state, in each leaf's type and on its device. On an error nothing has changed.
 *
 * @throws {@link ArgumentError} when a name is missing or unknown, or one leaf has two names and the state two values.
 * @throws {@link ShapeError} when a shape differs.
 */
export function loadState(leaves: Iterable<readonly [string, Tensor]>, state: StateDict): void {
  const own = byName('loadStateDict', leaves);
  checkObject('loadStateDict', 'the state', state);
  const missing = [...own.keys()].filter((name) => !Object.hasOwn(state, name));
  const unknown = Object.keys(state).filter((name) => !own.has(name));
  if (missing.length > 0 || unknown.length > 0) {
    throw new ArgumentError(
      'loadStateDict',
      `names differ: missing [${missing.join(', ')}], unknown [${unknown.join(', ')}]`,
    );
  }
  const sources = new Map<Tensor, string>();
  for (const [name, leaf] of own) {
    const value = state[name]!;
    checkTensor('loadStateDict', value, name);
    if (!sameShape(leaf.shape, value.shape)) {
      const shapes = `${formatShape(leaf.shape)}, got ${formatShape(value.shape)}`;
      throw new ShapeError('loadStateDict', `${name} must have shape ${shapes}`);
    }
    const first = sources.get(leaf) ?? name;
    if (!areEqual(state[first]!, value)) {
      throw new ArgumentError('loadStateDict', `${first} and ${name} are one tensor here, got two values for it`);
    }
    sources.set(leaf, first);
  }
  scope(() => {
    const values = Array.from(sources, ([leaf, name]) => to(cast(state[name]!, leaf.dtype), leaf.device));
    for (const [index, leaf] of [...sources.keys()].entries()) leaf.assign(values[index]!);
  });
}
