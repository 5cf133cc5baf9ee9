/** @file What all kernels share: arguments, runs of elements, and vectors that are only partly filled. */

/** Elements in a tile, a contiguous copy of a piece of an operand. */
export const TILE: i32 = 256;
// The module's own bytes, RESERVED of them: three tiles, a few vectors, a panel of 8 columns and 512 rows of a matrix.
export const TILE_A: usize = 0;
export const TILE_B: usize = 1024;
export const TILE_C: usize = 2048;
export const VECTOR: usize = 3072;
export const PANEL: usize = 4096;

/** A word of an instruction: its arguments count from 0. */
@inline
export function word(instruction: usize, argument: i32): i32 {
  return load<i32>(instruction + 8 + (<usize>argument << 2));
}

/** An argument that is an address. */
@inline
export function address(instruction: usize, argument: i32): usize {
  return <usize>word(instruction, argument);
}

/** An argument of double precision: two words. */
@inline
export function double(instruction: usize, argument: i32): f64 {
  return load<f64>(instruction + 8 + (<usize>argument << 2));
}

/** The first 1 to 3 elements from an address on, in a vector that is 0 elsewhere: nothing behind them is read. */
export function loadPart(from: usize, count: i32): v128 {
  let part = v128.load32_zero(from);
  if (count > 1) part = v128.load32_lane(from, part, 1, 4);
  if (count > 2) part = v128.load32_lane(from, part, 2, 8);
  return part;
}

/** The first elements from an address on, up to four, in a vector that is 0 elsewhere. */
@inline
export function loadUpTo(from: usize, count: i32): v128 {
  return count >= 4 ? v128.load(from) : loadPart(from, count);
}

/** Writes the first elements of a vector, up to four. */
@inline
export function storeUpTo(to: usize, part: v128, count: i32): void {
  if (count >= 4) v128.store(to, part);
  else storePart(to, part, count);
}

/** Writes the first 1 to 3 elements of a vector, and nothing behind them. */
export function storePart(to: usize, part: v128, count: i32): void {
  v128.store32_lane(to, part, 0);
  if (count > 1) v128.store32_lane(to, part, 1, 4);
  if (count > 2) v128.store32_lane(to, part, 2, 8);
}

/** Copies elements that lie side by side. */
export function copy(to: usize, from: usize, count: i32): void {
  const bytes = <usize>count << 2;
  // The engine's own copy is the fastest, but it is slow to call.
  if (bytes > 256) {
    memory.copy(to, from, bytes);
    return;
  }
  const whole = bytes & ~15;
  for (let at: usize = 0; at < whole; at += 16) v128.store(to + at, v128.load(from + at));
  for (let at = whole; at < bytes; at += 4) store<i32>(to + at, load<i32>(from + at));
}

/** Writes one word (a number's bits) many times. */
export function fill(to: usize, bits: i32, count: i32): void {
  const vector = i32x4.splat(bits);
  const end = to + (<usize>count << 2);
  for (; to + 16 <= end; to += 16) v128.store(to, vector);
  for (; to < end; to += 4) store<i32>(to, bits);
}

/** Copies elements that lie `step` bytes apart to places side by side. */
export function collect(to: usize, from: usize, step: i32, count: i32): void {
  if (step == 4) copy(to, from, count);
  else if (step == 0) fill(to, load<i32>(from), count);
  else {
    for (const end = to + (<usize>count << 2); to < end; to += 4) {
      store<i32>(to, load<i32>(from));
      from += step;
    }
  }
}

/** The same for some rows, `rowStep` bytes apart. */
export function collectRows(to: usize, from: usize, step: i32, count: i32, rowStep: i32, rows: i32): void {
  if (count > 4) {
    for (; rows > 0; rows--) {
      collect(to, from, step, count);
      to += <usize>count << 2;
      from += rowStep;
    }
    return;
  }
  for (; rows > 0; rows--) {
    store<i32>(to, load<i32>(from));
    if (count > 1) store<i32>(to, load<i32>(from + step), 4);
    if (count > 2) store<i32>(to, load<i32>(from + 2 * step), 8);
    if (count > 3) store<i32>(to, load<i32>(from + 3 * step), 12);
    to += <usize>count << 2;
    from += rowStep;
  }
}
