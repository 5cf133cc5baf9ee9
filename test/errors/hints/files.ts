/** @file What errors of files of images, arrays, encoders and checkpoints advise, followed. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join as path } from 'node:path';
import { gzipSync } from 'node:zlib';
import jpeg from 'jpeg-js';
import { expect } from 'vitest';
import {
  loadDataset,
  loadIdx,
  loadImageFolder,
  loadNpy,
  loadTable,
  parseIdx,
  parseImage,
  parseNpy,
} from '../../../src/data/index.js';
import { nn, optim } from '../../../src/index.js';
import {
  loadCheckpoint,
  loadEncoder,
  parseRunConfig,
  type RunConfig,
  readSafetensors,
  saveCheckpoint,
  serializeRunConfig,
  writeSafetensors,
} from '../../../src/io/index.js';
import { idx, join, npy, packed, png } from '../../support/files.js';
import type { Hints } from './table.js';

type Contents = string | Uint8Array | readonly ['link', string];
/** Runs a program in a folder of files, by their paths in it. */
async function within<T>(files: Readonly<Record<string, Contents>>, use: (folder: string) => T): Promise<Awaited<T>> {
  const folder = mkdtempSync(path(tmpdir(), 'contragrad-hints-'));
  try {
    for (const [name, contents] of Object.entries(files)) {
      mkdirSync(dirname(path(folder, name)), { recursive: true });
      if (typeof contents === 'string' || contents instanceof Uint8Array) writeFileSync(path(folder, name), contents);
      else symlinkSync(contents[1], path(folder, name));
    }
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
const folderOf = (files: Readonly<Record<string, Contents>>) => within(files, (folder) => loadImageFolder(folder));

const csv = 'x,y,kind\n1,2,cat\n3,4,dog\n';
const image = png({ width: 2, height: 1, lines: [0, 9, 8] });
const other = png({ width: 1, height: 1, lines: [0, 9] });
const floats = packed([1, 2, 3, 4], 4, (view, at, value) => view.setFloat32(at, value, true));
const picture = Uint8Array.from(jpeg.encode({ width: 8, height: 8, data: new Uint8Array(256) }, 90).data);
/** The frame of a JPEG file without losses: its marker is another. */
const lossless = picture.map((byte, at) => (byte === 0xc0 && picture[at - 1] === 0xff ? 0xc3 : byte));
const few = { height: 2, width: 1, depth: 1, lines: [0, 0, 0, 0] };

const mnist = { 'train-images-idx3-ubyte': idx(8, [2, 1, 2], [1, 2, 3, 4]), labels: idx(8, [2], [0, 1]) };

const config = (): RunConfig => ({
  format: 'contragrad-run',
  version: 1,
  input: { shape: [2], features: ['x', 'y'], mean: [0, 0], scale: [1, 1] },
  architecture: [{ type: 'Linear', outFeatures: 2 }],
  metric: 'euclidean',
  settings: {},
});
/** Runs a program with the folder of a run. */
const withRun = <T>(use: (folder: string) => T): Promise<Awaited<T>> =>
  within({}, async (folder) => {
    writeFileSync(path(folder, 'config.json'), serializeRunConfig(config()));
    const layers = nn.fromConfig(config().architecture, { input: [2] });
    await writeSafetensors(path(folder, 'model.safetensors'), layers.stateDict());
    return await use(folder);
  });
const embed = (features?: readonly string[]): unknown =>
  withRun(async (folder) => {
    const encoder = await loadEncoder(folder);
    return await encoder.embed([[1, 2]], features === undefined ? {} : { features });
  });
const served = async <T>(type: string, body: string, use: (address: URL) => T): Promise<Awaited<T>> => {
  const server = createServer((_, response) => response.setHeader('content-type', type).end(body));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  try {
    return await use(new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/rows.csv`));
  } finally {
    server.close();
  }
};
const run = () => {
  const model = new nn.Linear(2, 2);
  return { model, optimizer: new optim.Adam(model.parameters(), { lr: 0.1 }) };
};

export const fileHints: Hints = {
  'data/bytes.ts': {
    'raise maxBytes if that is right': {
      wrong: () => loadTable(gzipSync(csv.repeat(40)), { maxBytes: 400 }),
      right: () => loadTable(gzipSync(`${csv}${'1,2,cat\n'.repeat(99)}`), { maxBytes: 4000 }),
    },
  },
  'data/inflate.ts': {
    'raise maxBytes if that is right': {
      wrong: () => loadTable(gzipSync(csv.repeat(40)), { maxBytes: 400 }),
      right: () => loadTable(gzipSync(`${csv}${'1,2,cat\n'.repeat(99)}`), { maxBytes: 4000 }),
    },
  },
  'data/folder.ts': {
    'move it into one of them': {
      wrong: () => folderOf({ 'a/1.png': image, 'b/1.png': image, '1.png': image }),
      right: () => folderOf({ 'a/1.png': image, 'b/1.png': image, 'a/2.png': image }),
    },
    'pass …/…': {
      wrong: () => folderOf({ 'train/a/1.png': image, 'train/b/1.png': image, 'test/a/1.png': image }),
      right: () =>
        within({ 'train/a/1.png': image, 'train/b/1.png': image, 'test/a/1.png': image }, async (folder) => {
          const said = await loadImageFolder(folder).catch((error: Error) => error.message);
          const data = await loadImageFolder(/; pass (.*)$/.exec(String(said))![1]!);
          expect(data.classes.length).toBeGreaterThan(0);
        }),
    },
    'convert it to one of them': {
      wrong: () => folderOf({ 'a/1.png': image, 'b/1.webp': image }),
      right: () => folderOf({ 'a/1.png': image, 'b/1.png': image }),
    },
    'copy the file': {
      wrong: () => folderOf({ 'a/1.png': image, 'b/1.png': ['link', path(import.meta.dirname, 'files.ts')] }),
      right: () => folderOf({ 'a/1.png': image, 'b/1.png': image }),
    },
    'links may lead to files only': {
      wrong: () => folderOf({ 'a/1.png': image, 'b/1.png': image, 'b/2.png': ['link', '../a'] }),
      right: () => folderOf({ 'a/1.png': image, 'b/1.png': ['link', '../a/1.png'] }),
    },
  },
  'data/idx.ts': {
    'is it an IDX file?': {
      wrong: () => parseIdx(Uint8Array.of(0, 0, 1, 2, 3)),
      right: () => parseIdx(idx(8, [2, 2], [1, 2, 3, 4])),
    },
  },
  'data/images.ts': {
    'convert it to one of them': {
      wrong: () => parseImage(join('GIF89a')),
      right: () => [parseImage(image), parseImage(picture)],
    },
    'pass size to bring all to one': {
      wrong: () => folderOf({ '1.png': image, '2.png': other }),
      right: () => within({ '1.png': image, '2.png': other }, (folder) => loadImageFolder(folder, { size: [2, 2] })),
    },
  },
  'data/jpeg.ts': {
    'is it cut short?': { wrong: () => parseImage(picture.subarray(0, 60)), right: () => parseImage(picture) },
    'save it as baseline JPEG': { wrong: () => parseImage(lossless), right: () => parseImage(picture) },
  },
  'data/label-files.ts': {
    'is it the file of images?': {
      wrong: () => loadIdx(idx(8, [2, 2], [1, 2, 3, 4]), { labels: idx(8, [2, 2], [1, 2, 3, 4]) }),
      right: () => loadIdx(idx(8, [2, 2], [1, 2, 3, 4]), { labels: idx(8, [2], [0, 1]) }),
    },
  },
  'data/load.ts': {
    'pass labels': {
      wrong: () => within(mnist, (folder) => loadDataset(path(folder, 'train-images-idx3-ubyte'))),
      right: () =>
        within(mnist, (folder) =>
          loadDataset(path(folder, 'train-images-idx3-ubyte'), { labels: path(folder, 'labels') }),
        ),
    },
  },
  'data/npy.ts': {
    'convert it with astype("float32")': {
      wrong: () => parseNpy(npy('<c8', [1, 2], new Uint8Array(16))),
      right: () => parseNpy(npy('<f4', [2, 2], floats)),
    },
    'arrays of numbers only: structured types and objects are not read': {
      wrong: () => parseNpy(npy("', [('x', '<f4')], '", [2], new Uint8Array(8))),
      right: () => parseNpy(npy('<f4', [2, 2], floats)),
    },
  },
  'data/numbers.ts': {
    'is the file cut short?': {
      wrong: () => loadNpy(npy('<f4', [2, 2], floats.subarray(0, 12))),
      right: () => loadNpy(npy('<f4', [2, 2], floats)),
    },
  },
  'data/pixels.ts': {
    'raise maxPixels if that is right': {
      wrong: () => parseImage(image, { maxPixels: 1 }),
      right: () => parseImage(image, { maxPixels: 2 }),
    },
  },
  'data/png.ts': {
    'is it cut short?': { wrong: () => parseImage(image.subarray(0, 40)), right: () => parseImage(image) },
    'save it without interlacing': {
      wrong: () => parseImage(png({ ...few, interlaced: true })),
      right: () => parseImage(png(few)),
    },
  },
  'source.ts': {
    'pass a URL, a File or bytes': {
      why: 'only a page has no files; test/browser/data.test.ts reads addresses and files there',
      right: async () => {
        for (const source of [new URL(`data:,${encodeURIComponent(csv)}`), new File([csv], 'a.csv'), join(csv)]) {
          await loadTable(source);
        }
      },
    },
    'await it': {
      wrong: () => parseNpy(Promise.resolve(npy('<f4', [2, 2], floats)) as never),
      right: async () => parseNpy(await Promise.resolve(npy('<f4', [2, 2], floats))),
    },
    'is there such a file, at this address?': {
      wrong: () => served('text/html', '<p>', loadTable),
      right: () => served('text/csv', csv, loadTable),
    },
    'raise maxBytes if that is right': {
      wrong: () => loadTable(join(csv), { maxBytes: 9 }),
      right: () => loadTable(join(csv), { maxBytes: 99 }),
    },
    'there is no such file': {
      wrong: () => within({}, (folder) => loadTable(path(folder, 'rows.csv'))),
      right: () => within({ 'rows.csv': csv }, (folder) => loadTable(path(folder, 'rows.csv'))),
    },
  },
  'io/checkpoint.ts': {
    'did you mean readSafetensors?': {
      wrong: () => withRun((folder) => loadCheckpoint(path(folder, 'model.safetensors'), run())),
      right: () => withRun((folder) => readSafetensors(path(folder, 'model.safetensors'))),
    },
  },
  'io/encoder.ts': {
    'pass a path or an address': { wrong: () => loadEncoder(config() as never), right: () => withRun(loadEncoder) },
    'name the folder: …': {
      wrong: () => withRun((folder) => loadEncoder(`${folder}/config.json`)),
      right: () => withRun((folder) => loadEncoder(`${folder}/`)),
    },
    'missing are …': { wrong: () => embed(['x']), right: () => embed(['x', 'y']) },
    'unknown are …': { wrong: () => embed(['x', 'y', 'z']), right: () => embed(['x', 'y']) },
    'their order differs': { wrong: () => embed(['y', 'x']), right: () => embed(['x', 'y']) },
  },
  'io/json.ts': {
    '… starts with …': {
      wrong: () => parseRunConfig('<html>'),
      right: () => parseRunConfig(serializeRunConfig(config())),
    },
    'pass numbers, texts, lists and plain objects': {
      wrong: () =>
        within({}, (folder) => saveCheckpoint(path(folder, 'c'), { ...run(), extra: { a: new Map() as never } })),
      right: () => within({}, (folder) => saveCheckpoint(path(folder, 'c'), { ...run(), extra: { a: [1, 'b', {}] } })),
    },
  },
};
