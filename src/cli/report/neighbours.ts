/** @file Distances between embeddings, and who is nearest. */

/** Rows of `size` numbers. */
export interface Rows {
  readonly size: number;
  readonly values: ArrayLike<number>;
}

/** Points in a space, `[count, size]`, row-major. */
export interface Space extends Rows {
  readonly count: number;
  readonly values: Float64Array;
}

/** The points of an array; with unit length where `unit` says so, since then distances order as angles do. */
export function spaceOf(values: ArrayLike<number>, count: number, unit: boolean): Space {
  const size = count === 0 ? 0 : values.length / count;
  const own = Float64Array.from(values);
  for (let row = 0; unit && row < count; row++) {
    const part = own.subarray(row * size, (row + 1) * size);
    const length = Math.hypot(...part);
    if (length > 0) for (let t = 0; t < size; t++) part[t]! /= length;
  }
  return { count, size, values: own };
}

/** Some of the points. */
export function subspace({ size, values }: Space, rows: readonly number[]): Space {
  const own = new Float64Array(rows.length * size);
  rows.forEach((row, at) => {
    own.set(values.subarray(row * size, (row + 1) * size), at * size);
  });
  return { count: rows.length, size, values: own };
}

/** The Euclidean distance of a point of one space to one of another. */
export function distance(a: Rows, row: number, b: Rows, other: number): number {
  let sum = 0;
  for (let t = 0; t < a.size; t++) sum += (a.values[row * a.size + t]! - b.values[other * b.size + t]!) ** 2;
  return Math.sqrt(sum);
}

/** Who is nearest to a point. */
export interface Nearest {
  /** Rows of the references, the nearest first; of equally near ones the first. */
  readonly rows: readonly number[];
  readonly distances: readonly number[];
}

/** The `k` references nearest to a query, or all where there are fewer; `except` is not looked at. */
export function nearestTo(queries: Space, query: number, references: Space, k: number, except = -1): Nearest {
  const rows: number[] = [];
  const distances: number[] = [];
  for (let other = 0; other < references.count; other++) {
    if (other === except) continue;
    const far = distance(queries, query, references, other);
    if (rows.length === k && far >= distances[k - 1]!) continue;
    let at = rows.length;
    while (at > 0 && distances[at - 1]! > far) at--;
    rows.splice(at, 0, other);
    distances.splice(at, 0, far);
    if (rows.length > k) {
      rows.pop();
      distances.pop();
    }
  }
  return { rows, distances };
}
