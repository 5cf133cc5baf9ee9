/**
 * @file Products of matrices and squared distances, by tiles of 4 rows and 8 columns that stay in registers while
 * they run along k. The columns of B that a tile reads are a panel: 8 (or 4) numbers for each k, one after the other.
 */
import { FLOAT32 } from '../opcodes.ts';
import { address, loadPart, loadUpTo, PANEL, storePart, word } from './memory.ts';

/** The longest stretch of k in one panel: a panel stays in the first-level cache. */
const DEPTH: i32 = 512;

/** Rows of A that every panel meets before the next ones: so many, DEPTH long, stay in the second-level cache. */
const HEIGHT: i32 = 128;

// The two things done with a pair of elements.
const PRODUCT: i32 = 0;
const DIFFERENCE: i32 = 1;

/** sum + a b, or sum + (a - b)². */
@inline
function join(form: i32, sum: v128, a: v128, b: v128): v128 {
  if (form == PRODUCT) return f32x4.add(sum, f32x4.mul(a, b));
  const difference = f32x4.sub(a, b);
  return f32x4.add(sum, f32x4.mul(difference, difference));
}

/** Writes up to 8 columns of one row; adds to what is there unless these are the first. */
@inline
function storeRow(to: usize, left: v128, right: v128, columns: i32, fresh: bool): void {
  if (columns >= 4) {
    v128.store(to, fresh ? left : f32x4.add(v128.load(to), left));
    if (columns == 8) v128.store(to, fresh ? right : f32x4.add(v128.load(to, 16), right), 16);
    else if (columns > 4) {
      const rest = columns - 4;
      storePart(to + 16, fresh ? right : f32x4.add(loadPart(to + 16, rest), right), rest);
    }
  } else storePart(to, fresh ? left : f32x4.add(loadPart(to, columns), left), columns);
}

/** A tile of 4 rows by 8 columns, or by 4 where not `wide`. Rows of A are `row` bytes apart, its columns `step`. */
@inline
function fourRows(
  form: i32, wide: bool, out: usize, outRow: usize, a: usize, row: usize, step: usize,
  panel: usize, panelStep: usize, depth: i32, columns: i32, fresh: bool,
): void {
  let c0 = f32x4.splat(0);
  let c1 = c0;
  let c2 = c0;
  let c3 = c0;
  let d0 = c0;
  let d1 = c0;
  let d2 = c0;
  let d3 = c0;
  let a1 = a + row;
  let a2 = a1 + row;
  let a3 = a2 + row;
  for (; depth > 0; depth--) {
    const b = v128.load(panel);
    const d = wide ? v128.load(panel, 16) : b;
    let x = v128.load32_splat(a);
    c0 = join(form, c0, x, b);
    if (wide) d0 = join(form, d0, x, d);
    x = v128.load32_splat(a1);
    c1 = join(form, c1, x, b);
    if (wide) d1 = join(form, d1, x, d);
    x = v128.load32_splat(a2);
    c2 = join(form, c2, x, b);
    if (wide) d2 = join(form, d2, x, d);
    x = v128.load32_splat(a3);
    c3 = join(form, c3, x, b);
    if (wide) d3 = join(form, d3, x, d);
    a += step;
    a1 += step;
    a2 += step;
    a3 += step;
    panel += panelStep;
  }
  storeRow(out, c0, d0, columns, fresh);
  storeRow(out + outRow, c1, d1, columns, fresh);
  storeRow(out + 2 * outRow, c2, d2, columns, fresh);
  storeRow(out + 3 * outRow, c3, d3, columns, fresh);
}

/** One row of such a tile. */
@inline
function oneRow(
  form: i32, wide: bool, out: usize, a: usize, step: usize, panel: usize, panelStep: usize,
  depth: i32, columns: i32, fresh: bool,
): void {
  let c = f32x4.splat(0);
  let d = c;
  for (; depth > 0; depth--) {
    const x = v128.load32_splat(a);
    c = join(form, c, x, v128.load(panel));
    if (wide) d = join(form, d, x, v128.load(panel, 16));
    a += step;
    panel += panelStep;
  }
  storeRow(out, c, d, columns, fresh);
}

/** Every row of A against one panel. */
@inline
function rows(
  form: i32, wide: bool, out: usize, outRow: usize, a: usize, row: usize, step: usize,
  panel: usize, panelStep: usize, m: i32, depth: i32, columns: i32, fresh: bool,
): void {
  for (; m >= 4; m -= 4) {
    fourRows(form, wide, out, outRow, a, row, step, panel, panelStep, depth, columns, fresh);
    out += 4 * outRow;
    a += 4 * row;
  }
  for (; m > 0; m--) {
    oneRow(form, wide, out, a, step, panel, panelStep, depth, columns, fresh);
    out += outRow;
    a += row;
  }
}

/** Packs `columns` columns of B, whose rows lie `step` bytes apart, side by side; those that lack to `width` are 0. */
function packRows(b: usize, step: usize, depth: i32, columns: i32, width: i32): void {
  const line = <usize>width << 2;
  for (let to = PANEL, end = PANEL + <usize>depth * line; to < end; to += line) {
    v128.store(to, loadUpTo(b, columns));
    if (width == 8) v128.store(to, loadUpTo(b + 16, columns - 4), 16);
    b += step;
  }
}

/** The same where B is stored transposed, its columns `column` bytes apart: 4 x 4 numbers change places at a time. */
function packColumns(b: usize, column: usize, depth: i32, columns: i32, width: i32): void {
  const line = <usize>width << 2;
  for (let j: i32 = 0; j < width; j += 4) {
    let to = PANEL + (<usize>j << 2);
    // A column that lacks is read from the first one, and never stored.
    let b0 = b + <usize>j * column;
    let b1 = j + 1 < columns ? b0 + column : b0;
    let b2 = j + 2 < columns ? b1 + column : b0;
    let b3 = j + 3 < columns ? b2 + column : b0;
    let t = depth;
    for (; t >= 4; t -= 4) {
      const x = v128.load(b0);
      const y = v128.load(b1);
      const z = v128.load(b2);
      const w = v128.load(b3);
      const xy = v128.shuffle<i32>(x, y, 0, 4, 1, 5);
      const zw = v128.shuffle<i32>(z, w, 0, 4, 1, 5);
      const xyEnd = v128.shuffle<i32>(x, y, 2, 6, 3, 7);
      const zwEnd = v128.shuffle<i32>(z, w, 2, 6, 3, 7);
      v128.store(to, v128.shuffle<i64>(xy, zw, 0, 2));
      v128.store(to + line, v128.shuffle<i64>(xy, zw, 1, 3));
      v128.store(to + 2 * line, v128.shuffle<i64>(xyEnd, zwEnd, 0, 2));
      v128.store(to + 3 * line, v128.shuffle<i64>(xyEnd, zwEnd, 1, 3));
      to += 4 * line;
      b0 += 16;
      b1 += 16;
      b2 += 16;
      b3 += 16;
    }
    for (; t > 0; t--) {
      store<i32>(to, load<i32>(b0));
      store<i32>(to, load<i32>(b1), 4);
      store<i32>(to, load<i32>(b2), 8);
      store<i32>(to, load<i32>(b3), 12);
      to += line;
      b0 += 4;
      b1 += 4;
      b2 += 4;
      b3 += 4;
    }
  }
}

/** One matrix: element (i, t) of A lies at `i row + t step`, element (t, j) of B at `t bStep + j column`. */
@inline
function multiply(
  form: i32, out: usize, a: usize, row: usize, step: usize, b: usize, bStep: usize, column: usize,
  m: i32, k: i32, n: i32,
): void {
  const outRow = <usize>n << 2;
  for (let i: i32 = 0; i < m; i += HEIGHT) {
    const height = min(HEIGHT, m - i);
    // A panel is packed once for each block of rows of A; few rows, or a small matrix, are not worth it.
    const packs = column != 4 || (m >= 16 && k * n > 8192);
    for (let t: i32 = 0; t < k; t += DEPTH) {
      const depth = min(DEPTH, k - t);
      const from = a + <usize>i * row + <usize>t * step;
      for (let j: i32 = 0; j < n; j += 8) {
        const columns = min(8, n - j);
        const wide = columns > 4;
        const width = wide ? 8 : 4;
        const start = b + <usize>t * bStep + <usize>j * column;
        const inPlace = !packs && columns == width;
        if (!inPlace) {
          if (column == 4) packRows(start, bStep, depth, columns, width);
          else packColumns(start, column, depth, columns, width);
        }
        const panel = inPlace ? start : PANEL;
        const panelStep = inPlace ? bStep : <usize>width << 2;
        const to = out + <usize>i * outRow + (<usize>j << 2);
        const fresh = t == 0;
        if (wide) rows(form, true, to, outRow, from, row, step, panel, panelStep, height, depth, columns, fresh);
        else rows(form, false, to, outRow, from, row, step, panel, panelStep, height, depth, columns, fresh);
      }
    }
  }
}

/** The same for int32, by plain loops: it is not what models are made of. */
function multiplyIntegers(
  form: i32, out: usize, a: usize, row: usize, step: usize, b: usize, bStep: usize, column: usize,
  m: i32, k: i32, n: i32,
): void {
  for (let i: i32 = 0; i < m; i++) {
    for (let j: i32 = 0; j < n; j++) {
      let from = a + <usize>i * row;
      let other = b + <usize>j * column;
      let sum: i32 = 0;
      for (let t: i32 = 0; t < k; t++) {
        const x = load<i32>(from);
        const y = load<i32>(other);
        sum += form == PRODUCT ? x * y : (x - y) * (x - y);
        from += step;
        other += bStep;
      }
      store<i32>(out, sum);
      out += 4;
    }
  }
}

/** `[out, a, b, batch, m, k, n, transposeA, transposeB, type]` */
export function matmul(at: usize): void {
  let out = address(at, 0);
  let a = address(at, 1);
  let b = address(at, 2);
  const m = word(at, 4);
  const k = word(at, 5);
  const n = word(at, 6);
  const row: usize = word(at, 7) ? 4 : <usize>k << 2;
  const step: usize = word(at, 7) ? <usize>m << 2 : 4;
  const bStep: usize = word(at, 8) ? 4 : <usize>n << 2;
  const column: usize = word(at, 8) ? <usize>k << 2 : 4;
  for (let batch = word(at, 3); batch > 0; batch--) {
    if (word(at, 9) == FLOAT32) multiply(PRODUCT, out, a, row, step, b, bStep, column, m, k, n);
    else multiplyIntegers(PRODUCT, out, a, row, step, b, bStep, column, m, k, n);
    out += <usize>(m * n) << 2;
    a += <usize>(m * k) << 2;
    b += <usize>(k * n) << 2;
  }
}

/** `[out, a, b, n, m, d, type]` */
export function squaredDistance(at: usize): void {
  const out = address(at, 0);
  const a = address(at, 1);
  const b = address(at, 2);
  const n = word(at, 3);
  const m = word(at, 4);
  const d = word(at, 5);
  const row = <usize>d << 2;
  if (word(at, 6) == FLOAT32) multiply(DIFFERENCE, out, a, row, 4, b, 4, row, n, d, m);
  else multiplyIntegers(DIFFERENCE, out, a, row, 4, b, 4, row, n, d, m);
}
