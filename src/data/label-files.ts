/**
 * @file Labels in a file of their own, beside the rows.
 */
import { DataError } from '../errors.js';
import type { SourceBytes } from './bytes.js';
import { type Classed, ClassNumbers, checkClasses } from './classes.js';
import { fileFormatOf } from './file-format.js';
import { idxArray } from './idx.js';
import { npyArray } from './npy.js';
import { eachNumber, type NumberArray } from './numbers.js';
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
  const format = fileFormatOf(bytes, name);
  if (format === 'idx') return numbered(idxArray(bytes, name), count, classes);
  if (format === 'npy') return numbered(npyArray(bytes, name), count, classes);
  return listed(decodeText(bytes, name), name, count, classes);
}

function checkCount(name: string, labels: number, count: number): void {
  if (labels !== count) throw new DataError(name, `has ${labels} labels for ${count} rows`);
}

function listed(text: string, name: string, count: number, classes?: readonly string[]): Classed {
  const plain = text.replace(/^\uFEFF/, '');
  let lines = plain.endsWith('\n') ? 0 : 1;
  for (let at = plain.indexOf('\n'); at >= 0; at = plain.indexOf('\n', at + 1)) lines++;
  checkCount(name, lines, count);
  const numbers = new ClassNumbers(name, classes);
  const labels = new Int32Array(count);
  let start = 0;
  for (let row = 0; row < count; row++) {
    const end = plain.indexOf('\n', start);
    labels[row] = numbers.number(plain.slice(start, end < 0 ? plain.length : end).trim(), `line ${row + 1}`);
    start = end + 1;
  }
  return { labels, classes: numbers.classes };
}

function numbered(array: NumberArray, count: number, classes?: readonly string[]): Classed {
  const { name, shape } = array;
  if (shape.length !== 1) {
    throw new DataError(name, `labels must have one axis, got [${shape.join(', ')}]`, 'is it the file of images?');
  }
  checkCount(name, shape[0]!, count);
  const fixed = classes === undefined ? undefined : new ClassNumbers(name, classes);
  /** The class of each number. */
  const known = new Map<number, number>();
  eachNumber(array, (value, row) => {
    if (!Number.isSafeInteger(value)) throw new DataError(name, `row ${row}: expected a whole number, got ${value}`);
    if (known.has(value)) return;
    checkClasses(name, known.size);
    known.set(value, fixed?.number(String(value), `row ${row}`) ?? 0);
  });
  if (fixed === undefined) {
    [...known.keys()]
      .sort((a, b) => a - b)
      .forEach((value, at) => {
        known.set(value, at);
      });
  }
  const labels = new Int32Array(count);
  eachNumber(array, (value, row) => {
    labels[row] = known.get(value)!;
  });
  // A map keeps the order of first appearance.
  const names = [...known.keys()].sort((a, b) => a - b).map(String);
  return { labels, classes: fixed === undefined ? names : fixed.classes };
}
