/** @file Damaged copies of a file with a JSON header, of every kind that comes to mind. */
import fc from 'fast-check';

/** A number that a header may lie with. */
const number = fc.oneof(
  fc.integer({ min: -9, max: 200 }),
  fc.constantFrom(-1, 0.5, 2 ** 31, 2 ** 32, 2 ** 53, 1e300, Number.MAX_SAFE_INTEGER),
);

/** A value that a header may have in place of another. */
const value: fc.Arbitrary<unknown> = fc.oneof(
  number,
  fc.constantFrom(null, true, '', 'F32', 'F64', 'I64', 'BF16', 'F8', {}, [], [[]], [-1], [0, 0], [8, 4], '__proto__'),
  fc.array(number, { maxLength: 4 }),
);

/** One change of one place of a JSON value, found by a list of choices. */
function changed(node: unknown, choices: readonly number[], replacement: unknown): unknown {
  if (typeof node !== 'object' || node === null || choices.length === 0) return replacement;
  const keys = Object.keys(node);
  const key = keys[choices[0]! % Math.max(1, keys.length)];
  if (key === undefined) return replacement;
  const copy = Array.isArray(node) ? [...node] : { ...node };
  const record = copy as Record<string, unknown>;
  switch (choices[0]! % 11) {
    case 0:
      delete record[key];
      return copy;
    case 1: {
      // As the text may have it: an own key, which assignment would not make.
      Object.defineProperty(copy, '__proto__', { value: replacement, enumerable: true });
      return copy;
    }
    case 2:
      record[`${key}2`] = record[key];
      return copy;
    default:
      record[key] = changed(record[key], choices.slice(1), replacement);
      return copy;
  }
}

const withHeader = (json: string, claimed: bigint, data: Uint8Array): Uint8Array => {
  const text = new TextEncoder().encode(json);
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, claimed, true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
};

/** Damaged copies of a safetensors file. */
export function mutationsOf(file: Uint8Array): fc.Arbitrary<Uint8Array> {
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  const header = new TextDecoder().decode(file.subarray(8, 8 + length));
  const data = file.subarray(8 + length);
  const flips = fc
    .array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 })
    .map((places) => {
      const copy = file.slice();
      for (const [at, byte] of places) copy[at] = byte;
      return copy;
    });
  const cut = fc.nat(file.length).map((end) => file.slice(0, end));
  const longer = fc.uint8Array({ minLength: 1, maxLength: 40 }).map((tail) => Uint8Array.of(...file, ...tail));
  const lengths = fc
    .oneof(fc.bigInt(0n, 2n ** 64n - 1n), fc.bigInt(0n, BigInt(2 * file.length)))
    .map((claimed) => withHeader(header, claimed, data));
  const edits = fc
    .tuple(fc.array(fc.nat(1000), { minLength: 1, maxLength: 4 }), value)
    .map(([choices, replacement]) => {
      const json = JSON.stringify(changed(JSON.parse(header), choices, replacement));
      return withHeader(json, BigInt(new TextEncoder().encode(json).length), data);
    });
  const noise = fc.uint8Array({ maxLength: 300 });
  return fc.oneof({ weight: 3, arbitrary: flips }, cut, longer, lengths, { weight: 6, arbitrary: edits }, noise);
}
