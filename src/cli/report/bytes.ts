/** @file Numbers and pictures as bytes. */
import type { Pictures } from './data.js';

/** The bytes of numbers between `least` and `most`, in base64. */
export function bytesOf(values: Float64Array, least: number, most: number): string {
  const scale = most > least ? 255 / (most - least) : 0;
  return Buffer.from(Uint8Array.from(values, (value) => Math.round((value - least) * scale))).toString('base64');
}

/** The least and the most of the numbers that are finite. */
export function rangeOf(values: Iterable<number>): [number, number] {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return [least, most];
}

/** Channels, height and width of what is a picture. */
export type PictureShape = readonly [channels: 1 | 3, height: number, width: number];

/** A shape as that of a picture; undefined where it is none. */
export function pictureShape(shape: readonly number[] | undefined): PictureShape | undefined {
  const [channels, height, width] = shape?.length === 2 ? [1, ...shape] : (shape ?? []);
  if (shape === undefined || shape.length > 3 || (channels !== 1 && channels !== 3)) return undefined;
  return height !== undefined && width !== undefined && height > 1 && width > 1 ? [channels, height, width] : undefined;
}

/** Options of {@link picturesOf}. */
export interface PictureOptions {
  /** The longest side of a picture, in pixels. */
  readonly side: number;
  /** How many bytes all may have: sides shrink until they do. */
  readonly bytes: number;
}

/**
 * Rows of `[channel, row, column]` as pictures; larger ones are made smaller by averaging. The least number of all
 * becomes black, the most white.
 */
export function picturesOf(
  rows: readonly ArrayLike<number>[],
  [channels, height, width]: PictureShape,
  { side, bytes }: PictureOptions,
): Pictures {
  const fitting = Math.sqrt(bytes / (Math.max(1, rows.length) * channels * height * width));
  const scale = Math.min(1, side / Math.max(height, width), fitting);
  const [high, wide] = [Math.max(1, Math.floor(height * scale)), Math.max(1, Math.floor(width * scale))];
  const out = new Float64Array(rows.length * high * wide * channels);
  let at = 0;
  for (const row of rows) {
    for (let y = 0; y < high; y++) {
      for (let x = 0; x < wide; x++) {
        const [top, bottom] = [Math.floor((y * height) / high), Math.ceil(((y + 1) * height) / high)];
        const [left, right] = [Math.floor((x * width) / wide), Math.ceil(((x + 1) * width) / wide)];
        for (let channel = 0; channel < channels; channel++) {
          let sum = 0;
          for (let v = top; v < bottom; v++) {
            for (let u = left; u < right; u++) sum += row[(channel * height + v) * width + u]!;
          }
          out[at++] = sum / ((bottom - top) * (right - left));
        }
      }
    }
  }
  const [least, most] = rangeOf(out);
  const known = out.map((value) => (Number.isFinite(value) ? value : least));
  return { height: high, width: wide, channels, bytes: bytesOf(known, least, most) };
}
