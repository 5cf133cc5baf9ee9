/**
 * @file The data types of tensors, and the typed arrays that hold them.
 */
import { DTypeError } from './errors.js';

/**
 * A tensor's element type: `float32` (the default), `float64` (what gradient checks use) or `int32` (indices, labels,
 * and the 0 and 1 that comparisons return).
 */
export type DType = 'float32' | 'float64' | 'int32';

/** The typed arrays that hold a tensor's elements in row-major order. */
export type TypedArray = Float32Array | Float64Array | Int32Array;

const constructors = { float32: Float32Array, float64: Float64Array, int32: Int32Array } as const;

/** Engines keep arrays up to this size, in bytes, on their own heap; a buffer for each larger one costs them a microsecond. */
const ON_HEAP = 64;
/** So arrays up to this size share buffers of that size: a tensor that is kept keeps no more than one of these alive. */
const SHARED = 4096;
const BUFFER = 16384;

let buffer = new ArrayBuffer(0);
let used = 0;

/** A new typed array of `size` zeros. */
export function allocate(dtype: DType, size: number): TypedArray {
  const ArrayType = constructors[dtype];
  const bytes = size * ArrayType.BYTES_PER_ELEMENT;
  if (bytes <= ON_HEAP || bytes > SHARED) return new ArrayType(size);
  if (used + bytes > buffer.byteLength) {
    buffer = new ArrayBuffer(BUFFER);
    used = 0;
  }
  const start = used;
  used += Math.ceil(bytes / 8) * 8;
  return new ArrayType(buffer, start, size);
}

/** The elements of `values`, converted to `dtype`, in a typed array of their own. */
export function toTypedArray(dtype: DType, values: ArrayLike<number>): TypedArray {
  return constructors[dtype].from(values);
}

/** Whether a value is one of the three kinds of typed array that hold tensors. */
export function isTypedArray(value: unknown): value is TypedArray {
  return value instanceof Float32Array || value instanceof Float64Array || value instanceof Int32Array;
}

/** The data type that a typed array holds. */
export function dtypeOf(array: TypedArray): DType {
  if (array instanceof Float32Array) return 'float32';
  return array instanceof Float64Array ? 'float64' : 'int32';
}

/** Whether a type carries gradients: `float32` and `float64` do, `int32` does not. */
export function isFloat(dtype: DType): boolean {
  return dtype !== 'int32';
}

/** Whether `int32` holds a value: a whole number from -2³¹ to 2³¹ - 1. */
export function isInt32(value: unknown): boolean {
  return ((value as number) | 0) === value;
}

/**
 * Throws a {@link DTypeError} unless a type holds each of some elements: a typed array would make an `int32` of anything,
 * without a word.
 */
export function checkElements(op: string, dtype: DType, values: ArrayLike<unknown>): void {
  if (isFloat(dtype)) return;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (isInt32(value)) continue;
    const what = typeof value === 'number' ? value : `a ${typeof value}`;
    const place = values.length === 1 ? '' : ` at element ${i}`;
    throw new DTypeError(op, `${what} is no int32${place}`, "use cast(x, 'float32')");
  }
}

/** The elements of `values`, as {@link checkElements} wants them, in a typed array of their own. */
export function convert(op: string, dtype: DType, values: ArrayLike<number>): TypedArray {
  checkElements(op, dtype, values);
  return toTypedArray(dtype, values);
}

/** Throws a {@link DTypeError} unless `value` names a data type. */
export function checkDType(op: string, value: string): asserts value is DType {
  if (!Object.hasOwn(constructors, value)) {
    throw new DTypeError(
      op,
      `unknown dtype ${JSON.stringify(value)}`,
      `use one of ${Object.keys(constructors).join(', ')}`,
    );
  }
}
