/** @file log Σ exp and softmax of rows, over the columns that a mask keeps. */
import { exp, expBelow, log1p } from './exponential.ts';
import { address, loadPart, storePart, storeUpTo, VECTOR, word } from './memory.ts';
import { addWide, largest, total } from './reduce.ts';

/** Four columns; -Infinity, whose exponential is 0, in place of those that are not kept. */
@inline
function four(masked: bool, x: usize, mask: usize): v128 {
  const values = v128.load(x);
  if (!masked) return values;
  return v128.bitselect(values, f32x4.splat(-Infinity), i32x4.ne(v128.load(mask), i32x4.splat(0)));
}

/** The last one to three columns, in the same way. */
function last(x: usize, mask: usize, count: i32): v128 {
  let kept = i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(count));
  if (mask != 0) kept = v128.and(kept, i32x4.ne(loadPart(mask, count), i32x4.splat(0)));
  return v128.bitselect(loadPart(x, count), f32x4.splat(-Infinity), kept);
}

/** What is taken off before exponentials are made. */
let shift: f32 = 0;

/** Finds the shift of a row. Passes over NaN, which will make the sum of exponentials NaN. */
@inline
function findShift(masked: bool, x: usize, mask: usize, whole: usize, tail: v128): void {
  let max = tail;
  for (let at: usize = 0; at < whole; at += 16) max = f32x4.pmax(max, four(masked, x + at, mask + at));
  shift = f32x4.extract_lane(largest<f32>(max), 0);
}

/** The sum of the exponentials of a row less its shift, each of which is written where `out` is not 0. */
@inline
function sumUp(
  masked: bool, below: bool, out: usize, x: usize, mask: usize, whole: usize, tail: v128, rest: i32,
): f64 {
  const shifts = f32x4.splat(shift);
  let sums = f64x2.splat(0);
  for (let at: usize = 0; at < whole; at += 16) {
    const value = f32x4.sub(four(masked, x + at, mask + at), shifts);
    const e = below ? expBelow(value) : exp(value);
    sums = addWide(sums, e);
    if (out != 0) v128.store(out + at, e);
  }
  if (rest) {
    const value = f32x4.sub(tail, shifts);
    const e = below ? expBelow(value) : exp(value);
    sums = addWide(sums, e);
    if (out != 0) storePart(out + whole, e, rest);
  }
  return total(sums);
}

/** The same where the largest element is infinite: then nothing is taken off. */
function sumOfInfinite(out: usize, x: usize, mask: usize, whole: usize, tail: v128, rest: i32): f64 {
  return sumUp(mask != 0, false, out, x, mask, whole, tail, rest);
}

function sumOfRow(out: usize, x: usize, mask: usize, count: i32): f64 {
  const whole = <usize>(count & ~3) << 2;
  const rest = count & 3;
  const tail = rest ? last(x + whole, mask == 0 ? 0 : mask + whole, rest) : f32x4.splat(-Infinity);
  if (mask == 0) findShift(false, x, 0, whole, tail);
  else findShift(true, x, mask, whole, tail);
  const infinite = shift == Infinity;
  // An infinite element must not be subtracted from itself.
  if (!isFinite(shift)) shift = 0;
  if (infinite) return sumOfInfinite(out, x, mask, whole, tail, rest);
  if (mask == 0) return sumUp(false, true, out, x, 0, whole, tail, rest);
  return sumUp(true, true, out, x, mask, whole, tail, rest);
}

/** `[out, x, mask, rows, columns]` */
export function logSumExp(at: usize): void {
  let out = address(at, 0);
  let x = address(at, 1);
  let mask = address(at, 2);
  const count = word(at, 4);
  // Four rows at a time: first the shift of each and its sum less the 1 that the largest gives, then the logarithms.
  for (let rows = word(at, 3); rows > 0; rows -= 4) {
    const some = min(rows, 4);
    for (let row: i32 = 0; row < some; row++) {
      const place = VECTOR + (<usize>row << 2);
      store<f32>(place, <f32>(sumOfRow(0, x, mask, count) - 1));
      store<f32>(place, shift, 16);
      x += <usize>count << 2;
      if (mask != 0) mask += <usize>count << 2;
    }
    storeUpTo(out, f32x4.add(v128.load(VECTOR, 16), log1p(v128.load(VECTOR))), some);
    out += 16;
  }
}

/** Divides all columns. */
function divide(out: usize, sum: f32, count: i32): void {
  const sums = f32x4.splat(sum);
  const end = out + (<usize>(count & ~3) << 2);
  for (; out < end; out += 16) v128.store(out, f32x4.div(v128.load(out), sums));
  for (let rest = count & 3; rest > 0; rest--) {
    store<f32>(out, load<f32>(out) / sum);
    out += 4;
  }
}

/** NaN where a column is kept. */
function spoil(out: usize, mask: usize, count: i32): void {
  for (let i: usize = 0; i < <usize>count << 2; i += 4) {
    store<f32>(out + i, mask == 0 || load<i32>(mask + i) != 0 ? NaN : 0);
  }
}

/** `[out, x, mask, rows, columns, gradient]` */
export function softmax(at: usize): void {
  let out = address(at, 0);
  let x = address(at, 1);
  let mask = address(at, 2);
  const count = word(at, 4);
  const gradient = word(at, 5) != 0;
  const bytes = <usize>count << 2;
  for (let row = word(at, 3); row > 0; row--) {
    const sum = sumOfRow(out, x, mask, count);
    if (sum > 0 && (gradient || sum < Infinity)) divide(out, <f32>sum, count);
    else spoil(out, mask, count);
    out += bytes;
    x += bytes;
    if (mask != 0) mask += bytes;
  }
}
