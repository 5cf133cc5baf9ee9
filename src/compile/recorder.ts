/**
 * @file Writes a step down while it runs: its kernel calls, where their numbers come from, and what it changed.
 */
import type { KernelCall, Origin, Recorder } from '../autograd/context.js';
import { Tensor } from '../autograd/tensor.js';
import type { Device, Storage } from '../devices/device.js';
import type { DType, TypedArray } from '../dtype.js';
import { CompileError } from '../errors.js';
import { Generator, type GeneratorState } from '../random.js';
import { countWrites } from '../watched.js';
import { leafAt, likeTensor, type Path, refuseGraph } from './arguments.js';
import { watchContents } from './contents.js';
import { type Argument, makeStandIns, type StandIns } from './stand-ins.js';

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
  /** What the step is to be given. */
  readonly args: readonly unknown[];
  readonly sources: { value: Value; source: Source }[] = [];
  readonly instructions: Instruction[] = [];
  readonly checks: Check[] = [];
  readonly guards: Guard[] = [];
  /** Leaves that were bound to other numbers, and leaves whose gradient was set. */
  readonly rebound: Set<Tensor> = new Set<Tensor>();
  readonly graded: Set<Tensor> = new Set<Tensor>();
  readonly #themselves: ReadonlySet<unknown>;
  readonly #behind: StandIns['behind'];
  /** The ways to the tensors among the arguments that have a stand-in. */
  readonly #paths: Path[] = [];
  /** What stand-ins stand for: tensors among the arguments, and gradients that leaves came with. */
  readonly #originals = new Map<Tensor, Tensor>();
  /** Tensors that the step holds, and those of them that it uses, as they were. */
  readonly #held = new Set<unknown>();
  readonly #leaves: { tensor: Tensor; requiresGrad: boolean; device: Device }[] = [];
  readonly #values = new Map<Storage, Value>();
  /** Where the numbers of a source were found first. */
  readonly #places = new Map<Storage, Place>();
  readonly #constants = new Set<Storage>();
  readonly #made = new Set<unknown>();
  readonly #owners = new Map<object, Storage>();
  readonly #gradients = new Map<Tensor, Tensor | null>();
  readonly #fieldGuards: (() => boolean)[] = [];
  /** Objects and arrays whose contents a guard compares. */
  readonly #watched = new Set<unknown>();
  readonly #undo: (() => void)[] = [];
  readonly #fieldUndo: (() => void)[] = [];
  readonly #generators = new Map<Generator, GeneratorState>();
  readonly #start = new Generator().serial;
  readonly #writes = countWrites();
  /** Whether the step looks for NaN in each result. */
  isWatched = false;

  /**
   * @param args - The arguments of the call.
   * @param themselves - Tensors that nothing is to stand for.
   */
  constructor(args: readonly unknown[], themselves: ReadonlySet<unknown>) {
    const standIns = makeStandIns(args, themselves, (array) => this.#looksAt(array));
    this.args = standIns.args;
    this.#behind = standIns.behind;
    this.#themselves = themselves;
    for (const [standIn, { value, path }] of standIns.behind) {
      if (!Tensor.isTensor(standIn)) continue;
      this.#originals.set(standIn, value as Tensor);
      this.#paths.push(path);
      this.#owners.set(standIn, standIn.storage);
      this.#source(standIn, { kind: 'argument', path });
    }
    for (const argument of standIns.opaque) this.#takesAsItIs(argument);
  }

  #takesAsItIs({ value, path }: Argument): void {
    if (Tensor.isTensor(value)) this.guards.push((args) => leafAt(args, path) === value);
    else this.#watch(value);
  }

  /** A tensor's numbers come from outside the step. Where others have the same, the plan knows one value, for as long as that is so. */
  #source(tensor: Tensor, source: Source, place: Place = this.placeOf(tensor)): void {
    const [storage] = tensor.peek();
    const first = this.#places.get(storage);
    if (first !== undefined) this.guards.push((args) => first(args).peek()[0] === place(args).peek()[0]);
    else if (!this.#values.has(storage)) {
      this.#places.set(storage, place);
      this.sources.push({ value: this.#number(storage), source });
    }
  }

  #number(storage: Storage): Value {
    const value = this.#values.size;
    this.#values.set(storage, value);
    return value;
  }

  /** The tensors that no stand-in can stand for: the step holds them as well, has two, or switched `requiresGrad`. */
  themselves(): Tensor[] {
    const all = [...this.#originals];
    const isOne = ([standIn, tensor]: [Tensor, Tensor], index: number): boolean =>
      !this.#held.has(tensor) &&
      standIn.requiresGrad === tensor.requiresGrad &&
      all.findIndex(([, other]) => other === tensor) === index;
    return all.filter((pair, index) => !isOne(pair, index)).map(([, tensor]) => tensor);
  }

  #watch(value: unknown): void {
    const isSame = watchContents(value, this.#watched);
    if (isSame !== null) this.guards.push(() => isSame(value));
  }

  #looksAt(array: Argument): void {
    if (this.#watched.has(array)) return;
    this.#watched.add(array);
    const isSame = watchContents(array.value, new Set())!;
    this.guards.push((args) => isSame(leafAt(args, array.path)));
  }

  /** The way to what a value among the arguments stands for; null for others. */
  pathOf(value: unknown): Path | null {
    return this.#behind.get(value as object)?.path ?? null;
  }

  /** How to find a tensor in another call. */
  placeOf(tensor: Tensor): Place {
    const path = this.pathOf(tensor);
    return path === null ? () => tensor : (args) => leafAt(args, path) as Tensor;
  }

  /** The number of a tensor's value. */
  valueOf(tensor: Tensor): Value {
    const { storage } = tensor;
    if (!this.#values.has(storage)) this.#source(tensor, { kind: 'captured', tensor });
    return this.#values.get(storage)!;
  }

  /** The value that a leaf came with, and that of its gradient; null where the step did not ask. */
  sourcesOf(leaf: Tensor): { readonly numbers: Value | null; readonly gradient: Value | null } {
    const known = (storage?: Storage): Value | null => this.#values.get(storage as Storage) ?? null;
    return { numbers: known(this.#owners.get(leaf)), gradient: known(this.#gradients.get(leaf)?.peek()[0]) };
  }

  /** What a plan keeps. */
  get recording(): Recording {
    const { sources, checks } = this;
    const blocks = Array.from(this.#values.keys(), ({ dtype, size }) => ({ dtype, size }));
    const [leaves, held, paths, fields] = [this.#leaves, this.#held, this.#paths, this.#fieldGuards];
    let writes = this.#writes;
    const isSame = (args: readonly unknown[]): boolean => {
      for (const path of paths) if (held.has(leafAt(args, path))) return false;
      for (const { tensor, requiresGrad, device } of leaves) {
        if (tensor.requiresGrad !== requiresGrad || tensor.device !== device) return false;
      }
      if (countWrites() === writes) return true;
      for (const isFieldSame of fields) if (!isFieldSame()) return false;
      writes = countWrites();
      return true;
    };
    return { sources, checks, guards: [isSame, ...this.guards], blocks };
  }

  /**
   * Undoes every change, the last one first, and frees what the step made and was given, but for what is constant: no replay
   * writes to it.
   *
   * @param isDone - Whether fields stay as the step set them.
   */
  rollBack(isDone: boolean): void {
    for (const undo of [...(isDone ? [] : this.#fieldUndo), ...this.#undo].reverse()) undo();
    for (const [generator, state] of this.#generators) generator.state = state;
    for (const tensor of [...this.#made, ...this.#behind.keys()]) {
      if (Tensor.isTensor(tensor) && !this.#constants.has(tensor.peek()[0])) tensor.free('compiled step');
    }
  }

  original<Given>(value: Given): Given | undefined {
    return this.#behind.get(value as object)?.value as Given | undefined;
  }

  made(owner: object): void {
    this.#made.add(owner);
  }

  uses(owner: object, storage: Storage): void {
    const tensor = owner as Tensor;
    if (this.#made.has(tensor) || this.#owners.has(tensor)) return;
    this.#note(tensor, storage);
    this.#held.add(tensor);
    this.#source(tensor, { kind: 'captured', tensor });
  }

  /** What a leaf came with: a plan fits while it is trainable, or not, and where it was. */
  #note(tensor: Tensor, storage: Storage): void {
    this.#owners.set(tensor, storage);
    this.#leaves.push({ tensor, requiresGrad: tensor.requiresGrad, device: tensor.device });
  }

  placed(device: Device, storage: Storage, origin: Origin): void {
    this.sources.push({ value: this.#number(storage), source: this.#sourceOf(device, storage, origin) });
  }

  #sourceOf(device: Device, storage: Storage, origin: Origin): Source {
    // A generator made inside the step starts anew with each call: what it draws is constant.
    if (origin.kind === 'draw' && origin.generator.serial < this.#start) {
      if (!this.#generators.has(origin.generator)) this.#generators.set(origin.generator, origin.before);
      return { kind: 'drawn', device, origin };
    }
    if (origin.kind === 'value') {
      const path = this.pathOf(origin.value);
      if (path !== null) return { kind: 'converted', path, device, convert: origin.convert };
    }
    this.#constants.add(storage);
    return { kind: 'constant', device, storage };
  }

  ran(device: Device, { kernel, inputs, spec }: KernelCall, out: Storage): void {
    const numbers = inputs.map((storage) => {
      const value = this.#values.get(storage);
      if (value === undefined) throw new CompileError(kernel, 'an input of unknown origin');
      return value;
    });
    if (inputs.every((storage) => this.#constants.has(storage))) this.#constants.add(out);
    this.instructions.push({ device, kernel, spec, inputs: numbers, out: this.#number(out) });
  }

  watches(): void {
    this.isWatched = true;
  }

  reads(op: string, maker: string): never {
    throw new CompileError(
      op,
      `the value of ${maker} cannot be read while its step is compiled: it would be frozen into the plan`,
      'return the tensor from the step and read it outside, or compute with tensors (where, comparisons)',
    );
  }

  counts(op: string, generator?: Generator): void {
    if (generator !== undefined && generator.serial >= this.#start) return;
    throw new CompileError(
      op,
      'a number that changes in JavaScript while a step is compiled would be frozen into the plan',
      'do it outside of the step, or compute with tensors (rand, dropout)',
    );
  }

  backs(owner: object, op: string): void {
    if (!this.#made.has(owner)) throw refuseGraph(op, 'what comes from before the step', owner as Tensor);
  }

  requires(device: Device, status: Storage, values: Storage, explain: Check['explain']): void {
    this.checks.push({
      device,
      status: this.#values.get(status)!,
      values: this.#values.get(values)!,
      explain,
    });
  }

  rebinds(owner: object, undo: () => void): void {
    const tensor = owner as Tensor;
    if (this.#made.has(tensor)) {
      throw new CompileError(
        'assign',
        'a tensor made inside the step is bound to new numbers, which no later call would find',
        'make state outside the step',
      );
    }
    this.#held.add(tensor);
    // What is bound first is not seen when it is used.
    if (!this.#owners.has(tensor)) this.#note(tensor, tensor.peek()[0]);
    this.#undo.push(undo);
    this.rebound.add(tensor);
  }

  usesGrad<Gradient extends object>(owner: object, gradient: Gradient | null): Gradient | null {
    const leaf = owner as Tensor;
    if (this.#made.has(leaf) || this.graded.has(leaf)) return gradient;
    if (!this.#gradients.has(leaf)) this.#gradients.set(leaf, this.#gradientOf(leaf, gradient as Tensor | null));
    return this.#gradients.get(leaf) as Gradient | null;
  }

  /** The gradient that a leaf came with, or what stands for it. */
  #gradientOf(leaf: Tensor, gradient: Tensor | null): Tensor | null {
    this.#held.add(leaf);
    const place = this.placeOf(leaf);
    if (gradient === null || this.#themselves.has(gradient)) {
      this.guards.push((args) => place(args).peek()[1] === gradient);
      return gradient;
    }
    if (gradient.requiresGrad) this.backs(gradient, 'grad');
    const { shape, device } = gradient;
    const [isLike, held, paths] = [likeTensor(gradient), this.#held, this.#paths];
    this.guards.push((args) => {
      const now = place(args).peek()[1];
      return isLike(now) && !held.has(now) && !paths.some((path) => leafAt(args, path) === now);
    });
    const standIn = new Tensor({ storage: gradient.peek()[0], shape, device });
    this.#originals.set(standIn, gradient);
    this.#source(standIn, { kind: 'gradient', of: place }, (args) => place(args).peek()[1]!);
    return standIn;
  }

  setsGrad(owner: object, undo: () => void): void {
    const leaf = owner as Tensor;
    this.#undo.push(undo);
    if (this.#made.has(leaf)) return;
    this.#held.add(leaf);
    this.graded.add(leaf);
  }

  depends(current: () => unknown, owner?: object, undo?: () => void): void {
    if (undo !== undefined) this.#fieldUndo.push(undo);
    const value = current();
    const isSame = (): boolean => Object.is(current(), value);
    if (owner === undefined) this.guards.push(isSame);
    // What the step put into a field comes from itself.
    else if (![owner, value].some((one) => this.#made.has(one) || this.#behind.has(one as object))) {
      this.#fieldGuards.push(isSame);
      this.#watch(value);
    }
  }
}
