/** @file The leaves of results: trees of arrays and plain objects. */

/** A class that marks leaves. */
type Leaf<T> = abstract new (...args: never[]) => T;

/** Whether a value is an object without a class. */
export function isPlainObject(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** A result with each of its leaves replaced, those of one class; everything else stays. */
export function mapLeaves<T>(result: unknown, leaf: Leaf<T>, replace: (leaf: T) => unknown): unknown {
  if (result instanceof leaf) return replace(result);
  if (Array.isArray(result)) return result.map((item) => mapLeaves(item, leaf, replace));
  if (typeof result === 'object' && result !== null && isPlainObject(result)) {
    return Object.fromEntries(Object.entries(result).map(([name, item]) => [name, mapLeaves(item, leaf, replace)]));
  }
  return result;
}
