/** @file Random numbers: Threefry-2x32-20, as in random.ts of this project, for four draws at once. */
import * as code from '../opcodes.ts';
import { cosine, log } from './double.ts';
import { address, storeUpTo, VECTOR, word } from './memory.ts';

/** x, one round on. Its words turn left by `bits`. */
@inline
function turn(y: v128, bits: i32, x: v128): v128 {
  return v128.xor(v128.or(i32x4.shl(y, bits), i32x4.shr_u(y, 32 - bits)), x);
}

// The two words of four draws.
let left: v128 = i32x4.splat(0);
let right: v128 = i32x4.splat(0);

/** Four rounds, then the injection of two of the keys. */
@inline
function rounds(a: i32, b: i32, c: i32, d: i32, key: i32, other: i32): void {
  let x = i32x4.add(left, right);
  let y = turn(right, a, x);
  x = i32x4.add(x, y);
  y = turn(y, b, x);
  x = i32x4.add(x, y);
  y = turn(y, c, x);
  x = i32x4.add(x, y);
  y = turn(y, d, x);
  left = i32x4.add(x, i32x4.splat(key));
  right = i32x4.add(y, i32x4.splat(other));
}

/** The draws of four counters, from `counter` on, into `left` and `right`. */
function draw(seed: u64, counter: u64): void {
  const k0 = <i32>seed;
  const k1 = <i32>(seed >> 32);
  const k2 = 0x1bd11bda ^ k0 ^ k1;
  for (let lane: usize = 0; lane < 4; lane++) {
    store<u32>(VECTOR + (lane << 2), <u32>(counter + lane));
    store<u32>(VECTOR + (lane << 2), <u32>((counter + lane) >> 32), 16);
  }
  left = i32x4.add(v128.load(VECTOR), i32x4.splat(k0));
  right = i32x4.add(v128.load(VECTOR, 16), i32x4.splat(k1));
  rounds(13, 15, 26, 6, k1, k2 + 1);
  rounds(17, 29, 16, 24, k2, k0 + 2);
  rounds(13, 15, 26, 6, k0, k1 + 3);
  rounds(17, 29, 16, 24, k1, k2 + 4);
  rounds(13, 15, 26, 6, k2, k0 + 5);
}

/** The first words as multiples of 2⁻²⁴ in [0, 1). */
@inline
function uniform(): v128 {
  return f32x4.mul(f32x4.convert_i32x4_u(i32x4.shr_u(left, 8)), f32x4.splat(5.9604644775390625e-8));
}

/** Box and Muller's transform of each draw, in double precision. */
function normal(): v128 {
  v128.store(VECTOR, left);
  v128.store(VECTOR, right, 16);
  for (let at = VECTOR; at < VECTOR + 16; at += 4) {
    const p = <f64>load<u32>(at);
    const q = <f64>load<u32>(at, 16);
    const radius = sqrt(-2 * log((p + 1) * 2.3283064365386963e-10));
    store<f32>(at, <f32>(radius * cosine(6.283185307179586 * q * 2.3283064365386963e-10)));
  }
  return v128.load(VECTOR);
}

/** Four words of 16 bits, low ones first. */
function words(at: usize): u64 {
  let value: u64 = 0;
  for (let i: i32 = 3; i >= 0; i--) value = (value << 16) + load<u32>(at + (<usize>i << 2));
  return value;
}

/** `[out, state, distribution, size]` */
export function random(at: usize): void {
  let out = address(at, 0);
  const state = address(at, 1);
  const seed = words(state);
  let counter = words(state + 16);
  for (let rest = word(at, 3); rest > 0; rest -= 4) {
    draw(seed, counter);
    const numbers = word(at, 2) == code.UNIFORM ? uniform() : normal();
    storeUpTo(out, numbers, rest);
    out += 16;
    counter += 4;
  }
}
