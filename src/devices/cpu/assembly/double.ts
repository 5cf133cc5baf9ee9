/**
 * @file Functions in double precision, for numbers that are made one at a time: to about 1e-15, far more than float32 holds. Series
 * in their plain form, so their coefficients need no table.
 */

const LN2: f64 = 0.6931471805599453;
// The first half has zeros at its end, so that its products with small whole numbers are exact.
const LN2_HEAD: f64 = 0.6931471803691238;
const LN2_TAIL: f64 = 1.9082149292705877e-10;
const HALF_PI_HEAD: f64 = 1.5707963267341256;
const HALF_PI_TAIL: f64 = 6.077100506506192e-11;

/** e^x: 2ⁿ eʳ with |r| ≤ ln 2 / 2, by 14 terms of Taylor's series. */
export function exp(x: f64): f64 {
  if (x > 710) return Infinity;
  if (x < -740) return 0;
  const n = nearest(x / LN2);
  const r = x - n * LN2_HEAD - n * LN2_TAIL;
  let sum: f64 = 1;
  for (let k: f64 = 14; k > 0; k--) sum = 1 + (sum * r) / k;
  const half = <i64>n >> 1;
  return sum * powerOfTwo(half) * powerOfTwo(<i64>n - half);
}

@inline
function powerOfTwo(n: i64): f64 {
  return reinterpret<f64>((n + 1023) << 52);
}

/** log x = e ln 2 + 2 artanh s, s = (m - 1) / (m + 1), with x = 2ᵉ m and m in [√½, √2). */
export function log(x: f64): f64 {
  if (!(x > 0)) return x == 0 ? -Infinity : NaN;
  if (x == Infinity) return x;
  const bits = reinterpret<i64>(x);
  let e = <f64>((bits >> 52) - 1023);
  let m = reinterpret<f64>((bits & 0x000fffffffffffff) | 0x3ff0000000000000);
  if (m > 1.4142135623730951) {
    m *= 0.5;
    e += 1;
  }
  const s = (m - 1) / (m + 1);
  const square = s * s;
  let sum: f64 = 0;
  for (let k: f64 = 21; k > 0; k -= 2) sum = sum * square + 1 / k;
  return e * LN2_HEAD + (e * LN2_TAIL + 2 * s * sum);
}

/** cos x for x in [0, 2π]: the nearest multiple of π/2 is taken off, then Taylor's series of cosine or sine. */
export function cosine(x: f64): f64 {
  const quarter = nearest(x / (HALF_PI_HEAD + HALF_PI_TAIL));
  const r = x - quarter * HALF_PI_HEAD - quarter * HALF_PI_TAIL;
  const square = r * r;
  const odd = (<i32>quarter & 1) != 0;
  let sum: f64 = 1;
  for (let k: f64 = odd ? 17 : 16; k > 1; k -= 2) sum = 1 - (sum * square) / (k * (k - 1));
  if (odd) sum *= r;
  // cos(r + q π/2): cos r, -sin r, -cos r, sin r, cos r.
  const turn = <i32>quarter & 3;
  return turn == 1 || turn == 2 ? -sum : sum;
}

/** a to the power of b, as JavaScript's `**`. */
export function power(a: f64, b: f64): f64 {
  if (b == 0) return 1;
  // NaN, and ±1 to an infinite power.
  if (b != b || (abs(a) == 1 && abs(b) == Infinity)) return NaN;
  const whole = floor(b) == b;
  const odd = whole && abs(b) < 9007199254740992 && (<i64>b & 1) != 0;
  if (a == 0 || abs(a) == Infinity) {
    const size: f64 = (a == 0) == b > 0 ? 0 : Infinity;
    return odd ? copysign<f64>(size, a) : size;
  }
  if (a < 0 && !whole) return NaN;
  const size = exp(b * log(abs(a)));
  return a < 0 && odd ? -size : size;
}
