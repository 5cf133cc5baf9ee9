/** @file The CPU's random numbers: those of a generator in the state that the input holds. */
import { allocate, type TypedArray } from '../../dtype.js';
import { Generator } from '../../random.js';
import type { KernelSpecs } from '../device.js';

/** Draws from a generator whose state is eight words of 16 bits: seed and counter, low words first. */
export function random(
  [words]: readonly TypedArray[],
  { distribution, size, dtype }: KernelSpecs['random'],
): TypedArray {
  const value = (from: number): number => [3, 2, 1, 0].reduce((sum, word) => sum * 2 ** 16 + words![from + word]!, 0);
  const generator = new Generator();
  generator.state = { seed: value(0), counter: value(4) };
  const out = allocate(dtype, size);
  for (let i = 0; i < size; i++) out[i] = generator[distribution]();
  return out;
}
