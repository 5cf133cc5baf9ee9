/** @file Functions of one element. */
import * as code from '../opcodes.ts';
import { erf, exp, expm1, log, log1p, sigmoid, softplus, tanh } from './exponential.ts';
import { address, loadPart, storePart, VECTOR, word } from './memory.ts';

/** The larger of x and 0. `pmax` keeps NaN in this order; it keeps -0 too, which the sum with 0 makes 0. */
function relu(x: v128): v128 {
  return f32x4.add(f32x4.pmax(x, f32x4.splat(0)), f32x4.splat(0));
}

/** -1, 0 or 1; 0 for NaN. */
function sign(x: v128): v128 {
  const zero = f32x4.splat(0);
  const one = v128.bitselect(x, f32x4.splat(1), f32x4.splat(-0.0));
  return v128.and(one, v128.or(f32x4.lt(x, zero), f32x4.gt(x, zero)));
}

function integerSign(x: v128): v128 {
  return v128.or(i32x4.shr_s(x, 31), i32x4.shr_u(i32x4.neg(x), 31));
}

/** op(x) for four elements. */
@inline
function apply<T>(op: i32, x: v128): v128 {
  if (op == code.NEG) return v128.neg<T>(x);
  if (op == code.ABS) return v128.abs<T>(x);
  if (op == code.SIGN) return isFloat<T>() ? sign(x) : integerSign(x);
  if (op == code.SQUARE) return v128.mul<T>(x, x);
  if (op == code.RELU) return isFloat<T>() ? relu(x) : i32x4.max_s(x, i32x4.splat(0));
  if (op == code.SQRT) return f32x4.sqrt(x);
  if (op == code.EXP) return exp(x);
  if (op == code.EXPM1) return expm1(x);
  if (op == code.LOG) return log(x);
  if (op == code.LOG1P) return log1p(x);
  if (op == code.ERF) return erf(x);
  if (op == code.TANH) return tanh(x);
  if (op == code.SIGMOID) return sigmoid(x);
  return softplus(x);
}

@inline
function loop<T>(op: i32, out: usize, end: usize, x: usize): void {
  for (; out < end; out += 16) {
    v128.store(out, apply<T>(op, v128.load(x)));
    x += 16;
  }
}

/** Whole vectors, from `out` to `end`. */
function vectors(type: i32, op: i32, out: usize, end: usize, x: usize): void {
  if (type == code.INT32) {
    switch (op) {
      case code.NEG: loop<i32>(code.NEG, out, end, x); break;
      case code.ABS: loop<i32>(code.ABS, out, end, x); break;
      case code.SIGN: loop<i32>(code.SIGN, out, end, x); break;
      case code.SQUARE: loop<i32>(code.SQUARE, out, end, x); break;
      default: loop<i32>(code.RELU, out, end, x);
    }
    return;
  }
  switch (op) {
    case code.NEG: loop<f32>(code.NEG, out, end, x); break;
    case code.ABS: loop<f32>(code.ABS, out, end, x); break;
    case code.SIGN: loop<f32>(code.SIGN, out, end, x); break;
    case code.SQUARE: loop<f32>(code.SQUARE, out, end, x); break;
    case code.RELU: loop<f32>(code.RELU, out, end, x); break;
    case code.SQRT: loop<f32>(code.SQRT, out, end, x); break;
    case code.EXP: loop<f32>(code.EXP, out, end, x); break;
    case code.EXPM1: loop<f32>(code.EXPM1, out, end, x); break;
    case code.LOG: loop<f32>(code.LOG, out, end, x); break;
    case code.LOG1P: loop<f32>(code.LOG1P, out, end, x); break;
    case code.ERF: loop<f32>(code.ERF, out, end, x); break;
    case code.TANH: loop<f32>(code.TANH, out, end, x); break;
    case code.SIGMOID: loop<f32>(code.SIGMOID, out, end, x); break;
    default: loop<f32>(code.SOFTPLUS, out, end, x);
  }
}

/** `[out, x, op, type, size]` */
export function map(at: usize): void {
  const out = address(at, 0);
  const x = address(at, 1);
  const op = word(at, 2);
  const type = word(at, 3);
  const size = word(at, 4);
  const whole = <usize>(size >> 2) << 4;
  vectors(type, op, out, out + whole, x);
  const rest = size & 3;
  if (rest == 0) return;
  v128.store(VECTOR, loadPart(x + whole, rest));
  vectors(type, op, VECTOR, VECTOR + 16, VECTOR);
  storePart(out + whole, v128.load(VECTOR), rest);
}
