/**
 * @file JPEG: checked by its markers before jpeg-js decodes it.
 *
 * Source: ITU-T T.81, annex B, https://www.w3.org/Graphics/JPEG/itu-t81.pdf.
 */
import { DataError } from '../errors.js';
import { byteLimit } from './bytes.js';
import { startsAs } from './file-format.js';
import { checkPixels, type ImageOptions, type Pixels } from './pixels.js';

/** Progressive pictures have about ten; each costs a walk over the whole picture. */
const MOST_SCANS = 64;

/** What jpeg-js takes for a pixel: 32-bit coefficients and samples of four colours at most, and the result. */
const BYTES_EACH = 24;

const [END, SCAN] = [0xd9, 0xda];
/** Baseline, extended and progressive frames; all others are lossless, hierarchical or arithmetic. */
const FRAMES = [0xc0, 0xc1, 0xc2];
const OTHER_FRAMES = [0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf];

/**
 * Checks a JPEG file's structure and what its header claims.
 *
 * @throws `DataError` naming file and place.
 */
export function checkJpeg(bytes: Uint8Array, options: ImageOptions, name: string): void {
  if (!startsAs('jpeg', bytes)) throw new DataError(name, 'is no JPEG file: it does not start as one');
  let blocks: number | undefined;
  let [scans, packed] = [0, 0];
  for (let at = 2; ; ) {
    if (bytes[at] !== 0xff) throw new DataError(name, `byte ${at}: expected a marker, ${found(bytes, at)}`);
    // Markers may be led by any number of fill bytes.
    if (bytes[at + 1] === 0xff) {
      at++;
      continue;
    }
    const marker = bytes[at + 1];
    if (marker === undefined) throw new DataError(name, `byte ${at}: expected a marker, ${found(bytes, at + 1)}`);
    if (marker === END) break;
    const length = at + 3 < bytes.length ? 256 * bytes[at + 2]! + bytes[at + 3]! : Number.POSITIVE_INFINITY;
    const end = at + 2 + length;
    if (length < 2 || end > bytes.length) {
      throw new DataError(
        name,
        `byte ${at}: a segment of ${length} bytes does not fit a file of ${bytes.length}`,
        'is it cut short?',
      );
    }
    if (OTHER_FRAMES.includes(marker)) {
      throw new DataError(name, `byte ${at}: frames of type ${marker - 0xc0} are not read`, 'save it as baseline JPEG');
    }
    if (FRAMES.includes(marker)) {
      if (blocks !== undefined) throw new DataError(name, `byte ${at}: has a second frame`);
      blocks = readFrame(bytes.subarray(at + 4, end), at, options, name);
    }
    at = end;
    if (marker !== SCAN) continue;
    if (blocks === undefined) throw new DataError(name, `byte ${at}: has a scan before its frame`);
    if (++scans > MOST_SCANS) throw new DataError(name, `byte ${at}: has more than ${MOST_SCANS} scans`);
    const start = at;
    // The scan's data goes on to the next marker that is no escaped byte and no restart.
    while (at < bytes.length && !(bytes[at] === 0xff && !isWithinScan(bytes[at + 1]))) at++;
    packed += at - start;
  }
  if (blocks === undefined || scans === 0) throw new DataError(name, 'has no picture');
  // Each block takes a bit at least.
  if (blocks > 8 * packed) {
    throw new DataError(name, `its header claims ${blocks} blocks of 8 x 8 pixels, ${packed} bytes cannot hold them`);
  }
}

function isWithinScan(marker: number | undefined): boolean {
  return marker === 0 || (marker !== undefined && marker >= 0xd0 && marker <= 0xd7);
}

function found(bytes: Uint8Array, at: number): string {
  return at < bytes.length ? `got ${bytes[at]}` : `the file ends after ${bytes.length} bytes`;
}

/** The number of blocks of 8 x 8 samples of all colours. */
function readFrame(frame: Uint8Array, at: number, options: ImageOptions, name: string): number {
  const [precision, high, low, wide, narrow, components] = frame as unknown as number[];
  if (frame.length < 6 || frame.length !== 6 + 3 * components!) {
    throw new DataError(name, `byte ${at}: a frame of ${components ?? 0} colours does not take ${frame.length} bytes`);
  }
  if (precision !== 8) throw new DataError(name, `byte ${at}: has ${precision} bits a colour, not 8`);
  const [height, width] = [256 * high! + low!, 256 * wide! + narrow!];
  if (width === 0 || height === 0) throw new DataError(name, `its header claims ${width} x ${height} pixels`);
  if (![1, 3, 4].includes(components!))
    throw new DataError(name, `byte ${at}: has ${components} colours, not 1, 3 or 4`);
  const factors = Array.from({ length: components! }, (_, i) => frame[7 + 3 * i]!);
  const across = factors.map((factor) => factor >> 4);
  const down = factors.map((factor) => factor & 15);
  if (![...across, ...down].every((factor) => factor >= 1 && factor <= 4)) {
    throw new DataError(name, `byte ${at}: sampling factors must be from 1 to 4, got ${factors.join(', ')}`);
  }
  checkPixels(name, width, height, BYTES_EACH, options);
  const units = Math.ceil(width / 8 / Math.max(...across)) * Math.ceil(height / 8 / Math.max(...down));
  return factors.reduce((sum, _, i) => sum + units * across[i]! * down[i]!, 0);
}

/**
 * The pixels of a JPEG file.
 *
 * @throws `DataError` naming file and place, when it is damaged, claims more pixels than the limit, or more than it has.
 */
export async function decodeJpeg(bytes: Uint8Array, options: ImageOptions, name: string): Promise<Pixels> {
  checkJpeg(bytes, options, name);
  const { decode } = await import('jpeg-js');
  try {
    const { width, height, data } = decode(bytes, {
      useTArray: true,
      formatAsRGBA: true,
      // It is what lets restart intervals end where the picture does.
      tolerantDecoding: true,
      maxResolutionInMP: Number.POSITIVE_INFINITY,
      maxMemoryUsageInMB: byteLimit(options) / 2 ** 20,
    });
    return { width, height, data, most: 255 };
  } catch (error) {
    throw new DataError(name, `is a damaged JPEG file (${(error as Error).message})`);
  }
}
