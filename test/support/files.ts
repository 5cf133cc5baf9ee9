/** @file Files of data, byte by byte, and damaged ones. */
import { deflateSync } from 'node:zlib';
import type { Generator } from '../../src/index.js';

/** The characters of a text, a byte each. */
function charactersOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** The bytes of several parts, numbers and texts included, one after another. */
export function join(...parts: (Uint8Array | readonly number[] | string)[]): Uint8Array {
  const lists = parts.map((part) => (typeof part === 'string' ? charactersOf(part) : part));
  const out = new Uint8Array(lists.reduce((sum, list) => sum + list.length, 0));
  let at = 0;
  for (const list of lists) {
    out.set(list, at);
    at += list.length;
  }
  return out;
}

/** A whole number of four bytes, the most significant first. */
export const big32 = (value: number): number[] => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255);

/** Numbers as bytes, by a method of `DataView`. */
export function packed(
  values: readonly number[],
  bytes: number,
  set: (view: DataView, at: number, value: number) => void,
): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * bytes));
  values.forEach((value, i) => {
    set(view, i * bytes, value);
  });
  return new Uint8Array(view.buffer);
}

/** An IDX file. */
export const idx = (code: number, shape: readonly number[], data: Uint8Array | readonly number[]): Uint8Array =>
  join([0, 0, code, shape.length], ...shape.map(big32), data);

/** A NumPy file, its header padded to 64 bytes as NumPy does. */
export function npy(
  descr: string,
  shape: readonly number[],
  data: Uint8Array | readonly number[],
  { version = 1, fortran = false }: { version?: number; fortran?: boolean } = {},
): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const text = `{'descr': '${descr}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': ${tuple}, }`;
  const start = version === 1 ? 10 : 12;
  const header = `${text.padEnd(64 * Math.ceil((start + text.length + 1) / 64) - start - 1)}\n`;
  const length = [header.length & 255, header.length >> 8, ...(version === 1 ? [] : [0, 0])];
  return join([0x93], 'NUMPY', [version, 0], length, header, data);
}

const CRC = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

/** A chunk of a PNG file. */
export function chunk(type: string, data: Uint8Array | readonly number[]): Uint8Array {
  const body = join(type, data);
  let crc = 0xffffffff;
  for (const byte of body) crc = CRC[(crc ^ byte) & 255]! ^ (crc >>> 8);
  return join(big32(data.length), body, big32(~crc));
}

/** What a PNG file is made of. */
export interface PngParts {
  readonly width: number;
  readonly height: number;
  readonly depth?: number;
  readonly colour?: number;
  readonly interlaced?: boolean;
  /** The lines, each led by its filter. */
  readonly lines: Uint8Array | readonly number[];
  /** Chunks before the picture. */
  readonly chunks?: readonly Uint8Array[];
}

export const PNG_START: readonly number[] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** A PNG file. */
export function png({
  width,
  height,
  depth = 8,
  colour = 0,
  interlaced = false,
  lines,
  chunks = [],
}: PngParts): Uint8Array {
  const header = chunk('IHDR', [...big32(width), ...big32(height), depth, colour, 0, 0, interlaced ? 1 : 0]);
  const picture = chunk('IDAT', deflateSync(Uint8Array.from(lines)));
  return join(PNG_START, header, ...chunks, picture, chunk('IEND', []));
}

/** Chunks of a PNG file with their checksums made right: damage gets past them. */
export function mendChecksums(bytes: Uint8Array): Uint8Array {
  const out: Uint8Array[] = [bytes.subarray(0, 8)];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = view.getUint32(at);
    if (at + 12 + length > bytes.length) return join(...out, bytes.subarray(at));
    out.push(chunk(String.fromCharCode(...bytes.subarray(at + 4, at + 8)), bytes.subarray(at + 8, at + 8 + length)));
    at += 12 + length;
  }
  return join(...out);
}

const ODD = [0, 1, 2, 3, 7, 8, 9, 0x0a, 0x22, 0x2c, 0x7f, 0x80, 0xc0, 0xd8, 0xd9, 0xda, 0xfe, 0xff];

/** A file damaged at random: bytes changed, cut, doubled, moved, lengths that lie, the end cut off. */
export function damaged(bytes: Uint8Array, generator: Generator): Uint8Array {
  let out: Uint8Array = Uint8Array.from(bytes);
  const at = (): number => generator.integer(out.length);
  const odd = (): number => ODD[generator.integer(ODD.length)]!;
  const changes: (() => void)[] = [
    () => {
      out[at()]! ^= 1 << generator.integer(8);
    },
    () => {
      out[at()] = odd();
    },
    // Mostly in the header.
    () => {
      out[generator.integer(Math.min(out.length, 32))] = generator.integer(256);
    },
    () => {
      const place = generator.integer(Math.max(1, out.length - 4));
      out.set(
        [big32(2 ** 32 - 1), big32(2 ** 31), big32(0), big32(generator.integer(2 ** 32))][generator.integer(4)]!.slice(
          0,
          out.length - place,
        ),
        place,
      );
    },
    () => {
      out = out.slice(0, Math.max(1, at()));
    },
    () => {
      const [start, length] = [at(), 1 + generator.integer(16)];
      out = join(out.subarray(0, start), out.subarray(Math.min(start + length, out.length)));
      if (out.length === 0) out = Uint8Array.of(0);
    },
    () => {
      const [start, length] = [at(), 1 + generator.integer(64)];
      out = join(out.subarray(0, start + length), out.subarray(start));
    },
    () => {
      const start = at();
      out = join(out.subarray(0, start), Array.from({ length: 1 + generator.integer(8) }, odd), out.subarray(start));
    },
  ];
  for (let i = 0; i <= generator.integer(3); i++) changes[generator.integer(changes.length)]!();
  return out;
}
