/**
 * @file Unpacks gzip and zlib streams piece by piece, never beyond a limit: a small file that unpacks to a huge one is
 * refused before it takes the memory.
 */
import { DataError } from '../errors.js';

/** Deflate packs at most 1,032 bytes into one (258 bytes by two bits). */
const MOST_PACKED = 1032;

/**
 * The unpacked bytes.
 *
 * @param format - `'gzip'`, or `'deflate'` for the zlib format.
 * @param name - What messages call it.
 * @param limit - The most bytes to unpack.
 * @param tooMuch - What the message says when there are more.
 * @throws `DataError` when the stream is damaged, cut short, or unpacks to more than the limit.
 */
export async function inflate(
  packed: Uint8Array,
  format: 'gzip' | 'deflate',
  name: string,
  limit: number,
  tooMuch = `unpacks to more than the limit of ${limit} bytes; raise maxBytes if that is right`,
): Promise<Uint8Array> {
  const bound = Math.min(limit, packed.length * MOST_PACKED);
  // Gzip ends with its unpacked size, true of one member: right in all but odd cases, and only a first guess.
  const claimed =
    format === 'gzip' && packed.length >= 18
      ? new DataView(packed.buffer, packed.byteOffset).getUint32(packed.length - 4, true)
      : 0;
  if (claimed > limit) throw new DataError(name, tooMuch);
  let out = new Uint8Array(Math.min(bound, Math.max(claimed, packed.length)));
  let length = 0;

  const stream = new DecompressionStream(format);
  const writer = stream.writable.getWriter();
  const reader = stream.readable.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  // What goes wrong here is told by the reader.
  const ignore = (): void => {};
  writer.write(packed as Uint8Array<ArrayBuffer>).catch(ignore);
  writer.close().catch(ignore);
  writer.closed.catch(ignore);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return out.subarray(0, length);
      if (length + value.length > limit) throw new DataError(name, tooMuch);
      if (length + value.length > out.length) {
        const longer = new Uint8Array(Math.min(limit, Math.max(2 * out.length, length + value.length)));
        longer.set(out.subarray(0, length));
        out = longer;
      }
      out.set(value, length);
      length += value.length;
    }
  } catch (error) {
    reader.cancel().catch(ignore);
    if (error instanceof DataError) throw error;
    throw new DataError(name, `is damaged ${format === 'gzip' ? 'gzip' : 'zlib data'} (${(error as Error).message})`);
  }
}
