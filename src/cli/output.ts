/** @file Where embeddings go: to stdout as fast as it takes them, or to a file that is there whole or not at all. */
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { DataError } from '../index.js';

/** Takes bytes one after another. */
export interface Output {
  write(bytes: Uint8Array | string): Promise<void>;
  /** Puts other bytes at the beginning, in place of as many. Files only. */
  rewrite(bytes: Uint8Array): Promise<void>;
  /** All is written. */
  close(): Promise<void>;
  /** Something went wrong: nothing stays. */
  discard(): Promise<void>;
}

/** A stream, such as stdout; waits while it takes no more. */
export function outputTo(stream: Writable): Output {
  return {
    async write(bytes) {
      if (stream.write(bytes)) return;
      await new Promise<void>((resolve) => stream.once('drain', resolve));
    },
    async rewrite() {},
    async close() {},
    async discard() {},
  };
}

/**
 * A file, which takes its name when it is closed.
 *
 * @throws `DataError` when it cannot be written.
 */
export async function fileOutput(path: string): Promise<Output> {
  const temporary = `${path}.${process.pid}.tmp`;
  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw new DataError(path, `cannot be written (${(error as { code?: string }).code ?? String(error)})`);
    }
  };
  const file: FileHandle = await attempt(() => open(temporary, 'w'));
  return {
    write: (bytes) => attempt(() => file.writeFile(bytes)),
    rewrite: (bytes) => attempt(async () => void (await file.write(bytes, 0, bytes.length, 0))),
    close: () =>
      attempt(async () => {
        await file.sync();
        await file.close();
        await rename(temporary, path);
      }),
    async discard() {
      await file.close().catch(() => {});
      await rm(temporary, { force: true });
    },
  };
}
