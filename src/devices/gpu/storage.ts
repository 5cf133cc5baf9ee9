/** @file Elements of a gpu.js device: on the host, on the GPU, or on their way there. */
import type { DType } from '../../dtype.js';
import type { Storage } from '../device.js';

/** Numbers on the GPU: a texture or a buffer of gpu.js. */
export interface Handle {
  /** Frees them. */
  delete(): void;
  /** A copy on the host. */
  toArray(): unknown;
}

/** Where a kernel's result is, or will be. */
export type Result = Float32Array | Handle;

/** What {@link Residents.live} counts. */
export interface Live {
  /** How many blocks of numbers are on the GPU. */
  readonly handles: number;
  /** Their size. */
  readonly bytes: number;
}

let made = 0;

/**
 * A block of elements. What came from the host stays known there, so that reading it back, and asking something of its
 * values, waits for nobody; it goes to the GPU when a kernel first wants it.
 */
export class GpuStorage implements Storage {
  /** Of no two is it the same: whoever compares objects by their properties cannot see numbers on the GPU. */
  readonly id: number = ++made;
  readonly dtype: DType;
  readonly size: number;
  /** The elements, when the host knows them. */
  host: Float32Array | null = null;
  /** The elements on the GPU; null before the first kernel that wants them. */
  resident: Handle | Promise<Handle> | null = null;
  /** Of whole numbers: none is larger in size. */
  bound: number = Number.POSITIVE_INFINITY;
  /** How many tensors and plans hold this; those that are left to the garbage collector never let go. */
  owners = 0;

  constructor(dtype: DType, size: number) {
    this.dtype = dtype;
    this.size = size;
  }
}

/** All handles that are alive on a device, and the last net: what the garbage collector finds is freed too. */
export class Residents {
  readonly #live = new Map<Handle, number>();
  readonly #collected: FinalizationRegistry<Handle>;

  constructor() {
    this.#collected = new FinalizationRegistry((handle) => this.delete(handle));
  }

  /** What is alive now. */
  get live(): Live {
    let bytes = 0;
    for (const size of this.#live.values()) bytes += 4 * size;
    return { handles: this.#live.size, bytes };
  }

  /** Gives a storage its numbers on the GPU. */
  settle(storage: GpuStorage, handle: Handle): Handle {
    this.#live.set(handle, storage.size);
    this.#collected.register(storage, handle, handle);
    storage.resident = handle;
    return handle;
  }

  /** Frees a handle, once. */
  delete(handle: Handle): void {
    if (!this.#live.delete(handle)) return;
    this.#collected.unregister(handle);
    handle.delete();
  }

  /** Frees every handle. */
  clear(): void {
    for (const handle of [...this.#live.keys()]) this.delete(handle);
  }
}
