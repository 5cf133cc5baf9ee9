/**
 * @file The executor that lays all values of a step out in one WebAssembly memory and replays its kernels by one call.
 *
 * Parameters, optimizer state and gradients live there: a run reads and writes them in place, and their tensors copy the
 * numbers out when somebody asks. What was bound to a tensor since the last run is copied in.
 */
import { Tensor } from '../autograd/tensor.js';
import { cpu } from '../devices/cpu/index.js';
import { RESERVED } from '../devices/cpu/opcodes.js';
import { encode, scratchOf } from '../devices/cpu/program.js';
import { CpuStorage } from '../devices/cpu/storage.js';
import { openWasm, type Wasm } from '../devices/cpu/wasm.js';
import type { KernelName, KernelSpecs, Storage } from '../devices/device.js';
import { allocate, dtypeOf, type TypedArray } from '../dtype.js';
import { sizeOf, stridesOf } from '../shape.js';
import { leafAt } from './arguments.js';
import { layOut } from './layout.js';
import { type Blueprint, describe, type Executable, fill, type Target } from './plan.js';
import type { Block, Check, Instruction, Recording, Source, Value } from './recorder.js';

const PAGE = 65536;

/** Numbers that are copied into the memory before a run. */
interface Input {
  readonly source: Source;
  readonly view: TypedArray;
  /** What is there: nothing is copied when it is the same again. */
  storage: Storage | null;
}

/** Numbers of the memory in an array of their own. */
function copyOf(view: TypedArray): TypedArray {
  const copy = allocate(dtypeOf(view), view.length);
  copy.set(view);
  return copy;
}

/** The place of a parameter, of optimizer state or of a gradient. */
class Home {
  readonly target: Target;
  readonly isGradient: boolean;
  readonly input: Input | undefined;
  readonly #view: TypedArray;
  readonly #block: Block;
  /** What the last run left here, as its tensor holds it. */
  storage: CpuStorage | null = null;
  /** Whether somebody asked for it since. */
  #isAsked = false;

  constructor(target: Target, isGradient: boolean, view: TypedArray, block: Block, input: Input | undefined) {
    this.target = target;
    this.isGradient = isGradient;
    this.input = input;
    this.#view = view;
    this.#block = block;
  }

  /** Whether the tensor of this call still holds what the last run left here, and nobody asked for it. */
  isUntouched(args: readonly unknown[]): boolean {
    const [storage, gradient] = this.target.tensor(args).peek();
    const held = this.isGradient ? gradient?.peek()[0] : storage;
    return this.storage !== null && held === this.storage && !this.#isAsked;
  }

  /** Copies out what another tensor than that of this call may still hold. */
  leave(args: readonly unknown[]): void {
    if (this.storage !== null && !this.isUntouched(args)) this.storage.settle();
  }

  /** Binds the tensor to what the run left here. */
  arrive(args: readonly unknown[]): void {
    if (this.isUntouched(args)) return;
    const { tensor, shape, device } = this.target;
    const fetch = (): TypedArray => {
      this.#isAsked = true;
      return copyOf(this.#view);
    };
    this.storage = new CpuStorage(null, { ...this.#block, fetch });
    this.#isAsked = false;
    if (this.isGradient) tensor(args).accumulate(new Tensor({ storage: this.storage, shape, device }));
    else tensor(args).bind(this.storage, device);
    if (this.input !== undefined) this.input.storage = this.storage;
  }
}

/** Replays a step by one call. */
export class StaticPlan implements Executable {
  readonly executor = 'wasm';
  readonly kernels: readonly KernelName[];
  readonly bytes: number;
  readonly constants: readonly Block[];
  readonly #recording: Recording;
  readonly #wasm: Wasm;
  /** Where the program starts, where its checks are done, and where it ends. */
  readonly #program: readonly [start: number, checked: number, end: number];
  readonly #inputs: readonly Input[];
  readonly #homes: readonly Home[];
  /** Leaves whose gradient the step forgets. */
  readonly #forgotten: readonly Target[];
  readonly #result: unknown;
  readonly #viewOf: (value: Value) => TypedArray;

  private constructor(blueprint: Blueprint, made: Made) {
    this.kernels = made.instructions.map(({ kernel }) => kernel);
    this.bytes = made.wasm.memory.buffer.byteLength;
    this.constants = blueprint.constants;
    this.#recording = blueprint.recording;
    this.#result = blueprint.result;
    this.#wasm = made.wasm;
    this.#program = made.program;
    this.#inputs = made.inputs;
    this.#homes = made.homes;
    this.#forgotten = blueprint.gradients.filter(({ value }) => value === null);
    this.#viewOf = made.viewOf;
  }

  /** The plan of a step; null where its devices, types or kernels, or the engine, have no WebAssembly. */
  static of(blueprint: Blueprint): StaticPlan | null {
    const made = make(blueprint);
    return made === null ? null : new StaticPlan(blueprint, made);
  }

  fits(args: readonly unknown[]): boolean {
    for (const holds of this.#recording.guards) if (!holds(args)) return false;
    return true;
  }

  run(args: readonly unknown[]): unknown {
    for (const home of this.#homes) home.leave(args);
    const drawn: (() => void)[] = [];
    try {
      for (const input of this.#inputs) load(input, args, drawn);
      this.#replay();
    } catch (error) {
      for (const undo of drawn) undo();
      throw error;
    }
    for (const home of this.#homes) home.arrive(args);
    for (const { tensor } of this.#forgotten) if (tensor(args).peek()[1] !== null) tensor(args).grad = null;
    return fill(this.#result, args, ({ value, shape, device }) => {
      return new Tensor({ storage: new CpuStorage(copyOf(this.#viewOf(value))), shape, device });
    });
  }

  dispose(): void {
    for (const { storage } of this.#homes) storage?.settle();
  }

  toString(): string {
    return describe(this);
  }

  #replay(): void {
    const [start, checked, end] = this.#program;
    if (checked > start) {
      this.#wasm.run(start, checked);
      for (const check of this.#recording.checks) this.#settle(check);
    }
    this.#wasm.run(checked, end);
  }

  #settle({ status, values, explain }: Check): void {
    const index = this.#viewOf(status)[0]!;
    if (index >= 0) throw explain(index, this.#viewOf(values)[index]!);
  }
}

/** Copies an input to its place, unless it is there. */
function load(input: Input, args: readonly unknown[], drawn: (() => void)[]): void {
  const { source, view } = input;
  switch (source.kind) {
    case 'constant':
      return;
    case 'converted':
      view.set(source.convert(leafAt(args, source.path)));
      return;
    case 'drawn': {
      const { generator } = source.origin;
      const { state } = generator;
      drawn.unshift(() => {
        generator.state = state;
      });
      view.set(source.origin.draw());
      return;
    }
  }
  const [storage] = (
    source.kind === 'captured'
      ? source.tensor
      : source.kind === 'argument'
        ? (leafAt(args, source.path) as Tensor)
        : source.of(args).peek()[1]!
  ).peek();
  if (storage === input.storage) return;
  view.set((storage as CpuStorage).array);
  input.storage = storage;
}

interface Made {
  readonly wasm: Wasm;
  readonly instructions: readonly Instruction[];
  readonly program: readonly [number, number, number];
  readonly inputs: readonly Input[];
  readonly homes: readonly Home[];
  readonly viewOf: (value: Value) => TypedArray;
}

/** Lays a step out, writes its program, and puts its constants in place. */
function make({ recording, instructions: given, states, gradients, kept }: Blueprint): Made | null {
  const { blocks, sources, checks } = recording;
  if (given.some(({ device }) => device !== cpu) || blocks.some(({ dtype }) => dtype === 'float64')) return null;
  const [checking, rest] = split(
    given,
    checks.map(({ status }) => status),
  );
  const instructions = [...checking, ...rest];
  const targets = [...states, ...gradients].filter(({ value }) => value !== null);
  const used = new Set([...instructions.flatMap(({ inputs }) => inputs), ...kept]);
  const layout = layOut({
    bytes: blocks.map(({ size }) => 4 * size),
    instructions: instructions.map((instruction) => ({
      ...instruction,
      mayReplace: (value) => mayReplace(instruction, value, blocks),
    })),
    given: sources.map(({ value }) => value).filter((value) => used.has(value)),
    kept: [...kept],
    homes: targets.map(({ before, value, shape }) => ({
      before: before !== null && used.has(before) ? before : null,
      after: value!,
      bytes: 4 * sizeOf(shape),
    })),
    committed: checking.length,
  });
  const scratchBytes = Math.max(
    0,
    ...instructions.map((call) => scratchOf(call.kernel, call.spec, dtypesOf(call, blocks))),
  );
  const scratch = RESERVED + layout.bytes;
  const program = scratch + Math.ceil(scratchBytes / 16) * 16;
  const at = (value: Value): number => RESERVED + layout.offsets[value]!;

  const words: number[] = [];
  let checked = program;
  for (const [index, call] of instructions.entries()) {
    const { kernel, spec, inputs, out } = call;
    const operands = { inputs: inputs.map(at), out: at(out), dtypes: dtypesOf(call, blocks), scratch };
    const encoded = encode(kernel, spec, operands);
    if (encoded === null) return null;
    words.push(...encoded);
    if (index === checking.length - 1) checked = program + 4 * words.length;
  }
  const end = program + 4 * (words.length + ROOM_FOR_A_COPY * layout.copies.length);
  const wasm = openWasm({ pages: Math.ceil(end / PAGE) });
  if (wasm === null) return null;
  for (const home of layout.copies) {
    const { value } = targets[home]!;
    const { dtype, size } = blocks[value!]!;
    const spec = { shape: [size], strides: [1], offset: 0 };
    words.push(
      ...encode('copyStrided', spec, {
        inputs: [at(value!)],
        out: RESERVED + layout.homes[home]!,
        dtypes: [dtype],
        scratch: 0,
      })!,
    );
  }
  const { buffer } = wasm.memory;
  new Int32Array(buffer, program, words.length).set(words);

  const view = (offset: number, { dtype, size }: Block): TypedArray =>
    dtype === 'int32' ? new Int32Array(buffer, offset, size) : new Float32Array(buffer, offset, size);
  const views = new Map<Value, TypedArray>();
  const viewOf = (value: Value): TypedArray => {
    const known = views.get(value) ?? view(at(value), blocks[value]!);
    views.set(value, known);
    return known;
  };
  const inputs = sources
    .filter(({ value }) => used.has(value))
    .map(({ value, source }) => ({ value, source, view: viewOf(value), storage: null }));
  for (const { source, view: place } of inputs) {
    if (source.kind === 'constant') place.set((source.storage as CpuStorage).array);
  }
  const homes = targets.map((target, home) => {
    const block = blocks[target.value!]!;
    const input = inputs.find(({ value }) => value === target.before && layout.offsets[value] === layout.homes[home]);
    const isGradient = gradients.includes(target);
    return new Home(target, isGradient, view(RESERVED + layout.homes[home]!, block), block, input);
  });
  return { wasm, instructions, program: [program, checked, program + 4 * words.length], inputs, homes, viewOf };
}

/** At least as many words as the call takes that copies a row of numbers. */
const ROOM_FOR_A_COPY = 32;

const dtypesOf = ({ inputs }: Instruction, blocks: readonly Block[]): Block['dtype'][] =>
  inputs.map((value) => blocks[value]!.dtype);

/** The calls that some values depend on, and all others, each in their order. */
function split(instructions: readonly Instruction[], values: readonly Value[]): [Instruction[], Instruction[]] {
  const needed = new Set(values);
  const first = new Set<Instruction>();
  for (const instruction of [...instructions].reverse()) {
    if (!needed.has(instruction.out)) continue;
    first.add(instruction);
    for (const input of instruction.inputs) needed.add(input);
  }
  return [instructions.filter((call) => first.has(call)), instructions.filter((call) => !first.has(call))];
}

/** Whether a result may take the place of an input: its elements depend on those in the same place only. */
function mayReplace({ kernel, spec, inputs, out }: Instruction, value: Value, blocks: readonly Block[]): boolean {
  if (blocks[value]!.size !== blocks[out]!.size) return false;
  switch (kernel) {
    case 'map':
    case 'cast':
    case 'blend':
      return true;
    case 'adam':
      // The scalars are read again for every element.
      return inputs.lastIndexOf(value) < 3;
    case 'zip':
    case 'where': {
      const { shape, strides } = spec as KernelSpecs['zip' | 'where'];
      const own = stridesOf(shape);
      const plain = (of: readonly number[]): boolean =>
        of.every((stride, axis) => shape[axis] === 1 || stride === own[axis]);
      return inputs.every((input, index) => input !== value || plain(strides[index]!));
    }
    default:
      return false;
  }
}
