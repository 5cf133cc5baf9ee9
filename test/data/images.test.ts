/** @file Images and folders of them. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join as path } from 'node:path';
import { decode, encode } from 'fast-png';
import jpeg from 'jpeg-js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { imagesFromFiles, loadDataset, loadImageFolder, parseImage } from '../../src/data/index.js';
import { DataError, Generator } from '../../src/index.js';
import { big32, chunk, join, PNG_START, png } from '../support/files.js';

/** Features as whole numbers of 255. */
const levels = (features: Float32Array): number[] => [...features].map((value) => Number((value * 255).toFixed(3)));

const grey = { channels: 1 } as const;

test('PNG of every kind: grey of 1 to 16 bits, colour, palette, with and without opacity', async () => {
  const read = async (bytes: Uint8Array, options = {}): Promise<number[]> =>
    levels((await parseImage(bytes, options)).features);
  const row = (depth: number, line: number[]): Uint8Array => png({ width: 3, height: 1, depth, lines: [0, ...line] });
  expect(await read(row(1, [0b10100000]), grey)).toEqual([255, 0, 255]);
  expect(await read(row(2, [0b11100100]), grey)).toEqual([255, 170, 85]);
  expect(await read(row(4, [0xf3, 0x10]), grey)).toEqual([255, 51, 17]);
  expect(await read(row(8, [7, 200, 255]), grey)).toEqual([7, 200, 255]);
  const deep = await parseImage(row(16, [0x12, 0x34, 0xff, 0xff, 0, 0]), grey);
  expect(deep.features[0]).toBeCloseTo(0x1234 / 65535, 7);
  expect(deep.features[1]).toBe(1);
  // Planes of red, green and blue.
  expect(await read(png({ width: 2, height: 1, colour: 2, lines: [0, 1, 2, 3, 4, 5, 6] }))).toEqual([1, 4, 2, 5, 3, 6]);
  expect(await read(png({ width: 2, height: 1, colour: 2, lines: [1, 1, 2, 3, 4, 5, 6] }))).toEqual([1, 5, 2, 7, 3, 9]);
  expect(await read(png({ width: 1, height: 1, colour: 6, lines: [0, 100, 200, 50, 51] }))).toEqual([20, 40, 10]);
  expect(await read(png({ width: 1, height: 1, colour: 4, lines: [0, 100, 51] }), grey)).toEqual([20]);
  const palette = chunk('PLTE', [10, 20, 30, 40, 50, 60]);
  const indexed = (lines: number[], chunks: Uint8Array[]): Uint8Array =>
    png({ width: 2, height: 1, colour: 3, depth: 1, lines, chunks });
  expect(await read(indexed([0, 0b01000000], [palette]))).toEqual([10, 40, 20, 50, 30, 60]);
  expect(await read(indexed([0, 0b01000000], [palette, chunk('tRNS', [0])]))).toEqual([0, 40, 0, 50, 0, 60]);
  // One colour that is transparent.
  expect(await read(png({ width: 2, height: 1, lines: [0, 9, 8], chunks: [chunk('tRNS', [0, 9])] }), grey)).toEqual([
    0, 8,
  ]);
  // A text that says anything, and a profile that would not unpack, are no part of the picture.
  expect(
    await read(png({ width: 1, height: 1, lines: [0, 9], chunks: [chunk('iCCP', join('x', [0, 0, 1, 2]))] }), grey),
  ).toEqual([9]);
});

test('pictures by another writer come back as they went, interlaced ones too', async () => {
  const generator = new Generator(1);
  for (const [channels, depth] of [
    [1, 8],
    [3, 8],
    [4, 8],
    [3, 16],
  ] as const) {
    const data = Array.from({ length: 11 * 9 * channels }, (_, i) =>
      channels === 4 && i % 4 === 3 ? 255 : generator.integer(2 ** depth),
    );
    const make = depth === 8 ? Uint8Array : Uint16Array;
    for (const interlace of ['null', 'Adam7'] as const) {
      const bytes = encode({ width: 11, height: 9, channels, depth, data: make.from(data) }, { interlace });
      expect([...decode(bytes).data]).toEqual(data);
      const { features, shape } = await parseImage(bytes);
      expect(shape).toEqual([3, 9, 11]);
      for (let pixel = 0; pixel < 99; pixel++) {
        for (let c = 0; c < 3; c++) {
          const value = data[pixel * channels + (channels < 3 ? 0 : c)]!;
          expect(features[c * 99 + pixel]).toBeCloseTo(value / (2 ** depth - 1), 6);
        }
      }
    }
  }
});

test('JPEG comes back near to what it was', async () => {
  const data = Uint8Array.from({ length: 4 * 16 * 24 }, (_, i) => [200, 100, 50, 255][i % 4]!);
  const bytes = Uint8Array.from(jpeg.encode({ width: 24, height: 16, data }, 95).data);
  const { features, shape, sampleNames } = await parseImage(bytes, {}, 'a.jpg');
  expect([shape, sampleNames]).toEqual([[3, 16, 24], ['a.jpg']]);
  [200, 100, 50].forEach((value, channel) => {
    for (const seen of levels(features.subarray(channel * 384, (channel + 1) * 384))) {
      expect(Math.abs(seen - value)).toBeLessThan(3);
    }
  });
  for (const length of [3, 20, 200, bytes.length - 2]) {
    await expect(parseImage(bytes.subarray(0, length), {}, 'a.jpg')).rejects.toThrow(/^a\.jpg: /);
    await expect(parseImage(bytes.subarray(0, length))).rejects.toThrow(DataError);
  }
});

test('an image is brought to a size by the average over each new pixel', async () => {
  const bytes = png({ width: 4, height: 2, lines: [0, 0, 100, 20, 40, 0, 200, 100, 60, 80] });
  const at = async (size: [number, number]): Promise<number[]> =>
    levels((await parseImage(bytes, { size, ...grey })).features);
  expect(await at([1, 2])).toEqual([100, 50]);
  expect(await at([1, 1])).toEqual([75]);
  expect(await at([2, 4])).toEqual([0, 100, 20, 40, 200, 100, 60, 80]);
  // Three pixels of four: each covers one and a third.
  expect((await at([1, 3]))[0]).toBeCloseTo((100 + 100 / 3) / (4 / 3), 2);
  expect(await at([4, 4])).toEqual([0, 100, 20, 40, 0, 100, 20, 40, 200, 100, 60, 80, 200, 100, 60, 80]);
});

test('grey weighs the colours as the eye does', async () => {
  const { features } = await parseImage(png({ width: 1, height: 1, colour: 2, lines: [0, 100, 200, 50] }), grey);
  expect(features[0]! * 255).toBeCloseTo(0.299 * 100 + 0.587 * 200 + 0.114 * 50, 4);
});

const header = (length: number, rest: readonly number[]): Uint8Array =>
  join(PNG_START, big32(length), 'IHDR', rest, [0, 0, 0, 0]);
test.each<[string, Uint8Array, string]>([
  ['neither format', join('GIF89a'), 'is neither a PNG nor a JPEG file; convert it to one of them'],
  ['no chunk', join(PNG_START), "byte 8: a chunk goes beyond the file's 8 bytes; is it cut short?"],
  [
    'another first chunk',
    join(PNG_START, chunk('IDAT', [])),
    'byte 8: the first chunk, and only that, must be IHDR, got "IDAT"',
  ],
  ['a short header', header(1, [1]), 'byte 8: IHDR must have 13 bytes, got 1'],
  ['no pixels', png({ width: 0, height: 1, lines: [] }), 'its header claims 0 x 1 pixels'],
  [
    'an odd depth',
    png({ width: 1, height: 1, depth: 3, lines: [0, 0] }),
    'byte 24: colour type 0 with 3 bits is no PNG',
  ],
  [
    'a colour that is not there',
    png({ width: 1, height: 1, colour: 3, lines: [0, 2], chunks: [chunk('PLTE', [1, 2, 3])] }),
    'pixel (0, 0): colour 2 of a palette of 1',
  ],
  ['no palette', png({ width: 1, height: 1, colour: 3, lines: [0, 0] }), 'has no PLTE chunk: no colours'],
  [
    'an endless palette',
    png({ width: 1, height: 1, colour: 3, lines: [0, 0], chunks: [chunk('PLTE', new Uint8Array(771))] }),
    'byte 33: PLTE has at most 256 entries, got 771 bytes',
  ],
  ['a wrong checksum', png({ width: 1, height: 1, lines: [0, 0] }).with(29, 1), 'is a damaged PNG file'],
  ['an unknown filter', png({ width: 1, height: 1, lines: [9, 0] }), 'is a damaged PNG file'],
  ['a JPEG without a picture', Uint8Array.of(0xff, 0xd8, 0xff, 0xd9), 'has no picture'],
  [
    'a lossless JPEG',
    Uint8Array.of(0xff, 0xd8, 0xff, 0xc3, 0, 2),
    'byte 2: frames of type 3 are not read; save it as baseline JPEG',
  ],
  [
    'a JPEG that claims much',
    Uint8Array.of(0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, 0xff, 0xff, 0xff, 0xff, 1, 1, 0x11, 0),
    'its header claims 65535 x 65535 pixels, more than the limit of 33554432',
  ],
  [
    'a JPEG that claims more than it has',
    Uint8Array.of(0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, 8, 0, 8, 0, 1, 1, 0x11, 0, 0xff, 0xda, 0, 2, 1, 0xff, 0xd9),
    'its header claims 65536 blocks of 8 x 8 pixels, 1 bytes cannot hold them',
  ],
])('an image with %s is refused by name and place', async (_, bytes, message) => {
  await expect(parseImage(bytes, {}, 'x.png')).rejects.toThrow(DataError);
  await expect(parseImage(bytes, {}, 'x.png')).rejects.toThrow(`x.png: ${message}`);
});

let root: string;
const pixel = (value: number): Uint8Array => png({ width: 1, height: 1, lines: [0, value] });

beforeAll(() => {
  root = mkdtempSync(path(tmpdir(), 'contragrad-images-'));
});
afterAll(() => {
  rmSync(root, { recursive: true });
});

function folder(name: string, files: Record<string, Uint8Array>): string {
  for (const [file, bytes] of Object.entries(files)) {
    mkdirSync(dirname(path(root, name, file)), { recursive: true });
    writeFileSync(path(root, name, file), bytes);
  }
  return path(root, name);
}

test('folders are classes, in order of their names; hidden and other files are left out', async () => {
  const place = folder('good', {
    'dog/b.png': pixel(3),
    'dog/a.PNG': pixel(2),
    'dog/more/c.png': pixel(4),
    'dog/notes.txt': join('x'),
    'cat/z.png': pixel(1),
    'cat/.hidden.png': join('no image'),
    '.git/x.png': join('no image'),
    '</script>/__proto__.png': pixel(9),
  });
  const data = await loadImageFolder(place, { channels: 1 });
  expect(data.classes).toEqual(['<', 'cat', 'dog']);
  expect(data.sampleNames).toEqual([
    '</script>/__proto__.png',
    'cat/z.png',
    'dog/a.PNG',
    'dog/b.png',
    'dog/more/c.png',
  ]);
  expect([...data.labels]).toEqual([0, 1, 2, 2, 2]);
  expect(levels(data.features)).toEqual([9, 1, 2, 3, 4]);
  expect(data.shape).toEqual([1, 1, 1]);
  expect(await loadDataset(place, { channels: 1 })).toEqual(data);
  const known = await loadImageFolder(place, { classes: ['dog', 'cat', '<'], size: [2, 2] });
  expect([[...known.labels], known.shape]).toEqual([
    [2, 1, 0, 0, 0],
    [3, 2, 2],
  ]);
  await expect(loadImageFolder(place, { classes: ['dog', 'cat'] })).rejects.toThrow('unknown class "<"');
  await expect(loadImageFolder(place, { maxBytes: 90, size: [5, 5] })).rejects.toThrow(DataError);
  const loose = await loadImageFolder(path(place, 'dog', 'more'));
  expect([[...loose.labels], loose.classes]).toEqual([[-1], []]);
});

test('links are followed to files within the folder, and nowhere else', async () => {
  const place = folder('links', { 'a/1.png': pixel(1), 'b/2.png': pixel(2) });
  folder('links-outside', { 'secret.png': pixel(7) });
  symlinkSync('../a/1.png', path(place, 'b', '3.png'));
  expect(levels((await loadImageFolder(place, grey)).features)).toEqual([1, 2, 1]);
  const refused = async (target: string, at: string, message: string): Promise<void> => {
    symlinkSync(target, path(place, at));
    await expect(loadImageFolder(place, grey)).rejects.toThrow(DataError);
    await expect(loadImageFolder(place, grey)).rejects.toThrow(`${path(place, at)}: ${message}`);
    rmSync(path(place, at));
  };
  await refused('../../links-outside/secret.png', 'b/4.png', 'is a link that leads out of the folder');
  await refused('../links-outside', 'c', 'is a link that leads out of the folder');
  await refused('/etc/passwd', 'b/4.png', 'is a link that leads out of the folder');
  await refused('..', 'b/up', 'is a link that leads out of the folder');
  await refused('../a', 'b/across', 'is a link to a folder');
  await refused('nowhere.png', 'b/4.png', 'cannot be read (ENOENT)');
  await refused('4.png', 'b/4.png', 'cannot be read (ELOOP)');
});

test.each<[string, Record<string, Uint8Array>, string]>([
  [
    'parts',
    { 'train/a/1.png': pixel(1), 'test/a/1.png': pixel(1) },
    'parts: its folders are parts, not classes: test, train; pass ',
  ],
  ['stray', { 'a/1.png': pixel(1), '2.png': pixel(1) }, 'stray/2.png: lies beside the folders of classes'],
  ['hollow', { 'a/1.png': pixel(1), 'b/x.txt': pixel(1) }, 'hollow/b: has no PNG or JPEG image'],
  ['bare', { 'x.txt': pixel(1) }, 'bare: has no PNG or JPEG image, and no folder of them'],
  ['other', { 'a/1.webp': pixel(1) }, 'other/a/1.webp: is no PNG or JPEG image; convert it to one of them'],
  ['false', { 'a/1.png': join('no') }, 'false/a/1.png: is neither a PNG nor a JPEG file'],
  [
    'sizes',
    { 'a/1.png': pixel(1), 'a/2.png': png({ width: 2, height: 1, lines: [0, 1, 2] }) },
    'sizes/a/2.png: has 1 x 2 pixels, the first image 1 x 1; pass size',
  ],
])('a folder of kind %s is refused by name', async (name, files, message) => {
  const place = folder(name, files);
  await expect(loadImageFolder(place)).rejects.toThrow(DataError);
  await expect(loadImageFolder(place)).rejects.toThrow(message);
});

test('a page hands files over; their folders are their classes', async () => {
  const file = (name: string, value: number, folderPath?: string): File => {
    const made = new File([pixel(value) as Uint8Array<ArrayBuffer>], name);
    return folderPath === undefined ? made : Object.assign(made, { webkitRelativePath: `${folderPath}/${name}` });
  };
  const plain = await imagesFromFiles([file('a.png', 1), file('b.png', 2)], grey);
  expect([levels(plain.features), [...plain.labels], plain.sampleNames]).toEqual([
    [1, 2],
    [-1, -1],
    ['a.png', 'b.png'],
  ]);
  const named = await imagesFromFiles([file('a.png', 1, 'all/x'), file('b.png', 2, 'all/y')], grey);
  expect([[...named.labels], named.classes, named.sampleNames]).toEqual([
    [0, 1],
    ['x', 'y'],
    ['all/x/a.png', 'all/y/b.png'],
  ]);
  expect((await imagesFromFiles([file('a.png', 1)], { labels: ['z'] })).classes).toEqual(['z']);
  await expect(imagesFromFiles([])).rejects.toThrow('images: has no image');
  await expect(imagesFromFiles([new File(['x'], 'c.png')])).rejects.toThrow('c.png: is neither a PNG nor a JPEG file');
});
