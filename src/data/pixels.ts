/**
 * @file Decoded pixels, and how they become a row of features.
 */
import { DataError } from '../errors.js';
import type { SourceOptions } from '../source.js';
import { byteLimit, checkBytes } from './bytes.js';

/** Options of everything that reads images. */
export interface ImageOptions extends SourceOptions {
  /**
   * Height and width to bring every image to, by the average over the area that each new pixel covers. Default: the
   * images' own size, which must then be the same.
   */
  readonly size?: readonly [height: number, width: number];
  /** 3 for red, green and blue, 1 for grey (`0.299 R + 0.587 G + 0.114 B`, ITU-R BT.601). Default 3. */
  readonly channels?: 1 | 3;
  /** The most pixels that an image may have, by its own header. Default 2²⁵ (33.5 million). */
  readonly maxPixels?: number;
}

/** Decoded pixels: red, green, blue and opacity, row by row. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** `4 x width x height` numbers from 0 to `most`. */
  readonly data: Uint8Array | Uint8ClampedArray | Uint16Array;
  /** 255, or 65,535 where a colour has 16 bits. */
  readonly most: number;
}

const MAX_PIXELS = 2 ** 25;

/**
 * Checks what a header claims, before anything of that size is made.
 *
 * @param bytesEach - What decoding takes for each pixel.
 */
export function checkPixels(
  name: string,
  width: number,
  height: number,
  bytesEach: number,
  options: ImageOptions,
): void {
  const { maxPixels = MAX_PIXELS } = options;
  if (width * height > maxPixels) {
    throw new DataError(
      name,
      `its header claims ${width} x ${height} pixels, more than the limit of ${maxPixels}`,
      'raise maxPixels if that is right',
    );
  }
  checkBytes(name, 'decoding takes', width * height * bytesEach, byteLimit(options));
}

/** Which old pixels a new one covers, and with which weights, along one side. */
interface Cover {
  readonly first: number;
  readonly weights: readonly number[];
}

function covers(from: number, to: number): Cover[] {
  return Array.from({ length: to }, (_, at) => {
    const [start, end] = [(at * from) / to, ((at + 1) * from) / to];
    const first = Math.min(Math.floor(start), from - 1);
    const last = Math.max(first + 1, Math.min(Math.ceil(end), from));
    const parts = Array.from({ length: last - first }, (_, i) =>
      Math.max(0, Math.min(first + i + 1, end) - Math.max(first + i, start)),
    );
    const sum = parts.reduce((total, part) => total + part, 0);
    return { first, weights: parts.map((part) => part / sum) };
  });
}

/**
 * Pixels as features `[channels, height, width]` from 0 to 1; what is transparent lies on black.
 *
 * @param out - Where to.
 */
export function writeFeatures(
  pixels: Pixels,
  out: Float32Array,
  [height, width]: readonly [number, number],
  channels: number,
): void {
  const { data, most } = pixels;
  const [rows, columns] = [covers(pixels.height, height), covers(pixels.width, width)];
  const plane = height * width;
  rows.forEach((row, y) => {
    columns.forEach((column, x) => {
      let [red, green, blue] = [0, 0, 0];
      for (let i = 0; i < row.weights.length; i++) {
        for (let j = 0; j < column.weights.length; j++) {
          const at = 4 * ((row.first + i) * pixels.width + column.first + j);
          const weight = (row.weights[i]! * column.weights[j]! * data[at + 3]!) / most;
          red += weight * data[at]!;
          green += weight * data[at + 1]!;
          blue += weight * data[at + 2]!;
        }
      }
      const place = y * width + x;
      if (channels === 1) {
        out[place] = (0.299 * red + 0.587 * green + 0.114 * blue) / most;
      } else {
        out[place] = red / most;
        out[plane + place] = green / most;
        out[2 * plane + place] = blue / most;
      }
    });
  });
}
