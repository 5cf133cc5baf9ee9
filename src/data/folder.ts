/**
 * @file A folder of images, one folder for each class. Node only.
 */
import { checkKind } from '../checks.js';
import { DataError } from '../errors.js';
import { nodeFiles } from '../source.js';
import { loaderOptions } from './arguments.js';
import { readUnpacked } from './bytes.js';
import type { Dataset } from './dataset.js';
import { gatherImages } from './images.js';
import type { ImageOptions } from './pixels.js';

/** Options of {@link loadImageFolder}. */
export interface ImageFolderOptions extends ImageOptions {
  /** The classes to use, in order, as another folder had them; a folder of another name is an error. */
  readonly classes?: readonly string[];
}

const READ = /\.(png|jpe?g)$/i;
const UNREAD = /\.(gif|bmp|tiff?|webp|avif|hei[cf]|ppm|pgm|svg)$/i;
/** Names of parts, not of classes. */
const PART = /^(train|training|val|valid|validation|test|testing)$/i;

/** Folders within folders, at most. */
const DEPTH = 16;

type Files = Awaited<ReturnType<typeof nodeFiles>>;

/**
 * The images in a folder: each folder in it is a class, named by it, and holds the class's PNG and JPEG files, at any
 * depth. Images that lie in the folder itself, where it holds no other folder, have no class (label -1). Classes and files
 * are in the order of their names' UTF-16 codes; hidden files (whose names start with a dot) and files of other kinds are left out.
 *
 * @param path - The folder.
 * @throws `DataError` naming the file, when one cannot be read or decoded, has more pixels than `maxPixels`, has another
 *   size than the first while no `size` is given, or is an image of another format; when a link leads out of the
 *   folder or to a folder; or when a class has no image.
 */
export async function loadImageFolder(path: string, options?: ImageFolderOptions): Promise<Dataset> {
  checkKind('loadImageFolder', 'path', path, 'string');
  const read = loaderOptions('loadImageFolder', options);
  const files = await nodeFiles(path);
  const root = await attempt(path, () => files.realpath(path));
  const top = await list(files, path);
  for (const { name, link } of top) if (link) await checkLink(files, root, `${path}/${name}`);
  const folders = top.filter((entry) => entry.folder);
  const loose = top.filter((entry) => READ.test(entry.name));
  if (folders.length > 0 && loose.length > 0) {
    throw new DataError(`${path}/${loose[0]!.name}`, 'lies beside the folders of classes', 'move it into one of them');
  }
  if (folders.length > 0 && folders.every((entry) => PART.test(entry.name))) {
    throw new DataError(
      path,
      `its folders are parts, not classes: ${folders.map((entry) => entry.name).join(', ')}`,
      `pass ${path}/${folders[0]!.name}`,
    );
  }
  const found: { name: string; path: string; label: string }[] = [];
  for (const { name } of folders) {
    const before = found.length;
    await walk(files, root, path, name, 1, (relative, real) => found.push({ name: relative, path: real, label: name }));
    if (found.length === before) throw new DataError(`${path}/${name}`, 'has no PNG or JPEG image');
  }
  if (folders.length === 0) {
    await walk(files, root, path, '', 0, (relative, real) => found.push({ name: relative, path: real, label: '' }));
    if (found.length === 0) throw new DataError(path, 'has no PNG or JPEG image, and no folder of them');
  }
  const images = found.map((image) => ({
    name: `${path}/${image.name}`,
    read: async () => (await readUnpacked(image.path, read)).bytes,
  }));
  const labels = folders.length === 0 ? undefined : found.map(({ label }) => label);
  const data = await gatherImages(images, labels, read);
  return { ...data, sampleNames: found.map(({ name }) => name) };
}

interface Entry {
  readonly name: string;
  readonly folder: boolean;
  readonly link: boolean;
}

async function list(files: Files, path: string): Promise<Entry[]> {
  const entries = await attempt(path, () => files.readdir(path, { withFileTypes: true }));
  return entries
    .filter(({ name }) => !name.startsWith('.'))
    .map((entry) => ({ name: entry.name, folder: entry.isDirectory(), link: entry.isSymbolicLink() }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Meets every image below a folder, links to images within the root included. */
async function walk(
  files: Files,
  root: string,
  path: string,
  below: string,
  depth: number,
  meet: (relative: string, real: string) => void,
): Promise<void> {
  const here = below === '' ? path : `${path}/${below}`;
  if (depth > DEPTH) throw new DataError(here, `lies more than ${DEPTH} folders deep`);
  for (const { name, folder, link } of await list(files, here)) {
    const relative = below === '' ? name : `${below}/${name}`;
    const full = `${path}/${relative}`;
    if (folder) {
      await walk(files, root, path, relative, depth + 1, meet);
      continue;
    }
    if (link) await checkLink(files, root, full);
    if (UNREAD.test(name)) throw new DataError(full, 'is no PNG or JPEG image', 'convert it to one of them');
    if (READ.test(name)) meet(relative, link ? await attempt(full, () => files.realpath(full)) : full);
  }
}

async function checkLink(files: Files, root: string, full: string): Promise<void> {
  const real = await attempt(full, () => files.realpath(full));
  const inside = real.startsWith(root) && /[/\\]$/.test(real.slice(0, root.length + 1));
  if (!inside) throw new DataError(full, 'is a link that leads out of the folder', 'copy the file');
  const stat = await attempt(full, () => files.stat(real));
  if (stat.isDirectory()) throw new DataError(full, 'is a link to a folder', 'links may lead to files only');
}

/** Turns the errors of the file system into {@link DataError}s. */
async function attempt<Value>(name: string, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    throw new DataError(name, `cannot be read (${(error as { code?: string }).code ?? String(error)})`);
  }
}
