/**
 * @file The safetensors format: an 8-byte little-endian header length, a JSON header, then the tensors' bytes.
 *
 * Source: the format's description at https://huggingface.co/docs/safetensors.
 */
import { tensor } from '../autograd/create.js';
import { checkTensor } from '../autograd/op.js';
import type { Tensor } from '../autograd/tensor.js';
import { checkKind, checkWhole, readOptions } from '../checks.js';
import type { DType, TypedArray } from '../dtype.js';
import { ArgumentError, DataError } from '../errors.js';
import { type Shape, sizeOf } from '../shape.js';
import {
  checkByteArray,
  checkSource,
  MAX_BYTES,
  nameOf,
  readSource,
  type Source,
  type SourceOptions,
} from '../source.js';
import { writeFileAtomically } from './files.js';
import { checkRecord, parseJson, quoted } from './json.js';

const NAMES: Record<DType, string> = { float32: 'F32', float64: 'F64', int32: 'I32' };

/** The arrays that hold the bytes of each type of the format. */
const ARRAYS = {
  F64: Float64Array,
  F32: Float32Array,
  F16: Uint16Array,
  BF16: Uint16Array,
  I64: BigInt64Array,
  I32: Int32Array,
  I16: Int16Array,
  I8: Int8Array,
  U64: BigUint64Array,
  U32: Uint32Array,
  U16: Uint16Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
} as const;
type TypeName = keyof typeof ARRAYS;

/** The longest header that is read: the format's own limit. */
const MAX_HEADER = 100_000_000;
const METADATA = '__metadata__';

/** Tensors by name, and whatever text was kept with them. */
export interface Safetensors {
  /** The tensors, on the default device. The record has no prototype. */
  readonly tensors: Record<string, Tensor>;
  /** Free text by name. The record has no prototype. */
  readonly metadata: Record<string, string>;
}

/** A tensor whose numbers have arrived. */
interface Part {
  readonly name: string;
  readonly shape: Shape;
  readonly data: TypedArray;
  readonly dtype: DType;
}

/**
 * Tensors as the bytes of a safetensors file, in the order of their names' first use.
 *
 * @param tensors - By name, for example a module's `stateDict()`.
 * @param metadata - Free text to keep with them.
 * @throws `ArgumentError` on the names `__metadata__` and `__proto__`, and on metadata that is no text.
 * @throws `DeviceError` for tensors on an asynchronous device: use {@link writeSafetensors}.
 */
export function serializeSafetensors(
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  checkParts('serializeSafetensors', tensors, metadata);
  return layOut(
    Object.entries(tensors).map(([name, { shape, dtype }]) => ({
      name,
      shape,
      dtype,
      data: tensors[name]!.dataSync(),
    })),
    metadata,
  );
}

/**
 * Writes tensors to a safetensors file, whole or not at all. Node only.
 *
 * The numbers are those of the moment of the call: training may go on while they are written.
 *
 * @param path - Where to.
 * @param tensors - By name, for example a module's `stateDict()`; on any device.
 * @param metadata - Free text to keep with them.
 * @throws `ArgumentError` as {@link serializeSafetensors}.
 * @throws `DataError` when the file cannot be written.
 */
export async function writeSafetensors(
  path: string,
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  checkKind('writeSafetensors', 'path', path, 'string');
  checkParts('writeSafetensors', tensors, metadata);
  const parts = Object.entries(tensors).map(async ([name, value]) => {
    const { shape, dtype } = value;
    return { name, shape, dtype, data: await value.data() };
  });
  await writeFileAtomically(path, layOut(await Promise.all(parts), metadata));
}

/** Throws an {@link ArgumentError} unless both are plain objects, one of tensors and one of texts. */
function checkParts(op: string, tensors: unknown, metadata: unknown): void {
  checkRecord(op, 'tensors', tensors);
  for (const [name, value] of Object.entries(tensors)) checkTensor(op, value, name);
  checkRecord(op, 'metadata', metadata);
  for (const [name, text] of Object.entries(metadata)) checkKind(op, `metadata ${name}`, text, 'string');
}

function layOut(parts: readonly Part[], metadata: Readonly<Record<string, string>>): Uint8Array {
  for (const name of [...parts.map((part) => part.name), ...Object.keys(metadata)]) {
    if (name === METADATA || name === '__proto__') throw new ArgumentError('safetensors', `the name ${name} is taken`);
  }
  // The widest elements first, so that every number lies at a multiple of its size.
  const placed = [...parts].sort((a, b) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT);
  const starts = new Map<string, number>();
  let size = 0;
  for (const { name, data } of placed) {
    starts.set(name, size);
    size += data.byteLength;
  }
  const header: Record<string, unknown> = Object.keys(metadata).length > 0 ? { [METADATA]: metadata } : {};
  for (const { name, shape, dtype, data } of parts) {
    const start = starts.get(name)!;
    header[name] = { dtype: NAMES[dtype], shape, data_offsets: [start, start + data.byteLength] };
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const padded = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + padded + size).fill(0x20, 8, 8 + padded);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  bytes.set(json, 8);
  for (const { name, data } of placed) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 8 + padded + starts.get(name)!);
  }
  return bytes;
}

/**
 * The tensors of a safetensors file, for example one that PyTorch's weights were saved to.
 *
 * @param source - A path (in Node), an address, a `Blob` or `File`, or bytes.
 * @param options - `maxBytes`, default 2³⁰.
 * @throws `DataError` when it cannot be read, and as {@link parseSafetensors}.
 */
export async function readSafetensors(source: Source, options?: SourceOptions): Promise<Safetensors> {
  checkSource('readSafetensors', source);
  const { maxBytes } = readOptions('readSafetensors', options, { maxBytes: MAX_BYTES });
  checkWhole('readSafetensors', 'maxBytes', maxBytes);
  return parseSafetensors(await readSource(source, { maxBytes }), nameOf(source));
}

/**
 * The tensors in the bytes of a safetensors file.
 *
 * `F32`, `F64` and `I32` come back as they are, `F16` and `BF16` as `float32`, other whole numbers as `int32` where
 * they fit (PyTorch counts in `I64`).
 *
 * @param bytes - The whole file.
 * @param name - What messages call it.
 * @throws `DataError` when the bytes are no such file: a header that is no JSON or lies about the bytes, tensors
 *   that overlap or leave holes, a type that is not known, a whole number outside of 32 bits, the key `__proto__`.
 *
 * @example
 * ```ts
 * import { tensor } from 'contragrad';
 * import { parseSafetensors, serializeSafetensors } from 'contragrad/io';
 *
 * const weight = tensor([[1, 2.5]]);
 * const bytes = serializeSafetensors({ weight }, { note: 'mine' });
 * const { tensors, metadata } = parseSafetensors(bytes);
 * console.log(tensors.weight?.toArray()); // [ [ 1, 2.5 ] ]
 * console.log(metadata.note); // mine
 * ```
 */
export function parseSafetensors(bytes: Uint8Array, name = 'safetensors'): Safetensors {
  checkByteArray('parseSafetensors', bytes);
  checkKind('parseSafetensors', 'name', name, 'string');
  if (bytes.length < 8) throw new DataError(name, `is too short to be a safetensors file: ${bytes.length} bytes`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > Math.min(bytes.length - 8, MAX_HEADER)) {
    const room = bytes.length - 8 < MAX_HEADER ? `the file has ${bytes.length - 8} left` : `${MAX_HEADER} are allowed`;
    throw new DataError(name, `its header claims ${length} bytes, ${room}`);
  }
  const header = parseJson(bytes.subarray(8, 8 + length), name, 'its header');
  const { [METADATA]: metadata, ...entries } = header;
  const data = bytes.subarray(8 + length);
  const places = Object.entries(entries).map(([key, entry]) => placeOf(name, key, entry));
  checkCover(name, places, data.length);
  const tensors: Record<string, Tensor> = Object.create(null) as Record<string, Tensor>;
  for (const { key, dtype, shape, start, end } of places) {
    // The copy starts at an aligned address. Not slice(): a Node Buffer's is a view.
    tensors[key] = tensor(numbersOf(name, key, dtype, new Uint8Array(data.subarray(start, end)).buffer), { shape });
  }
  return { tensors, metadata: textOf(name, metadata) };
}

/** Where a tensor lies, and what it is. */
interface Place {
  readonly key: string;
  readonly dtype: TypeName;
  readonly shape: Shape;
  readonly start: number;
  readonly end: number;
}

function placeOf(name: string, key: string, entry: unknown): Place {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  const isList = (value: unknown): value is number[] =>
    Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
  const where = `tensor ${quoted(key)}`;
  if (typeof dtype !== 'string' || !Object.hasOwn(ARRAYS, dtype)) {
    throw new DataError(
      name,
      `${where}: the dtype must be one of ${Object.keys(ARRAYS).join(', ')}, got ${quoted(dtype)}`,
    );
  }
  if (!isList(shape) || !isList(offsets) || offsets.length !== 2) {
    throw new DataError(name, `${where}: needs a shape and two offsets`);
  }
  const [start, end] = offsets as [number, number];
  if (end - start !== sizeOf(shape) * ARRAYS[dtype as TypeName].BYTES_PER_ELEMENT) {
    throw new DataError(name, `${where}: shape ${quoted(shape)} of ${dtype} does not fit bytes ${start} to ${end}`);
  }
  return { key, dtype: dtype as TypeName, shape, start, end };
}

/** Each byte belongs to one tensor. */
function checkCover(name: string, places: readonly Place[], size: number): void {
  let covered = 0;
  for (const { key, start, end } of [...places].sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (start !== covered) {
      const what = start < covered ? 'overlaps another' : 'leaves a hole before it';
      throw new DataError(name, `tensor ${quoted(key)} ${what}: it starts at byte ${start}, not at ${covered}`);
    }
    covered = end;
  }
  if (covered !== size) throw new DataError(name, `its tensors have ${covered} bytes, the file has ${size}`);
}

function textOf(name: string, metadata: unknown): Record<string, string> {
  const entries = Object.entries(metadata === undefined ? {} : Object(metadata));
  if (
    typeof (metadata ?? {}) !== 'object' ||
    metadata === null ||
    entries.some(([, text]) => typeof text !== 'string')
  ) {
    throw new DataError(name, `its metadata must be an object of texts, got ${quoted(metadata)}`);
  }
  return Object.assign(Object.create(null), metadata) as Record<string, string>;
}

function numbersOf(name: string, key: string, dtype: TypeName, buffer: ArrayBuffer): TypedArray {
  const array = new ARRAYS[dtype](buffer);
  if (array instanceof Float32Array || array instanceof Float64Array || array instanceof Int32Array) return array;
  if (dtype === 'BF16') return new Float32Array(Uint32Array.from(array as Uint16Array, (half) => half << 16).buffer);
  if (dtype === 'F16') return Float32Array.from(array as Uint16Array, widened);
  return Int32Array.from(array as ArrayLike<number | bigint>, (whole) => {
    if (Number(whole) !== (Number(whole) | 0)) {
      throw new DataError(name, `tensor ${quoted(key)}: ${whole} is no whole number of 32 bits, which int32 holds`);
    }
    return Number(whole);
  });
}

/** The value of a half: a sign, 5 bits of exponent, 10 of fraction (IEEE 754 binary16). */
function widened(half: number): number {
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  const size =
    exponent === 31
      ? fraction === 0
        ? Number.POSITIVE_INFINITY
        : Number.NaN
      : exponent === 0
        ? fraction * 2 ** -24
        : (1024 + fraction) * 2 ** (exponent - 25);
  return half & 0x8000 ? -size : size;
}
