/** @file The optimizers' updates. */
import { address, double, loadPart, storePart, VECTOR, word } from './memory.ts';

/** x times what a weight lost when it was rounded; 0 for an infinite x, which the rounded weight speaks for. */
@inline
function small(tail: f32, x: v128): v128 {
  return v128.and(f32x4.mul(f32x4.splat(tail), x), f32x4.lt(f32x4.abs(x), f32x4.splat(Infinity)));
}

/** Whole vectors of w₀ x + w₁ y. */
function blendVectors(squared: bool, head: f32, tail: f32, w: f32, out: usize, end: usize, x: usize, y: usize): void {
  for (; out < end; out += 16) {
    let b = v128.load(y);
    if (squared) b = f32x4.mul(b, b);
    const a = v128.load(x);
    const rest = f32x4.add(small(tail, a), f32x4.mul(f32x4.splat(w), b));
    v128.store(out, f32x4.add(f32x4.mul(f32x4.splat(head), a), rest));
    x += 16;
    y += 16;
  }
}

/** `[out, x, y, squared, size, w₀ (2 words), w₁ (2 words)]` */
export function blend(at: usize): void {
  const out = address(at, 0);
  const x = address(at, 1);
  const y = address(at, 2);
  const squared = word(at, 3) != 0;
  const size = word(at, 4);
  const weight = double(at, 5);
  // A running average settles at w₁ / (1 - w₀) times its input: 0.999 rounded to float32 would shift it by 1e-5.
  const head = <f32>weight;
  const tail = <f32>(weight - head);
  const other = <f32>double(at, 7);
  const whole = <usize>(size >> 2) << 4;
  blendVectors(squared, head, tail, other, out, out + whole, x, y);
  const rest = size & 3;
  if (rest == 0) return;
  v128.store(VECTOR, loadPart(x + whole, rest));
  v128.store(VECTOR, loadPart(y + whole, rest), 16);
  blendVectors(squared, head, tail, other, VECTOR, VECTOR + 16, VECTOR, VECTOR + 16);
  storePart(out + whole, v128.load(VECTOR), rest);
}

/** Whole vectors of kept p - rate m / (√v scale + eps). */
function adamVectors(
  head: f32, tail: f32, rate: f32, scale: f32, eps: f32, out: usize, end: usize, p: usize, m: usize, v: usize,
): void {
  for (; out < end; out += 16) {
    const old = v128.load(p);
    const spread = f32x4.add(f32x4.mul(f32x4.sqrt(v128.load(v)), f32x4.splat(scale)), f32x4.splat(eps));
    const move = f32x4.div(f32x4.mul(f32x4.splat(rate), v128.load(m)), spread);
    v128.store(out, f32x4.add(f32x4.mul(f32x4.splat(head), old), f32x4.sub(small(tail, old), move)));
    p += 16;
    m += 16;
    v += 16;
  }
}

/** `[out, p, m, v, c₁, c₂, η, size, eps (2 words), decay (2 words)]` */
export function adam(at: usize): void {
  const out = address(at, 0);
  const p = address(at, 1);
  const m = address(at, 2);
  const v = address(at, 3);
  const size = word(at, 7);
  const lr = <f64>load<f32>(address(at, 6));
  const kept = 1 - lr * double(at, 10);
  const head = <f32>kept;
  const tail = <f32>(kept - head);
  const rate = <f32>(lr / load<f32>(address(at, 4)));
  const scale = <f32>(1 / sqrt(<f64>load<f32>(address(at, 5))));
  const eps = <f32>double(at, 8);
  const whole = <usize>(size >> 2) << 4;
  adamVectors(head, tail, rate, scale, eps, out, out + whole, p, m, v);
  const rest = size & 3;
  if (rest == 0) return;
  v128.store(VECTOR, loadPart(p + whole, rest));
  v128.store(VECTOR, loadPart(m + whole, rest), 16);
  v128.store(VECTOR, loadPart(v + whole, rest), 32);
  adamVectors(head, tail, rate, scale, eps, VECTOR, VECTOR + 16, VECTOR, VECTOR + 16, VECTOR + 32);
  storePart(out + whole, v128.load(VECTOR), rest);
}
