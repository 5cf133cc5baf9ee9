/**
 * @file Labels in a file of their own, beside the rows.
 */
import { DataError } from '../errors.js';
import type { SourceBytes } from './bytes.js';
import { type Classed, classify } from './classes.js';
import { idxArray, isIdx } from './idx.js';
import { isNpy, npyArray } from './npy.js';
import { toNumbers } from './numbers.js';
import { decodeText } from './table.js';

/**
 * The labels in a file: IDX or NPY of one axis, whole numbers, whose classes are named by them in rising order; or a
 * text of one label a line, classes in order of appearance.
 *
 * @param count - How many there must be.
 * @param classes - The classes to use, in order.
 * @throws `DataError` naming the file, when there are more or fewer, one is no whole number, or its class is unknown.
 */
export function labelsOf({ bytes, name }: SourceBytes, count: number, classes?: readonly string[]): Classed {
  if (!isIdx(bytes) && !isNpy(bytes)) {
    const lines = decodeText(bytes, name)
      .replace(/^\uFEFF/, '')
      .replace(/\r?\n$/, '')
      .split(/\r?\n/);
    checkCount(name, lines.length, count);
    return classify(
      name,
      lines.map((line) => line.trim()),
      (row) => `line ${row + 1}`,
      classes,
    );
  }
  const array = isIdx(bytes) ? idxArray(bytes, name) : npyArray(bytes, name);
  if (array.shape.length !== 1) {
    throw new DataError(
      name,
      `labels must have one axis, got [${array.shape.join(', ')}]`,
      'is it the file of images?',
    );
  }
  checkCount(name, array.shape[0]!, count);
  const values = toNumbers(array);
  values.forEach((value, row) => {
    if (!Number.isSafeInteger(value)) throw new DataError(name, `row ${row}: expected a whole number, got ${value}`);
  });
  const sorted = classes ?? [...new Set(values)].sort((a, b) => a - b).map(String);
  return classify(name, Array.from(values, String), (row) => `row ${row}`, sorted);
}

function checkCount(name: string, labels: number, count: number): void {
  if (labels !== count) throw new DataError(name, `has ${labels} labels for ${count} rows`);
}
