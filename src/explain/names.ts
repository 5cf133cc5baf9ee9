/** @file What the tensors of a trace are called, so that no two are called alike. */
import { describe } from '../checks.js';
import { ArgumentError } from '../errors.js';
import { cellsOf, inline } from './numbers.js';
import { texToText } from './tex-text.js';
import type { Trace, TraceTensor } from './trace.js';

/** Throws an {@link ArgumentError} unless a value is a trace. */
export function checkTrace(op: string, value: unknown): asserts value is Trace {
  const { version, tensors, steps } = (value ?? {}) as Partial<Record<keyof Trace, unknown>>;
  if (version === 1 && Array.isArray(tensors) && Array.isArray(steps)) return;
  throw new ArgumentError(op, `needs a trace, got ${describe(value)}`, 'trace(() => loss) makes one');
}

/** Scalar constants are called by their value, others by their name: with a number where it is not the only one. */
export function namesOf({ tensors }: Trace): string[] {
  const called = tensors.map((tensor) =>
    isPlainNumber(tensor) ? inline(cellsOf(tensor.value!)) : printable(tensor.name),
  );
  const alike = new Map<string, number>();
  for (const name of called) alike.set(name, (alike.get(name) ?? 0) + 1);
  const count = new Map<string, number>();
  return called.map((name, id) => {
    if (alike.get(name) === 1 || isPlainNumber(tensors[id]!)) return name;
    count.set(name, (count.get(name) ?? 0) + 1);
    return name + texToText(`_{${count.get(name)}}`);
  });
}

/** Whether a tensor is a number that stands in the formula, such as a margin. */
export const isPlainNumber = ({ op, name, shape, value }: TraceTensor): boolean =>
  op === null && name === 'constant' && shape.length === 0 && value !== null;

/** A text without line breaks, control characters, which would move the cursor, and what is no character at all. */
export const printable = (name: string): string => name.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ');

/** How a result was computed: `sum(square₁; axes 1)`. */
export function callOf({ op, inputs, attributes }: TraceTensor, names: readonly string[]): string {
  const inWords = (value: unknown): string => JSON.stringify(value).replace(/["[\]{}]/g, '');
  const isPlain = typeof attributes === 'object' || attributes === undefined;
  const told = Object.entries((isPlain ? attributes : { with: attributes }) ?? {})
    .filter(([, value]) => value !== false && value !== null)
    .map(([key, value]) => (value === true ? key : `${key} ${inWords(value)}`));
  return `${op}(${[inputs.map((id) => names[id]).join(', '), ...told].join('; ')})`;
}

/** What is said of a trace with passes inside. */
export const INNER_PASS = 'The function ran a backward pass of its own: it is not among these steps.';
