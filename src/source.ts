/**
 * @file Where bytes come from: files, addresses and what a page was handed. Sizes are checked before and while reading.
 */
import { describe, wrong } from './checks.js';
import { ArgumentError, DataError } from './errors.js';

/** A `URL`, whether the types at hand are those of a page, of Node, or of neither. */
export interface Address {
  /** All of it. */
  readonly href: string;
  /** What it starts with, such as `https:`. */
  readonly protocol: string;
}

/** A `Blob` or `File`, whether the types at hand are those of a page, of Node, or of neither. */
export interface Contents {
  /** How many bytes it holds. */
  readonly size: number;
  /** Its media type, such as `text/csv`; may be empty. */
  readonly type: string;
  /** Its bytes. */
  arrayBuffer(): Promise<ArrayBuffer>;
}

/**
 * What can be read: a path (in Node) or an address as text, a `URL`, a `Blob` or `File`, or the bytes themselves.
 *
 * Text that starts with a scheme, such as `https:`, is an address; other text is a path in Node, and in a page an
 * address relative to the page.
 */
export type Source = string | Address | Contents | ArrayBuffer | Uint8Array;

/** Options of every function that reads a {@link Source}. */
export interface SourceOptions {
  /** More bytes than this are refused. Default 2³⁰, 1 GiB. */
  readonly maxBytes?: number;
}

/** More bytes than this are refused, unless the options say otherwise. */
export const MAX_BYTES: number = 2 ** 30;

const FILES = 'node:fs/promises';

/**
 * Node's files. The module's name is no literal, so that bundlers for pages neither look for it nor warn.
 *
 * @throws {@link DataError} where there is no Node.
 * @internal
 */
export async function nodeFiles(name: string): Promise<typeof import('node:fs/promises')> {
  if (!inNode()) throw new DataError(name, 'a page has no files', 'pass a URL, a File or bytes');
  return (await import(/* @vite-ignore */ /* webpackIgnore: true */ FILES)) as typeof import('node:fs/promises');
}

/** Whether this is Node, and not a page. */
export function inNode(): boolean {
  return (globalThis as { process?: { versions?: { node?: string } } }).process?.versions?.node !== undefined;
}

/** Whether text is an address: it starts with a scheme. A single letter is the drive of a path. */
const isAddress = (text: string): boolean => /^[a-z][a-z\d+.-]+:/i.test(text);

/** Throws an {@link ArgumentError} unless a value is a {@link Source}. */
export function checkSource(op: string, source: unknown, name = 'the source'): asserts source is Source {
  if (typeof source === 'string' || source instanceof URL || source instanceof Blob) return;
  if (source instanceof ArrayBuffer || source instanceof Uint8Array) return;
  throw wrong(op, `${name}`, 'a path, URL, Blob or bytes', source);
}

/** Throws an {@link ArgumentError} unless a value is the bytes of a file. */
export function checkByteArray(op: string, bytes: unknown): asserts bytes is Uint8Array {
  if (bytes instanceof Uint8Array) return;
  const hint = bytes instanceof Promise ? 'await it' : undefined;
  throw new ArgumentError(op, `needs the bytes of a file in a Uint8Array, got ${describe(bytes)}`, hint);
}

/** What messages call a source: its path, its address, the name of a `File`, or else `bytes`. */
export function nameOf(source: Source): string {
  if (typeof source === 'string' || source instanceof URL) {
    const text = String(source);
    return text.length > 200 ? `${text.slice(0, 200)}…` : text;
  }
  const { name } = source as { name?: unknown };
  return typeof name === 'string' ? name : 'bytes';
}

/**
 * All bytes of a source.
 *
 * @param source - What to read.
 * @param options - `maxBytes`, default 2³⁰.
 * @throws {@link DataError} when it cannot be read, or is larger than `maxBytes`.
 * @throws {@link ArgumentError} when it is no source.
 */
export async function readSource(source: Source, { maxBytes = MAX_BYTES }: SourceOptions = {}): Promise<Uint8Array> {
  checkSource('readSource', source);
  const name = nameOf(source);
  if (source instanceof Uint8Array || source instanceof ArrayBuffer) {
    checkSize(name, source.byteLength, maxBytes);
    return source instanceof Uint8Array ? source : new Uint8Array(source);
  }
  if (source instanceof Blob) return collect(name, pieces(source.stream()), source.size, maxBytes);
  const place = source as string | URL;
  const isFile = inNode() && (typeof place === 'string' ? !isAddress(place) : place.protocol === 'file:');
  return isFile ? readFile(name, place, maxBytes) : fetchBytes(name, place, maxBytes);
}

async function fetchBytes(name: string, address: string | URL, maxBytes: number): Promise<Uint8Array> {
  const response = await attempt(name, 'fetched', fetch(address));
  if (!response.ok) throw new DataError(name, `the server answered ${response.status} ${response.statusText}`.trim());
  if (response.headers.get('content-type')?.startsWith('text/html')) {
    // Servers of pages answer so where a file is missing.
    throw new DataError(name, 'the server answered with a web page', 'is there such a file, at this address?');
  }
  const size = Number(response.headers.get('content-length') ?? 0);
  return response.body === null ? new Uint8Array() : collect(name, pieces(response.body), size, maxBytes);
}

async function readFile(name: string, path: string | URL, maxBytes: number): Promise<Uint8Array> {
  const { open } = await nodeFiles(name);
  const file = await attempt(name, 'read', open(path));
  try {
    const { size } = await file.stat();
    return await collect(name, file.createReadStream({ highWaterMark: 2 ** 20 }), size, maxBytes);
  } finally {
    await file.close();
  }
}

/** What a stream brings, where streams cannot be iterated, too. */
async function* pieces(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    await reader.cancel();
  }
}

/** Pieces in one array, which has the right size from the start where `expected` is right. */
async function collect(
  name: string,
  parts: AsyncIterable<Uint8Array>,
  expected: number,
  maxBytes: number,
): Promise<Uint8Array> {
  checkSize(name, expected, maxBytes);
  let bytes = new Uint8Array(expected);
  let length = 0;
  const gather = async (): Promise<void> => {
    for await (const part of parts) {
      const end = length + part.byteLength;
      checkSize(name, end, maxBytes);
      if (end > bytes.length) {
        const grown = new Uint8Array(Math.min(maxBytes, Math.max(end, 2 * bytes.length)));
        grown.set(bytes.subarray(0, length));
        bytes = grown;
      }
      bytes.set(part, length);
      length = end;
    }
  };
  await attempt(name, 'read', gather());
  return bytes.subarray(0, length);
}

function checkSize(name: string, size: number, maxBytes: number): void {
  if (size > maxBytes) {
    throw new DataError(name, `must have at most ${maxBytes} bytes, got ${size}`, 'raise maxBytes if that is right');
  }
}

/** Turns the errors of reading into {@link DataError}s. */
async function attempt<Value>(name: string, what: string, work: Promise<Value>): Promise<Value> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw failed(name, what, error);
  }
}

/**
 * The error for what could not be done with a file: its code, and what that means where it is the usual one.
 *
 * @internal
 */
export function failed(name: string, what: string, error: unknown): DataError {
  const { code, message } = error as { code?: unknown; message?: unknown };
  const hint = code === 'ENOENT' ? 'there is no such file' : undefined;
  return new DataError(name, `cannot be ${what} (${String(code ?? message ?? error)})`, hint);
}
