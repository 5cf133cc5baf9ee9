/**
 * @file PNG: checked by its chunks before fast-png decodes it. Only the chunks that make up the picture are passed on:
 * texts and colour profiles, which may unpack to anything, are not.
 *
 * Source: Portable Network Graphics (PNG) Specification, W3C, https://www.w3.org/TR/png-3/.
 */
import { DataError } from '../errors.js';
import { startsAs } from './file-format.js';
import { inflate } from './inflate.js';
import { checkPixels, type ImageOptions, type Pixels } from './pixels.js';

/** Samples of a pixel, and the depths there are, by colour type. */
const COLOURS: Readonly<Record<number, { readonly samples: number; readonly depths: readonly number[] }>> = {
  0: { samples: 1, depths: [1, 2, 4, 8, 16] },
  2: { samples: 3, depths: [8, 16] },
  3: { samples: 1, depths: [1, 2, 4, 8] },
  4: { samples: 2, depths: [8, 16] },
  6: { samples: 4, depths: [8, 16] },
};
const PALETTE = 3;

/** Of the picture, at most: each takes more memory here than an empty one takes in the file. */
const MOST_CHUNKS = 2 ** 17;

/** First column and row, and their steps, of Adam7's passes. */
const PASSES = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

interface Header {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colour: number;
  readonly samples: number;
  readonly interlaced: boolean;
}

/**
 * Checks a PNG file's structure and what its header claims.
 *
 * @returns The header, the file without what is no part of the picture, and the packed picture.
 */
function readPng(
  bytes: Uint8Array,
  name: string,
  options: ImageOptions,
): { header: Header; parts: Uint8Array[]; data: Uint8Array[] } {
  if (!startsAs('png', bytes)) throw new DataError(name, 'is no PNG file: it does not start as one');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts = [bytes.subarray(0, 8)];
  const data: Uint8Array[] = [];
  let header: Header | undefined;
  for (let at = 8; ; ) {
    const length = at + 12 <= bytes.length ? view.getUint32(at) : Number.POSITIVE_INFINITY;
    if (at + 12 + length > bytes.length) {
      throw new DataError(name, `byte ${at}: a chunk goes beyond the file's ${bytes.length} bytes`, 'is it cut short?');
    }
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if ((header === undefined) !== (type === 'IHDR')) {
      throw new DataError(
        name,
        `byte ${at}: the first chunk, and only that, must be IHDR, got ${JSON.stringify(type)}`,
      );
    }
    // 256 colours, three bytes each.
    if ((type === 'PLTE' || type === 'tRNS') && length > 768) {
      throw new DataError(name, `byte ${at}: ${type} has at most 256 entries, got ${length} bytes`);
    }
    if (type === 'IHDR') header = readHeader(view, at, length, name);
    else if (type === 'IDAT') data.push(bytes.subarray(at + 8, at + 8 + length));
    else if (!['PLTE', 'tRNS', 'IEND'].includes(type) && !/^[a-z][a-zA-Z]{3}$/.test(type)) {
      throw new DataError(name, `byte ${at}: chunk ${JSON.stringify(type)} is not known, and not optional`);
    }
    if (['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND'].includes(type)) parts.push(bytes.subarray(at, at + 12 + length));
    if (parts.length > MOST_CHUNKS) throw new DataError(name, `byte ${at}: has more than ${MOST_CHUNKS} chunks`);
    if (type === 'IEND') break;
    at += 12 + length;
  }
  const { width, height, depth } = header!;
  // Four colours, as they are unpacked (three times), without filters, and in the end.
  checkPixels(name, width, height, depth === 16 ? 40 : 20, options);
  if (data.length === 0) throw new DataError(name, 'has no IDAT chunk: no picture');
  return { header: header!, parts, data };
}

function readHeader(view: DataView, at: number, length: number, name: string): Header {
  if (length !== 13) throw new DataError(name, `byte ${at}: IHDR must have 13 bytes, got ${length}`);
  const [width, height] = [view.getUint32(at + 8), view.getUint32(at + 12)];
  const [depth, colour, packing, filters, interlacing] = [16, 17, 18, 19, 20].map((place) =>
    view.getUint8(at + place),
  ) as [number, number, number, number, number];
  if (width === 0 || height === 0) throw new DataError(name, `its header claims ${width} x ${height} pixels`);
  const known = Object.hasOwn(COLOURS, colour) ? COLOURS[colour] : undefined;
  if (known === undefined || !known.depths.includes(depth)) {
    throw new DataError(name, `byte ${at + 16}: colour type ${colour} with ${depth} bits is no PNG`);
  }
  if (packing !== 0 || filters !== 0 || interlacing > 1) {
    throw new DataError(
      name,
      `byte ${at + 18}: unknown packing ${packing}, filter ${filters} or interlacing ${interlacing}`,
    );
  }
  if (interlacing === 1 && depth < 8) {
    throw new DataError(name, `is interlaced with ${depth} bits a colour`, 'save it without interlacing');
  }
  return { width, height, depth, colour, samples: known.samples, interlaced: interlacing === 1 };
}

/** The bytes of the picture, unpacked: a filter byte and the samples for each line, of each pass. */
function expectedBytes({ width, height, depth, samples, interlaced }: Header): number {
  const lines = (columns: number, rows: number): number =>
    columns === 0 ? 0 : rows * (1 + Math.ceil((columns * samples * depth) / 8));
  if (!interlaced) return lines(width, height);
  return PASSES.reduce(
    (sum, [x, y, stepX, stepY]) =>
      sum + lines(Math.max(0, Math.ceil((width - x) / stepX)), Math.max(0, Math.ceil((height - y) / stepY))),
    0,
  );
}

/**
 * The pixels of a PNG file.
 *
 * @throws `DataError` naming file and place, when it is damaged, claims more pixels than the limit, or other than it has.
 */
export async function decodePng(bytes: Uint8Array, options: ImageOptions, name: string): Promise<Pixels> {
  const { header, parts, data } = readPng(bytes, name, options);
  const expected = expectedBytes(header);
  const unpacked = await inflate(
    joined(data),
    'deflate',
    name,
    expected,
    `holds more than its header claims: ${header.width} x ${header.height} pixels take ${expected} bytes`,
  );
  if (unpacked.length < expected) {
    const { width, height } = header;
    throw new DataError(name, `holds ${unpacked.length} bytes of ${expected} for ${width} x ${height} pixels`);
  }
  const { decode } = await import('fast-png');
  let decoded: ReturnType<typeof decode>;
  try {
    decoded = decode(joined(parts), { checkCrc: true });
  } catch (error) {
    throw new DataError(name, `is a damaged PNG file (${(error as Error).message})`);
  }
  return coloured(header, decoded, name);
}

/** Checks a PNG file without decoding it, for whoever decodes it otherwise. */
export function checkPng(bytes: Uint8Array, options: ImageOptions, name: string): void {
  readPng(bytes, name, options);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

interface Decoded {
  readonly data: ArrayLike<number>;
  readonly palette?: readonly (readonly number[])[];
  readonly transparency?: Uint16Array;
}

/** Samples of any depth and colour type as red, green, blue and opacity. */
function coloured({ width, height, depth, colour, samples }: Header, decoded: Decoded, name: string): Pixels {
  const most = depth === 16 ? 65_535 : 255;
  const out = depth === 16 ? new Uint16Array(4 * width * height) : new Uint8Array(4 * width * height);
  const { palette, transparency } = decoded;
  if (colour === PALETTE && palette === undefined) throw new DataError(name, 'has no PLTE chunk: no colours');
  const lineBytes = Math.ceil((width * samples * depth) / 8);
  const sample = (x: number, y: number, channel: number): number => {
    if (depth >= 8) return decoded.data[(y * width + x) * samples + channel]!;
    const bit = x * depth;
    return (decoded.data[y * lineBytes + (bit >> 3)]! >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
  };
  const scale = most / (2 ** depth - 1);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = 4 * (y * width + x);
      if (colour === PALETTE) {
        const index = sample(x, y, 0);
        const entry = palette![index];
        if (entry === undefined) {
          throw new DataError(name, `pixel (${x}, ${y}): colour ${index} of a palette of ${palette!.length}`);
        }
        for (let channel = 0; channel < 4; channel++) out[at + channel] = entry[channel] ?? 255;
        continue;
      }
      const grey = samples < 3;
      let hidden = transparency !== undefined;
      for (let channel = 0; channel < 3; channel++) {
        const from = grey ? 0 : channel;
        const value = sample(x, y, from);
        out[at + channel] = value * scale;
        if (value !== transparency?.[from]) hidden = false;
      }
      const opacity = samples % 2 === 0 ? sample(x, y, samples - 1) : most;
      out[at + 3] = hidden ? 0 : opacity;
    }
  }
  return { width, height, data: out, most };
}
