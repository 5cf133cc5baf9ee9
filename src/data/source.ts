/**
 * @file Reads bytes from wherever they are, never more than a limit: files, addresses, blobs, memory.
 */
import { ArgumentError, DataError } from '../errors.js';
import { inflate, isGzip } from './inflate.js';

/**
 * Where bytes come from: a path (in Node; in a page an address, relative to the page), an address that `fetch` or, for
 * `file:`, Node can read, a `Blob` or `File`, or the bytes themselves. A text that starts with `http://` or `https://`
 * is an address everywhere.
 */
export type Source = string | URL | Blob | ArrayBuffer | Uint8Array;

/** Options of everything that reads a {@link Source}. */
export interface SourceOptions {
  /**
   * The most bytes that one source may have, as it comes, unpacked from gzip, and as decoded features. Default 2³⁰
   * (1 GiB).
   */
  readonly maxBytes?: number;
}

/** What was read. */
export interface SourceBytes {
  /** The bytes, unpacked where they were gzip. */
  readonly bytes: Uint8Array;
  /** What messages call the source. */
  readonly name: string;
}

/** The default of {@link SourceOptions.maxBytes}: 1 GiB. */
const MAX_BYTES = 2 ** 30;

/**
 * The limit in use.
 *
 * @throws `ArgumentError` unless it is a whole number, 1 or more.
 */
export function byteLimit({ maxBytes = MAX_BYTES }: SourceOptions): number {
  if (!Number.isSafeInteger(maxBytes) || maxBytes < 1) {
    throw new ArgumentError('maxBytes', `must be a whole number, 1 or more, got ${maxBytes}`);
  }
  return maxBytes;
}

/** Refuses a size above the limit, before anything of that size is made. */
export function checkBytes(name: string, what: string, size: number, limit: number): void {
  if (size > limit) {
    throw new DataError(
      name,
      `${what} ${size} bytes, more than the limit of ${limit}`,
      'raise maxBytes if you trust it',
    );
  }
}

/** What messages call a source. */
export function nameOf(source: Source): string {
  if (typeof source === 'string') return source;
  if (source instanceof URL) return source.protocol === 'data:' ? 'a data: address' : source.href;
  if (source instanceof Blob) return 'name' in source && typeof source.name === 'string' ? source.name : 'a blob';
  return 'bytes';
}

/**
 * All bytes of a source, unpacked where they are gzip (told by their first bytes, not by a name).
 *
 * @throws `DataError` naming the source, when it cannot be read, is longer than the limit, packed or unpacked, or is
 *   damaged gzip.
 */
export async function readSource(source: Source, options: SourceOptions = {}): Promise<SourceBytes> {
  const limit = byteLimit(options);
  const name = nameOf(source);
  const bytes = await rawBytes(source, name, limit);
  return { name, bytes: isGzip(bytes) ? await inflate(bytes, 'gzip', name, limit) : bytes };
}

async function rawBytes(source: Source, name: string, limit: number): Promise<Uint8Array> {
  if (source instanceof ArrayBuffer || source instanceof Uint8Array) {
    checkBytes(name, 'has', source.byteLength, limit);
    return source instanceof Uint8Array ? source : new Uint8Array(source);
  }
  if (source instanceof Blob) {
    checkBytes(name, 'has', source.size, limit);
    try {
      return new Uint8Array(await source.arrayBuffer());
    } catch (error) {
      throw unreadable(name, error);
    }
  }
  if (typeof source !== 'string' && !(source instanceof URL)) {
    throw new ArgumentError(
      'source',
      `must be a path, a URL, a Blob or bytes, got ${source === null ? 'null' : typeof source}`,
    );
  }
  if (source instanceof URL ? source.protocol !== 'file:' : /^https?:\/\//i.test(source) || !inNode()) {
    return fetched(source, name, limit);
  }
  return fileBytes(source, name, limit);
}

/** Whether files can be opened by path. */
export function inNode(): boolean {
  return typeof process === 'object' && process.versions?.node !== undefined;
}

/** The error of a source that cannot be read, for whatever reason the system gives. */
export function unreadable(name: string, error: unknown): DataError {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return new DataError(name, `cannot be read (${String(typeof code === 'string' ? code : (message ?? error))})`);
}

async function fetched(address: string | URL, name: string, limit: number): Promise<Uint8Array> {
  try {
    const response = await fetch(address);
    if (!response.ok) throw new DataError(name, `cannot be fetched (HTTP ${response.status})`);
    const claimed = Number(response.headers.get('content-length') ?? 0);
    checkBytes(name, 'has', claimed, limit);
    return await collect((response.body as AsyncIterable<Uint8Array> | null) ?? [], name, limit);
  } catch (error) {
    throw error instanceof DataError ? error : unreadable(name, error);
  }
}

async function fileBytes(path: string | URL, name: string, limit: number): Promise<Uint8Array> {
  const { open } = await import('node:fs/promises');
  try {
    const file = await open(path);
    try {
      const stat = await file.stat();
      if (stat.isFile()) checkBytes(name, 'has', stat.size, limit);
      // A pipe has no size beforehand, nor have some files of the system.
      if (!stat.isFile() || stat.size === 0) return await collect(file.createReadStream(), name, limit);
      const bytes = new Uint8Array(stat.size);
      let length = 0;
      while (length < bytes.length) {
        const { bytesRead } = await file.read(bytes, length, bytes.length - length);
        if (bytesRead === 0) break;
        length += bytesRead;
      }
      return bytes.subarray(0, length);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw error instanceof DataError ? error : unreadable(name, error);
  }
}

/** Pieces as one array; leaving the loop ends the stream that they come from. */
async function collect(
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  name: string,
  limit: number,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const piece of pieces) {
    length += piece.length;
    checkBytes(name, 'has at least', length, limit);
    parts.push(piece);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
