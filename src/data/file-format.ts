/** @file What a file holds. */
import { DataError } from '../errors.js';

interface Signature {
  /** Its first bytes. */
  readonly start: readonly number[];
  /** The end of its name, packed or not. */
  readonly ending?: RegExp;
  readonly words: string;
}

/** A format that no text is in. */
type Binary = 'gzip' | 'npy' | 'idx' | 'png' | 'jpeg';

const SIGNATURES: Readonly<Record<Binary, Signature>> = {
  gzip: { start: [0x1f, 0x8b, 8], words: 'gzip' },
  npy: { start: [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59], ending: /\.npy(\.gz)?$/i, words: 'a NumPy array' },
  idx: { start: [0, 0], ending: /[-.]idx(\d-ubyte)?(\.gz)?$/i, words: 'an IDX file' },
  png: {
    start: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
    ending: /\.png(\.gz)?$/i,
    words: 'a PNG image',
  },
  jpeg: { start: [0xff, 0xd8, 0xff], ending: /\.jpe?g(\.gz)?$/i, words: 'a JPEG image' },
};

/** Whether bytes start as a format does. */
export const startsAs = (format: Binary, bytes: Uint8Array): boolean =>
  SIGNATURES[format].start.every((byte, at) => bytes[at] === byte);

/** So many bytes tell the format. */
export const FORMAT_BYTES = 512;

/**
 * What a file holds, told by its first bytes: by a signature, or because they are text, which is a table. Where they are
 * neither, its name tells; where that does not, it is a damaged table.
 */
export function fileFormatOf(bytes: Uint8Array, name: string): Binary | 'table' {
  const formats = Object.keys(SIGNATURES) as Binary[];
  const signed = formats.find((format) => startsAs(format, bytes));
  if (signed !== undefined || isText(bytes.subarray(0, FORMAT_BYTES))) return signed ?? 'table';
  return formats.find((format) => SIGNATURES[format].ending?.test(name)) ?? 'table';
}

function isText(start: Uint8Array): boolean {
  try {
    // A character may be cut off.
    return !new TextDecoder('utf-8', { fatal: true }).decode(start, { stream: true }).includes('\0');
  } catch {
    return false;
  }
}

/** Throws a {@link DataError} where bytes are those of a format that is no text. */
export function refuseUnlessText(bytes: Uint8Array, name: string): void {
  const format = fileFormatOf(bytes, name);
  if (format === 'table') return;
  throw new DataError(name, `is not text: it looks like ${SIGNATURES[format].words}`, 'pass a CSV or TSV file');
}
