/** @file What is wrong with the outcome of a call. */
import type { Outcome } from './outcome.js';
import type { Variant } from './variants.js';

/** The longest message, in characters. */
const LONGEST = 400;
/** The most milliseconds of its own time that a call may take. */
const SLOWEST = 1000;

/** One call that did not go as it must. */
export interface Failure {
  /** The source file of what is called. */
  readonly file: string;
  readonly covers: string;
  readonly kind: 'not valid' | 'ran on' | 'raw error' | 'long message' | 'slow' | 'hangs';
  readonly fault: Variant['fault'];
  readonly change: string;
  readonly call: string;
  /** The value, or the message. */
  readonly got: string;
  /** Whether TypeScript takes the call. */
  readonly admitted: boolean;
}

/** Errors are made where something is wrong already: they take whatever they are told. */
const ERRORS = /Error(#leaving)?$/;

/**
 * What is wrong; undefined where nothing is.
 *
 * @param isRight - Whether TypeScript takes the call, or nothing but TypeScript can know.
 */
export function wrongWith(variant: Variant, isRight: boolean, outcome: Outcome): Failure['kind'] | undefined {
  const { kind, text, time } = outcome;
  if (kind === 'raw error' || kind === 'hangs') return kind;
  if (variant.fault === 'valid' && !(isRight && kind === 'value')) return 'not valid';
  if (kind === 'refused' && text.length > LONGEST) return 'long message';
  if (time > SLOWEST) return 'slow';
  // Points and their labels may stand in a record with more: TypeScript takes it from a variable.
  const { start, end } = variant.decided ?? { start: 0, end: 0 };
  if (variant.fault === 'unknown option' && /^\{[^}]*\bpoints\b/.test(variant.row.slice(start, end))) return undefined;
  // An argument too many is what `rows.map(relu)` passes: JavaScript leaves it out, and TypeScript takes it so.
  const isFree = isRight || variant.fault === 'extra argument' || ERRORS.test(variant.covers);
  return kind === 'value' && !isFree ? 'ran on' : undefined;
}

/** Failures as lines, by file and by what is called. */
export function asText(failures: readonly Failure[]): string {
  const lines: string[] = [];
  let [file, covers] = ['', ''];
  for (const failure of [...failures].sort((a, b) => compare(a.file, b.file) || compare(a.covers, b.covers))) {
    if (failure.file !== file) lines.push('', `== ${failure.file}`);
    if (failure.file !== file || failure.covers !== covers) lines.push(`-- ${failure.covers}`);
    ({ file, covers } = failure);
    lines.push(`${failure.call}  (${failure.change}) → ${failure.kind}${failure.got && `: ${failure.got}`}`);
  }
  return lines.join('\n');
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
