/**
 * @file How a tensor prints: nested rows, long axes shortened in the middle.
 */
import { type DType, isFloat, type NumberArray, type TypedArray } from './dtype.js';
import { type Shape, sizeOf } from './shape.js';

/** Above this many elements, each axis shows only its edges. */
const FULL_SIZE = 200;
const EDGE = 3;

/** The elements of a tensor as nested rows, for example `[[1, 2], [3, 4.5]]`. */
export function formatElements(data: TypedArray, shape: Shape, dtype: DType): string {
  const element = (value: number): string => (isFloat(dtype) ? String(Number(value.toPrecision(5))) : String(value));
  const shortened = data.length > FULL_SIZE;

  const rows = (axis: number, start: number): string => {
    if (axis === shape.length) return element(data[start]!);
    const length = shape[axis]!;
    const step = sizeOf(shape.slice(axis + 1));
    const parts: string[] = [];
    for (let i = 0; i < length; i++) {
      if (shortened && length > 2 * EDGE && i === EDGE) {
        parts.push('...');
        i = length - EDGE;
      }
      parts.push(rows(axis + 1, start + i * step));
    }
    const separator = axis === shape.length - 1 ? ', ' : `,\n${' '.repeat('tensor('.length + axis + 1)}`;
    return `[${parts.join(separator)}]`;
  };
  return rows(0, 0);
}

/** The elements as nested JavaScript arrays; a number for a scalar. */
export function nest(data: TypedArray, shape: Shape): NestedArray {
  const build = (axis: number, start: number): NestedArray => {
    if (axis === shape.length) return data[start]!;
    if (axis === shape.length - 1) return Array.from(data.subarray(start, start + shape[axis]!));
    const step = sizeOf(shape.slice(axis + 1));
    return Array.from({ length: shape[axis]! }, (_, i) => build(axis + 1, start + i * step));
  };
  return build(0, 0);
}

/** A number, or arrays of numbers nested to any depth. */
export type NestedArray = number | readonly NestedArray[];

/** A number, true or false for 1 or 0, a typed array, or arrays of these nested to any depth. */
export type NestedInput = number | boolean | NumberArray | readonly NestedInput[];
