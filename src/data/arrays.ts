/**
 * @file Files of one array each, IDX and NPY: the first axis counts the rows; labels come in a second file.
 */
import { checkKind, readOptions } from '../checks.js';
import { sizeOf } from '../shape.js';
import { checkByteArray, checkSource, type Source, type SourceOptions } from '../source.js';
import { loaderOptions } from './arguments.js';
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
export function parseIdx(bytes: Uint8Array, options?: ArrayOptions, name = 'idx', labels?: SourceBytes): Dataset {
  const read = readArray('parseIdx', bytes, options, name, labels);
  const array = idxArray(bytes, name);
  return assemble(array, array.type === NUMBER_TYPES.uint8 && array.shape.length > 2, read, labels);
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
export function parseNpy(bytes: Uint8Array, options?: ArrayOptions, name = 'npy', labels?: SourceBytes): Dataset {
  const read = readArray('parseNpy', bytes, options, name, labels);
  return assemble(npyArray(bytes, name), false, read, labels);
}

/** The options of a parser, and all that it is handed checked. */
function readArray(
  op: string,
  bytes: Uint8Array,
  options: ArrayOptions | undefined,
  name: string,
  labels: SourceBytes | undefined,
): ArrayOptions {
  checkByteArray(op, bytes);
  checkKind(op, 'name', name, 'string');
  if (labels !== undefined) {
    const read = readOptions<SourceBytes, { bytes: undefined; name: undefined }>(op, labels, {
      bytes: undefined,
      name: undefined,
    });
    checkByteArray(op, read.bytes);
    checkKind(op, 'the name of the labels', read.name, 'string');
  }
  return loaderOptions(op, options);
}

/**
 * The rows of an IDX file from a path, an address, a blob or bytes; gzip is unpacked.
 *
 * @throws `DataError` when a source cannot be read or is longer than `maxBytes`, and as {@link parseIdx}.
 */
export async function loadIdx(source: Source, options?: LoadArrayOptions): Promise<Dataset> {
  const read = loadOptions('loadIdx', source, options);
  const { bytes, name } = await readUnpacked(source, read);
  return parseIdx(bytes, read, name, await readLabels(read));
}

/**
 * The rows of a NumPy file from a path, an address, a blob or bytes; gzip is unpacked.
 *
 * @throws `DataError` when a source cannot be read or is longer than `maxBytes`, and as {@link parseNpy}.
 */
export async function loadNpy(source: Source, options?: LoadArrayOptions): Promise<Dataset> {
  const read = loadOptions('loadNpy', source, options);
  const { bytes, name } = await readUnpacked(source, read);
  return parseNpy(bytes, read, name, await readLabels(read));
}

/** The options of a loader, and its sources checked. */
function loadOptions(op: string, source: Source, options: LoadArrayOptions | undefined): LoadArrayOptions {
  checkSource(op, source);
  const read = loaderOptions(op, options);
  if (read.labels !== undefined) checkSource(op, read.labels, 'labels');
  return read;
}

async function readLabels(options: LoadArrayOptions): Promise<SourceBytes | undefined> {
  return options.labels === undefined ? undefined : readUnpacked(options.labels, options);
}

function assemble(array: NumberArray, pixels: boolean, options: ArrayOptions, labels?: SourceBytes): Dataset {
  const { name, shape } = array;
  const { factor = pixels ? 1 / 255 : 1 } = options;
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
