/** @file Calls are told apart by a text, and, where that is fast, without one: both say the same. */
import { expect, test } from 'vitest';
import { describeCall, matcherOf } from '../../src/compile/arguments.js';
import { cpu, nn, tensor } from '../../src/index.js';

const [a, b] = [tensor([1, 2]), tensor([3, 4])];
const f = (): void => {};

/** Arguments that need no text: tensors, arrays of numbers and plain values, none twice. */
const fast: readonly (readonly unknown[])[] = [
  [],
  [a],
  [b],
  [tensor([[1, 2]])],
  [tensor([1, 2, 3])],
  [tensor([1, 2], { dtype: 'float64' })],
  [tensor([1, 2], { dtype: 'int32' })],
  [tensor([1, 2], { requiresGrad: true })],
  [new nn.Parameter(tensor([1, 2]))],
  [new nn.Parameter(tensor([3, 4]))],
  [new nn.Buffer(tensor([1, 2]))],
  [tensor([1, 2], { device: { ...cpu, name: 'other' } })],
  [[1, 2]],
  [[3, 4]],
  [[1]],
  [Float32Array.of(1, 2)],
  [Float32Array.of(3)],
  [Int32Array.of(1, 2)],
  [null],
  [undefined],
  [0],
  [-0],
  [1],
  ['1'],
  ['null'],
  [true],
  [false],
  [f],
  [() => {}],
  [a, b],
  [b, a],
  [a, 1],
  [1, a],
  [a, [1, 2]],
  [1, 1],
  ['a', 'a'],
];

/** Others, which only their text describes. */
const slow: readonly (readonly unknown[])[] = [[a, a], [[]], [[1, 'x']], [[a]], [{ a: 1 }], [new Map()], [1, { a }]];

test('a fast look tells calls apart as their texts do', () => {
  for (const args of fast) {
    const matches = matcherOf(args)!;
    for (const others of [...fast, ...slow]) {
      expect(matches(others), `${describeCall(args)} and ${describeCall(others)}`).toBe(
        describeCall(args) === describeCall(others),
      );
    }
    // What was computed is refused where the text is made.
    expect(matches([a.mul(tensor([1, 2], { requiresGrad: true }))])).toBe(false);
  }
  expect(slow.map((args) => matcherOf(args))).toEqual(slow.map(() => null));
});
