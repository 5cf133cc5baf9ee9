/** @file IDX and NPY files, and the labels beside them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as path } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { loadDataset, loadIdx, loadNpy, parseIdx, parseNpy } from '../../src/data/index.js';
import { DataError } from '../../src/index.js';
import { assertProperty } from '../support/depth.js';
import { idx, join, npy, packed } from '../support/files.js';

type Set = (view: DataView, at: number, value: number) => void;

const idxTypes: [number, string, number, Set][] = [
  [8, 'uint8', 1, (view, at, value) => view.setUint8(at, value)],
  [9, 'int8', 1, (view, at, value) => view.setInt8(at, value)],
  [11, 'int16', 2, (view, at, value) => view.setInt16(at, value)],
  [12, 'int32', 4, (view, at, value) => view.setInt32(at, value)],
  [13, 'float32', 4, (view, at, value) => view.setFloat32(at, value)],
  [14, 'float64', 8, (view, at, value) => view.setFloat64(at, value)],
];

test.each(idxTypes)('IDX of type %i, %s, comes back as it went', (code, name, bytes, set) => {
  const values = name === 'uint8' ? [0, 1, 127, 128, 200, 255] : [-3, 0, 1, 2, 100, -128];
  const { features, count, size, shape, labels, classes } = parseIdx(idx(code, [3, 2], packed(values, bytes, set)));
  expect([...features]).toEqual(values);
  expect([count, size, shape]).toEqual([3, 2, undefined]);
  expect([...labels]).toEqual([-1, -1, -1]);
  expect(classes).toEqual([]);
});

test('IDX of any rank: images have a channel, pixels come to 0 … 1 unless a factor says otherwise', () => {
  const data = [0, 51, 102, 255, 255, 0, 51, 102];
  const images = parseIdx(idx(8, [2, 2, 2], data));
  expect(images.shape).toEqual([1, 2, 2]);
  expect(images.features[1]).toBeCloseTo(0.2, 7);
  expect(images.features[3]).toBe(1);
  expect(parseIdx(idx(8, [2, 2, 2], data), { factor: 1 }).features[3]).toBe(255);
  expect(parseIdx(idx(8, [1, 2, 2, 2], data)).shape).toEqual([2, 2, 2]);
  expect(parseIdx(idx(8, [8], data))).toMatchObject({ count: 8, size: 1 });
  expect(parseIdx(idx(8, [2, 4], data), { shape: [1, 2, 2] }).shape).toEqual([1, 2, 2]);
  expect(() => parseIdx(idx(8, [2, 4], data), { shape: [1, 3, 3] }, 't')).toThrow(
    't: has 4 features, but shape [1, 3, 3] needs 9',
  );
});

const little: [string, number, Set][] = [
  ['<f4', 4, (view, at, value) => view.setFloat32(at, value, true)],
  ['>f4', 4, (view, at, value) => view.setFloat32(at, value)],
  ['<f8', 8, (view, at, value) => view.setFloat64(at, value, true)],
  ['>f8', 8, (view, at, value) => view.setFloat64(at, value)],
  ['|i1', 1, (view, at, value) => view.setInt8(at, value)],
  ['<i2', 2, (view, at, value) => view.setInt16(at, value, true)],
  ['>i2', 2, (view, at, value) => view.setInt16(at, value)],
  ['<i4', 4, (view, at, value) => view.setInt32(at, value, true)],
  ['>i4', 4, (view, at, value) => view.setInt32(at, value)],
  ['<i8', 8, (view, at, value) => view.setBigInt64(at, BigInt(value), true)],
  ['>i8', 8, (view, at, value) => view.setBigInt64(at, BigInt(value))],
  ['|u1', 1, (view, at, value) => view.setUint8(at, value)],
  ['<u2', 2, (view, at, value) => view.setUint16(at, value, true)],
  ['>u2', 2, (view, at, value) => view.setUint16(at, value)],
  ['<u4', 4, (view, at, value) => view.setUint32(at, value, true)],
  ['>u4', 4, (view, at, value) => view.setUint32(at, value)],
  ['<u8', 8, (view, at, value) => view.setBigUint64(at, BigInt(value), true)],
  ['>u8', 8, (view, at, value) => view.setBigUint64(at, BigInt(value))],
];

test.each(little)('NPY of %s comes back as it went, in every version and order', (descr, bytes, set) => {
  const values = descr.includes('u') ? [0, 1, 2, 3, 100, 255] : [-3, 0, 1, 2, 100, -128];
  for (const version of [1, 2, 3]) {
    const { features, count, size } = parseNpy(npy(descr, [2, 3], packed(values, bytes, set), { version }));
    expect([[...features], count, size]).toEqual([values, 2, 3]);
  }
  // Column by column.
  const columns = [0, 3, 1, 4, 2, 5].map((at) => values[at]!);
  const { features } = parseNpy(npy(descr, [2, 3], packed(columns, bytes, set), { fortran: true }));
  expect([...features]).toEqual(values);
});

test('truth values are 0 and 1', () => {
  expect([...parseNpy(npy('|b1', [3], [0, 1, 1])).features]).toEqual([0, 1, 1]);
});

test('Fortran order of any shape is undone', () => {
  const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
  assertProperty(
    fc.property(shapes, (shape) => {
      const count = shape.reduce((product, length) => product * length, 1);
      // The element at [i, j, …] of a Fortran array lies at i + n0 (j + n1 (…)).
      const expected: number[] = [];
      for (let flat = 0; flat < count; flat++) {
        let [rest, place] = [flat, 0];
        const index = [...shape].reverse().map((length) => {
          const at = rest % length;
          rest = Math.floor(rest / length);
          return at;
        });
        index.reverse();
        for (let axis = shape.length - 1; axis >= 0; axis--) place = index[axis]! + shape[axis]! * place;
        expected.push(place);
      }
      const data = Array.from({ length: count }, (_, at) => at);
      expect([...parseNpy(npy('|u1', shape, data, { fortran: true })).features]).toEqual(expected);
    }),
    500,
  );
});

const object = npy('|O', [1], []);
test.each<[string, () => unknown, string]>([
  [
    'a file that is too short',
    () => parseIdx(Uint8Array.of(0, 0), {}, 't'),
    't: is too short to be an IDX file: 2 bytes',
  ],
  ['no zeros', () => parseIdx(Uint8Array.of(1, 0, 8, 1), {}, 't'), 't: is no IDX file: it starts with bytes 1 and 0'],
  [
    'an unknown type',
    () => parseIdx(idx(10, [1], [1]), {}, 't'),
    't: byte 2: the type must be 8, 9, 11, 12, 13 or 14, got 10',
  ],
  ['no axis', () => parseIdx(idx(8, [], [1]), {}, 't'), 't: byte 3: needs at least one axis, got none'],
  [
    'a header cut short',
    () => parseIdx(Uint8Array.of(0, 0, 8, 3, 0), {}, 't'),
    't: is cut short: a header of 3 axes takes 16 bytes, there are 5',
  ],
  [
    'too few elements',
    () => parseIdx(idx(8, [2, 3], [1, 2]), {}, 't'),
    't: its header claims [2, 3] of uint8, 6 bytes, but 2 follow; is the file cut short?',
  ],
  [
    'a claim of 2^64 bytes',
    () => parseIdx(idx(8, [2 ** 32 - 1, 2 ** 32 - 1], [1]), {}, 't'),
    't: its header claims [4294967295, 4294967295]',
  ],
  ['no rows', () => parseIdx(idx(8, [0, 3], []), {}, 't'), 't: has no rows: axis 0 has size 0'],
  [
    'NaN',
    () => parseIdx(idx(13, [2, 1], [0, 0, 0, 0, 0x7f, 0xc0, 0, 0]), {}, 't'),
    't: row 1, feature 0: expected a finite number, got NaN',
  ],
  ['other magic', () => parseNpy(Uint8Array.from([1, 2, 3]), {}, 't'), 't: is no NumPy file'],
  [
    'an unknown version',
    () => parseNpy(npy('<f4', [1], [0, 0, 0, 0], { version: 4 }), {}, 't'),
    't: byte 6: the version must be 1, 2 or 3, got 4',
  ],
  ['objects', () => parseNpy(object, {}, 't'), 't: its type must be a number such as <f4, got "|O"'],
  [
    'a header that goes on',
    () => parseNpy(npy('<f4', [1], [0, 0, 0, 0]).subarray(0, 30), {}, 't'),
    't: byte 8: its header claims',
  ],
  [
    'no axis in NumPy',
    () => parseNpy(npy('<f4', [], [0, 0, 0, 0]), {}, 't'),
    't: its shape must be 1 to 64 whole numbers',
  ],
  [
    'more than float32 holds',
    () =>
      parseNpy(
        npy(
          '<f8',
          [1],
          packed([1e200], 8, (view, at, value) => view.setFloat64(at, value, true)),
        ),
        {},
        't',
      ),
    't: row 0, feature 0: expected a finite number, got Infinity',
  ],
  [
    'features beyond the limit',
    () => parseIdx(idx(8, [3], [1, 2, 3]), { maxBytes: 11 }, 't'),
    't: has features of 12 bytes, more than the limit of 11',
  ],
])('an array with %s is refused by name and place', (_, read, message) => {
  expect(read).toThrow(DataError);
  expect(read).toThrow(message);
});

test('labels come from IDX, NPY or lines, and are named by their numbers in rising order', async () => {
  const images = idx(8, [3, 1, 2], [1, 2, 3, 4, 5, 6]);
  const classed = async (labels: Uint8Array, options = {}): Promise<[number[], readonly string[]]> => {
    const data = await loadIdx(images, { labels, ...options });
    return [[...data.labels], data.classes];
  };
  expect(await classed(idx(8, [3], [7, 2, 7]))).toEqual([
    [1, 0, 1],
    ['2', '7'],
  ]);
  expect(await classed(gzipSync(idx(8, [3], [7, 2, 7])))).toEqual([
    [1, 0, 1],
    ['2', '7'],
  ]);
  expect(await classed(npy('<i2', [3], [10, 0, 2, 0, 10, 0]))).toEqual([
    [1, 0, 1],
    ['2', '10'],
  ]);
  expect(await classed(join('dog\r\ncat\ndog\n'))).toEqual([
    [0, 1, 0],
    ['dog', 'cat'],
  ]);
  expect(await classed(idx(8, [3], [7, 2, 7]), { classes: ['7', '2'] })).toEqual([
    [0, 1, 0],
    ['7', '2'],
  ]);
  await expect(classed(idx(8, [2], [7, 2]))).rejects.toThrow('bytes: has 2 labels for 3 rows');
  await expect(classed(images)).rejects.toThrow(
    'bytes: labels must have one axis, got [3, 1, 2]; is it the file of images?',
  );
  await expect(classed(idx(8, [3], [7, 2, 1]), { classes: ['7', '2'] })).rejects.toThrow(
    'bytes: row 2: unknown class "1"',
  );
  await expect(classed(npy('<f4', [3], [0, 0, 0, 0, 0, 0, 0, 63, 0, 0, 0, 0]))).rejects.toThrow(
    'bytes: row 1: expected a whole number, got 0.5',
  );
});

test('MNIST as it is shipped is found by its names, plain and packed', async () => {
  const folder = mkdtempSync(path(tmpdir(), 'contragrad-idx-'));
  try {
    const write = (name: string, bytes: Uint8Array): void => writeFileSync(path(folder, name), bytes);
    const images = idx(8, [2, 2, 2], [0, 255, 0, 255, 255, 0, 255, 0]);
    write('train-images-idx3-ubyte', images);
    await expect(loadDataset(path(folder, 'train-images-idx3-ubyte'))).rejects.toThrow(
      `its labels are not beside it: there is no ${path(folder, 'train-labels-idx1-ubyte')}; pass labels`,
    );
    write('train-labels-idx1-ubyte.gz', gzipSync(idx(8, [2], [4, 9])));
    write('t10k-images.idx3-ubyte.gz', gzipSync(images));
    write('t10k-labels.idx1-ubyte', idx(8, [2], [9, 4]));
    const train = await loadDataset(path(folder, 'train-images-idx3-ubyte'));
    expect([train.shape, [...train.labels], train.classes]).toEqual([
      [1, 2, 2],
      [0, 1],
      ['4', '9'],
    ]);
    expect(await loadDataset(folder)).toEqual(train);
    const tested = await loadDataset(path(folder, 't10k-images.idx3-ubyte.gz'), { classes: train.classes });
    expect([...tested.labels]).toEqual([1, 0]);
    write('rows.npy', npy('|u1', [2, 3], [1, 2, 3, 4, 5, 6]));
    write('rows.csv', join('1,2,a\n'));
    expect(await loadDataset(path(folder, 'rows.npy'))).toMatchObject({ count: 2, size: 3 });
    expect(await loadDataset(path(folder, 'rows.csv'))).toMatchObject({ count: 1, size: 2 });
    expect(
      (await loadNpy(path(folder, 'rows.npy'), { labels: path(folder, 't10k-labels.idx1-ubyte') })).classes,
    ).toEqual(['4', '9']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
