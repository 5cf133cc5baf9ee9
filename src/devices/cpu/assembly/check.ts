/** @file Looks for the first element that does not meet a requirement. */
import * as code from '../opcodes.ts';
import { address, double, word } from './memory.ts';

/** `[out, x, type, size, low (2 words), high (2 words)]`: NaN is never between. */
export function check(at: usize): void {
  const x = address(at, 1);
  const float = word(at, 2) == code.FLOAT32;
  const size = word(at, 3);
  const low = double(at, 4);
  const high = double(at, 6);
  let found: i32 = 0;
  for (; found < size; found++) {
    const place = x + (<usize>found << 2);
    const value = float ? <f64>load<f32>(place) : <f64>load<i32>(place);
    if (!(value >= low && value <= high)) break;
  }
  store<i32>(address(at, 0), found < size ? found : -1);
}
