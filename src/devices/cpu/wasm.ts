/**
 * @file The kernels in assembly/ as a WebAssembly module, embedded in this package: compiled once, on first use, and
 * instantiated for each memory. Nothing is fetched. Where a Content-Security-Policy lacks `'wasm-unsafe-eval'` there are the plain loops.
 * Browsers compile a module of this size at once on a page's main thread, too: Chromium's limit is 8 MB.
 */
import { binary } from './generated/binary.js';

// The text comes first: see accelerated.ts.

import { DeviceError } from '../../errors.js';

/** The memory of a module, as WebAssembly gives it. */
export interface WasmMemory {
  /** All bytes. Memory that grows has another buffer. */
  readonly buffer: ArrayBuffer;
  /** Adds pages of 64 KiB. */
  grow(pages: number): number;
}

/** An instance of the kernels, with a memory of its own. */
export interface Wasm {
  /** The first `RESERVED` bytes belong to the kernels. */
  readonly memory: WasmMemory;
  /** Runs the calls whose words lie from `start` to `end`, in bytes. Returns 0, or where one lies that it does not know. */
  run(start: number, end: number): number;
}

/** What is needed of the engine's WebAssembly, which the language's own library does not declare. */
interface Engine {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
}

let compiled: object | null | undefined;

/** The compiled module; null where the engine has no WebAssembly, none with SIMD, or where the page's policy forbids it. */
function compile(engine: Engine | undefined): object | null {
  // A byte is one character, or two of which the first is ~ or a space.
  const bytes = Uint8Array.from(binary.match(/[~ ]?./g) ?? [], (text) => {
    const code = text.charCodeAt(text.length - 1);
    const start = text.length === 1 ? 0 : text.startsWith('~') ? 91 : 182;
    return start + (code === 33 ? 92 : code) - 38;
  });
  try {
    return new engine!.Module(bytes);
  } catch {
    return null;
  }
}

/**
 * An instance with a memory of its own, all zeros.
 *
 * @param options - `pages`: the size of the memory, in pages of 64 KiB.
 * @returns null where WebAssembly or its SIMD is missing or forbidden: use the plain loops there.
 * @throws {@link DeviceError} when there is not so much memory.
 */
export function openWasm({ pages }: { readonly pages: number }): Wasm | null {
  const engine = (globalThis as { readonly WebAssembly?: Engine }).WebAssembly;
  if (compiled === undefined) compiled = compile(engine);
  if (compiled === null) return null;
  const wasm = new engine!.Instance(compiled).exports as Wasm;
  const { memory } = wasm;
  try {
    memory.grow(pages - memory.buffer.byteLength / 65536);
  } catch {
    throw new DeviceError('compile', `needs ${pages} pages of 64 KiB, which the engine refuses`, 'use smaller batches');
  }
  return wasm;
}
