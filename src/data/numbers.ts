/**
 * @file The number types that files of arrays hold, and how their bytes become features.
 */
import { DataError } from '../errors.js';

/** A type of number in a file. */
export interface NumberType {
  /** How messages call it. */
  readonly name: string;
  /** The bytes of one. */
  readonly bytes: number;
  /** Reads one at an offset. */
  readonly read: (view: DataView, at: number, littleEndian: boolean) => number;
}

type TypeName = 'bool' | `${'int' | 'uint'}${8 | 16 | 32 | 64}` | `float${32 | 64}`;

/** Every type that IDX or NPY files hold; wide integers lose what float64 cannot hold. */
export const NUMBER_TYPES: Readonly<Record<TypeName, NumberType>> = {
  bool: { name: 'bool', bytes: 1, read: (view, at) => (view.getUint8(at) === 0 ? 0 : 1) },
  int8: { name: 'int8', bytes: 1, read: (view, at) => view.getInt8(at) },
  uint8: { name: 'uint8', bytes: 1, read: (view, at) => view.getUint8(at) },
  int16: { name: 'int16', bytes: 2, read: (view, at, little) => view.getInt16(at, little) },
  uint16: { name: 'uint16', bytes: 2, read: (view, at, little) => view.getUint16(at, little) },
  int32: { name: 'int32', bytes: 4, read: (view, at, little) => view.getInt32(at, little) },
  uint32: { name: 'uint32', bytes: 4, read: (view, at, little) => view.getUint32(at, little) },
  int64: { name: 'int64', bytes: 8, read: (view, at, little) => Number(view.getBigInt64(at, little)) },
  uint64: { name: 'uint64', bytes: 8, read: (view, at, little) => Number(view.getBigUint64(at, little)) },
  float32: { name: 'float32', bytes: 4, read: (view, at, little) => view.getFloat32(at, little) },
  float64: { name: 'float64', bytes: 8, read: (view, at, little) => view.getFloat64(at, little) },
};

/** An array as it lies in a file. */
export interface NumberArray {
  /** What messages call the file. */
  readonly name: string;
  /** At least one axis; none is 0. */
  readonly shape: readonly number[];
  readonly type: NumberType;
  /** The elements' bytes alone, as many as shape and type ask for. */
  readonly data: Uint8Array;
  readonly littleEndian: boolean;
  /** Whether the first axis runs fastest, as in Fortran, and not the last. */
  readonly fortran: boolean;
}

/**
 * Checks a shape that a header claims against the bytes that are there, before anything is made of that size.
 *
 * @param available - The bytes behind the header.
 * @returns The number of elements.
 */
export function checkExtent(name: string, shape: readonly number[], type: NumberType, available: number): number {
  let count = 1;
  for (const [axis, length] of shape.entries()) {
    if (length === 0) throw new DataError(name, `has no ${axis === 0 ? 'rows' : 'features'}: axis ${axis} has size 0`);
    count *= length;
  }
  // Inexact beyond 2^53, where it is far too large anyway.
  const needed = count * type.bytes;
  if (needed !== available) {
    throw new DataError(
      name,
      `its header claims [${shape.join(', ')}] of ${type.name}, ${needed} bytes, but ${available} follow`,
      needed > available ? 'is the file cut short?' : undefined,
    );
  }
  return count;
}

/** The elements in row-major order, each times a factor, as `float32`. */
export function toFeatures(array: NumberArray, factor: number): Float32Array {
  const { type, data, littleEndian, fortran, shape } = array;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const { bytes, read } = type;
  const out = new Float32Array(data.byteLength / bytes);
  if (type === NUMBER_TYPES.uint8 && !fortran) {
    for (let i = 0; i < out.length; i++) out[i] = data[i]! * factor;
    return out;
  }
  if (!fortran) {
    for (let i = 0; i < out.length; i++) out[i] = read(view, i * bytes, littleEndian) * factor;
    return out;
  }
  // Walks the elements as they lie, and counts up the place of each in row-major order.
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, length) => product * length, 1));
  const index = new Array<number>(shape.length).fill(0);
  let place = 0;
  for (let i = 0; i < out.length; i++) {
    out[place] = read(view, i * bytes, littleEndian) * factor;
    for (let axis = 0; axis < shape.length; axis++) {
      place += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      place -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return out;
}

/** Meets the elements in the order in which they lie, as they are. */
export function eachNumber({ type, data, littleEndian }: NumberArray, meet: (value: number, at: number) => void): void {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const count = data.byteLength / type.bytes;
  for (let i = 0; i < count; i++) meet(type.read(view, i * type.bytes, littleEndian), i);
}
