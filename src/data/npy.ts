/**
 * @file NumPy's array format: its header, and where its elements lie.
 */
import { DataError } from '../errors.js';
import { startsAs } from './file-format.js';
import { checkExtent, NUMBER_TYPES, type NumberArray, type NumberType } from './numbers.js';

const TYPES: Readonly<Record<string, NumberType>> = {
  b1: NUMBER_TYPES.bool,
  i1: NUMBER_TYPES.int8,
  u1: NUMBER_TYPES.uint8,
  i2: NUMBER_TYPES.int16,
  u2: NUMBER_TYPES.uint16,
  i4: NUMBER_TYPES.int32,
  u4: NUMBER_TYPES.uint32,
  i8: NUMBER_TYPES.int64,
  u8: NUMBER_TYPES.uint64,
  f4: NUMBER_TYPES.float32,
  f8: NUMBER_TYPES.float64,
};

/** NumPy's own limit is 32 axes before version 2, and 64 since. */
const MOST_AXES = 64;

/** The header's text is short: all that it holds is a type, a flag and a shape. */
const LONGEST_HEADER = 65_536;

/**
 * The array in a NumPy file.
 *
 * @throws `DataError` when the header is wrong, holds a type that is no number, or claims another size than there is.
 */
export function npyArray(bytes: Uint8Array, name: string): NumberArray {
  if (!startsAs('npy', bytes)) throw new DataError(name, 'is no NumPy file: it does not start with \\x93NUMPY');
  if (bytes.length < 12) throw new DataError(name, `is cut short within its header: ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const major = bytes[6]!;
  if (major < 1 || major > 3) throw new DataError(name, `byte 6: the version must be 1, 2 or 3, got ${major}`);
  const from = major === 1 ? 10 : 12;
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > bytes.length - from || length > LONGEST_HEADER) {
    throw new DataError(name, `byte 8: its header claims ${length} bytes, the file has ${bytes.length - from} left`);
  }
  const text = new TextDecoder().decode(bytes.subarray(from, from + length));
  const { descr, fortran, shape } = parseHeader(text, name);
  const order = descr[0]!;
  const type = Object.hasOwn(TYPES, descr.slice(1)) ? TYPES[descr.slice(1)] : undefined;
  if (type === undefined || !'<>|'.includes(order)) {
    throw new DataError(
      name,
      `its type must be a number such as <f4, got ${JSON.stringify(descr)}`,
      'convert it with astype("float32")',
    );
  }
  const data = bytes.subarray(from + length);
  checkExtent(name, shape, type, data.length);
  return { name, shape, type, data, littleEndian: order !== '>', fortran };
}

/** The header is a Python literal of three known keys, in any order: read as that, and as nothing else. */
function parseHeader(text: string, name: string): { descr: string; fortran: boolean; shape: number[] } {
  const dictionary = /^\s*\{(.*)\}\s*$/s.exec(text)?.[1];
  const entry =
    /\s*(['"])(descr|fortran_order|shape)\1\s*:\s*(?:(['"])([^'"]*)\3|(True|False)|\(([\d\sL,]*)\))\s*(?:,|$)/y;
  const found = new Map<string, string>();
  while (dictionary !== undefined && entry.lastIndex < dictionary.trimEnd().length) {
    const at = entry.lastIndex;
    const match = entry.exec(dictionary);
    const kinds: Record<string, string | undefined> = {
      descr: match?.[4],
      fortran_order: match?.[5],
      shape: match?.[6],
    };
    const key = match?.[2] ?? '';
    const value = kinds[key];
    if (value === undefined || found.has(key)) {
      throw new DataError(
        name,
        `its header is not understood at character ${at}: ${JSON.stringify(dictionary.slice(at, at + 60))}`,
        'arrays of numbers only: structured types and objects are not read',
      );
    }
    found.set(key, value);
  }
  const [descr, order, sizes] = ['descr', 'fortran_order', 'shape'].map((key) => found.get(key));
  if (descr === undefined || order === undefined || sizes === undefined) {
    throw new DataError(
      name,
      `its header must have descr, fortran_order and shape, got ${JSON.stringify(text.slice(0, 80))}`,
    );
  }
  const axes = sizes.split(',').map((size) => size.trim());
  // A tuple of one ends with a comma.
  if (axes.at(-1) === '') axes.pop();
  const shape = axes.map((size) => (/^\d+L?$/.test(size) ? Number.parseInt(size, 10) : Number.NaN));
  if (shape.length === 0 || shape.length > MOST_AXES || !shape.every(Number.isSafeInteger)) {
    throw new DataError(name, `its shape must be 1 to ${MOST_AXES} whole numbers, got (${sizes.slice(0, 80)})`);
  }
  return { descr, fortran: order === 'True', shape };
}
