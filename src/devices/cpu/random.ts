/** @file The CPU's random numbers: those of a generator in the state that the input holds. */
import { allocate, type TypedArray } from '../../dtype.js';
import { Generator } from '../../random.js';
import type { KernelSpecs } from '../device.js';

/** Draws from a generator whose state is four words: seed and counter, low word first. */
export function random(
  [words]: readonly TypedArray[],
  { distribution, size, dtype }: KernelSpecs['random'],
): TypedArray {
  const [seedLow, seedHigh, counterLow, counterHigh] = Array.from(words!, (word) => word >>> 0);
  const generator = new Generator();
  generator.state = { seed: seedLow! + seedHigh! * 2 ** 32, counter: counterLow! + counterHigh! * 2 ** 32 };
  const out = allocate(dtype, size);
  for (let i = 0; i < size; i++) out[i] = generator[distribution]();
  return out;
}
