/**
 * @file Loads whatever a path holds: told by its content, and by the names beside it.
 */
import { DataError } from '../errors.js';
import { type LoadArrayOptions, parseIdx, parseNpy } from './arrays.js';
import type { Dataset } from './dataset.js';
import { isIdx } from './idx.js';
import { isNpy } from './npy.js';
import { inNode, nameOf, readSource, type Source } from './source.js';
import { decodeText, parseTable, type TableOptions } from './table.js';

/** Options of {@link loadDataset}; each format takes those that it knows. */
export interface LoadOptions extends TableOptions, LoadArrayOptions {}

/**
 * The rows in a file, told by its first bytes: NumPy, IDX, else a table of text; each also packed by gzip. The labels
 * of IDX images are looked for beside them: those of `train-images-idx3-ubyte` in `train-labels-idx1-ubyte`, packed or not.
 *
 * @throws `DataError` as the format's own loader.
 */
export async function loadDataset(source: Source, options: LoadOptions = {}): Promise<Dataset> {
  const { bytes, name } = await readSource(source, options);
  if (!isNpy(bytes) && !isIdx(bytes)) return parseTable(decodeText(bytes, name), options, name);
  const labels = options.labels ?? (isIdx(bytes) ? await labelsBeside(source) : undefined);
  const read = labels === undefined ? undefined : await readSource(labels, options);
  return (isNpy(bytes) ? parseNpy : parseIdx)(bytes, options, name, read);
}

/** The file of labels beside a file of images, by MNIST's names; nothing where there is none. */
async function labelsBeside(source: Source): Promise<string | undefined> {
  if (typeof source !== 'string' || /^https?:/i.test(source) || !inNode()) return undefined;
  const { access } = await import('node:fs/promises');
  const plain = nameOf(source)
    .replace(/\.gz$/i, '')
    .replace(/images([-.])idx\d([^/\\]*)$/i, 'labels$1idx1$2');
  if (plain === nameOf(source).replace(/\.gz$/i, '')) return undefined;
  for (const path of [plain, `${plain}.gz`]) {
    const there = await access(path).then(
      () => true,
      () => false,
    );
    if (there) return path;
  }
  throw new DataError(source, `its labels are not beside it: no ${plain}`, 'pass labels');
}
