/** @file What an augmentation is, and what it is handed, checked. */
import { checkWholes, wrong } from '../checks.js';
import { ArgumentError, ShapeError } from '../errors.js';
import { Generator } from '../random.js';
import { formatShape, sizeOf } from '../shape.js';

/** A random change of one row: returns a new row of the same shape, and leaves the given one alone. */
export type Augmentation = (row: Float32Array, shape: readonly number[], generator: Generator) => Float32Array;

/** Throws an {@link ArgumentError} unless a value is a finite number from one to another. */
export function checkRange(op: string, name: string, value: number, least: number, most: number): void {
  if (Number.isFinite(value) && value >= least && value <= most) return;
  const range = most === Number.MAX_VALUE ? `${least} or more` : `from ${least} to ${most}`;
  throw wrong(op, `${name}`, `a finite number, ${range}`, value);
}

/** An augmentation that is handed a row of the shape that is said, and a generator. */
export function checked(op: string, change: Augmentation): Augmentation {
  return (row, shape, generator) => {
    if (!(row instanceof Float32Array)) {
      throw wrong(op, 'the row', 'a Float32Array', row);
    }
    checkWholes(op, 'the shape', shape, 1);
    if (sizeOf(shape) !== row.length) {
      throw new ShapeError(op, `needs a row of shape ${formatShape(shape)}, got ${row.length} features`);
    }
    Generator.check(op, generator);
    return change(row, shape, generator);
  };
}
