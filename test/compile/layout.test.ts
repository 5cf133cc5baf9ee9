/** @file The layout of a plan: no value is overwritten before its last use, and room is used again. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Demand, layOut } from '../../src/compile/layout.js';
import { assertProperty } from '../support/depth.js';

interface Spec {
  readonly bytes: number[];
  readonly given: number;
  readonly calls: { inputs: number[]; elementwise: boolean }[];
  readonly kept: number[];
  readonly homes: { before: number | null; after: number }[];
  readonly committed: number;
}

/** Random straight-line programs: each call reads some earlier values and makes a new one. */
const specs: fc.Arbitrary<Spec> = fc
  .record({ given: fc.integer({ min: 1, max: 4 }), count: fc.integer({ min: 1, max: 12 }) })
  .chain(({ given, count }) =>
    fc.record({
      given: fc.constant(given),
      bytes: fc.array(fc.constantFrom(4, 16, 36, 64), { minLength: given + count, maxLength: given + count }),
      calls: fc.tuple(
        ...Array.from({ length: count }, (_, i) =>
          fc.record({
            inputs: fc.array(fc.integer({ min: 0, max: given + i - 1 }), { minLength: 1, maxLength: 3 }),
            elementwise: fc.boolean(),
          }),
        ),
      ),
      kept: fc.array(fc.integer({ min: 0, max: given + count - 1 }), { maxLength: 3 }),
      homes: fc.array(
        fc.record({
          before: fc.option(fc.integer({ min: 0, max: given - 1 })),
          after: fc.integer({ min: 0, max: given + count - 1 }),
        }),
        { maxLength: 3 },
      ),
      committed: fc.integer({ min: 0, max: count }),
    }),
  );

function demandOf({ bytes, given, calls, kept, homes, committed }: Spec): Demand {
  const befores = new Set<number>();
  return {
    bytes,
    instructions: calls.map(({ inputs, elementwise }, i) => ({
      inputs,
      out: given + i,
      mayReplace: (input: number) => elementwise && bytes[input] === bytes[given + i],
    })),
    given: Array.from({ length: given }, (_, i) => i),
    kept: [...kept, ...homes.map(({ after }) => after)],
    homes: homes.map(({ before, after }) => {
      // A value lies in one home, and has its size.
      const fits = before !== null && !befores.has(before) && bytes[before] === bytes[after];
      if (fits) befores.add(before);
      return { before: fits ? before : null, after, bytes: bytes[after]! };
    }),
    committed,
  };
}

/** Runs a program symbolically over the layout's bytes: each cell names the value that was written there last. */
function run(demand: Demand): { found: (value: number) => boolean; home: (index: number) => number[]; bytes: number } {
  const { offsets, homes, copies, bytes } = layOut(demand);
  const memory = new Array<number>(bytes).fill(-1);
  const cells = (start: number, length: number): number[] => memory.slice(start, start + length);
  const write = (value: number, start: number): void => {
    memory.fill(value, start, start + demand.bytes[value]!);
  };
  const found = (value: number): boolean =>
    cells(offsets[value]!, demand.bytes[value]!).every((cell) => cell === value);
  for (const value of demand.given) write(value, offsets[value]!);
  demand.instructions.forEach(({ inputs, out }, at) => {
    for (const input of inputs) expect(found(input), `input ${input} of call ${at}`).toBe(true);
    if (at === demand.committed) {
      // Until here nothing that a home held is lost.
      for (const value of demand.given) expect(found(value)).toBe(true);
    }
    write(out, offsets[out]!);
  });
  const wanted = copies.map((home) => demand.homes[home]!.after);
  for (const value of wanted) expect(found(value)).toBe(true);
  copies.forEach((home, i) => {
    expect(found(wanted[i]!), `value ${wanted[i]} before it is copied`).toBe(true);
    write(wanted[i]!, homes[home]!);
  });
  // Results are read when everything is done.
  for (const value of demand.kept) expect(found(value), `kept ${value}`).toBe(true);
  return { found, home: (index) => cells(homes[index]!, demand.homes[index]!.bytes), bytes };
}

test('every value is whole when it is read, and every home holds its value at the end', () => {
  assertProperty(
    fc.property(specs, (spec) => {
      const demand = demandOf(spec);
      const { home } = run(demand);
      demand.homes.forEach(({ after }, index) => {
        expect(home(index).every((cell) => cell === after)).toBe(true);
      });
    }),
    2000,
  );
});

test('a chain takes the room of two values, and one value where each may replace the last', () => {
  const chain = (elementwise: boolean): number =>
    layOut({
      bytes: new Array(10).fill(64),
      instructions: Array.from({ length: 9 }, (_, i) => ({ inputs: [i], out: i + 1, mayReplace: () => elementwise })),
      given: [0],
      kept: [9],
      homes: [],
      committed: 0,
    }).bytes;
  expect([chain(false), chain(true)]).toEqual([64 + 2 * 64, 64 + 64]);
});

test('a parameter is updated where it lies, unless something that must not be undone comes first', () => {
  const update = (committed: number): readonly number[] =>
    layOut({
      bytes: [64, 64, 64],
      instructions: [
        { inputs: [0], out: 1, mayReplace: () => false },
        { inputs: [0, 1], out: 2, mayReplace: () => true },
      ],
      given: [0],
      kept: [2],
      homes: [{ before: 0, after: 2, bytes: 64 }],
      committed,
    }).copies;
  expect([update(0), update(2)]).toEqual([[], [0]]);
});
