/**
 * @file Loads whatever a source holds: told by its content, and by the names beside it.
 */
import { DataError } from '../errors.js';
import { checkSource, inNode, nodeFiles, type Source } from '../source.js';
import { loaderOptions } from './arguments.js';
import { type LoadArrayOptions, parseIdx, parseNpy } from './arrays.js';
import { readUnpacked } from './bytes.js';
import type { Dataset } from './dataset.js';
import { fileFormatOf } from './file-format.js';
import { loadImageFolder } from './folder.js';
import { parseImage } from './images.js';
import type { ImageOptions } from './pixels.js';
import { decodeText, parseTable, type TableOptions } from './table.js';

/** Options of {@link loadDataset}; each format takes those that it knows, and leaves the others. */
export interface LoadOptions extends TableOptions, LoadArrayOptions, ImageOptions {}

/** The training images of MNIST and its like, as their files are called. */
const TRAINING = /^train-images[-.]idx3-ubyte(\.gz)?$/;

/**
 * The rows of a source, told by its first bytes: NumPy, IDX, a PNG or JPEG image (one row), else a table of text; each
 * also packed by gzip. The labels of IDX images are looked for beside them: those of `train-images-idx3-ubyte` in
 * `train-labels-idx1-ubyte`, packed or not. A folder is one of images (see {@link loadImageFolder}), unless MNIST's
 * `train-images-idx3-ubyte` lies in it.
 *
 * @throws `DataError` as the format's own loader.
 */
export async function loadDataset(source: Source, options?: LoadOptions): Promise<Dataset> {
  checkSource('loadDataset', source);
  const read = loaderOptions('loadDataset', options);
  if (read.labels !== undefined) checkSource('loadDataset', read.labels, 'labels');
  return loadKind(source, read);
}

async function loadKind(source: Source, options: LoadOptions): Promise<Dataset> {
  const path = pathOf(source);
  if (path !== undefined) {
    const names = await namesIn(path);
    const training = names?.find((name) => TRAINING.test(name));
    if (training !== undefined) return loadKind(`${path}/${training}`, options);
    if (names !== undefined) return loadImageFolder(path, options);
  }
  const { bytes, name } = await readUnpacked(source, options);
  const format = fileFormatOf(bytes, name);
  if (format === 'png' || format === 'jpeg') return parseImage(bytes, options, name);
  if (format !== 'npy' && format !== 'idx') return parseTable(decodeText(bytes, name), options, name);
  const labels = options.labels ?? (path !== undefined && format === 'idx' ? await labelsBeside(path) : undefined);
  const read = labels === undefined ? undefined : await readUnpacked(labels, options);
  return (format === 'npy' ? parseNpy : parseIdx)(bytes, options, name, read);
}

/** The path of a source that is a file's or a folder's. */
function pathOf(source: Source): string | undefined {
  return typeof source === 'string' && inNode() && !/^[a-z][a-z\d+.-]+:/i.test(source) ? source : undefined;
}

/** The names in a folder; nothing where the path is none. */
async function namesIn(path: string): Promise<string[] | undefined> {
  const { readdir } = await nodeFiles(path);
  return readdir(path).catch(() => undefined);
}

/** The file of labels beside a file of images, by MNIST's names; nothing where the name is no such. */
async function labelsBeside(path: string): Promise<string | undefined> {
  const unpacked = path.replace(/\.gz$/i, '');
  const plain = unpacked.replace(/images([-.])idx\d([^/\\]*)$/i, 'labels$1idx1$2');
  if (plain === unpacked) return undefined;
  const { access } = await nodeFiles(path);
  for (const candidate of [plain, `${plain}.gz`]) {
    const there = await access(candidate).then(
      () => true,
      () => false,
    );
    if (there) return candidate;
  }
  throw new DataError(path, `its labels are not beside it: there is no ${plain}`, 'pass labels');
}
