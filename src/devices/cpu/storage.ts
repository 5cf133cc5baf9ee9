/** @file Elements of the CPU device. */
import { type DType, dtypeOf, type TypedArray } from '../../dtype.js';
import type { Storage } from '../device.js';

/** A typed array that nobody else holds; or one that will be copied out of where it is computed when somebody asks. */
export class CpuStorage implements Storage {
  readonly dtype: DType;
  readonly size: number;
  #array: TypedArray | null;
  readonly #fetch: (() => TypedArray) | null;

  constructor(array: TypedArray | null, later?: { dtype: DType; size: number; fetch: () => TypedArray }) {
    this.#array = array;
    this.#fetch = later?.fetch ?? null;
    this.dtype = later?.dtype ?? dtypeOf(array!);
    this.size = later?.size ?? array!.length;
  }

  /** The elements. */
  get array(): TypedArray {
    this.#array ??= this.#fetch!();
    return this.#array;
  }

  /** Whether the elements are here. */
  get isSettled(): boolean {
    return this.#array !== null;
  }

  /** Brings the elements here before they change where they are computed. */
  settle(): void {
    this.#array ??= this.#fetch!();
  }
}
