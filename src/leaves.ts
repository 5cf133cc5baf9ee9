/** @file The leaves of results: trees of arrays and plain objects. */

/** Whether a value is an object without a class. */
export function isPlainObject(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** A result with each of its leaves replaced; everything else stays. */
export function mapLeaves<T>(
  result: unknown,
  isLeaf: (value: unknown) => value is T,
  replace: (leaf: T) => unknown,
): unknown {
  if (isLeaf(result)) return replace(result);
  if (Array.isArray(result)) return result.map((item) => mapLeaves(item, isLeaf, replace));
  if (typeof result === 'object' && result !== null && isPlainObject(result)) {
    return Object.fromEntries(Object.entries(result).map(([name, item]) => [name, mapLeaves(item, isLeaf, replace)]));
  }
  return result;
}
