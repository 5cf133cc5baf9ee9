/**
 * @file Images as rows: decoded by packages in Node, by the browser in a page.
 */
import { checkKind, describe } from '../checks.js';
import { ArgumentError, DataError } from '../errors.js';
import { checkByteArray, checkSource, nameOf, type Source } from '../source.js';
import { checkTexts, loaderOptions } from './arguments.js';
import { byteLimit, checkBytes, readUnpacked } from './bytes.js';
import { classify, noClasses } from './classes.js';
import type { Dataset } from './dataset.js';
import { startsAs } from './file-format.js';
import { checkJpeg, decodeJpeg } from './jpeg.js';
import { type ImageOptions, type Pixels, writeFeatures } from './pixels.js';
import { checkPng, decodePng } from './png.js';

/** Options of {@link imagesFromFiles}. */
export interface ImagesOptions extends ImageOptions {
  /**
   * The class of each image. Default: the name of the folder that it lies in, where a file knows it (those of
   * `<input type="file" webkitdirectory>` do); else none, and all labels are -1.
   */
  readonly labels?: readonly string[];
  /** The classes to use, in order, as another data set had them; an image of another class is an error. */
  readonly classes?: readonly string[];
}

/** What a page has, and Node has not. */
interface Page {
  readonly createImageBitmap?: (
    blob: Blob,
    options: object,
  ) => Promise<{ readonly width: number; readonly height: number; close(): void }>;
  readonly OffscreenCanvas?: new (
    width: number,
    height: number,
  ) => { getContext(kind: '2d', options: object): Context };
}

interface Context {
  fillStyle: string;
  fillRect(x: number, y: number, width: number, height: number): void;
  drawImage(image: object, x: number, y: number): void;
  getImageData(
    x: number,
    y: number,
    width: number,
    height: number,
    options: object,
  ): { readonly data: Uint8ClampedArray };
}

/**
 * The pixels of a PNG or JPEG file, told by its first bytes; orientation notes and colour profiles are not followed.
 */
async function decode(bytes: Uint8Array, options: ImageOptions, name: string): Promise<Pixels> {
  const isPng = startsAs('png', bytes);
  if (!isPng && !startsAs('jpeg', bytes))
    throw new DataError(name, 'is neither a PNG nor a JPEG file', 'convert it to one of them');
  const { createImageBitmap, OffscreenCanvas } = globalThis as Page;
  if (createImageBitmap === undefined || OffscreenCanvas === undefined) {
    return isPng ? decodePng(bytes, options, name) : decodeJpeg(bytes, options, name);
  }
  (isPng ? checkPng : checkJpeg)(bytes, options, name);
  try {
    const bitmap = await createImageBitmap(new Blob([bytes as Uint8Array<ArrayBuffer>]), {
      imageOrientation: 'none',
      colorSpaceConversion: 'none',
    });
    const { width, height } = bitmap;
    const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
    context.fillStyle = 'black';
    context.fillRect(0, 0, width, height);
    context.drawImage(bitmap, 0, 0);
    bitmap.close();
    return { width, height, data: context.getImageData(0, 0, width, height, { colorSpace: 'srgb' }).data, most: 255 };
  } catch (error) {
    throw new DataError(name, `is a damaged image (${(error as Error).message})`);
  }
}

/**
 * One PNG or JPEG image as a data set of one row, `[channels, height, width]`, from 0 to 1: what an encoder takes.
 *
 * @param bytes - The file.
 * @param name - What messages call it.
 * @throws `DataError` naming the file, when it is no such image, is damaged, or its header claims more pixels than
 *   `maxPixels`.
 */
export async function parseImage(bytes: Uint8Array, options?: ImageOptions, name = 'image'): Promise<Dataset> {
  checkByteArray('parseImage', bytes);
  checkKind('parseImage', 'name', name, 'string');
  return gatherImages([{ name, read: async () => bytes }], undefined, loaderOptions('parseImage', options));
}

/** An image that is yet to be read. */
export interface UnreadImage {
  readonly name: string;
  readonly read: () => Promise<Uint8Array>;
}

/** Reads and decodes images one after another into the rows of one data set. */
export async function gatherImages(
  images: readonly UnreadImage[],
  names: readonly string[] | undefined,
  options: ImagesOptions,
): Promise<Dataset> {
  const { channels = 3, classes } = options;
  const count = images.length;
  const classed =
    names === undefined ? noClasses(count, classes) : classify('images', names, (row) => images[row]!.name, classes);
  let size = options.size;
  let features: Float32Array | undefined;
  for (const [row, { name, read }] of images.entries()) {
    const pixels = await decode(await read(), options, name);
    const own = [pixels.height, pixels.width] as const;
    if (options.size === undefined && size !== undefined && (own[0] !== size[0] || own[1] !== size[1])) {
      throw new DataError(
        name,
        `has ${own[0]} x ${own[1]} pixels, the first image ${size[0]} x ${size[1]}`,
        'pass size to bring all to one',
      );
    }
    size ??= own;
    const width = channels * size[0] * size[1];
    if (features === undefined) {
      checkBytes(name, `${count} such images take`, 4 * count * width, byteLimit(options));
      features = new Float32Array(count * width);
    }
    writeFeatures(pixels, features.subarray(row * width, (row + 1) * width), size, channels);
  }
  if (features === undefined || size === undefined) throw new DataError('images', 'has no image');
  return {
    features,
    count,
    size: channels * size[0] * size[1],
    shape: [channels, ...size],
    ...classed,
    sampleNames: images.map(({ name }) => name),
  };
}

/**
 * The images in files that a page was given, or at other sources, as the rows of a data set, in their order.
 *
 * @throws `DataError` naming the file, when one cannot be read, is no PNG or JPEG, is damaged, has more pixels than
 *   `maxPixels`, or another size than the first while no `size` is given.
 */
export async function imagesFromFiles(files: Iterable<Source>, options?: ImagesOptions): Promise<Dataset> {
  const op = 'imagesFromFiles';
  const read = loaderOptions(op, options);
  checkTexts(op, 'labels', read.labels);
  if (typeof files !== 'object' || ArrayBuffer.isView(files) || !(Symbol.iterator in Object(files))) {
    throw new ArgumentError(op, `needs a list of files, got ${describe(files)}`);
  }
  const sources = [...files];
  for (const source of sources) checkSource(op, source, 'each file');
  const paths = sources.map((source) => (source as { webkitRelativePath?: string }).webkitRelativePath ?? '');
  const folders = paths.map((path) => path.split('/').at(-2) ?? '');
  const labels = read.labels ?? (folders.some((folder) => folder === '') ? undefined : folders);
  if (labels !== undefined && labels.length !== sources.length) {
    throw new DataError('images', `has ${labels.length} labels for ${sources.length} images`);
  }
  const images = sources.map((source, i) => ({
    name: paths[i] === '' ? nameOf(source) : paths[i]!,
    read: async () => (await readUnpacked(source, read)).bytes,
  }));
  return gatherImages(images, labels, read);
}
