/**
 * @file Files of one array each, IDX and NPY: the first axis counts the rows; labels come in a second file.
 */
import { checkOptions } from '../checks.js';
import { ArgumentError } from '../errors.js';
import { sizeOf } from '../shape.js';
import type { Source, SourceOptions } from '../source.js';
import { LOADER_OPTIONS } from './arguments.js';
import { byteLimit, checkBytes, readUnpacked, type SourceBytes } from './bytes.js';
import { noClasses } from './classes.js';
import { checkFinite, type Dataset, reshaped } from './dataset.js';
import { idxArray } from './idx.js';
import { labelsOf } from './label-files.js';
import { npyArray } from './npy.js';
import { NUMBER_TYPES, type NumberArray, toFeatures } from './numbers.js';

/** Options of {@link parseIdx} and {@link parseNpy}. */
export interface ArrayOptions extends SourceOptions {
  /**
   * What every feature is multiplied by. Default 1/255 for IDX files of unsigned bytes with three axes and more, which
   * are pixels (they come to 0 … 1); else 1.
   */
  readonly factor?: number;
  /** The shape of a row. Default: all axes but the first; a channel axis goes before two, `[1, H, W]`. */
  readonly shape?: readonly number[];
  /** The classes to use, in order, as another data set had them; a row of another class is an error. */
  readonly classes?: readonly string[];
}

/** Options of {@link loadIdx} and {@link loadNpy}. */
export interface LoadArrayOptions extends ArrayOptions {
  /**
   * The file of labels: IDX or NPY with one axis of whole numbers, or a text of one label a line. Default: none, all
   * rows have label -1.
   */
  readonly labels?: Source;
}

/**
 * The rows of an IDX file, the format of MNIST: two zero bytes, a type (unsigned or signed byte, 16 or 32 bits, float,
 * double), the number of axes, the axes' sizes, the elements; all numbers most significant byte first.
 *
 * @param bytes - The file, unpacked.
 * @param name - What messages call it.
 * @param labels - The bytes of the labels' file.
 * @throws `DataError` naming the file, when the header is wrong or claims another size than there is, a number is not
 *   finite, or the labels are not one for each row.
 * @see http://yann.lecun.com/exdb/mnist/
 *
 * @example
 * ```ts
 * import { parseIdx } from 'contragrad/data';
 *
 * // Two images of 1 x 2 unsigned bytes.
 * const sizes = [0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2];
 * const bytes = Uint8Array.of(0, 0, 8, 3, ...sizes, 0, 255, 51, 102);
 * const { count, shape, features } = parseIdx(bytes);
 * console.log(count, shape, features[1]); // 2 [ 1, 1, 2 ] 1
 * ```
 */
export function parseIdx(bytes: Uint8Array, options: ArrayOptions = {}, name = 'idx', labels?: SourceBytes): Dataset {
  checkOptions('parseIdx', options, LOADER_OPTIONS);
  const array = idxArray(bytes, name);
  return assemble(array, array.type === NUMBER_TYPES.uint8 && array.shape.length > 2, options, labels);
}

/**
 * The rows of a NumPy `.npy` file, version 1, 2 or 3: `bool`, integers and floats of 1 to 8 bytes in either byte order;
 * C and Fortran order. Files of Python objects are refused: nothing in a file is ever run.
 *
 * @param bytes - The file, unpacked.
 * @param name - What messages call it.
 * @param labels - The bytes of the labels' file.
 * @throws `DataError` naming the file, when the header is wrong or claims another size than there is, a number is not
 *   finite in `float32`, or the labels are not one for each row.
 * @see https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
export function parseNpy(bytes: Uint8Array, options: ArrayOptions = {}, name = 'npy', labels?: SourceBytes): Dataset {
  checkOptions('parseNpy', options, LOADER_OPTIONS);
  return assemble(npyArray(bytes, name), false, options, labels);
}

/**
 * The rows of an IDX file from a path, an address, a blob or bytes; gzip is unpacked.
 *
 * @throws `DataError` when a source cannot be read or is longer than `maxBytes`, and as {@link parseIdx}.
 */
export async function loadIdx(source: Source, options: LoadArrayOptions = {}): Promise<Dataset> {
  checkOptions('loadIdx', options, LOADER_OPTIONS);
  const { bytes, name } = await readUnpacked(source, options);
  return parseIdx(bytes, options, name, await readLabels(options));
}

/**
 * The rows of a NumPy file from a path, an address, a blob or bytes; gzip is unpacked.
 *
 * @throws `DataError` when a source cannot be read or is longer than `maxBytes`, and as {@link parseNpy}.
 */
export async function loadNpy(source: Source, options: LoadArrayOptions = {}): Promise<Dataset> {
  checkOptions('loadNpy', options, LOADER_OPTIONS);
  const { bytes, name } = await readUnpacked(source, options);
  return parseNpy(bytes, options, name, await readLabels(options));
}

async function readLabels(options: LoadArrayOptions): Promise<SourceBytes | undefined> {
  return options.labels === undefined ? undefined : readUnpacked(options.labels, options);
}

function assemble(array: NumberArray, pixels: boolean, options: ArrayOptions, labels?: SourceBytes): Dataset {
  const { name, shape } = array;
  const { factor = pixels ? 1 / 255 : 1 } = options;
  if (!Number.isFinite(factor)) throw new ArgumentError('factor', `must be a finite number, got ${factor}`);
  const [count, ...rest] = shape as [number, ...number[]];
  const size = sizeOf(rest);
  checkBytes(name, 'has features of', 4 * count * size, byteLimit(options));
  // Labels first: it is cheaper to find them wrong.
  const classed = labels === undefined ? noClasses(count, options.classes) : labelsOf(labels, count, options.classes);
  const features = toFeatures(array, factor);
  checkFinite(name, features, size);
  const data: Dataset = { features, count, size, ...classed };
  const shaped = options.shape ?? (rest.length === 2 ? [1, ...rest] : rest);
  return options.shape !== undefined || shaped.length > 1 ? reshaped(name, data, shaped) : data;
}
