/**
 * @file The exponential, the logarithm and what is made of them, for four float32 numbers at once. The coefficients are
 * those that scripts/polynomials.js fits and prints. Each function says its error in units in the last place of the right
 * result: the largest among every 37th of all float32 numbers. Infinities, NaN and subnormal numbers are as in Math.
 */

/** 1 / ln 2, and ln 2 as a number with zeros at its end, whose products with exponents are exact, and the rest. */
const LOG2E: f32 = 1.44269504;
const LN2_HEAD: f32 = 0.693359375;
const LN2_TAIL: f32 = -2.12194440e-4;

@inline
function plus(a: v128, b: v128): v128 {
  return f32x4.add(a, b);
}

@inline
function times(a: v128, b: v128): v128 {
  return f32x4.mul(a, b);
}

/** a x + b, a step of Horner's rule. */
@inline
function step(a: v128, x: v128, b: f32): v128 {
  return plus(times(a, x), f32x4.splat(b));
}

/** 2ⁿ for whole n from -126 to 127. */
@inline
function powerOfTwo(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, i32x4.splat(127)), 23);
}

/** x 2ⁿ, in two steps: 2ⁿ itself may be too large, or the result subnormal. */
@inline
function scale(x: v128, n: v128): v128 {
  const half = i32x4.shr_s(n, 1);
  return times(times(x, powerOfTwo(half)), powerOfTwo(i32x4.sub(n, half)));
}

/** x, or the bound that it is beyond. `pmin` and `pmax` are one instruction each, and in this order they keep NaN. */
@inline
function between(x: v128, least: f32, most: f32): v128 {
  return f32x4.pmax(f32x4.pmin(x, f32x4.splat(most)), f32x4.splat(least));
}

/** 1.5 · 2²³: a sum with it is rounded to a whole number, which stands in the last bits of the sum. */
const ROUNDER: f32 = 12582912;

/** x / ln 2, rounded to a whole number and added to ROUNDER. */
@inline
function rounded(x: v128): v128 {
  return step(x, f32x4.splat(LOG2E), ROUNDER);
}

/** The whole number, as float32. */
@inline
function exponent(sum: v128): v128 {
  return f32x4.sub(sum, f32x4.splat(ROUNDER));
}

/** The whole number, as an integer. */
@inline
function whole(sum: v128): v128 {
  return i32x4.sub(sum, i32x4.splat(reinterpret<i32>(ROUNDER)));
}

/** e^r - 1 for r = x - n ln 2, which is from -ln 2 / 2 to ln 2 / 2. */
@inline
function rest(x: v128, n: v128): v128 {
  const r = f32x4.sub(f32x4.sub(x, times(n, f32x4.splat(LN2_HEAD))), times(n, f32x4.splat(LN2_TAIL)));
  let q = step(f32x4.splat(0.0013950481079518795), r, 0.00836888700723648);
  q = step(q, r, 0.04166620597243309);
  q = step(q, r, 0.166665181517601);
  q = step(q, r, 0.5);
  return plus(r, times(times(r, r), q));
}

/** e^x, to 1.0. */
export function exp(x: v128): v128 {
  // Beyond these the result is 0 or infinite anyway.
  x = between(x, -105, 89);
  const n = rounded(x);
  return scale(plus(f32x4.splat(1), rest(x, exponent(n))), whole(n));
}

/** Below this, {@link expBelow} is 0. */
const LOWEST: f32 = -86;

/** e^x for x <= 0, to 1.0, and 0 below -86. Inline: the engine makes its many constants once, outside of the loop. */
@inline
export function expBelow(x: v128): v128 {
  const bounded = f32x4.pmax(x, f32x4.splat(LOWEST));
  const n = rounded(bounded);
  const e = times(plus(f32x4.splat(1), rest(bounded, exponent(n))), powerOfTwo(whole(n)));
  return v128.andnot(e, f32x4.lt(x, f32x4.splat(LOWEST)));
}

/** e^x - 1 = 2ⁿ (e^r - 1 + (1 - 2⁻ⁿ)), to 1.7, with the sign of x: -0 stays what it is. */
export function expm1(x: v128): v128 {
  x = between(x, -18, 89);
  const sum = rounded(x);
  const n = whole(sum);
  const one = f32x4.sub(f32x4.splat(1), powerOfTwo(i32x4.max_s(i32x4.neg(n), i32x4.splat(-126))));
  return signed(scale(plus(rest(x, exponent(sum)), one), n), x);
}

/** log x = e ln 2 + log(1 + f), with x = 2ᵉ (1 + f) and 1 + f in [√½, √2); to 0.8. */
export function log(x: v128): v128 {
  const tiny = f32x4.lt(x, f32x4.splat(1.17549435e-38));
  const normal = v128.bitselect(times(x, f32x4.splat(8388608)), x, tiny);
  // The bits of √½ are taken off, so that the exponent changes there.
  const e = i32x4.shr_s(i32x4.sub(normal, i32x4.splat(0x3f3504f3)), 23);
  const f = f32x4.sub(i32x4.sub(normal, i32x4.shl(e, 23)), f32x4.splat(1));
  const n = f32x4.convert_i32x4_s(i32x4.sub(e, v128.and(tiny, i32x4.splat(23))));
  let p = step(f32x4.splat(0.06914681196212769), f, -0.11788346618413925);
  p = step(p, f, 0.11872472614049911);
  p = step(p, f, -0.12384582310914993);
  p = step(p, f, 0.14218769967556);
  p = step(p, f, -0.16669239103794098);
  p = step(p, f, 0.20002219080924988);
  p = step(p, f, -0.24999986588954926);
  p = step(p, f, 0.3333331048488617);
  const square = times(f, f);
  const small = plus(times(times(square, f), p), times(n, f32x4.splat(LN2_TAIL)));
  const y = plus(plus(f, f32x4.sub(small, times(square, f32x4.splat(0.5)))), times(n, f32x4.splat(LN2_HEAD)));
  const positive = v128.bitselect(x, y, f32x4.eq(x, f32x4.splat(Infinity)));
  const edge = v128.bitselect(f32x4.splat(-Infinity), f32x4.splat(NaN), f32x4.eq(x, f32x4.splat(0)));
  return v128.bitselect(positive, edge, f32x4.gt(x, f32x4.splat(0)));
}

/** log(1 + x) = log u · x / (u - 1), where u is 1 + x rounded: both factors err alike (Kahan). To 2.4. */
export function log1p(x: v128): v128 {
  const u = plus(f32x4.splat(1), x);
  const d = f32x4.sub(u, f32x4.splat(1));
  const y = times(log(u), f32x4.div(x, d));
  // Where u is 1 there is nothing to divide by, and where x is infinite nothing to scale.
  return v128.bitselect(x, y, v128.or(f32x4.eq(d, f32x4.splat(0)), f32x4.eq(x, f32x4.splat(Infinity))));
}

/** 1 / (1 + e^-x), from e = e^-|x|, which never overflows; for x < 0, e / (1 + e) keeps small results precise. To 2.4. */
export function sigmoid(x: v128): v128 {
  const one = f32x4.splat(1);
  const e = exp(f32x4.neg(f32x4.abs(x)));
  return f32x4.div(v128.bitselect(e, one, f32x4.lt(x, f32x4.splat(0))), plus(one, e));
}

/** log(1 + e^x) = max(x, 0) + log(1 + e^-|x|), to 2.7. */
export function softplus(x: v128): v128 {
  return plus(f32x4.pmax(x, f32x4.splat(0)), log1p(exp(f32x4.neg(f32x4.abs(x)))));
}

/** The sign of x on y. */
@inline
function signed(y: v128, x: v128): v128 {
  return v128.bitselect(x, y, f32x4.splat(-0.0));
}

/** tanh x = (1 - e^-2|x|) / (1 + e^-2|x|), both halves by way of e^-2|x| - 1; to 2.5. */
export function tanh(x: v128): v128 {
  const m = expm1(times(f32x4.abs(x), f32x4.splat(-2)));
  return signed(f32x4.div(m, plus(m, f32x4.splat(2))), x);
}

/** erf x = 1 - e^-y with y = |x| R(|x|): one polynomial for the whole range, relative precision near 0. To 3.2. */
export function erf(x: v128): v128 {
  // At 4 and beyond, erf is 1.
  const size = f32x4.pmin(f32x4.abs(x), f32x4.splat(4));
  let r = step(f32x4.splat(6.616075864940285e-8), size, 4.6231190253820387e-7);
  r = step(r, size, -0.000018010186977335252);
  r = step(r, size, 0.00015923830505926162);
  r = step(r, size, -0.0007287593325600028);
  r = step(r, size, 0.0017889949958771467);
  r = step(r, size, -0.0002477575617376715);
  r = step(r, size, -0.019119203090667725);
  r = step(r, size, 0.10277149081230164);
  r = step(r, size, 0.6366198062896729);
  r = step(r, size, 1.128379225730896);
  return signed(expm1(f32x4.neg(times(size, r))), x);
}
