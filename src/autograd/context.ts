/**
 * @file All ambient state, as one stack of frames. Entering pushes a frame for the length of a synchronous callback,
 * and leaving restores the one below, on a throw too.
 */
import { checkKind } from '../checks.js';
import { cpu } from '../devices/cpu/index.js';
import { checkDevice, type Device, type KernelName, type KernelSpecs, type Storage } from '../devices/device.js';
import type { TypedArray } from '../dtype.js';
import { ContragradError, GraphError } from '../errors.js';
import { Generator, type GeneratorState } from '../random.js';

/**
 * What writes down a step while it runs. Tensors are known to it as owners of storages only, since this floor lies
 * below them.
 */
export interface Recorder {
  /** A tensor, or an object whose fields are looked at, came into being. */
  made(owner: object): void;
  /** A tensor's numbers are about to be used. */
  uses(owner: object, storage: Storage): void;
  /** Numbers came from the host. */
  placed(device: Device, storage: Storage, origin: Origin): void;
  /** A kernel ran. */
  ran(device: Device, call: KernelCall, out: Storage): void;
  /** What was passed to the step, where `value` stands for it. */
  original<Value>(value: Value): Value | undefined;
  /** Each result is about to be looked at, which no replay would do: the step has no plan. */
  watches(): void;
  /** A value was asked for while its step is being written down. */
  reads(op: string, maker: string): never;
  /** JavaScript is about to go on to another number, of which no tensor knows: of a generator or what else has a state. */
  counts(op: string, generator?: Generator): void;
  /** A gradient is about to flow back through what a computed tensor was computed from. */
  backs(owner: object, op: string): void;
  /** Something was required of values. */
  requires(device: Device, status: Storage, values: Storage, explain: (index: number, value: number) => Error): void;
  /** A leaf is about to be bound to other numbers. */
  rebinds(owner: object, undo: () => void): void;
  /** A leaf's gradient is about to be used; what stands for it. */
  usesGrad<Gradient extends object>(owner: object, gradient: Gradient | null): Gradient | null;
  /** A leaf's gradient is about to be set. */
  setsGrad(owner: object, undo: () => void): void;
  /**
   * The step depends on a JavaScript value, which may be another one later.
   *
   * @param owner - Whose field it is, where it changes only when a field of a `Watched` object is set.
   * @param undo - Makes the field what it was, where the step has set it.
   */
  depends(current: () => unknown, owner?: object, undo?: () => void): void;
}

/**
 * Where numbers from the host come from: they are the same each time, or converted from a JavaScript value that may be
 * an argument of the step, or the state of a generator before it draws.
 */
export type Origin =
  | { readonly kind: 'constant' }
  | { readonly kind: 'value'; readonly value: unknown; convert(value: unknown): TypedArray }
  | {
      readonly kind: 'draw';
      readonly generator: Generator;
      readonly before: GeneratorState;
      draw(): TypedArray;
    };

/** One kernel call. */
export interface KernelCall {
  readonly kernel: KernelName;
  readonly inputs: readonly Storage[];
  readonly spec: KernelSpecs[KernelName];
}

/** What holds while a callback runs. */
export interface Frame {
  /** Whether operations write down how to go back. */
  readonly grad: boolean;
  /** Where new tensors live. */
  readonly device: Device;
  /** Where random numbers come from. */
  readonly generator: Generator;
  /** The groups that new nodes belong to, outermost first. */
  readonly groups: readonly string[];
  /** Who writes down what happens; null while nobody does. */
  readonly recorder: Recorder | null;
  /** Whether NaN is looked for after every operation. */
  readonly anomaly: boolean;
  /** Who frees tensors on a GPU; null where the garbage collector does. */
  readonly scope: Owner | null;
  /** Who looks on while backward passes run; null while nobody does. */
  readonly watcher: Watcher | null;
}

/** What is shown a backward pass. Tensors are known to it as objects only, since this floor lies below them. */
export interface Watcher {
  /** Whether operations note where they were called. */
  readonly lines: boolean;
  /** A gradient flowed from a result to one of its inputs, whose gradient is now `total`. */
  flowed(from: object, input: number, gradient: object, total: object): void;
}

/** What frees tensors when it ends. They are known to it as what can be freed only, since this floor lies below them. */
export interface Owner {
  /** A tensor came into being, or nobody else holds it any more. */
  owns(tensor: object): void;
}

let current: Frame = {
  grad: true,
  device: cpu,
  generator: new Generator(0),
  groups: [],
  recorder: null,
  anomaly: false,
  scope: null,
  watcher: null,
};

Generator.watch = (generator) => current.recorder?.counts('Generator', generator);

/** The frame in force. */
export function context(): Frame {
  return current;
}

/**
 * Runs `callback` with parts of the frame replaced.
 *
 * @throws {@link GraphError} when the callback returns a promise: the frame would be gone before its work is done.
 */
export function within<Result>(op: string, change: Partial<Frame>, callback: () => Result): Result {
  checkKind(op, 'its callback', callback, 'function');
  const below = current;
  current = { ...below, ...change };
  try {
    const result = callback();
    if (result instanceof Promise) {
      result.catch(() => {});
      const hint = 'await before or after it, not inside';
      throw new GraphError(op, 'the callback must be synchronous, got a promise', hint);
    }
    return result;
  } finally {
    current = below;
  }
}

/**
 * Runs `callback` without recording how to go back: what it makes has `requiresGrad` false.
 *
 * @param callback - Synchronous; what it returns is returned.
 * @throws {@link GraphError} when the callback returns a promise.
 */
export function noGrad<Result>(callback: () => Result): Result {
  return within('noGrad', { grad: false }, callback);
}

/**
 * Names the operations made inside `callback`, for pictures and for error messages. Groups nest.
 *
 * @param name - For example `layer 1` or `distance`.
 * @param callback - Synchronous; what it returns is returned.
 * @throws {@link GraphError} when the callback returns a promise.
 */
export function group<Result>(name: string, callback: () => Result): Result {
  checkKind('group', 'name', name, 'string');
  try {
    return within('group', { groups: [...current.groups, name] }, callback);
  } catch (error) {
    if (error instanceof ContragradError) error.leaving(name);
    throw error;
  }
}

/**
 * Runs `callback` with `device` as the place where new tensors live.
 *
 * @param device - For example what `gpu()` of `contragrad/gpu` resolves to.
 * @param callback - Synchronous; what it returns is returned.
 * @throws {@link GraphError} when the callback returns a promise.
 */
export function useDevice<Result>(device: Device, callback: () => Result): Result {
  checkDevice('useDevice', device);
  return within('useDevice', { device }, callback);
}

let watches = 0;

/** How many times {@link detectAnomaly} was called. */
export function countWatches(): number {
  return watches;
}

/**
 * Looks for NaN in the result of every operation and in every gradient inside `callback`, and names the operation that
 * made it first, and where that was called. Slow: every result is read, and a compiled step runs as it is, without its plan.
 *
 * @param callback - Synchronous; what it returns is returned.
 * @throws {@link GraphError} on the first NaN.
 */
export function detectAnomaly<Result>(callback: () => Result): Result {
  watches++;
  current.recorder?.watches();
  return within('detectAnomaly', { anomaly: true }, callback);
}

/**
 * Starts the default generator again from `seed`.
 *
 * @param seed - A whole number from 0 to 2⁵³ - 1.
 * @throws {@link ArgumentError} for any other value.
 */
export function manualSeed(seed: number): void {
  current.generator.state = { seed, counter: 0 };
}
