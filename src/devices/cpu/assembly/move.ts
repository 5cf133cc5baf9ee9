/** @file Kernels that move elements without changing them, by their bits; and the sums of scatterAdd. */
import * as code from '../opcodes.ts';
import { address, collectRows, copy, fill, word } from './memory.ts';
import { begin, first, lengthOf, next, nextBlock, rowsOf, rowStepOf, stepOf } from './walk.ts';

/** `[out, x, offset, walk…]` */
export function copyStrided(at: usize): void {
  const walk = at + 8 + 12;
  const length = lengthOf(walk);
  const rows = rowsOf(walk);
  let out = address(at, 0);
  begin(walk, address(at, 1) + word(at, 2), 0, 0);
  do {
    collectRows(out, first, stepOf(walk, 0), length, rowStepOf(walk, 0), rows);
    out += <usize>(length * rows) << 2;
  } while (nextBlock(walk));
}

/** `[out, x, size, value, offset, walk…]`: the walk is over x, its operand is the result. */
export function pad(at: usize): void {
  const walk = at + 8 + 20;
  const length = lengthOf(walk);
  const step = stepOf(walk, 0);
  const out = address(at, 0);
  let x = address(at, 1);
  fill(out, word(at, 3), word(at, 2));
  begin(walk, out + word(at, 4), 0, 0);
  do {
    if (step == 4) copy(first, x, length);
    else {
      let to = first;
      for (let i: i32 = 0; i < length; i++) {
        store<i32>(to, load<i32>(x + (<usize>i << 2)));
        to += step;
      }
    }
    x += <usize>length << 2;
  } while (next(walk));
}

/** `[out, inputs…, outer, lengths…]`, as many lengths as inputs. */
export function concat(at: usize): void {
  const parts = (load<i32>(at, 4) - 4) >> 1;
  let out = address(at, 0);
  const outer = word(at, 1 + parts);
  for (let row: i32 = 0; row < outer; row++) {
    for (let part: i32 = 0; part < parts; part++) {
      const length = word(at, 2 + parts + part);
      copy(out, address(at, 1 + part) + (<usize>(row * length) << 2), length);
      out += <usize>length << 2;
    }
  }
}

/** `[out, x, index, axisStride, walk…]` */
export function gather(at: usize): void {
  const walk = at + 8 + 16;
  const length = lengthOf(walk);
  const step = stepOf(walk, 0);
  const axisStride = word(at, 3);
  let out = address(at, 0);
  let index = address(at, 2);
  begin(walk, address(at, 1), 0, 0);
  do {
    let x = first;
    for (let i: i32 = 0; i < length; i++) {
      store<i32>(out, load<i32>(x + load<i32>(index) * axisStride));
      x += step;
      out += 4;
      index += 4;
    }
  } while (next(walk));
}

/** `[out, source, index, scratch, type, size, axisStride, walk…]`; the scratch holds sums of float32, as doubles. */
export function scatterAdd(at: usize): void {
  const walk = at + 8 + 28;
  const length = lengthOf(walk);
  const float = word(at, 4) == code.FLOAT32;
  const size = word(at, 5);
  const sums = float ? address(at, 3) : address(at, 0);
  // A step in elements of the sums, which are twice as wide as the source's where they are double.
  const wide = float ? 3 : 2;
  const step = (stepOf(walk, 0) >> 2) << wide;
  const axisStride = word(at, 6) << wide;
  let source = address(at, 1);
  let index = address(at, 2);
  memory.fill(sums, 0, <usize>size << wide);
  begin(walk, 0, 0, 0);
  do {
    let to = sums + ((first >> 2) << wide);
    for (let i: i32 = 0; i < length; i++) {
      const place = to + load<i32>(index) * axisStride;
      if (float) store<f64>(place, load<f64>(place) + load<f32>(source));
      else store<i32>(place, load<i32>(place) + load<i32>(source));
      to += step;
      source += 4;
      index += 4;
    }
  } while (next(walk));
  if (!float) return;
  const out = address(at, 0);
  for (let i: usize = 0; i < <usize>size; i++) store<f32>(out + (i << 2), <f32>load<f64>(sums + (i << 3)));
}
