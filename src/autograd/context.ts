/**
 * @file All ambient state, as one stack of frames. Entering pushes a frame for the length of a synchronous callback,
 * and leaving restores the one below, on a throw too.
 */
import { cpu } from '../devices/cpu/index.js';
import type { Device } from '../devices/device.js';
import { ContragradError, GraphError } from '../errors.js';
import { Generator } from '../random.js';

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
}

let current: Frame = { grad: true, device: cpu, generator: new Generator(0), groups: [] };

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
  const below = current;
  current = { ...below, ...change };
  try {
    const result = callback();
    if (result instanceof Promise) {
      result.catch(() => {});
      throw new GraphError(
        op,
        'the callback must be synchronous, got a promise',
        'await before or after it, not inside',
      );
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
  return within('useDevice', { device }, callback);
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
