/**
 * @file The IDX format: its header, and where its elements lie.
 */
import { DataError } from '../errors.js';
import { checkExtent, NUMBER_TYPES, type NumberArray, type NumberType } from './numbers.js';

const TYPES: Readonly<Record<number, NumberType>> = {
  8: NUMBER_TYPES.uint8,
  9: NUMBER_TYPES.int8,
  11: NUMBER_TYPES.int16,
  12: NUMBER_TYPES.int32,
  13: NUMBER_TYPES.float32,
  14: NUMBER_TYPES.float64,
};

/**
 * The array in an IDX file.
 *
 * @throws `DataError` when the header is wrong, or claims another size than there is.
 */
export function idxArray(bytes: Uint8Array, name: string): NumberArray {
  if (bytes.length < 4) throw new DataError(name, `is too short to be an IDX file: ${bytes.length} bytes`);
  const [zero, also, code, rank] = bytes as unknown as [number, number, number, number];
  if (zero !== 0 || also !== 0) {
    throw new DataError(name, `is no IDX file: it starts with bytes ${zero} and ${also}, not 0 and 0`);
  }
  const type = Object.hasOwn(TYPES, code) ? TYPES[code] : undefined;
  if (type === undefined) {
    throw new DataError(name, `byte 2: the type must be 8, 9, 11, 12, 13 or 14, got ${code}`, 'is it an IDX file?');
  }
  if (rank === 0) throw new DataError(name, 'byte 3: needs at least one axis, got none');
  const start = 4 + 4 * rank;
  if (bytes.length < start) {
    throw new DataError(name, `is cut short: a header of ${rank} axes takes ${start} bytes, there are ${bytes.length}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  checkExtent(name, shape, type, bytes.length - start);
  return { name, shape, type, data: bytes.subarray(start), littleEndian: false, fortran: false };
}
