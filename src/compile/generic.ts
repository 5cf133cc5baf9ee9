/** @file The executor that calls the kernels of any device one by one: the reference for all others. */

import { settle } from '../autograd/op.js';
import { scoped } from '../autograd/scope.js';
import { Tensor } from '../autograd/tensor.js';
import type { Device, KernelName, Storage } from '../devices/device.js';
import { leafAt } from './arguments.js';
import { type Blueprint, describe, type Executable, fill, type Slot, type Target } from './plan.js';
import type { Block, Instruction, Recording, Source, Value } from './recorder.js';

/** Runs a recorded step again. */
export class GenericPlan implements Executable {
  readonly executor = 'generic';
  readonly bytes = 0;
  readonly kernels: readonly KernelName[];
  readonly constants: readonly Block[];
  readonly #recording: Recording;
  readonly #instructions: readonly Instruction[];
  /** For each instruction, the values that nobody needs after it. */
  readonly #released: readonly (readonly Value[])[];
  readonly #states: readonly Target[];
  readonly #gradients: readonly Target[];
  readonly #result: unknown;

  constructor({ recording, instructions, kept, states, gradients, result, constants }: Blueprint) {
    for (const { source } of recording.sources) {
      if (source.kind === 'constant') source.device.retain?.(source.storage);
    }
    this.#recording = recording;
    this.#instructions = instructions;
    this.#released = lastUses(instructions, kept);
    this.#states = states;
    this.#gradients = gradients;
    this.#result = result;
    this.kernels = instructions.map(({ kernel }) => kernel);
    this.constants = constants;
  }

  fits(args: readonly unknown[]): boolean {
    return this.#recording.guards.every((holds) => holds(args));
  }

  run(args: readonly unknown[]): unknown {
    return scoped('compile', () => this.#replay(args));
  }

  dispose(): void {
    for (const { source } of this.#recording.sources) {
      if (source.kind === 'constant') source.device.release?.(source.storage);
    }
  }

  toString(): string {
    return describe(this);
  }

  #replay(args: readonly unknown[]): unknown {
    const { sources, checks, blocks } = this.#recording;
    const values = new Array<Storage | undefined>(blocks.length);
    /** What this run made, by the device that frees it. */
    const owned = new Map<Value, Device>();
    const hold = (value: Value, device: Device, storage: Storage): void => {
      values[value] = storage;
      if (device.retain === undefined) return;
      device.retain(storage);
      owned.set(value, device);
    };
    const drop = (value: Value): void => {
      owned.get(value)?.release?.(values[value]!);
      owned.delete(value);
      values[value] = undefined;
    };
    const states = new Map(
      sources.flatMap(({ source }) =>
        source.kind === 'drawn' ? [[source.origin.generator, source.origin.generator.state] as const] : [],
      ),
    );
    try {
      for (const { value, source } of sources) {
        if (source.kind === 'converted' || source.kind === 'drawn') hold(value, source.device, load(source, args));
        else values[value] = load(source, args);
      }
      this.#instructions.forEach(({ device, kernel, inputs, spec, out }, i) => {
        const given = inputs.map((input) => values[input]!);
        hold(out, device, device.run(kernel, given, spec));
        for (const value of this.#released[i]!) drop(value);
      });
      for (const { device, status, values: checked, explain } of checks) {
        settle(device, values[status]!, values[checked]!, explain);
      }
    } catch (error) {
      for (const [generator, state] of states) generator.state = state;
      for (const value of [...owned.keys()]) drop(value);
      throw error;
    }

    const tensorOf = ({ value, shape, device }: Target | Slot): Tensor =>
      new Tensor({ storage: values[value!]!, shape, device });
    for (const state of this.#states) state.tensor(args).assign(tensorOf(state));
    for (const gradient of this.#gradients) {
      if (gradient.value === null) gradient.tensor(args).grad = null;
      else gradient.tensor(args).accumulate(tensorOf(gradient));
    }
    const result = fill(this.#result, args, tensorOf);
    for (const value of [...owned.keys()]) drop(value);
    return result;
  }
}

function load(source: Source, args: readonly unknown[]): Storage {
  switch (source.kind) {
    case 'argument':
      return (leafAt(args, source.path) as Tensor).storage;
    case 'converted':
      return source.device.upload(source.convert(leafAt(args, source.path)));
    case 'captured':
      return source.tensor.storage;
    case 'gradient':
      return source.of(args).peek()[1]!.storage;
    case 'drawn':
      return source.device.upload(source.origin.draw());
    case 'constant':
      return source.storage;
  }
}

function lastUses(instructions: readonly Instruction[], kept: ReadonlySet<Value>): Value[][] {
  const done = new Set(kept);
  return instructions
    .map(({ inputs }) => inputs)
    .reverse()
    .map((inputs) => {
      const last = [...new Set(inputs)].filter((value) => !done.has(value));
      for (const value of last) done.add(value);
      return last;
    })
    .reverse();
}
