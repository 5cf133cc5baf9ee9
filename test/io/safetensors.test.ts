/** @file Files of weights: what goes in comes out, and what is no such file is refused in words. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { ArgumentError, DataError, type DType, nn, type Tensor, tensor } from '../../src/index.js';
import { parseSafetensors, readSafetensors, serializeSafetensors, writeSafetensors } from '../../src/io/index.js';
import { assertProperty } from '../support/depth.js';
import { mutationsOf } from './mutations.js';

const folder = mkdtempSync(join(tmpdir(), 'contragrad-io-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A file by hand. */
function fileOf(header: unknown, data: ArrayLike<number> = [], claimed?: bigint): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, claimed ?? BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
}

const bytesOf = (array: Uint16Array | BigInt64Array | Int8Array | Uint32Array | Uint8Array): Uint8Array =>
  new Uint8Array(array.buffer);
const only = (dtype: string, size: number, data: Uint8Array): Uint8Array =>
  fileOf({ x: { dtype, shape: [size], data_offsets: [0, data.length] } }, data);

const element = { float32: fc.float(), float64: fc.double(), int32: fc.integer() } as const;
const anyTensor: fc.Arbitrary<Tensor> = fc
  .tuple(fc.constantFrom<DType>('float32', 'float64', 'int32'), fc.array(fc.nat(3), { maxLength: 3 }))
  .chain(([dtype, shape]) => {
    const size = shape.reduce((a, b) => a * b, 1);
    return fc.array(element[dtype], { minLength: size, maxLength: size }).map((list) => tensor(list, { dtype, shape }));
  });
const anyName = fc.string({ minLength: 1 }).filter((name) => name !== '__proto__' && name !== '__metadata__');

test('tensors of every type and shape come back as they went, bit for bit, in their order', () => {
  assertProperty(
    fc.property(fc.dictionary(anyName, anyTensor), fc.dictionary(anyName, fc.string()), (given, notes) => {
      const bytes = serializeSafetensors(given, notes);
      const { tensors, metadata } = parseSafetensors(bytes);
      expect(Object.keys(tensors)).toEqual(Object.keys(given));
      for (const [name, value] of Object.entries(given)) {
        expect([tensors[name]!.dtype, tensors[name]!.shape]).toEqual([value.dtype, value.shape]);
        expect(tensors[name]!.dataSync()).toStrictEqual(value.dataSync());
      }
      expect({ ...metadata }).toEqual({ ...notes });
      // Every number lies at a multiple of its size, and an unaligned copy reads as well.
      const shifted = new Uint8Array(bytes.length + 3);
      shifted.set(bytes, 3);
      expect(Object.keys(parseSafetensors(shifted.subarray(3)).tensors)).toEqual(Object.keys(given));
    }),
    200,
  );
});

test('the bytes are those of the format, with the widest numbers first', () => {
  const bytes = serializeSafetensors({ a: tensor([1]), b: tensor([2], { dtype: 'float64' }) });
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  expect(length % 8).toBe(0);
  expect(JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)))).toEqual({
    a: { dtype: 'F32', shape: [1], data_offsets: [8, 12] },
    b: { dtype: 'F64', shape: [1], data_offsets: [0, 8] },
  });
  expect(new Float64Array(bytes.slice(8 + length, 16 + length).buffer)[0]).toBe(2);
});

test('halves become float32', () => {
  const halves = Uint16Array.of(0x3c00, 0xc000, 0x3555, 0x7bff, 0x0001, 0x0400, 0x83ff, 0x7c00, 0xfc00, 0x7e00, 0x8000);
  const { x } = parseSafetensors(only('F16', 11, bytesOf(halves))).tensors;
  expect(x!.dtype).toBe('float32');
  const wanted = [1, -2, 0.333251953125, 65504, 2 ** -24, 2 ** -14, -1023 * 2 ** -24, Infinity, -Infinity, NaN, -0];
  expect([...x!.dataSync()]).toEqual(wanted);
  const brain = Uint16Array.of(0x3f80, 0xc2f7, 0x7f80, 0x0001);
  const { x: y } = parseSafetensors(only('BF16', 4, bytesOf(brain))).tensors;
  expect([...y!.dataSync()]).toEqual([1, -123.5, Infinity, Math.fround(2 ** -133)]);
});

test('whole numbers of other widths become int32 where they fit', () => {
  const read = (dtype: string, data: Parameters<typeof bytesOf>[0]): unknown =>
    parseSafetensors(only(dtype, data.length, bytesOf(data))).tensors.x!.toArray();
  expect(read('I64', BigInt64Array.of(7n, -(2n ** 31n), 2n ** 31n - 1n))).toEqual([7, -(2 ** 31), 2 ** 31 - 1]);
  expect(read('I8', Int8Array.of(-128, 127))).toEqual([-128, 127]);
  expect(read('BOOL', Uint8Array.of(1, 0))).toEqual([1, 0]);
  expect(read('U32', Uint32Array.of(5))).toEqual([5]);
  expect(() => read('I64', BigInt64Array.of(1n, 2n ** 31n))).toThrow(
    'safetensors: tensor "x": 2147483648 is no whole number of 32 bits, which int32 holds',
  );
  expect(() => read('I64', BigInt64Array.of(2n ** 32n + 1n))).toThrow(DataError);
  expect(() => read('U32', Uint32Array.of(2 ** 31))).toThrow(DataError);
});

const good = { dtype: 'F32', shape: [1], data_offsets: [0, 4] };
const four = [0, 0, 128, 63];
test.each<[string, Uint8Array, string]>([
  ['nothing', new Uint8Array(7), 'is too short to be a safetensors file: 7 bytes'],
  ['a header that is too long', fileOf('{}', [], 3n), 'its header claims 3 bytes, the file has 2 left'],
  ['an absurd length', fileOf('{}', [], 2n ** 64n - 1n), 'its header claims 18446744073709552000 bytes'],
  ['a zip file', fileOf('PK\u0003\u0004'), 'its header is not JSON; its header starts with "PK\\u0003\\u0004"'],
  ['a list', fileOf([]), 'its header must be a JSON object, got []'],
  ['bytes that are no text', fileOf('{}', [0xff, 0xfe], 4n), 'its header is not JSON'],
  ['an unknown type', fileOf({ x: { ...good, dtype: 'F8_E4M3' } }, four), 'got "F8_E4M3"'],
  ['a type named like a method', fileOf({ x: { ...good, dtype: 'toString' } }, four), 'got "toString"'],
  ['no entry', fileOf({ x: null }, four), 'tensor "x": the dtype must be'],
  ['a negative size', fileOf({ x: { ...good, shape: [-1] } }, four), 'tensor "x": needs a shape and two offsets'],
  ['three offsets', fileOf({ x: { ...good, data_offsets: [0, 4, 4] } }, four), 'needs a shape and two offsets'],
  ['sizes that overflow', fileOf({ x: { ...good, shape: [2 ** 40, 2 ** 40] } }, four), 'does not fit bytes 0 to 4'],
  ['a shape that is too large', fileOf({ x: { ...good, shape: [2] } }, four), 'does not fit bytes 0 to 4'],
  ['bytes behind the end', fileOf({ x: good }), 'its tensors have 4 bytes, the file has 0'],
  ['bytes of nobody', fileOf({ x: good }, [...four, 0]), 'its tensors have 4 bytes, the file has 5'],
  ['an overlap', fileOf({ x: good, y: good }, four), 'tensor "y" overlaps another: it starts at byte 0, not at 4'],
  [
    'a hole',
    fileOf({ x: good, y: { ...good, data_offsets: [5, 9] } }, [...four, 0, ...four]),
    'tensor "y" leaves a hole before it: it starts at byte 5, not at 4',
  ],
  ['a reversed range', fileOf({ x: { ...good, shape: [0], data_offsets: [4, 0] } }, four), 'does not fit bytes 4 to 0'],
  ['a prototype', fileOf('{"__proto__":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}'), 'has the key "__proto__"'],
  ['a prototype in the metadata', fileOf('{"__metadata__":{"__proto__":"x"}}'), 'has the key "__proto__"'],
  ['metadata of numbers', fileOf({ __metadata__: { a: 1 } }), 'its metadata must be an object of texts, got {"a":1}'],
  ['metadata that are text', fileOf({ __metadata__: 'x' }), 'its metadata must be an object of texts, got "x"'],
  ['metadata that are null', fileOf({ __metadata__: null }), 'its metadata must be an object of texts, got null'],
  ['an abyss', fileOf(`{"a":${'['.repeat(1e5)}${']'.repeat(1e5)}}`), 'its header is nested more than 64 levels deep'],
])('%s is refused', (_, bytes, message) => {
  expect(() => parseSafetensors(bytes)).toThrow(DataError);
  expect(() => parseSafetensors(bytes)).toThrow(message);
});

test('damaged files: tensors or a DataError that names the file', () => {
  const file = serializeSafetensors(
    {
      '0.weight': tensor([[1, 2.5, -3]]),
      '0.bias': tensor([0.1, 0.2], { dtype: 'float64' }),
      count: tensor(3, { dtype: 'int32' }),
      none: tensor([], { shape: [0, 2] }),
    },
    { format: 'pt', note: 'ä' },
  );
  let [read, refused] = [0, 0];
  assertProperty(
    fc.property(mutationsOf(file), (bytes) => {
      try {
        const { tensors, metadata } = parseSafetensors(bytes, 'weights.safetensors');
        for (const { shape, size } of Object.values(tensors)) expect(shape.reduce((a, b) => a * b, 1)).toBe(size);
        expect(Object.values(metadata).every((text) => typeof text === 'string')).toBe(true);
        read++;
      } catch (error) {
        expect(error).toBeInstanceOf(DataError);
        expect((error as DataError).message).toMatch(/^weights\.safetensors: .{10,400}$/s);
        refused++;
      }
    }),
    10_000,
  );
  expect((Object.prototype as { dtype?: unknown }).dtype).toBeUndefined();
  // The damage is neither always seen nor never.
  expect(Math.min(read, refused)).toBeGreaterThan((read + refused) / 50);
});

test('names and notes that could not come back are refused when they are written', () => {
  expect(() => serializeSafetensors({ __metadata__: tensor([1]) })).toThrow(ArgumentError);
  expect(() => serializeSafetensors(Object.fromEntries([['__proto__', tensor([1])]]))).toThrow(ArgumentError);
  expect(() => serializeSafetensors({}, { n: 1 as unknown as string })).toThrow('metadata n must be a string, got 1');
});

test('a file is read from its path, address, Blob or bytes, up to a limit', async () => {
  const path = join(folder, 'weights.safetensors');
  const layer = new nn.Linear(3, 2);
  await writeSafetensors(path, layer.stateDict(), { note: 'x' });
  expect(readdirSync(folder)).toEqual(['weights.safetensors']);
  const bytes = readFileSync(path);
  const base64 = `data:application/octet-stream;base64,${bytes.toString('base64')}`;
  const url = URL.createObjectURL(new Blob([bytes]));
  for (const source of [
    path,
    pathToFileURL(path),
    new Blob([bytes]),
    new Uint8Array(bytes),
    new Uint8Array(bytes).buffer,
    base64,
    new URL(base64),
    url,
  ]) {
    const { tensors, metadata } = await readSafetensors(source);
    expect(tensors.weight!.toArray()).toEqual(layer.weight.toArray());
    expect(metadata.note).toBe('x');
    await expect(readSafetensors(source, { maxBytes: 20 })).rejects.toThrow(DataError);
    await expect(readSafetensors(source, { maxBytes: 20 })).rejects.toThrow(/must have at most 20 bytes, got \d+/);
  }
  await expect(readSafetensors(join(folder, 'none'))).rejects.toThrow('none: cannot be read (ENOENT)');
  await expect(readSafetensors(folder)).rejects.toThrow(DataError);
  await expect(readSafetensors('/dev/zero', { maxBytes: 1e6 })).rejects.toThrow('at most 1000000 bytes');
  await expect(readSafetensors('http://127.0.0.1:1/x')).rejects.toThrow('http://127.0.0.1:1/x: cannot be fetched');
  await expect(readSafetensors(7 as unknown as string)).rejects.toThrow(ArgumentError);
});

test('a file that cannot be written leaves the old one, and nothing else', async () => {
  const place = mkdtempSync(join(folder, 'place-'));
  writeFileSync(join(place, 'w'), 'old');
  await expect(writeSafetensors(join(place, 'none', 'w'), {})).rejects.toThrow('cannot be written (ENOENT)');
  await expect(writeSafetensors(place, {})).rejects.toThrow(DataError);
  expect(readdirSync(place)).toEqual(['w']);
});

test('temporary files of processes that are no more are removed, others stay', async () => {
  const place = mkdtempSync(join(folder, 'stale-'));
  const alive = `w.${process.ppid}.0.tmp`;
  for (const name of ['w.999999999.3.tmp', 'w.x.tmp', 'v.999999999.3.tmp', alive])
    writeFileSync(join(place, name), 'x');
  await writeSafetensors(join(place, 'w'), { x: tensor([1]) });
  expect(readdirSync(place).sort()).toEqual(['v.999999999.3.tmp', 'w', 'w.x.tmp', alive].sort());
});
