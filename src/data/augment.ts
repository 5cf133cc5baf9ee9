/**
 * @file Augmentations: random changes of a row that leave its class as it is. All draw from a generator that is passed,
 * so that a seed repeats them. A row is `[size]`, `[C, W]`, or an image `[C, H, W]`, row-major.
 */
import { checkChoice, checkKind, checkWhole, describe, readOptions, wholePair, wrong } from '../checks.js';
import { ArgumentError, ShapeError } from '../errors.js';
import { Generator } from '../random.js';
import { formatShape } from '../shape.js';
import { checkDataset } from './arguments.js';
import { type Augmentation, checked, checkRange } from './augmentation.js';
import { type Dataset, gatherRows, rowShape } from './dataset.js';

export type { Augmentation } from './augmentation.js';

/** What stands where a change moves nothing to: zeros, the nearest pixel, or what left at the other side. */
export type Fill = 'zero' | 'edge' | 'wrap';

/** Channels, height and width of a row; a row without a height has height 1. */
interface Image {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

function imageOf(op: string, shape: readonly number[]): Image {
  if (shape.length < 1 || shape.length > 3) {
    throw new ShapeError(op, `needs a row of shape [size], [C, W] or [C, H, W], got ${formatShape(shape)}`);
  }
  const width = shape.at(-1)!;
  return { channels: shape.length > 1 ? shape[0]! : 1, height: shape.length > 2 ? shape[1]! : 1, width };
}

/** The place that stands for one outside 0 … length - 1; -1 for a zero. */
function inside(at: number, length: number, fill: Fill): number {
  if (at >= 0 && at < length) return at;
  if (fill === 'zero') return -1;
  if (fill === 'edge') return at < 0 ? 0 : length - 1;
  return ((at % length) + length) % length;
}

/** Moves the row's content by whole pixels: out[y][x] = in[y - down][x - right]. */
function moved(
  row: Float32Array,
  { channels, height, width }: Image,
  down: number,
  right: number,
  fill: Fill,
): Float32Array {
  const out = new Float32Array(row.length);
  for (let y = 0; y < height; y++) {
    const fromY = inside(y - down, height, fill);
    if (fromY < 0) continue;
    for (let x = 0; x < width; x++) {
      const fromX = inside(x - right, width, fill);
      if (fromX < 0) continue;
      for (let c = 0; c < channels; c++) out[(c * height + y) * width + x] = row[(c * height + fromY) * width + fromX]!;
    }
  }
  return out;
}

/** A whole number from -most to most. */
function symmetric(most: number, generator: Generator): number {
  return generator.integer(2 * most + 1) - most;
}

/**
 * Several augmentations, one after another.
 *
 * @throws `ShapeError`, when it is applied, for one that returns anything but a `Float32Array` as long as the row.
 *
 * @example
 * ```ts
 * import { Generator } from 'contragrad';
 * import { compose, horizontalFlip, shift } from 'contragrad/data';
 *
 * const augment = compose([shift(0), horizontalFlip(1)]);
 * const row = augment(Float32Array.of(1, 2, 3), [3], new Generator(0));
 * console.log([...row]); // [ 3, 2, 1 ]
 * ```
 */
export function compose(augmentations: readonly Augmentation[]): Augmentation {
  if (!Array.isArray(augmentations)) {
    throw new ArgumentError('compose', `needs a list of augmentations, got ${describe(augmentations)}`);
  }
  const all: readonly Augmentation[] = [...augmentations];
  for (const augmentation of all) checkKind('compose', 'each augmentation', augmentation, 'function');
  return checked('compose', (row, shape, generator) =>
    all.reduce<Float32Array>(
      (value, augmentation) => changed('compose', augmentation, value, shape, generator),
      Float32Array.from(row),
    ),
  );
}

/** A row changed by an augmentation that anyone may have written, of the same length. */
function changed(
  op: string,
  augmentation: Augmentation,
  row: Float32Array,
  shape: readonly number[],
  generator: Generator,
): Float32Array {
  const result: unknown = augmentation(row, shape, generator);
  if (result instanceof Float32Array && result.length === row.length) return result;
  const got = result instanceof Float32Array ? `${result.length} features` : describe(result);
  throw new ShapeError(op, `an augmentation must return a Float32Array of ${row.length} features, got ${got}`);
}

/**
 * Adds independent normal noise: `x + s ε`, `ε ~ N(0, 1)`.
 *
 * @param standardDeviation - s, in the features' units. Default 0.1.
 */
export function noise(standardDeviation = 0.1): Augmentation {
  checkRange('noise', 'standardDeviation', standardDeviation, 0, Number.MAX_VALUE);
  return checked('noise', (row, _shape, generator) =>
    row.map((value) => value + standardDeviation * generator.normal()),
  );
}

/** Options of {@link shift} and {@link crop}. */
export interface FillOptions {
  /** What comes in at the sides. Default `'zero'`; `'wrap'` suits an unwrapped iris strip. */
  readonly fill?: Fill;
}

/**
 * Moves the content sideways by a whole number of pixels, uniform from -most to most; images by another up or down.
 *
 * @param most - In pixels: one number, or `[down, right]`. Default 1.
 */
export function shift(most: number | readonly [number, number] = 1, options?: FillOptions): Augmentation {
  const [down, right] = wholePair('shift', 'most', most, 0);
  return mover('shift', down, right, options);
}

function mover(op: string, down: number, right: number, options: FillOptions | undefined): Augmentation {
  const { fill } = readOptions(op, options, { fill: 'zero' });
  checkChoice(op, 'fill', fill, ['zero', 'edge', 'wrap']);
  return checked(op, (row, shape, generator) => {
    const image = imageOf(op, shape);
    const dy = image.height > 1 ? symmetric(down, generator) : 0;
    return moved(row, image, dy, symmetric(right, generator), fill);
  });
}

/**
 * Pads each side and cuts a random part of the row's own size out, as torchvision's `RandomCrop` with `padding`: each
 * place is equally likely.
 *
 * @param padding - In pixels. Default 4.
 */
export function crop(padding = 4, options?: FillOptions): Augmentation {
  checkWhole('crop', 'padding', padding, 0);
  return mover('crop', padding, padding, options);
}

/** Options of {@link resizedCrop}. */
export interface ResizedCropOptions {
  /** The least and the most share of the area that is kept. Default `[0.5, 1]`. */
  readonly scale?: readonly [number, number];
  /** The least and the most width : height of the part, relative to the row's own. Default `[3/4, 4/3]`. */
  readonly ratio?: readonly [number, number];
}

/** How often a part is drawn before the largest one that has an allowed ratio is taken, as in torchvision. */
const TRIES = 10;

/**
 * Cuts a random part out and stretches it to the row's own size, bilinearly, as torchvision's `RandomResizedCrop`: a share of the
 * area is drawn, uniform within `scale`, and the logarithm of a ratio, uniform within that of `ratio`, up to ten times until the
 * part fits; its place is uniform. Of wide and high parts only small ones fit, so large parts have ratios near 1. Where none of
 * the ten fits, it is the largest part in the middle whose ratio is allowed: all of the row, unless `ratio` leaves 1 out; such
 * ratios may make the part smaller than `scale` says. Unlike there, sides are no whole pixels. Rows without a height are cut in
 * their width alone, to a share within `scale`.
 *
 * @throws `ArgumentError` unless both are two numbers in order, of `scale` above 0 and up to 1, of `ratio` above 0.
 */
export function resizedCrop(options?: ResizedCropOptions): Augmentation {
  const { scale, ratio } = readOptions('resizedCrop', options, { scale: [0.5, 1], ratio: [3 / 4, 4 / 3] });
  for (const [name, range, most] of [['scale', scale, 1] as const, ['ratio', ratio, Number.MAX_VALUE] as const]) {
    if (!Array.isArray(range) || range.length !== 2) {
      throw wrong('resizedCrop', `${name}`, 'the least and the most', range);
    }
    checkRange('resizedCrop', name, range[1], Number.MIN_VALUE, most);
    checkRange('resizedCrop', name, range[0], Number.MIN_VALUE, range[1]);
  }
  const between = ([least, most]: readonly [number, number], share: number): number =>
    Math.min(most, least + (most - least) * share);
  const logRatio = [Math.log(ratio[0]), Math.log(ratio[1])] as const;
  /** The shares of the width and of the height that are kept, and where in what remains: 0 at the left or top. */
  const part = (generator: Generator): readonly [number, number, number, number] => {
    for (let tries = 0; tries < TRIES; tries++) {
      const area = between(scale, generator.uniform());
      const stretch = Math.exp(between(logRatio, generator.uniform()));
      const [wide, high] = [Math.sqrt(area * stretch), Math.sqrt(area / stretch)];
      if (wide <= 1 && high <= 1) return [wide, high, generator.uniform(), generator.uniform()];
    }
    return [Math.min(1, ratio[1]), Math.min(1, 1 / ratio[0]), 0.5, 0.5];
  };
  return checked('resizedCrop', (row, shape, generator) => {
    const image = imageOf('resizedCrop', shape);
    const [wide, high, x, y] =
      image.height === 1 ? [between(scale, generator.uniform()), 1, generator.uniform(), 0] : part(generator);
    const left = (1 - wide) * image.width * x;
    const top = (1 - high) * image.height * y;
    return resampled(row, image, 'edge', (y, x) => [top + (y + 0.5) * high - 0.5, left + (x + 0.5) * wide - 0.5]);
  });
}

/**
 * Mirrors left and right with a chance.
 *
 * @param chance - From 0 to 1. Default 0.5.
 */
export function horizontalFlip(chance = 0.5): Augmentation {
  checkRange('horizontalFlip', 'chance', chance, 0, 1);
  return checked('horizontalFlip', (row, shape, generator) => {
    const { width } = imageOf('horizontalFlip', shape);
    if (generator.uniform() >= chance) return Float32Array.from(row);
    return Float32Array.from(row, (_, at) => row[at - (at % width) + width - 1 - (at % width)]!);
  });
}

/**
 * Mirrors top and bottom with a chance; rows without a height stay as they are.
 *
 * @param chance - From 0 to 1. Default 0.5.
 */
export function verticalFlip(chance = 0.5): Augmentation {
  checkRange('verticalFlip', 'chance', chance, 0, 1);
  return checked('verticalFlip', (row, shape, generator) => {
    const { height, width } = imageOf('verticalFlip', shape);
    if (generator.uniform() >= chance) return Float32Array.from(row);
    const plane = height * width;
    return Float32Array.from(row, (_, at) => {
      const y = Math.floor((at % plane) / width);
      return row[at + (height - 1 - 2 * y) * width]!;
    });
  });
}

/**
 * Turns an image about its middle, bilinearly, by an angle uniform from -most to most; zeros come in at the corners.
 *
 * @param most - In degrees, 0 to 180. Default 10.
 * @throws `ShapeError`, when it is applied, for rows that are no images.
 */
export function rotation(most = 10): Augmentation {
  checkRange('rotation', 'most', most, 0, 180);
  return checked('rotation', (row, shape, generator) => {
    const image = imageOf('rotation', shape);
    if (shape.length !== 3) {
      throw new ShapeError(
        'rotation',
        `needs an image [C, H, W], got ${formatShape(shape)}`,
        'load the data with a shape',
      );
    }
    const angle = ((2 * generator.uniform() - 1) * most * Math.PI) / 180;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const [middleY, middleX] = [(image.height - 1) / 2, (image.width - 1) / 2];
    return resampled(row, image, 'zero', (y, x) => [
      middleY + cos * (y - middleY) - sin * (x - middleX),
      middleX + sin * (y - middleY) + cos * (x - middleX),
    ]);
  });
}

/** A row whose every pixel is read, between four pixels, at a place that a function gives. */
function resampled(
  row: Float32Array,
  { channels, height, width }: Image,
  fill: Fill,
  from: (y: number, x: number) => [number, number],
): Float32Array {
  const out = new Float32Array(row.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [atY, atX] = from(y, x);
      const [top, left] = [Math.floor(atY), Math.floor(atX)];
      for (const [py, wy] of [[top, 1 - (atY - top)] as const, [top + 1, atY - top] as const]) {
        const fromY = inside(py, height, fill);
        if (fromY < 0 || wy === 0) continue;
        for (const [px, wx] of [[left, 1 - (atX - left)] as const, [left + 1, atX - left] as const]) {
          const fromX = inside(px, width, fill);
          if (fromX < 0 || wx === 0) continue;
          for (let c = 0; c < channels; c++) {
            out[(c * height + y) * width + x]! += wy * wx * row[(c * height + fromY) * width + fromX]!;
          }
        }
      }
    }
  }
  return out;
}

/**
 * Sets a square (in rows without a height: a stretch) around a random pixel to zero, in all channels; what lies beyond
 * the sides is cut off. Source: DeVries, Taylor: "Improved regularization of convolutional neural networks with cutout",
 * 2017.
 *
 * @param size - Of a side, in pixels. Default 4.
 */
export function cutOut(size = 4): Augmentation {
  checkWhole('cutOut', 'size', size, 1);
  return checked('cutOut', (row, shape, generator) => {
    const { channels, height, width } = imageOf('cutOut', shape);
    const start = (length: number): number => generator.integer(length) - Math.floor(size / 2);
    const [top, left] = [height > 1 ? start(height) : 0, start(width)];
    const out = Float32Array.from(row);
    for (let y = Math.max(top, 0); y < Math.min(top + size, height); y++) {
      for (let c = 0; c < channels; c++) {
        const line = (c * height + y) * width;
        out.fill(0, line + Math.max(left, 0), line + Math.min(left + size, width));
      }
    }
    return out;
  });
}

/**
 * Sets each feature to zero with a chance, independently; the others keep their size (unlike in dropout, where they grow).
 *
 * @param chance - From 0 to 1. Default 0.1.
 */
export function featureDropout(chance = 0.1): Augmentation {
  checkRange('featureDropout', 'chance', chance, 0, 1);
  return checked('featureDropout', (row, _shape, generator) =>
    row.map((value) => (generator.uniform() < chance ? 0 : value)),
  );
}

/**
 * Adds one number to all features: `x + b`, b uniform from -most to most.
 *
 * @param most - In the features' units. Default 0.2.
 */
export function brightness(most = 0.2): Augmentation {
  checkRange('brightness', 'most', most, 0, Number.MAX_VALUE);
  return checked('brightness', (row, _shape, generator) => {
    const by = (2 * generator.uniform() - 1) * most;
    return row.map((value) => value + by);
  });
}

/**
 * Scales all features about their mean: `m + c (x - m)`, c uniform from 1 - most to 1 + most.
 *
 * @param most - From 0 to 1. Default 0.2.
 */
export function contrast(most = 0.2): Augmentation {
  checkRange('contrast', 'most', most, 0, 1);
  return checked('contrast', (row, _shape, generator) => {
    const by = 1 + (2 * generator.uniform() - 1) * most;
    const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
    return row.map((value) => mean + by * (value - mean));
  });
}

/**
 * The named rows, each changed anew, one after another: one view of a batch. Two calls give two views of it.
 *
 * @throws `ArgumentError` for a row that is not there.
 * @throws `ShapeError` when the augmentation returns anything but a `Float32Array` as long as the row.
 */
export function augmentRows(
  data: Dataset,
  rows: ArrayLike<number>,
  augmentation: Augmentation,
  generator: Generator,
): Float32Array {
  checkDataset('augmentRows', data);
  checkKind('augmentRows', 'augmentation', augmentation, 'function');
  Generator.check('augmentRows', generator);
  const out = gatherRows(data, rows);
  const shape = rowShape(data);
  for (let start = 0; start < out.length; start += data.size) {
    out.set(changed('augmentRows', augmentation, out.subarray(start, start + data.size), shape, generator), start);
  }
  return out;
}
