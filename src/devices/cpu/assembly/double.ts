/**
 * @file Functions in double precision, for numbers that are made one at a time: to about 1e-15, far more than float32
 * holds. They are plain series, whose coefficients need no source.
 */

const LOG2E: f64 = 1.4426950408889634;
// The first half has zeros at its end, so that its products with small whole numbers are exact.
const LN2_HEAD: f64 = 0.6931471803691238;
const LN2_TAIL: f64 = 1.9082149292705877e-10;
const HALF_PI_HEAD: f64 = 1.5707963267341256;
const HALF_PI_TAIL: f64 = 6.077100506506192e-11;

/** x y + c, a step of Horner's rule. */
@inline
function step(x: f64, y: f64, c: f64): f64 {
  return x * y + c;
}

/** e^x: 2ⁿ eʳ with |r| ≤ ln 2 / 2, by Taylor's series Σ rᵏ / k!. */
export function exp(x: f64): f64 {
  if (x > 710) return Infinity;
  if (x < -740) return 0;
  const n = nearest(x * LOG2E);
  const r = x - n * LN2_HEAD - n * LN2_TAIL;
  let sum: f64 = 1.0 / 6227020800;
  sum = step(sum, r, 1.0 / 479001600);
  sum = step(sum, r, 1.0 / 39916800);
  sum = step(sum, r, 1.0 / 3628800);
  sum = step(sum, r, 1.0 / 362880);
  sum = step(sum, r, 1.0 / 40320);
  sum = step(sum, r, 1.0 / 5040);
  sum = step(sum, r, 1.0 / 720);
  sum = step(sum, r, 1.0 / 120);
  sum = step(sum, r, 1.0 / 24);
  sum = step(sum, r, 1.0 / 6);
  sum = step(sum, r, 0.5);
  sum = step(sum, r, 1);
  sum = step(sum, r, 1);
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
  let sum: f64 = 1.0 / 21;
  sum = step(sum, square, 1.0 / 19);
  sum = step(sum, square, 1.0 / 17);
  sum = step(sum, square, 1.0 / 15);
  sum = step(sum, square, 1.0 / 13);
  sum = step(sum, square, 1.0 / 11);
  sum = step(sum, square, 1.0 / 9);
  sum = step(sum, square, 1.0 / 7);
  sum = step(sum, square, 1.0 / 5);
  sum = step(sum, square, 1.0 / 3);
  sum = step(sum, square, 1);
  return e * LN2_HEAD + (e * LN2_TAIL + 2 * s * sum);
}

/** cos x for x in [0, 2π]: the nearest multiple of π/2 is taken off, then Taylor's series of cosine or sine. */
export function cosine(x: f64): f64 {
  const quarter = nearest(x * 0.6366197723675814);
  const r = x - quarter * HALF_PI_HEAD - quarter * HALF_PI_TAIL;
  const square = -r * r;
  // cos(r + q π/2): cos r, -sin r, -cos r, sin r, cos r.
  const turn = <i32>quarter & 3;
  let sum: f64;
  if (turn & 1) {
    sum = 1.0 / 355687428096000;
    sum = step(sum, square, 1.0 / 1307674368000);
    sum = step(sum, square, 1.0 / 6227020800);
    sum = step(sum, square, 1.0 / 39916800);
    sum = step(sum, square, 1.0 / 362880);
    sum = step(sum, square, 1.0 / 5040);
    sum = step(sum, square, 1.0 / 120);
    sum = step(sum, square, 1.0 / 6);
    sum = step(sum, square, 1) * r;
  } else {
    sum = 1.0 / 20922789888000;
    sum = step(sum, square, 1.0 / 87178291200);
    sum = step(sum, square, 1.0 / 479001600);
    sum = step(sum, square, 1.0 / 3628800);
    sum = step(sum, square, 1.0 / 40320);
    sum = step(sum, square, 1.0 / 720);
    sum = step(sum, square, 1.0 / 24);
    sum = step(sum, square, 0.5);
    sum = step(sum, square, 1);
  }
  return turn == 1 || turn == 2 ? -sum : sum;
}

/** a to the power of b, as C's pow. */
export function power(a: f64, b: f64): f64 {
  if (b == 0 || a == 1 || (a == -1 && abs(b) == Infinity)) return 1;
  if (b != b) return NaN;
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
