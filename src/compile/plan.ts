/**
 * @file A recorded step, ready to be replayed: the kernel calls that matter, in order, over numbered values.
 */

import { settle } from '../autograd/op.js';
import { scoped } from '../autograd/scope.js';
import { Tensor } from '../autograd/tensor.js';
import type { Device, KernelName, Storage } from '../devices/device.js';
import type { DType } from '../dtype.js';
import { mapLeaves } from '../leaves.js';
import type { Shape } from '../shape.js';
import { leafAt } from './arguments.js';
import type { Instruction, Place, Recording, Source, StepRecorder, Value } from './recorder.js';

/** What a compiled step says of one of its plans. */
export interface Plan {
  /** What runs it: `'generic'` calls the device's kernels one by one. */
  readonly executor: 'generic';
  /** The kernels, in order. */
  readonly kernels: readonly KernelName[];
  /** What was made inside the step from JavaScript values: the same at every replay. */
  readonly constants: readonly { readonly dtype: DType; readonly size: number }[];
}

/** Where a value goes when the step is done. */
interface Target {
  readonly tensor: Place;
  readonly value: Value | null;
  readonly shape: Shape;
  readonly device: Device;
}

/** Stands for a tensor in the result. */
class Slot {
  readonly value: Value;
  readonly shape: Shape;
  readonly device: Device;

  constructor(value: Value, { shape, device }: Tensor) {
    this.value = value;
    this.shape = shape;
    this.device = device;
  }
}

/** Runs a recorded step again. */
export class GenericPlan implements Plan {
  readonly executor = 'generic';
  readonly kernels: readonly KernelName[];
  readonly constants: Plan['constants'];
  readonly #recording: Recording;
  readonly #instructions: readonly Instruction[];
  /** For each instruction, the values that nobody needs after it. */
  readonly #released: readonly (readonly Value[])[];
  readonly #states: readonly Target[];
  readonly #gradients: readonly Target[];
  readonly #result: unknown;

  /**
   * @param recorder - After one run of the step.
   * @param result - What the step returned.
   */
  constructor(recorder: StepRecorder, result: unknown) {
    const target = (tensor: Tensor, from: Tensor | null): Target => ({
      tensor: recorder.placeOf(tensor),
      value: from === null ? null : recorder.valueOf(from),
      shape: tensor.shape,
      device: (from ?? tensor).device,
    });
    this.#states = [...recorder.rebound].map((tensor) => target(tensor, tensor));
    this.#gradients = [...recorder.graded].map((tensor) => target(tensor, tensor.grad));
    this.#result = mapLeaves(result, Tensor, (tensor) => new Slot(recorder.valueOf(tensor), tensor));

    const kept = new Set<Value>([...this.#states, ...this.#gradients].flatMap(({ value }) => value ?? []));
    mapLeaves(result, Tensor, (tensor) => kept.add(recorder.valueOf(tensor)));
    for (const { status, values } of recorder.checks) kept.add(status).add(values);
    const needed = new Set(kept);
    const alive: Instruction[] = [];
    for (const instruction of [...recorder.instructions].reverse()) {
      if (!needed.has(instruction.out)) continue;
      alive.unshift(instruction);
      for (const input of instruction.inputs) needed.add(input);
    }
    for (const { source } of recorder.sources) {
      if (source.kind === 'constant') source.device.retain?.(source.storage);
    }
    this.#recording = recorder.recording;
    this.#instructions = alive;
    this.#released = lastUses(alive, kept);
    this.kernels = alive.map(({ kernel }) => kernel);
    this.constants = recorder.sources.flatMap(({ source, value }) =>
      source.kind === 'constant' && needed.has(value)
        ? [{ dtype: source.storage.dtype, size: source.storage.size }]
        : [],
    );
  }

  /** Whether everything that the recording depended on is as it was. */
  fits(args: readonly unknown[]): boolean {
    return this.#recording.guards.every((holds) => holds(args));
  }

  /** One run. On an error no tensor and no generator has changed. */
  run(args: readonly unknown[]): unknown {
    return scoped('compile', () => this.#replay(args));
  }

  #replay(args: readonly unknown[]): unknown {
    const { sources, checks, count } = this.#recording;
    const values = new Array<Storage | undefined>(count);
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
    const result = mapLeaves(this.#result, Slot, tensorOf);
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
      return source.of(args).grad!.storage;
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
