/** @file Functions of two or three elements, over any strides; and casts. */
import * as code from '../opcodes.ts';
import { power } from './double.ts';
import {
  address, collectRows, copy, loadPart, storePart, TILE, TILE_A, TILE_B, TILE_C, VECTOR, word,
} from './memory.ts';
import { begin, first, lengthOf, nextBlock, rowsOf, rowStepOf, second, stepOf, third } from './walk.ts';

/** 1 where the comparison holds, as integers. */
@inline
function ones(holds: v128): v128 {
  return i32x4.shr_u(holds, 31);
}

/** A number's whole part modulo 2³², as JavaScript does it. */
export function wrap(x: f64): i32 {
  if (abs(x) < 9223372036854775808) return <i32><i64>x;
  if (x != x || abs(x) == Infinity) return 0;
  return <i32><i64>(x - trunc(x / 4294967296) * 4294967296);
}

/** op(a, b) for four elements; quotients and powers of floats only. */
@inline
function apply<T>(op: i32, a: v128, b: v128): v128 {
  if (op == code.ADD) return v128.add<T>(a, b);
  if (op == code.SUB) return v128.sub<T>(a, b);
  if (op == code.MUL) return v128.mul<T>(a, b);
  if (op == code.MAXIMUM) return isFloat<T>() ? f32x4.max(a, b) : i32x4.max_s(a, b);
  if (op == code.MINIMUM) return isFloat<T>() ? f32x4.min(a, b) : i32x4.min_s(a, b);
  if (op == code.GREATER) return ones(isFloat<T>() ? f32x4.gt(a, b) : i32x4.gt_s(a, b));
  if (op == code.GREATER_EQUAL) return ones(isFloat<T>() ? f32x4.ge(a, b) : i32x4.ge_s(a, b));
  if (op == code.LESS) return ones(isFloat<T>() ? f32x4.lt(a, b) : i32x4.lt_s(a, b));
  if (op == code.LESS_EQUAL) return ones(isFloat<T>() ? f32x4.le(a, b) : i32x4.le_s(a, b));
  if (op == code.EQUAL) return ones(v128.eq<T>(a, b));
  if (op == code.NOT_EQUAL) return ones(v128.ne<T>(a, b));
  return op == code.DIV ? f32x4.div(a, b) : powers(a, b);
}

function powers(a: v128, b: v128): v128 {
  v128.store(VECTOR, a);
  v128.store(VECTOR, b, 16);
  for (let at = VECTOR; at < VECTOR + 16; at += 4) store<f32>(at, <f32>power(load<f32>(at), load<f32>(at, 16)));
  return v128.load(VECTOR);
}

/** A run of whole vectors; an operand that is the same for all elements is one vector that is not left. */
@inline
function loop<T>(op: i32, out: usize, end: usize, a: usize, aMove: usize, b: usize, bMove: usize): void {
  for (; out < end; out += 16) {
    v128.store(out, apply<T>(op, v128.load(a), v128.load(b)));
    a += aMove;
    b += bMove;
  }
}

function vectors<T>(op: i32, out: usize, end: usize, a: usize, aMove: usize, b: usize, bMove: usize): void {
  // Nobody asks for these of integers: see device.ts.
  if (isFloat<T>()) {
    if (op == code.DIV) { loop<T>(code.DIV, out, end, a, aMove, b, bMove); return; }
    if (op == code.POW) { loop<T>(code.POW, out, end, a, aMove, b, bMove); return; }
  }
  switch (op) {
    case code.ADD: loop<T>(code.ADD, out, end, a, aMove, b, bMove); break;
    case code.SUB: loop<T>(code.SUB, out, end, a, aMove, b, bMove); break;
    case code.MUL: loop<T>(code.MUL, out, end, a, aMove, b, bMove); break;
    case code.MAXIMUM: loop<T>(code.MAXIMUM, out, end, a, aMove, b, bMove); break;
    case code.MINIMUM: loop<T>(code.MINIMUM, out, end, a, aMove, b, bMove); break;
    case code.GREATER: loop<T>(code.GREATER, out, end, a, aMove, b, bMove); break;
    case code.GREATER_EQUAL: loop<T>(code.GREATER_EQUAL, out, end, a, aMove, b, bMove); break;
    case code.LESS: loop<T>(code.LESS, out, end, a, aMove, b, bMove); break;
    case code.LESS_EQUAL: loop<T>(code.LESS_EQUAL, out, end, a, aMove, b, bMove); break;
    case code.EQUAL: loop<T>(code.EQUAL, out, end, a, aMove, b, bMove); break;
    default: loop<T>(code.NOT_EQUAL, out, end, a, aMove, b, bMove);
  }
}

/** One run; neither operand is strided, and what does not fill a vector is done in one of its own. */
function run(type: i32, op: i32, out: usize, count: i32, a: usize, aMove: usize, b: usize, bMove: usize): void {
  const whole = count >> 2;
  const end = out + (<usize>whole << 4);
  if (whole > 0) {
    if (type == code.FLOAT32) vectors<f32>(op, out, end, a, aMove, b, bMove);
    else vectors<i32>(op, out, end, a, aMove, b, bMove);
  }
  const rest = count & 3;
  if (rest == 0) return;
  const lastA = aMove ? loadPart(a + whole * 16, rest) : v128.load(a);
  const lastB = bMove ? loadPart(b + whole * 16, rest) : v128.load(b);
  v128.store(VECTOR, lastA, 32);
  v128.store(VECTOR, lastB, 48);
  const last = VECTOR + 64;
  if (type == code.FLOAT32) vectors<f32>(op, last, last + 16, VECTOR + 32, 0, VECTOR + 48, 0);
  else vectors<i32>(op, last, last + 16, VECTOR + 32, 0, VECTOR + 48, 0);
  storePart(end, v128.load(last), rest);
}

// A piece of a walk is as many whole runs as a tile holds, or a part of one run: over it all operands lie side by side.

/** How many runs make a piece. */
@inline
function runsOf(walk: usize, length: i32): i32 {
  return length < TILE ? min(TILE / length, rowsOf(walk)) : 1;
}

/** Elements of a run that make a piece: all, unless they are more than a tile holds and an operand needs one. */
@inline
function partOf(length: i32, steps: i32): i32 {
  return length > TILE && (steps & ~4) != 0 ? TILE : length;
}

/** How far the next vector of an operand is: nowhere, where one element stands for a whole piece. */
@inline
function moveOf(walk: usize, operand: i32, runs: i32): usize {
  return stepOf(walk, operand) == 0 && (runs == 1 || rowStepOf(walk, operand) == 0) ? 0 : 16;
}

/** Where a piece of an operand lies side by side: in its place, or in a tile, which may hold it from the piece before. */
@inline
function pieceOf(
  walk: usize, operand: i32, tile: usize, from: usize, count: i32, runs: i32, move: usize, again: bool,
): usize {
  const step = stepOf(walk, operand);
  const rowStep = rowStepOf(walk, operand);
  if (step == 4 && (runs == 1 || rowStep == count << 2)) return from;
  if (move == 0) v128.store(tile, v128.load32_splat(from));
  else if (!again || rowStep != 0) collectRows(tile, from, step, count, rowStep, runs);
  return tile;
}

/** `[out, a, b, op, type, walk…]` */
export function zip(at: usize): void {
  const walk = at + 8 + 20;
  const op = word(at, 3);
  const type = word(at, 4);
  const length = lengthOf(walk);
  const rows = rowsOf(walk);
  const most = runsOf(walk, length);
  const part = partOf(length, stepOf(walk, 0) | stepOf(walk, 1));
  const aMove = moveOf(walk, 0, most);
  const bMove = moveOf(walk, 1, most);
  let out = address(at, 0);
  begin(walk, address(at, 1), address(at, 2), 0);
  do {
    for (let row: i32 = 0; row < rows; row += most) {
      const runs = min(most, rows - row);
      const again = row > 0 && part == length;
      for (let done: i32 = 0; done < length; done += part) {
        const count = min(part, length - done);
        const a = pieceOf(walk, 0, TILE_A, first + rowStepOf(walk, 0) * row + stepOf(walk, 0) * done, count, runs, aMove, again);
        const b = pieceOf(walk, 1, TILE_B, second + rowStepOf(walk, 1) * row + stepOf(walk, 1) * done, count, runs, bMove, again);
        run(type, op, out, count * runs, a, aMove, b, bMove);
        out += <usize>(count * runs) << 2;
      }
    }
  } while (nextBlock(walk));
}

/** `[out, condition, a, b, walk…]`: elements keep their bits, whatever they mean. */
export function where(at: usize): void {
  const walk = at + 8 + 16;
  const length = lengthOf(walk);
  const rows = rowsOf(walk);
  const most = runsOf(walk, length);
  const part = partOf(length, stepOf(walk, 0) | stepOf(walk, 1) | stepOf(walk, 2));
  const conditionMove = moveOf(walk, 0, most);
  const aMove = moveOf(walk, 1, most);
  const bMove = moveOf(walk, 2, most);
  let out = address(at, 0);
  begin(walk, address(at, 1), address(at, 2), address(at, 3));
  do {
    for (let row: i32 = 0; row < rows; row += most) {
      const runs = min(most, rows - row);
      const again = row > 0 && part == length;
      for (let done: i32 = 0; done < length; done += part) {
        const count = min(part, length - done);
        let condition = pieceOf(walk, 0, TILE_A, first + rowStepOf(walk, 0) * row + stepOf(walk, 0) * done, count, runs, conditionMove, again);
        let a = pieceOf(walk, 1, TILE_B, second + rowStepOf(walk, 1) * row + stepOf(walk, 1) * done, count, runs, aMove, again);
        let b = pieceOf(walk, 2, TILE_C, third + rowStepOf(walk, 2) * row + stepOf(walk, 2) * done, count, runs, bMove, again);
        const size = count * runs;
        for (const end = out + (<usize>(size & ~3) << 2); out < end; out += 16) {
          v128.store(out, choose(v128.load(condition), v128.load(a), v128.load(b)));
          condition += conditionMove;
          a += aMove;
          b += bMove;
        }
        const rest = size & 3;
        if (rest) {
          storePart(out, choose(loadPart(condition, rest), loadPart(a, rest), loadPart(b, rest)), rest);
          out += <usize>rest << 2;
        }
      }
    }
  } while (nextBlock(walk));
}

@inline
function choose(condition: v128, a: v128, b: v128): v128 {
  return v128.bitselect(b, a, i32x4.eq(condition, i32x4.splat(0)));
}

/** `[out, x, from, to, size]`; `from` and `to` are types. */
export function cast(at: usize): void {
  let out = address(at, 0);
  let x = address(at, 1);
  const from = word(at, 2);
  const size = word(at, 4);
  if (from == word(at, 3)) {
    copy(out, x, size);
    return;
  }
  const end = out + (<usize>size << 2);
  if (from == code.INT32) {
    for (; out + 16 <= end; out += 16) {
      v128.store(out, f32x4.convert_i32x4_s(v128.load(x)));
      x += 16;
    }
  }
  for (; out < end; out += 4) {
    if (from == code.INT32) store<f32>(out, <f32>load<i32>(x));
    else store<i32>(out, wrap(load<f32>(x)));
    x += 4;
  }
}
