/** @file What options that are plain values may be, in one voice. */
import { ArgumentError } from './errors.js';

/** Whether a value is a whole number, `least` or more. */
export function isWhole(value: unknown, least: number = Number.NEGATIVE_INFINITY): boolean {
  return Number.isSafeInteger(value) && (value as number) >= least;
}

/** Throws an {@link ArgumentError} unless a value is a whole number, `least` or more. */
export function checkWhole(op: string, name: string, value: unknown, least = 1): asserts value is number {
  if (!isWhole(value, least)) {
    throw new ArgumentError(op, `${name} must be a whole number, ${least} or more, got ${describe(value)}`);
  }
}

/** Throws an {@link ArgumentError} unless a value is a list of whole numbers, `least` or more and `count` of them where that is given. */
export function checkWholes(
  op: string,
  name: string,
  list: readonly number[] | undefined,
  least?: number,
  count?: number,
): void {
  const isList = Array.isArray(list) && (count ?? list.length) === list.length;
  if (isList && [...list].every((value) => isWhole(value, least))) return;
  const range = least === undefined ? '' : `, ${least} or more`;
  throw new ArgumentError(op, `${name} must be ${count ?? 'a list of'} whole numbers${range}, got ${describe(list)}`);
}

/** One whole number for both axes of an image, or one for each: height, then width. */
export type Pair2d = number | readonly [number, number];

/** Both of a {@link Pair2d}, checked: whole numbers, `least` or more. */
export function wholePair(op: string, name: string, value: Pair2d | undefined, least = 1): [number, number] {
  if (typeof value === 'number') checkWhole(op, name, value, least);
  else checkWholes(op, name, value, least, 2);
  return (typeof value === 'number' ? [value, value] : [...value!]) as [number, number];
}

/** Throws an {@link ArgumentError} unless a value is a positive finite number. */
export function checkPositive(op: string, name: string, value: unknown): asserts value is number {
  if (!(Number.isFinite(value) && (value as number) > 0)) throw positiveError(op, name, value);
}

/** What {@link checkPositive} throws, for values that a device looks at. */
export function positiveError(op: string, name: string, value: unknown): ArgumentError {
  return new ArgumentError(op, `${name} must be a positive finite number, got ${describe(value)}`);
}

/** Throws an {@link ArgumentError} unless `from <= value < to`. */
export function checkRange(
  op: string,
  name: string,
  value: unknown,
  from = 0,
  to: number = Number.POSITIVE_INFINITY,
): asserts value is number {
  if (typeof value !== 'number' || !(value >= from && value < to)) {
    const range = to === Number.POSITIVE_INFINITY ? `a finite number, ${from} or more` : `in [${from}, ${to})`;
    throw new ArgumentError(op, `${name} must be ${range}, got ${describe(value)}`);
  }
}

/** Throws an {@link ArgumentError} unless an option is one of its values. */
export function checkChoice(op: string, name: string, value: unknown, choices: readonly string[]): void {
  if (choices.includes(value as string)) return;
  const list = choices.map((choice) => `'${choice}'`);
  const range = list.join(', ').replace(/, ([^,]*)$/, ' or $1');
  throw new ArgumentError(op, `${name} must be ${range}, got ${describe(value)}`);
}

/** Throws an {@link ArgumentError} unless a value is an object. */
export function checkObject(op: string, name: string, value: unknown): asserts value is object {
  if (typeof value === 'object' && value !== null) return;
  throw new ArgumentError(op, `${name} must be an object, got ${describe(value)}`);
}

/** Throws an {@link ArgumentError} unless a value is a plain or typed array of numbers. */
export function checkList(op: string, name: string, value: unknown): asserts value is ArrayLike<number> {
  const isList = Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
  if (!isList) throw new ArgumentError(op, `${name} must be a list of numbers, got ${describe(value)}`);
  const fail = (at: number, got: string): Error =>
    new ArgumentError(op, `${name} must be numbers, got ${got} at element ${at}`);
  checkNumbers(value as ArrayLike<unknown>, fail);
}

/** Throws an {@link ArgumentError} unless a value is true or false. */
export function checkBoolean(op: string, name: string, value: unknown): void {
  if (typeof value !== 'boolean') throw new ArgumentError(op, `${name} must be a boolean, got ${describe(value)}`);
}

/** Throws an {@link ArgumentError} unless a value is a number; NaN is one. */
export function checkNumber(op: string, name: string, value: unknown): asserts value is number {
  if (typeof value !== 'number') throw new ArgumentError(op, `${name} must be a number, got ${describe(value)}`);
}

/** Throws an {@link ArgumentError} unless a value is a string. */
export function checkString(op: string, name: string, value: unknown): void {
  if (typeof value !== 'string') throw new ArgumentError(op, `${name} must be a string, got ${describe(value)}`);
}

/** Throws an {@link ArgumentError} unless a value is a function. */
export function checkFunction(op: string, value: unknown, name = 'its callback'): void {
  if (typeof value !== 'function') throw new ArgumentError(op, `${name} must be a function, got ${describe(value)}`);
}

/** What a value is, as messages show it: short, whatever it is. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) {
    if (value.length === 0) return 'an empty list';
    const isShort = value.length < 9 && value.every((item) => typeof item !== 'object');
    return isShort ? `[${value.map(describe).join(', ')}]` : `a list of ${value.length}`;
  }
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  const name: unknown = tag === 'Object' ? value.constructor?.name : tag;
  return !name || name === 'Object' ? 'an object' : `${/^[AEIOU]/.test(`${name}`) ? 'an' : 'a'} ${name}`;
}

/**
 * Throws what `fail` makes of the first element that is no number: null, '' and dates would become one without a word.
 *
 * @param fail - Takes the element's place, and what it is in words.
 */
export function checkNumbers(row: ArrayLike<unknown>, fail: (at: number, got: string) => Error): void {
  // Typed arrays hold one kind.
  const end = ArrayBuffer.isView(row) ? Math.min(row.length, 1) : row.length;
  for (let at = 0; at < end; at++) if (typeof row[at] !== 'number') throw fail(at, describe(row[at]));
}

/** The name that has the most letters in common with another, in their order; undefined where that is not much. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  if (name === 'dim' && known.includes('axis')) return 'axis';
  const scores = known.map((candidate) => {
    const [a, b] = [name.toLowerCase(), candidate.toLowerCase()];
    let row = [0];
    for (const letter of a) {
      const above = row;
      row = [0];
      for (let i = 0; i < b.length; i++) {
        row.push(letter === b[i] ? (above[i] ?? 0) + 1 : Math.max(above[i + 1] ?? 0, row[i]!));
      }
    }
    const common = row.at(-1)!;
    return common < 2 ? 0 : common / Math.min(a.length, b.length) + common / 100;
  });
  const most = Math.max(...scores);
  return most > 0.6 ? known[scores.indexOf(most)] : undefined;
}

/** The error of a name that is not among those that are known. */
export function unknownName(op: string, kind: string, name: string, known: readonly string[]): ArgumentError {
  const near = nearest(name, known);
  const all = `known are ${known.join(', ')}`;
  return new ArgumentError(
    op,
    `has no ${kind} ${describe(name)}`,
    near === undefined ? all : `did you mean ${near}? ${all}`,
  );
}

/** A default for every option, undefined where there is none. */
export type AllOf<Options> = { readonly [Name in keyof Options]-?: Options[Name] | undefined };

/** What {@link readOptions} returns: every option, with its default where it has one. */
export type Read<Options, Defaults> = {
  readonly [Name in keyof Options]-?: Name extends keyof Defaults
    ? undefined extends Defaults[Name]
      ? Options[Name] | undefined
      : Exclude<Options[Name], undefined>
    : never;
};

/**
 * The options of a function: those that are given, and the defaults of all others. The list of defaults is what the
 * function knows; an option without one stands there as undefined. A default that is a number or a boolean wants
 * a value of its kind.
 *
 * @throws {@link ArgumentError} on options that are no plain object, on one that is not known, and on one of another kind.
 */
export function readOptions<Options extends object, const Defaults extends AllOf<Options>>(
  op: string,
  options: Options | undefined,
  defaults: Defaults,
): Read<Options, Defaults> {
  if (options === undefined) return defaults as Read<Options, Defaults>;
  if (options?.constructor !== Object && describe(options) !== 'an object') {
    throw new ArgumentError(
      op,
      `options must be a plain object, got ${describe(options)}`,
      `known are ${Object.keys(defaults).join(', ')}`,
    );
  }
  const read: Record<string, unknown> = { ...defaults };
  for (const name in options) {
    if (!Object.hasOwn(defaults, name)) throw unknownName(op, 'option', name, Object.keys(defaults));
    const value = options[name];
    const kind = typeof read[name];
    if (value === undefined) continue;
    if (kind !== typeof value && (kind === 'number' || kind === 'boolean')) {
      throw new ArgumentError(op, `${name} must be a ${kind}, got ${describe(value)}`);
    }
    read[name] = value;
  }
  return read as Read<Options, Defaults>;
}

/** Throws an {@link ArgumentError} on options that are no object, or on one that is not known. */
export function checkOptions<Options extends object>(
  op: string,
  options: Options,
  known: Readonly<Record<keyof Options, true>>,
): void {
  readOptions<object, object>(op, options, Object.fromEntries(Object.keys(known).map((name) => [name, undefined])));
}
