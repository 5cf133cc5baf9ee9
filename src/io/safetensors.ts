/**
 * @file The safetensors format: an 8-byte little-endian header length, a JSON header, then the tensors' bytes.
 *
 * Source: the format's description at https://huggingface.co/docs/safetensors.
 */
import { tensor } from '../autograd/create.js';
import type { Tensor } from '../autograd/tensor.js';
import type { DType, TypedArray } from '../dtype.js';
import { DataError } from '../errors.js';
import { sizeOf } from '../shape.js';

const NAMES: Record<DType, string> = { float32: 'F32', float64: 'F64', int32: 'I32' };
const ARRAYS = { F32: Float32Array, F64: Float64Array, I32: Int32Array } as const;

/** Tensors by name, and whatever text was kept with them. */
export interface Safetensors {
  /** The tensors, on the default device. */
  readonly tensors: Record<string, Tensor>;
  /** Free text by name. */
  readonly metadata: Record<string, string>;
}

/**
 * Tensors as the bytes of a safetensors file, in the order of their names' first use.
 *
 * @param tensors - By name, for example a module's `stateDict()`.
 * @param metadata - Free text to keep with them.
 */
export function serializeSafetensors(
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const header: Record<string, unknown> = Object.keys(metadata).length > 0 ? { __metadata__: metadata } : {};
  const parts: TypedArray[] = [];
  let offset = 0;
  for (const [name, value] of Object.entries(tensors)) {
    const data = value.dataSync();
    header[name] = {
      dtype: NAMES[value.dtype],
      shape: value.shape,
      data_offsets: [offset, offset + data.byteLength],
    };
    parts.push(data);
    offset += data.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const padded = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + padded + offset).fill(0x20, 8, 8 + padded);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  bytes.set(json, 8);
  let at = 8 + padded;
  for (const part of parts) {
    bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at);
    at += part.byteLength;
  }
  return bytes;
}

/**
 * The tensors in the bytes of a safetensors file.
 *
 * @param bytes - The whole file.
 * @param name - What messages call it.
 * @throws `DataError` when the bytes are no such file, or hold a type other than F32, F64 and I32.
 */
export function parseSafetensors(bytes: Uint8Array, name = 'safetensors'): Safetensors {
  if (bytes.length < 8) throw new DataError(name, `is too short to be a safetensors file: ${bytes.length} bytes`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > bytes.length - 8) {
    throw new DataError(name, `its header claims ${length} bytes, the file has ${bytes.length - 8} left`);
  }
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, 8 + length)));
  } catch {
    throw new DataError(name, 'its header is not JSON', 'is it a safetensors file?');
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw new DataError(name, 'its header must be a JSON object');
  }
  const tensors: Record<string, Tensor> = Object.create(null) as Record<string, Tensor>;
  let metadata: Record<string, string> = {};
  for (const [key, value] of Object.entries(header)) {
    if (key === '__metadata__') metadata = value as Record<string, string>;
    else tensors[key] = readTensor(name, key, value, bytes.subarray(8 + length));
  }
  return { tensors, metadata };
}

function readTensor(name: string, key: string, entry: unknown, data: Uint8Array): Tensor {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  const isList = (value: unknown): value is number[] =>
    Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
  if (typeof dtype !== 'string' || !Object.hasOwn(ARRAYS, dtype)) {
    throw new DataError(name, `tensor ${key}: the dtype must be F32, F64 or I32, got ${JSON.stringify(dtype)}`);
  }
  const ArrayType = ARRAYS[dtype as keyof typeof ARRAYS];
  if (!isList(shape) || !isList(offsets) || offsets.length !== 2) {
    throw new DataError(name, `tensor ${key}: needs a shape and two offsets`);
  }
  const [start, end] = offsets as [number, number];
  if (end > data.length || end - start !== sizeOf(shape) * ArrayType.BYTES_PER_ELEMENT) {
    throw new DataError(
      name,
      `tensor ${key}: shape [${shape.join(', ')}] does not fit bytes ${start} to ${end} of ${data.length}`,
    );
  }
  // The copy starts at an aligned address. Not slice(): a Node Buffer's is a view.
  return tensor(new ArrayType(new Uint8Array(data.subarray(start, end)).buffer), { shape });
}
