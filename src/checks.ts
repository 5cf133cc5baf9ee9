/** @file What options that are plain values may be, in one voice. */
import { ArgumentError } from './errors.js';

/** Whether a value is a whole number, `least` or more. */
export function isWhole(value: unknown, least: number = Number.NEGATIVE_INFINITY): boolean {
  return Number.isSafeInteger(value) && (value as number) >= least;
}

/** Throws an {@link ArgumentError} unless a value is a whole number, `least` or more. */
export function checkWhole(op: string, name: string, value: number, least = 1): void {
  if (!isWhole(value, least)) {
    throw new ArgumentError(op, `${name} must be a whole number, ${least} or more, got ${value}`);
  }
}

/** Throws an {@link ArgumentError} unless a value is a list of whole numbers, `least` or more where that is given. */
export function checkWholes(op: string, name: string, list: readonly number[], least?: number): void {
  const isList = Array.isArray(list);
  if (isList && list.every((value) => isWhole(value, least))) return;
  const range = least === undefined ? '' : `, ${least} or more`;
  const got = isList ? `[${list.map(shown).join(', ')}]` : shown(list);
  throw new ArgumentError(op, `${name} must be whole numbers${range}, got ${got}`);
}

/** One whole number for both axes of an image, or one for each: height, then width. */
export type Pair2d = number | readonly [number, number];

/** Both of a {@link Pair2d}, checked: whole numbers, `least` or more. */
export function wholePair(op: string, name: string, value: Pair2d, least = 1): [number, number] {
  const pair = typeof value === 'number' ? [value, value] : value;
  if (!Array.isArray(pair) || pair.length !== 2) {
    throw new ArgumentError(op, `${name} must be a whole number or two, got ${JSON.stringify(value)}`);
  }
  for (const part of pair) checkWhole(op, name, part, least);
  return [...pair] as [number, number];
}

/** Throws an {@link ArgumentError} unless a value is a positive finite number. */
export function checkPositive(op: string, name: string, value: number): void {
  if (!(Number.isFinite(value) && value > 0)) throw positiveError(op, name, value);
}

/** What {@link checkPositive} throws, for values that a device looks at. */
export function positiveError(op: string, name: string, value: number): ArgumentError {
  return new ArgumentError(op, `${name} must be a positive finite number, got ${value}`);
}

/** Throws an {@link ArgumentError} unless `from <= value < to`. */
export function checkRange(
  op: string,
  name: string,
  value: number,
  from = 0,
  to: number = Number.POSITIVE_INFINITY,
): void {
  if (!(value >= from && value < to)) {
    const range = to === Number.POSITIVE_INFINITY ? `a finite number, ${from} or more` : `in [${from}, ${to})`;
    throw new ArgumentError(op, `${name} must be ${range}, got ${value}`);
  }
}

/** Throws an {@link ArgumentError} unless an option is one of its values. */
export function checkChoice(op: string, name: string, value: unknown, choices: readonly string[]): void {
  if (choices.includes(value as string)) return;
  const list = choices.map((choice) => `'${choice}'`);
  const range = list.join(', ').replace(/, ([^,]*)$/, ' or $1');
  throw new ArgumentError(op, `${name} must be ${range}, got ${JSON.stringify(value)}`);
}

/** What a value is, as messages show it. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object' && value !== null) {
    const { name = '' } = (value as { constructor?: { name?: string } }).constructor ?? {};
    return name === '' || name === 'Object' ? 'an object' : `${/^[AEIOU]/.test(name) ? 'an' : 'a'} ${name}`;
  }
  return typeof value === 'function' ? 'a function' : String(value);
}

/**
 * Throws what `fail` makes of the first element that is no number: null, '' and dates would become one without a word.
 *
 * @param fail - Takes the element's place, and what it is in words.
 */
export function checkNumbers(row: ArrayLike<unknown>, fail: (at: number, got: string) => Error): void {
  // Typed arrays hold one kind.
  const end = ArrayBuffer.isView(row) ? Math.min(row.length, 1) : row.length;
  for (let at = 0; at < end; at++) if (typeof row[at] !== 'number') throw fail(at, shown(row[at]));
}

/** Throws an {@link ArgumentError} on options that are no object, or on one that is not known. */
export function checkOptions<Options extends object>(
  op: string,
  options: Options,
  known: Readonly<Record<keyof Options, true>>,
): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new ArgumentError(op, `options must be an object, got ${shown(options)}`);
  }
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(known, name)) continue;
    throw new ArgumentError(op, `has no option ${shown(name)}`, `known are ${Object.keys(known).join(', ')}`);
  }
}
