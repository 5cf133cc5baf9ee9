/**
 * @file The bytes of a source, unpacked where they are gzip, and the limit on all that a loader makes of them.
 */
import { DataError } from '../errors.js';
import { MAX_BYTES, nameOf, readSource, type Source, type SourceOptions } from '../source.js';
import { startsAs } from './file-format.js';
import { inflate } from './inflate.js';

/** What was read. */
export interface SourceBytes {
  /** The bytes, unpacked where they were gzip. */
  readonly bytes: Uint8Array;
  /** What messages call the source. */
  readonly name: string;
}

/** The limit in use. */
export function byteLimit({ maxBytes = MAX_BYTES }: SourceOptions): number {
  return maxBytes;
}

/** Refuses a size above the limit, before anything of that size is made. */
export function checkBytes(name: string, what: string, size: number, limit: number): void {
  if (size > limit) {
    throw new DataError(
      name,
      `${what} ${size} bytes, more than the limit of ${limit}`,
      'raise maxBytes if that is right',
    );
  }
}

/**
 * All bytes of a source, unpacked where they are gzip: told by their first bytes, not by a name.
 *
 * @throws `DataError` naming the source, when it cannot be read, is longer than the limit, packed or unpacked, or is
 *   damaged gzip.
 */
export async function readUnpacked(source: Source, options: SourceOptions = {}): Promise<SourceBytes> {
  const maxBytes = byteLimit(options);
  const name = nameOf(source);
  const bytes = await readSource(source, { maxBytes });
  return { name, bytes: startsAs('gzip', bytes) ? await inflate(bytes, 'gzip', name, maxBytes) : bytes };
}
