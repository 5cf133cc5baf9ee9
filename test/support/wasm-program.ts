/** @file Runs kernel calls in the WebAssembly module, each storage at an address of its own. */
import * as check from '../../src/devices/cpu/check.js';
import * as elementwise from '../../src/devices/cpu/elementwise.js';
import * as indexed from '../../src/devices/cpu/indexed.js';
import * as layout from '../../src/devices/cpu/layout.js';
import * as matmul from '../../src/devices/cpu/matmul.js';
import { RESERVED } from '../../src/devices/cpu/opcodes.js';
import { encode, scratchOf } from '../../src/devices/cpu/program.js';
import * as random from '../../src/devices/cpu/random.js';
import * as reduce from '../../src/devices/cpu/reduce.js';
import * as updates from '../../src/devices/cpu/updates.js';
import { openWasm, type Wasm } from '../../src/devices/cpu/wasm.js';
import type { KernelName, KernelSpecs } from '../../src/devices/device.js';
import { dtypeOf, type TypedArray } from '../../src/dtype.js';

type Loops = { [Name in KernelName]: (inputs: readonly TypedArray[], spec: KernelSpecs[Name]) => TypedArray };

// The device itself would run large calls in the module.
const loops: Loops = {
  ...check,
  ...elementwise,
  ...indexed,
  ...layout,
  ...matmul,
  ...random,
  ...reduce,
  ...updates,
};

/** A kernel call by the plain loops. */
export function plain<Name extends KernelName>(
  kernel: Name,
  spec: KernelSpecs[Name],
  inputs: readonly TypedArray[],
): TypedArray {
  return loops[kernel](inputs, spec);
}

/** A memory with storages side by side, and a guard word behind each, which no kernel may touch. */
export class Program {
  readonly wasm: Wasm;
  readonly words: number[] = [];
  readonly #guards: number[] = [];
  #end: number = RESERVED;

  constructor(pages: number) {
    this.wasm = openWasm({ pages })!;
    // A guard behind the module's own bytes.
    this.place(0);
  }

  /** Reserves `count` elements of 4 bytes and a guard. */
  place(count: number): number {
    // At odd places: nothing may count on more than 4 bytes of alignment.
    const address = this.#end + 4;
    this.#end = address + 4 * count + 4;
    this.#guards.push(this.#end - 4);
    new Int32Array(this.wasm.memory.buffer)[(this.#end - 4) / 4] = GUARD;
    return address;
  }

  /** A copy of an array. */
  put(array: TypedArray): number {
    const address = this.place(array.length);
    new (array.constructor as Float32ArrayConstructor)(this.wasm.memory.buffer).set(array, address / 4);
    return address;
  }

  /** Adds a call to the program. */
  call<Name extends KernelName>(
    kernel: Name,
    spec: KernelSpecs[Name],
    inputs: readonly number[],
    out: number,
    dtypes: readonly ('float32' | 'int32')[],
  ): void {
    const scratch = this.place(scratchOf(kernel, spec, dtypes) / 4);
    this.words.push(...encode(kernel, spec, { inputs, out, dtypes, scratch })!);
  }

  /** Runs the program; throws where a kernel is unknown, or wrote where it should not. */
  run(): void {
    const start = this.place(this.words.length);
    const memory = new Int32Array(this.wasm.memory.buffer);
    memory.set(this.words, start / 4);
    const unknown = this.wasm.run(start, start + 4 * this.words.length);
    if (unknown !== 0) throw new Error(`kernel ${memory[unknown / 4]} is unknown`);
    if (this.#guards.some((guard) => memory[guard / 4] !== GUARD)) throw new Error('a guard was overwritten');
    const after = Array.from(memory.subarray(start / 4, start / 4 + this.words.length));
    if (after.some((word, i) => word !== this.words[i])) throw new Error('the program has changed');
  }
}

const GUARD = 0x5ca1ab1e;

/** A kernel call on plain arrays, in the module. */
export function compiled<Name extends KernelName>(
  kernel: Name,
  spec: KernelSpecs[Name],
  inputs: readonly TypedArray[],
  like: TypedArray,
): TypedArray {
  const size = inputs.reduce((sum, { length }) => sum + length, 0) + like.length;
  const program = new Program(2 + Math.ceil((16 * size + 4096) / 65536));
  const out = program.place(like.length);
  // What a kernel leaves out shows.
  new Int32Array(program.wasm.memory.buffer).fill(GUARD, out / 4, out / 4 + like.length);
  program.call(
    kernel,
    spec,
    inputs.map((input) => program.put(input)),
    out,
    inputs.map((input) => dtypeOf(input) as 'float32' | 'int32'),
  );
  program.run();
  return new (like.constructor as Float32ArrayConstructor)(program.wasm.memory.buffer, out, like.length).slice();
}

/** The largest difference of two results, relative to the largest right element; infinite where they differ in kind. */
export function apart(actual: TypedArray, right: TypedArray): number {
  const scale = Math.max(1e-30, ...Array.from(right, Math.abs).filter(Number.isFinite));
  let worst = 0;
  right.forEach((x, i) => {
    if (Object.is(actual[i], x) || actual[i] === x) return;
    const error = Math.abs(actual[i]! - x) / scale;
    worst = Math.max(worst, Number.isNaN(error) ? Number.POSITIVE_INFINITY : error);
  });
  return worst;
}
