/** @file By what a run knows the rows again that it was trained on: a changed file would be parted in another way. */
import { createHash } from 'node:crypto';
import type { Dataset } from '../data/index.js';
import type { RunConfig } from '../io/index.js';

/** The rows of a file before they are parted. */
export interface Fingerprint {
  readonly rows: number;
  /** SHA-256 of features and labels, its first half in hexadecimal digits. */
  readonly hash: string;
}

/** The fingerprint of the rows of a file. */
export function fingerprintOf({ count, features, labels, classes }: Dataset): Fingerprint {
  const hash = createHash('sha256');
  for (const { buffer, byteOffset, byteLength } of [features, labels]) {
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  hash.update(JSON.stringify(classes));
  return { rows: count, hash: hash.digest('hex').slice(0, 32) };
}

/** What a run's configuration remembers; undefined where it is of built-in rows, or of another program. */
function rememberedBy({ settings }: RunConfig): Fingerprint | undefined {
  const { rows, hash } = (settings.fingerprint ?? {}) as Partial<Fingerprint>;
  return typeof rows === 'number' && typeof hash === 'string' ? { rows, hash } : undefined;
}

/** How the rows differ from those that a run began with, in words; undefined where they do not. */
export function changeSince(config: RunConfig, now: Fingerprint | null): string | undefined {
  const old = rememberedBy(config);
  if (old === undefined || now === null || (old.rows === now.rows && old.hash === now.hash)) return undefined;
  const rows =
    old.rows === now.rows ? `${now.rows} rows as before, with other values` : `${now.rows} rows, was ${old.rows}`;
  return `has changed since training: ${rows}`;
}
