/** @file Elements of the CPU device. */
import { type DType, dtypeOf, type TypedArray } from '../../dtype.js';
import type { Storage } from '../device.js';

/** A typed array that nobody else holds; or one that will be copied out of where it is computed when somebody asks. */
export class CpuStorage implements Storage {
  readonly dtype: DType;
  readonly size: number;
  /** The elements; a property of its own, so that whoever compares objects by their properties compares numbers. */
  declare readonly array: TypedArray;

  constructor(array: TypedArray | null, later?: { dtype: DType; size: number; fetch: () => TypedArray }) {
    this.dtype = later?.dtype ?? dtypeOf(array!);
    this.size = later?.size ?? array!.length;
    if (later === undefined) this.array = array!;
    else {
      let fetched: TypedArray | undefined;
      const get = (): TypedArray => {
        fetched ??= later.fetch();
        return fetched;
      };
      Object.defineProperty(this, 'array', { enumerable: true, get });
    }
  }

  /** Brings the elements here before they change where they are computed. */
  settle(): void {
    void this.array;
  }
}
