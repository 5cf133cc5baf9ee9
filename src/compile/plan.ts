/**
 * @file A recorded step, ready to be replayed: the kernel calls that matter, in order, over numbered values, and where
 * the results go.
 */

import { Tensor } from '../autograd/tensor.js';
import type { Device, KernelName } from '../devices/device.js';
import { mapLeaves } from '../leaves.js';
import type { Shape } from '../shape.js';
import { leafAt, type Path } from './arguments.js';
import type { Block, Instruction, Place, Recording, StepRecorder, Value } from './recorder.js';

/** What a compiled step says of one of its plans. */
export interface Plan {
  /** What runs it: `'wasm'` replays all kernels by one call, `'generic'` calls the device's kernels one by one. */
  readonly executor: 'wasm' | 'generic';
  /** The kernels, in order. */
  readonly kernels: readonly KernelName[];
  /** The memory that it occupies, in bytes; 0 for the generic executor, whose numbers are garbage-collected. */
  readonly bytes: number;
  /** What was made inside the step from JavaScript values: the same at every replay. */
  readonly constants: readonly Block[];
  /** Executor, kernels with how often each comes, bytes and constants, for reading. */
  toString(): string;
}

/** A plan that can be run. */
export interface Executable extends Plan {
  /** Whether everything that the recording depended on is as it was. */
  fits(args: readonly unknown[]): boolean;
  /** One run. On an error no tensor and no generator has changed. */
  run(args: readonly unknown[]): unknown;
  /** Lets go of its memory; what tensors hold of it is copied out first. */
  dispose(): void;
}

/** Where a value goes when the step is done. */
export interface Target {
  readonly tensor: Place;
  readonly value: Value | null;
  /** The value that it came with; null where the step did not ask. */
  readonly before: Value | null;
  readonly shape: Shape;
  readonly device: Device;
}

/** Stands for a tensor in the result. */
export class Slot {
  readonly value: Value;
  readonly shape: Shape;
  readonly device: Device;

  constructor(value: Value, { shape, device }: Tensor) {
    this.value = value;
    this.shape = shape;
    this.device = device;
  }
}

/** Stands for another argument in the result. */
class Given {
  readonly path: Path;

  constructor(path: Path) {
    this.path = path;
  }
}

/** All that an executor needs to know of a recorded step. */
export class Blueprint {
  readonly recording: Recording;
  /** The kernel calls that something depends on. */
  readonly instructions: readonly Instruction[];
  /** Leaves that are bound to new numbers, and those whose gradient is set. */
  readonly states: readonly Target[];
  readonly gradients: readonly Target[];
  /** What the step returned, to be {@link fill}ed. */
  readonly result: unknown;
  /** Values that are read after the last instruction. */
  readonly kept: ReadonlySet<Value>;
  readonly constants: readonly Block[];

  /**
   * @param recorder - After one run of the step.
   * @param result - What the step returned.
   */
  constructor(recorder: StepRecorder, result: unknown) {
    const target = (tensor: Tensor, from: Tensor | null, before: Value | null): Target => ({
      tensor: recorder.placeOf(tensor),
      value: from === null ? null : recorder.valueOf(from),
      before,
      shape: tensor.shape,
      device: (from ?? tensor).device,
    });
    this.states = [...recorder.rebound].map((leaf) => target(leaf, leaf, recorder.sourcesOf(leaf).numbers));
    this.gradients = [...recorder.graded].map((leaf) =>
      target(leaf, leaf.peek()[1], recorder.sourcesOf(leaf).gradient),
    );
    const kept = new Set<Value>([...this.states, ...this.gradients].flatMap(({ value }) => value ?? []));
    this.result = mapLeaves(
      result,
      (leaf): leaf is object => Tensor.isTensor(leaf) || recorder.pathOf(leaf) !== null,
      (leaf) => {
        if (!Tensor.isTensor(leaf)) return new Given(recorder.pathOf(leaf)!);
        const value = recorder.valueOf(leaf);
        kept.add(value);
        return new Slot(value, leaf);
      },
    );
    for (const { status, values } of recorder.checks) kept.add(status).add(values);
    const needed = new Set(kept);
    const alive: Instruction[] = [];
    for (const instruction of [...recorder.instructions].reverse()) {
      if (!needed.has(instruction.out)) continue;
      alive.unshift(instruction);
      for (const input of instruction.inputs) needed.add(input);
    }
    this.kept = kept;
    this.recording = recorder.recording;
    this.instructions = alive;
    this.constants = recorder.sources.flatMap(({ source, value }) =>
      source.kind === 'constant' && needed.has(value)
        ? [{ dtype: source.storage.dtype, size: source.storage.size }]
        : [],
    );
  }
}

const isOpen = (leaf: unknown): leaf is Slot | Given => leaf instanceof Slot || leaf instanceof Given;

/** The result of a call. */
export function fill(result: unknown, args: readonly unknown[], tensorFor: (slot: Slot) => Tensor): unknown {
  return mapLeaves(result, isOpen, (leaf) => (leaf instanceof Slot ? tensorFor(leaf) : leafAt(args, leaf.path)));
}

/** A plan in words. */
export function describe({ executor, kernels, bytes, constants }: Omit<Plan, 'toString'>): string {
  const counts = new Map<KernelName, number>();
  for (const kernel of kernels) counts.set(kernel, (counts.get(kernel) ?? 0) + 1);
  const list = [...counts].map(([kernel, count]) => `${kernel} x ${count}`).join(', ');
  const memory = bytes === 0 ? '' : `, ${bytes} bytes`;
  const frozen = constants.map(({ dtype, size }) => `${dtype}[${size}]`).join(', ');
  return [
    `plan of ${kernels.length} kernels on the ${executor} executor${memory}`,
    `  kernels    ${list}`,
    ...(constants.length === 0 ? [] : [`  constants  ${frozen}`]),
  ].join('\n');
}
