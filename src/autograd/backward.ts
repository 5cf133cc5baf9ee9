/**
 * @file The backward pass: one walk over the graph, newest node first, without recursion.
 */
import { checkKind, type Read, readOptions } from '../checks.js';
import { matchDType } from '../dtype.js';
import { GraphError } from '../errors.js';
import { formatShape, matchShape } from '../shape.js';
import { context, within } from './context.js';
import { ones, zeros } from './create.js';
import { add, unbroadcast } from './linear.js';
import { checkTensor, checkTensors, holdsNaN, pullBackTo } from './op.js';
import { scoped } from './scope.js';
import { Tensor } from './tensor.js';

/** What a backward pass keeps. */
export interface BackwardOptions {
  /** Keep the graph for another pass. Default: the value of `createGraph`. */
  readonly retainGraph?: boolean;
  /** Record the pass itself, so that gradients can be differentiated again. Default false. */
  readonly createGraph?: boolean;
}

const KEPT = { createGraph: false, retainGraph: undefined } as const;

/** The gradients of `root`, by tensor, of every tensor in `wanted`, or of every leaf when omitted. */
function propagate(
  op: string,
  root: Tensor,
  seed: Tensor | undefined,
  { createGraph, retainGraph = createGraph }: Read<BackwardOptions, typeof KEPT>,
  wanted?: ReadonlySet<Tensor>,
): Map<Tensor, Tensor> {
  checkKind(op, 'retainGraph', retainGraph, 'boolean');
  const start = checkedSeed(op, root, seed);
  const order = newestFirst(op, root);
  const pending = new Map<Tensor, Tensor>([[root, start]]);
  const found = new Map<Tensor, Tensor>();

  const { anomaly, watcher } = context();
  // What is wrong inside a pull-back is told of the pull-back.
  within(op, { grad: createGraph, anomaly: false, watcher: null }, () => {
    for (const tensor of order) {
      const g = pending.get(tensor);
      pending.delete(tensor);
      if (g === undefined) continue;
      const { node } = tensor;
      if (wanted === undefined ? node === null : wanted.has(tensor)) found.set(tensor, g);
      if (node === null) continue;
      context().recorder?.backs(tensor, op);
      const inputs = pastInputs(op, tensor, createGraph);
      const call = { out: createGraph ? tensor : tensor.detach(), inputs, attributes: node.attributes };
      const { rule } = node;
      node.inputs!.forEach((input, index) => {
        const pullBack = pullBackTo(rule, index);
        if (!input.requiresGrad || pullBack === null) return;
        const raw = pullBack(g, call);
        const name = `what its pull-back to input ${index} gives`;
        checkTensor(rule.name, raw, name);
        const gradient = rule.broadcasts ? unbroadcast(raw, input.shape) : raw;
        matchShape(rule.name, name, gradient.shape, input.shape);
        matchDType(rule.name, name, gradient.dtype, input.dtype);
        if (anomaly && holdsNaN(gradient)) throw madeNaN(op, rule.name, index, node.trace);
        const before = pending.get(input);
        const total = before === undefined ? gradient : add(before, gradient);
        pending.set(input, total);
        watcher?.flowed(tensor, index, gradient, total);
      });
    }
  });
  if (!retainGraph) {
    for (const tensor of order) tensor.forget();
  }
  return found;
}

function madeNaN(op: string, name: string, index: number, trace: string | null): GraphError {
  return new GraphError(
    op,
    `the pull-back of ${name} to input ${index} made NaN`,
    trace === null ? 'run the forward pass inside detectAnomaly too, to see where it was called' : `called ${trace}`,
  );
}

function checkedSeed(op: string, root: Tensor, seed: Tensor | undefined): Tensor {
  checkTensors(op, seed === undefined ? [root] : [root, seed]);
  if (!root.requiresGrad) {
    throw new GraphError(
      op,
      'nothing to differentiate: no input of this tensor has requiresGrad',
      'was it made under noGrad, by detach(), or from int32 numbers only?',
    );
  }
  if (seed === undefined) {
    if (root.size !== 1) {
      throw new GraphError(
        op,
        `needs a scalar, got shape ${formatShape(root.shape)}`,
        'reduce it with sum() or mean(), or pass a gradient of that shape',
      );
    }
    return ones(root.shape, { dtype: root.dtype, device: root.device });
  }
  matchShape(op, 'the gradient', seed.shape, root.shape);
  matchDType(op, 'the gradient', seed.dtype, root.dtype);
  return seed;
}

/** Every tensor that gradients of `root` can reach: computed ones newest first, then leaves. */
function newestFirst(op: string, root: Tensor): Tensor[] {
  const seen = new Set<Tensor>([root]);
  const stack = [root];
  for (let tensor = stack.pop(); tensor !== undefined; tensor = stack.pop()) {
    if (tensor.node === null) continue;
    if (tensor.node.inputs === null) {
      throw new GraphError(
        op,
        `the graph behind ${tensor.node.rule.name} was freed by an earlier backward pass, or with its scope`,
        'pass { retainGraph: true } to the earlier one, or compute the loss again',
      );
    }
    tensor.node.inputs.forEach((input, index) => {
      if (!input.requiresGrad || seen.has(input) || pullBackTo(tensor!.node!.rule, index) === null) return;
      seen.add(input);
      stack.push(input);
    });
  }
  return [...seen].sort((p, q) => (q.node?.sequence ?? -1) - (p.node?.sequence ?? -1));
}

/** A node's inputs with the numbers that they had: one that was bound to others since is replaced by a snapshot. */
function pastInputs(op: string, tensor: Tensor, createGraph: boolean): readonly Tensor[] {
  const { inputs, storages, rule } = tensor.node!;
  return inputs!.map((input, index) => {
    const storage = storages[index]!;
    if (input.storage === storage) return input;
    if (createGraph) {
      throw new GraphError(
        op,
        `input ${index} of ${rule.name} was bound to new numbers after the forward pass`,
        'with createGraph, update parameters only after the backward pass',
      );
    }
    return new Tensor({ storage, shape: input.shape, device: input.device });
  });
}

/**
 * Accumulates the gradient of `root` in every leaf that it was computed from: `leaf.grad = leaf.grad + gradient`.
 *
 * @param root - A scalar, or any tensor together with `gradient`.
 * @param gradient - The gradient with respect to `root` itself; default 1. Options may stand in its place.
 * @throws {@link GraphError} when `root` is no scalar and no gradient is given, when nothing requires a gradient, or
 *   when an earlier pass freed the graph.
 */
export function backward(root: Tensor, gradient?: Tensor | BackwardOptions, options?: BackwardOptions): void {
  const isSeed = gradient === undefined || options !== undefined || Tensor.isTensor(gradient);
  const read = readOptions('backward', isSeed ? options : gradient, KEPT);
  const [seed, grad] = [isSeed ? (gradient as Tensor | undefined) : undefined, read.createGraph];
  const run = (): void => {
    for (const [leaf, g] of propagate('backward', root, seed, read)) {
      const total = leaf.grad === null ? g : add(leaf.grad, g);
      if (grad) leaf.grad = total;
      else leaf.accumulate(total.detach());
    }
  };
  within('backward', { grad }, () => (grad ? run() : scoped('backward', run)));
}

/** Options of {@link grad}. */
export interface GradOptions extends BackwardOptions {
  /** The gradient with respect to the output itself; default 1 for a scalar. */
  readonly gradient?: Tensor;
  /** Give zeros for an input that the output does not depend on, in place of an error. Default false. */
  readonly allowUnused?: boolean;
}

/**
 * The gradients of an output with respect to `inputs`, returned rather than accumulated.
 *
 * @param output - A scalar, or any tensor together with the option `gradient`.
 * @param inputs - Tensors that the output was computed from: leaves or results.
 * @returns One gradient for each input, of its shape.
 * @throws {@link GraphError} as {@link Tensor.backward} does, and for an unused input.
 *
 * @example
 * ```ts
 * import { grad, tensor } from 'contragrad';
 *
 * const x = tensor(3, { requiresGrad: true });
 * const [first] = grad(x.mul(x).mul(x), [x], { createGraph: true });
 * const [second] = grad(first!, [x]);
 * console.log(first!.item(), second!.item()); // 27 18
 * ```
 */
export function grad(output: Tensor, inputs: readonly Tensor[], options?: GradOptions): Tensor[] {
  checkTensors('grad', inputs);
  const read = readOptions('grad', options, { ...KEPT, gradient: undefined, allowUnused: false });
  const run = (): Tensor[] => {
    const found = propagate('grad', output, read.gradient, read, new Set(inputs));
    return gradients(inputs, found, read.allowUnused);
  };
  return read.createGraph ? run() : scoped('grad', run);
}

function gradients(inputs: readonly Tensor[], found: ReadonlyMap<Tensor, Tensor>, allowUnused: boolean): Tensor[] {
  return inputs.map((input, index) => {
    const g = found.get(input);
    if (g !== undefined) return g;
    if (!allowUnused) {
      throw new GraphError('grad', `the output does not depend on input ${index}`, '{ allowUnused: true } gives zeros');
    }
    return zeros(input.shape, { dtype: input.dtype, device: input.device });
  });
}

/** A function's value, and its gradients. */
export interface ValueAndGrad {
  /** What the function returned, without a graph. */
  readonly value: Tensor;
  /** One gradient for each argument. */
  readonly grads: Tensor[];
}

/**
 * A function that returns the value of `fn`, and its gradients with respect to every argument.
 *
 * @param fn - Takes tensors, returns a scalar.
 *
 * @example
 * ```ts
 * import { tensor, valueAndGrad } from 'contragrad';
 *
 * const squares = valueAndGrad((x) => x.square().sum());
 * const { value, grads } = squares(tensor([1, 2]));
 * console.log(value.item(), grads[0]!.toArray()); // 5 [ 2, 4 ]
 * ```
 */
export function valueAndGrad(fn: (...inputs: Tensor[]) => Tensor): (...inputs: Tensor[]) => ValueAndGrad {
  checkKind('valueAndGrad', 'its callback', fn, 'function');
  return (...inputs) => {
    if (!context().grad) throw new GraphError('valueAndGrad', 'cannot run under noGrad');
    const leaves = inputs.map((input, index) => {
      checkTensor('valueAndGrad', input, `argument ${index}`);
      const leaf = input.detach();
      leaf.requiresGrad = true;
      return leaf;
    });
    const value = fn(...leaves);
    return { value: value.detach(), grads: grad(value, leaves, { allowUnused: true }) };
  };
}
