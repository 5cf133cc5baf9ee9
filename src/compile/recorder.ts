/**
 * @file Writes a step down while it runs: its kernel calls, where their numbers come from, and what it changed.
 */
import type { KernelCall, Origin, Recorder } from '../autograd/context.js';
import { scoped } from '../autograd/scope.js';
import { Tensor } from '../autograd/tensor.js';
import type { Device, Storage } from '../devices/device.js';
import type { DType, TypedArray } from '../dtype.js';
import { CompileError } from '../errors.js';
import { Generator, type GeneratorState } from '../random.js';
import { leafAt, type Path } from './arguments.js';

/** The number of a block of elements in a plan. */
export type Value = number;

/** A block of elements. */
export interface Block {
  readonly dtype: DType;
  readonly size: number;
}

/** Finds a tensor of a call: an argument, or one that the step holds. */
export type Place = (args: readonly unknown[]) => Tensor;

/** Where a value comes from that no kernel made. */
export type Source =
  | { readonly kind: 'argument'; readonly path: Path }
  | {
      readonly kind: 'converted';
      readonly path: Path;
      readonly device: Device;
      readonly convert: (value: unknown) => TypedArray;
    }
  | { readonly kind: 'captured'; readonly tensor: Tensor }
  | { readonly kind: 'gradient'; readonly of: Place }
  | { readonly kind: 'drawn'; readonly device: Device; readonly origin: Origin & { kind: 'draw' } }
  | { readonly kind: 'constant'; readonly device: Device; readonly storage: Storage };

/** A kernel call over values. */
export interface Instruction {
  readonly device: Device;
  readonly kernel: KernelCall['kernel'];
  readonly spec: KernelCall['spec'];
  readonly inputs: readonly Value[];
  readonly out: Value;
}

/** Something that was required of values. */
export interface Check {
  readonly device: Device;
  readonly status: Value;
  readonly values: Value;
  explain(index: number, value: number): Error;
}

/** Whether something is as it was. */
export type Guard = (args: readonly unknown[]) => boolean;

/** What a run of a step was, without the numbers it had. */
export interface Recording {
  readonly sources: readonly { readonly value: Value; readonly source: Source }[];
  readonly checks: readonly Check[];
  /** Whether a plan fits a call: each says whether something is as it was. */
  readonly guards: readonly Guard[];
  /** What each value is. */
  readonly blocks: readonly Block[];
}

/** Records one run of a step. */
export class StepRecorder implements Recorder {
  readonly sources: { value: Value; source: Source }[] = [];
  readonly instructions: Instruction[] = [];
  readonly checks: Check[] = [];
  readonly guards: Guard[] = [];
  /** Leaves that were bound to other numbers, and leaves whose gradient was set. */
  readonly rebound: Set<Tensor> = new Set<Tensor>();
  readonly graded: Set<Tensor> = new Set<Tensor>();
  readonly #values = new Map<Storage, Value>();
  readonly #made = new WeakSet<object>();
  readonly #owners = new Map<object, Storage>();
  readonly #gradients = new Map<Tensor, Value>();
  readonly #undo: (() => void)[] = [];
  /** What lets go of numbers that were there before, once nothing goes back to them. */
  readonly #letGo: (() => void)[] = [];
  readonly #generators = new Map<Generator, GeneratorState>();
  readonly #paths: ReadonlyMap<unknown, Path>;
  readonly #start = new Generator().serial;

  /** @param paths - Tensors and arrays among the arguments, each with the way to it. */
  constructor(paths: ReadonlyMap<unknown, Path>) {
    this.#paths = paths;
    for (const [argument, path] of paths) {
      if (!(argument instanceof Tensor)) continue;
      this.#owners.set(argument, argument.storage);
      this.#source(argument.storage, { kind: 'argument', path });
    }
  }

  /** The value that a storage holds; new, from `source`, when it is not known yet. */
  #source(storage: Storage, source: Source): void {
    if (this.#values.has(storage)) return;
    this.sources.push({ value: this.#number(storage), source });
  }

  #number(storage: Storage): Value {
    const value = this.#values.size;
    this.#values.set(storage, value);
    return value;
  }

  /** How to find a tensor in another call. */
  placeOf(tensor: Tensor): Place {
    const path = this.#paths.get(tensor);
    return path === undefined ? () => tensor : (args) => leafAt(args, path) as Tensor;
  }

  /** The number of a tensor's value. */
  valueOf(tensor: Tensor): Value {
    const { storage } = tensor;
    this.#source(storage, { kind: 'captured', tensor });
    return this.#values.get(storage)!;
  }

  /** The value that a leaf came with, and that of its gradient; null where the step did not ask. */
  sourcesOf(leaf: Tensor): { readonly numbers: Value | null; readonly gradient: Value | null } {
    const storage = this.#owners.get(leaf);
    return {
      numbers: storage === undefined ? null : this.#values.get(storage)!,
      gradient: this.#gradients.get(leaf) ?? null,
    };
  }

  /** What a plan keeps. */
  get recording(): Recording {
    const { sources, checks, guards } = this;
    const blocks = Array.from(this.#values.keys(), ({ dtype, size }) => ({ dtype, size }));
    return { sources, checks, guards, blocks };
  }

  /** Undoes every change, the last one first. */
  rollBack(): void {
    for (const undo of this.#undo.reverse()) undo();
    for (const [generator, state] of this.#generators) generator.state = state;
  }

  /** Lets every change stand. */
  commit(): void {
    scoped('compile', () => {
      for (const letGo of this.#letGo) letGo();
    });
  }

  made(owner: object): void {
    this.#made.add(owner);
  }

  uses(owner: object, storage: Storage): void {
    if (this.#made.has(owner) || this.rebound.has(owner as Tensor)) return;
    const known = this.#values.has(storage);
    const captured = owner as Tensor;
    this.#source(storage, { kind: 'captured', tensor: captured });
    if (this.#owners.has(owner)) return;
    this.#owners.set(owner, storage);
    const { requiresGrad } = captured;
    this.guards.push(() => captured.requiresGrad === requiresGrad);
    if (!known) return;
    // Two tensors held the same numbers: the plan knows one value for both, for as long as that is so.
    const other = [...this.#owners].find(([tensor, held]) => held === storage && tensor !== owner)?.[0];
    if (other === undefined) return;
    const twin = this.placeOf(other as Tensor);
    this.guards.push((args) => captured.storage === twin(args).storage);
  }

  placed(device: Device, storage: Storage, origin: Origin): void {
    // A generator made inside the step starts anew with each call: what it draws is constant.
    if (origin.kind === 'draw' && origin.generator.serial < this.#start) {
      if (!this.#generators.has(origin.generator)) this.#generators.set(origin.generator, origin.before);
      this.#source(storage, { kind: 'drawn', device, origin });
      return;
    }
    const path = origin.kind === 'value' ? this.#paths.get(origin.value) : undefined;
    if (origin.kind === 'value' && path !== undefined) {
      this.#source(storage, { kind: 'converted', path, device, convert: origin.convert });
    } else this.#source(storage, { kind: 'constant', device, storage });
  }

  ran(device: Device, { kernel, inputs, spec }: KernelCall, out: Storage): void {
    const numbers = inputs.map((storage) => {
      const value = this.#values.get(storage);
      if (value === undefined) throw new CompileError(kernel, 'an input of unknown origin');
      return value;
    });
    this.instructions.push({ device, kernel, spec, inputs: numbers, out: this.#number(out) });
  }

  reads(op: string, maker: string): never {
    throw new CompileError(
      op,
      `the value of ${maker} cannot be read while its step is compiled: it would be frozen into the plan`,
      'return the tensor from the step and read it outside, or compute with tensors (where, comparisons)',
    );
  }

  requires(device: Device, status: Storage, values: Storage, explain: Check['explain']): void {
    this.checks.push({
      device,
      status: this.#values.get(status)!,
      values: this.#values.get(values)!,
      explain,
    });
  }

  rebinds(owner: object, undo: () => void, letGo: () => void): void {
    if (this.#made.has(owner)) {
      throw new CompileError(
        'assign',
        'a tensor made inside the step is bound to new numbers, which no later call would find',
        'make state outside the step',
      );
    }
    this.#undo.push(undo);
    this.#letGo.push(letGo);
    this.rebound.add(owner as Tensor);
  }

  usesGrad(owner: object, gradient: object | null): void {
    if (this.#made.has(owner) || this.graded.has(owner as Tensor)) return;
    const tensor = owner as Tensor;
    // For arguments, the key of the call says it.
    if (!this.#paths.has(owner)) this.guards.push(() => (tensor.grad === null) === (gradient === null));
    if (gradient !== null) {
      this.#made.add(gradient);
      const { storage } = gradient as Tensor;
      this.#source(storage, { kind: 'gradient', of: this.placeOf(tensor) });
      this.#gradients.set(tensor, this.#values.get(storage)!);
    }
  }

  setsGrad(owner: object, undo: () => void, letGo: () => void): void {
    this.#undo.push(undo);
    this.#letGo.push(letGo);
    if (!this.#made.has(owner)) this.graded.add(owner as Tensor);
  }

  depends(current: () => unknown): void {
    const value = current();
    this.guards.push(() => current() === value);
  }
}
