/** @file JSON that strangers wrote: an object without keys that mean something to JavaScript, of a bounded depth. */
import { describe, wrong } from '../checks.js';
import { ArgumentError, DataError } from '../errors.js';
import { isPlainObject } from '../leaves.js';

/** What JSON holds. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** An object of JSON. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** How deep JSON may be nested. */
export const MAX_DEPTH = 64;

/** A value as it stands in messages: as JSON, shortened. */
export function quoted(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

/**
 * The object in a text of JSON, or in its bytes.
 *
 * @param name - What messages call the file.
 * @param what - What messages call the text in it.
 * @param forbidden - Keys that are refused at any depth, since they reach for prototypes in careless code.
 * @throws `DataError` when it is no JSON, no object, too deep, or has a forbidden key.
 */
export function parseJson(
  text: string | Uint8Array,
  name: string,
  what = 'it',
  forbidden: readonly string[] = ['__proto__'],
): JsonObject {
  let value: Json;
  try {
    value = JSON.parse(
      typeof text === 'string' ? text : new TextDecoder('utf-8', { fatal: true }).decode(text),
    ) as Json;
  } catch {
    throw new DataError(name, `${what} is not JSON`, `${what} starts with ${quoted(startOf(text))}`);
  }
  if (!isObject(value)) throw new DataError(name, `${what} must be a JSON object, got ${quoted(value)}`);
  checkKeys(value, forbidden, MAX_DEPTH, (problem) => new DataError(name, `${what} ${problem}`));
  return value;
}

/** Whether a value of JSON is an object, and no list. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function startOf(text: string | Uint8Array): string {
  return typeof text === 'string' ? text.slice(0, 20) : String.fromCharCode(...text.subarray(0, 20));
}

function checkKeys(value: Json, forbidden: readonly string[], depth: number, fail: (problem: string) => Error): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth === 0) throw fail(`is nested more than ${MAX_DEPTH} levels deep`);
  const isList = Array.isArray(value);
  for (const [key, item] of Object.entries(value)) {
    if (!isList && forbidden.includes(key)) throw fail(`has the key ${quoted(key)}, which is refused`);
    checkKeys(item, forbidden, depth - 1, fail);
  }
}

/**
 * Throws an {@link ArgumentError} unless a value is what JSON holds, and not too deep to be read back.
 *
 * @param isLoose - Whether undefined may stand for what is missing.
 */
export function checkPlain(op: string, name: string, value: unknown, isLoose = false): void {
  if (isPlain(value, MAX_DEPTH / 2, isLoose)) return;
  const hint = 'pass numbers, texts, lists and plain objects';
  throw new ArgumentError(op, `${name} must be plain JSON, got ${describe(value)}`, hint);
}

/** Whether JSON holds a value as it is. */
function isPlain(value: unknown, depth: number, isLoose: boolean): boolean {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || depth === 0) return false;
  if (Array.isArray(value)) return [...value].every((item) => isPlain(item, depth - 1, isLoose));
  const holds = ([key, item]: readonly [string, unknown]): boolean =>
    key !== '__proto__' && ((isLoose && item === undefined) || isPlain(item, depth - 1, isLoose));
  return isPlainObject(value) && Object.entries(value).every(holds);
}

/** Throws an {@link ArgumentError} unless a value is a plain object. */
export function checkRecord(op: string, name: string, value: unknown): asserts value is Record<string, unknown> {
  if (typeof value === 'object' && value !== null && isPlainObject(value)) return;
  throw wrong(op, `${name}`, 'a plain object', value);
}
