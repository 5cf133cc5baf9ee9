/** @file What a command has from where it was called: streams and variables. It reads and writes nothing else of its process. */
import type { Readable, Writable } from 'node:stream';

/** What a command has from where it was called; a process is one. */
export interface Shell {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & { readonly isTTY?: boolean; hasColors?(env?: object): boolean };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  /** The page that reports are put into. Default: the one that was built. */
  readonly reportTemplate?: string;
}

/** Writes a line of results. */
export function print({ stdout }: Shell, line: string): void {
  stdout.write(`${line}\n`);
}

/** Writes a line of what is to be said beside the results: progress, warnings, errors. */
export function tell({ stderr }: Shell, line: string): void {
  stderr.write(`${line}\n`);
}

/** Whether results may be in colours: as NO_COLOR and FORCE_COLOR say, or else where a terminal shows them. */
export function takesColors({ env, stdout }: Shell): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false';
  return stdout.isTTY === true && stdout.hasColors?.(env) === true;
}
