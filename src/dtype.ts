/**
 * @file The data types of tensors, and the typed arrays that hold them.
 */
import { describe } from './checks.js';
import { ArgumentError, DTypeError } from './errors.js';

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

/** The typed arrays that a tensor can be made of: those that hold one, and others whose numbers are converted. */
export type NumberArray =
  | TypedArray
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** Whether a value is a typed array, of whatever numbers. */
export function isTypedArray(value: unknown): value is NumberArray {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

/** The data type that holds the numbers of a typed array: `int32` for whole numbers, and `float32` for small fractions. */
export function dtypeOf(array: NumberArray): DType {
  if (array instanceof Float32Array) return 'float32';
  if (array instanceof Float64Array) return 'float64';
  return array.constructor.name === 'Float16Array' ? 'float32' : 'int32';
}

/** Whether a type carries gradients: `float32` and `float64` do, `int32` does not. */
export function isFloat(dtype: DType): boolean {
  return dtype !== 'int32';
}

/** Whether `int32` holds a value: a whole number from -2³¹ to 2³¹ - 1. */
export function isInt32(value: unknown): boolean {
  return typeof value === 'number' && (value | 0) === value;
}

/**
 * Throws a {@link DTypeError} unless a type holds each of some elements: a typed array would make an `int32` of anything,
 * without a word.
 */
export function checkElements(
  op: string,
  dtype: DType,
  values: ArrayLike<unknown>,
  hint = 'int32 holds whole numbers from -2^31 to 2^31 - 1',
): void {
  if (isFloat(dtype)) return;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (isInt32(value)) continue;
    const what = typeof value === 'number' ? value : `a ${typeof value}`;
    const place = values.length === 1 ? '' : ` at element ${i}`;
    throw new DTypeError(op, `${what} is no int32${place}`, hint);
  }
}

/** The elements of `values`, as {@link checkElements} wants them, in a typed array of their own. */
export function convert(
  op: string,
  dtype: DType,
  values: ArrayLike<number | boolean | bigint>,
  hint?: string,
): TypedArray {
  checkAttached(op, values);
  const isOther = Array.isArray(values) ? values.some(isOtherThanNumber) : isOtherThanNumber(values[0]);
  const numbers = isOther ? Array.from(values, (value) => exactly(op, value)) : values;
  checkElements(op, dtype, numbers, hint);
  return toTypedArray(dtype, numbers as ArrayLike<number>);
}

/** Throws an {@link ArgumentError} on a typed array whose buffer was handed to another thread: it looks like an empty one. */
export function checkAttached(op: string, values: ArrayLike<unknown>): void {
  if (values.length > 0 || !ArrayBuffer.isView(values)) return;
  try {
    // Engines from before 2024 tell only when it is used.
    new Uint8Array(values.buffer);
  } catch {
    throw new ArgumentError(op, 'the array is empty: its buffer was transferred', 'copy it before');
  }
}

const isOtherThanNumber = (value: unknown): boolean => typeof value === 'boolean' || typeof value === 'bigint';

/** The same number, where a number holds it exactly. */
export function exactly(op: string, value: number | boolean | bigint): number {
  const number = Number(value);
  if (typeof value !== 'bigint' || Number.isSafeInteger(number)) return number;
  throw new DTypeError(op, `${value}n is beyond what a number holds exactly, 2^53`);
}

/** Throws a {@link DTypeError} unless a type is the one that is wanted. */
export function matchDType(op: string, name: string, dtype: DType, wanted: DType): void {
  if (dtype !== wanted) throw new DTypeError(op, `${name} must be ${wanted}, got ${dtype}`, `use cast(x, '${wanted}')`);
}

/** Throws a {@link DTypeError} unless `value` names a data type. */
export function checkDType(op: string, value: string): asserts value is DType {
  if (typeof value !== 'string' || !Object.hasOwn(constructors, value)) {
    throw new DTypeError(op, `unknown dtype ${describe(value)}`, `use one of ${Object.keys(constructors).join(', ')}`);
  }
}
