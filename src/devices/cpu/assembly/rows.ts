/** @file log Σ exp and softmax of rows, over the columns that a mask keeps. */
import { log } from './double.ts';
import { exp } from './exponential.ts';
import { address, loadUpTo, storeUpTo, word } from './memory.ts';
import { addWide, largest, total } from './reduce.ts';

/** Which of up to four columns there are, and are kept. Without a mask its address is 0. */
@inline
function kept(mask: usize, count: i32): v128 {
  const there = i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(count));
  if (mask == 0) return there;
  return v128.and(there, i32x4.ne(loadUpTo(mask, count), i32x4.splat(0)));
}

/** Up to four columns; -Infinity, whose exponential is 0, in place of those that do not count. */
@inline
function columns(x: usize, mask: usize, count: i32): v128 {
  if (mask == 0 && count >= 4) return v128.load(x);
  return v128.bitselect(loadUpTo(x, count), f32x4.splat(-Infinity), kept(mask, count));
}

/** The next vector of a mask, if there is one. */
@inline
function behind(mask: usize): usize {
  return mask == 0 ? 0 : mask + 16;
}

/** What is taken off before exponentials are made. */
let shift: f32 = 0;

/** Finds the shift of a row, and the sum of its exponentials, each of which is written where `out` is not 0. */
function shiftedSum(out: usize, x: usize, mask: usize, count: i32): f64 {
  let max = f32x4.splat(-Infinity);
  let at = x;
  let maskAt = mask;
  for (let rest = count; rest > 0; rest -= 4) {
    // Passes over NaN, which will make the sum NaN.
    max = f32x4.pmax(max, columns(at, maskAt, rest));
    at += 16;
    maskAt = behind(maskAt);
  }
  shift = f32x4.extract_lane(largest<f32>(max), 0);
  // An infinite largest element must not be subtracted from itself.
  if (!isFinite(shift)) shift = 0;
  let sums = f64x2.splat(0);
  for (let rest = count; rest > 0; rest -= 4) {
    const e = exp(f32x4.sub(columns(x, mask, rest), f32x4.splat(shift)));
    sums = addWide(sums, e);
    if (out != 0) {
      storeUpTo(out, e, rest);
      out += 16;
    }
    x += 16;
    mask = behind(mask);
  }
  return total(sums);
}

/** `[out, x, mask, rows, columns]` */
export function logSumExp(at: usize): void {
  let out = address(at, 0);
  let x = address(at, 1);
  let mask = address(at, 2);
  const count = word(at, 4);
  for (let row = word(at, 3); row > 0; row--) {
    const sum = shiftedSum(0, x, mask, count);
    store<f32>(out, <f32>(shift + log(sum)));
    out += 4;
    x += <usize>count << 2;
    if (mask != 0) mask += <usize>count << 2;
  }
}

/** `[out, x, mask, rows, columns]` */
export function softmax(at: usize): void {
  let out = address(at, 0);
  let x = address(at, 1);
  let mask = address(at, 2);
  const count = word(at, 4);
  const bytes = <usize>count << 2;
  for (let row = word(at, 3); row > 0; row--) {
    const sum = shiftedSum(out, x, mask, count);
    const sums = f32x4.splat(<f32>sum);
    const some = f32x4.ne(sums, f32x4.splat(0));
    let to = out;
    let maskAt = mask;
    for (let rest = count; rest > 0; rest -= 4) {
      const e = loadUpTo(to, rest);
      // 0 / 0 where nothing is kept, and NaN of another column, must not show where a column is left out.
      const share = v128.and(f32x4.div(e, sums), v128.and(some, kept(maskAt, rest)));
      storeUpTo(to, share, rest);
      to += 16;
      maskAt = behind(maskAt);
    }
    out += bytes;
    x += bytes;
    if (mask != 0) mask += bytes;
  }
}
