/** @file The losses of the lab with their default options, by plain loops over pairs, and central differences of them. */

/** A point of the plane. */
export type Point = readonly number[];

/** A loss as a function of the measures of its pairs. */
export interface PlainLoss {
  /** Row i with column j of the matrix: which points they are. */
  readonly rows: (points: number) => number[];
  readonly columns: (points: number) => number[];
  readonly measure: (a: Point, b: Point) => number;
  readonly loss: (measures: readonly (readonly number[])[]) => number;
  /** Whether (i, j) and (j, i) are one pair. */
  readonly symmetric: boolean;
}

const range = (length: number): number[] => Array.from({ length }, (_, i) => i);
const even = (points: number): number[] => range(points / 2).map((i) => 2 * i);
const odd = (points: number): number[] => even(points).map((i) => i + 1);
const dot = (a: Point, b: Point): number => a[0]! * b[0]! + a[1]! * b[1]!;
const distance = (a: Point, b: Point): number => Math.sqrt((a[0]! - b[0]!) ** 2 + (a[1]! - b[1]!) ** 2);

function crossEntropy(scores: readonly (readonly number[])[]): number {
  let sum = 0;
  for (const [i, row] of scores.entries()) {
    let all = 0;
    for (const score of row) all += Math.exp(score);
    sum -= Math.log(Math.exp(row[i]!) / all);
  }
  return sum / scores.length;
}

/** Every loss of the lab. */
export const plainLosses: Readonly<Record<string, PlainLoss>> = {
  contrastive: {
    rows: range,
    columns: range,
    symmetric: true,
    measure: distance,
    loss(d) {
      let sum = 0;
      let pairs = 0;
      for (const i of d.keys()) {
        for (const j of d.keys()) {
          if (i >= j) continue;
          const same = Math.floor(i / 2) === Math.floor(j / 2);
          sum += same ? d[i]![j]! ** 2 / 2 : Math.max(1 - d[i]![j]!, 0) ** 2 / 2;
          pairs += 1;
        }
      }
      return sum / pairs;
    },
  },
  triplet: {
    rows: range,
    columns: range,
    symmetric: true,
    measure: distance,
    loss(d) {
      let sum = 0;
      let triplets = 0;
      for (const a of d.keys()) {
        const p = a % 2 === 0 ? a + 1 : a - 1;
        for (const n of d.keys()) {
          if (n === a || n === p) continue;
          sum += Math.max(d[a]![p]! ** 2 - d[a]![n]! ** 2 + 1, 0);
          triplets += 1;
        }
      }
      return sum / triplets;
    },
  },
  infoNCE: {
    rows: even,
    columns: odd,
    symmetric: false,
    measure: (a, b) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)),
    loss: (s) => crossEntropy(s.map((row) => row.map((v) => v / 0.1))),
  },
  mutualInformation: { rows: even, columns: odd, symmetric: false, measure: dot, loss: crossEntropy },
};

/** The measures of a batch. */
export function measuresOf({ rows, columns, measure }: PlainLoss, points: readonly Point[]): number[][] {
  return rows(points.length).map((i) => columns(points.length).map((j) => measure(points[i]!, points[j]!)));
}

const STEP = 1e-5;

/** The central difference of a function of a number's change. */
function slope(of: (change: number) => number): number {
  return (of(STEP) - of(-STEP)) / (2 * STEP);
}

const moved = (point: Point, axis: number, by: number): number[] => point.map((v, t) => (t === axis ? v + by : v));

/** Minus the gradient of a point. */
export function totalForce(plain: PlainLoss, points: readonly Point[], on: number): number[] {
  return [0, 1].map(
    (axis) =>
      -slope((by) => {
        const there = points.map((point, i) => (i === on ? moved(point, axis, by) : point));
        return plain.loss(measuresOf(plain, there));
      }),
  );
}

/** The derivative of the loss by the measure of a row and a column. */
export function slopeAt(plain: PlainLoss, points: readonly Point[], row: number, column: number): number {
  const measures = measuresOf(plain, points);
  return slope((by) =>
    plain.loss(
      measures.map((line, i) =>
        line.map((v, j) => {
          const same = i === row && j === column;
          return same || (plain.symmetric && i === column && j === row) ? v + by : v;
        }),
      ),
    ),
  );
}

/** What one point does to another; undefined where they make no pair. */
export function pairForce(plain: PlainLoss, points: readonly Point[], on: number, from: number): number[] | undefined {
  const [rows, columns] = [plain.rows(points.length), plain.columns(points.length)];
  const straight = rows.includes(on) && columns.includes(from);
  const [row, column] = straight ? [on, from] : [from, on];
  if (on === from || !rows.includes(row) || !columns.includes(column)) return undefined;
  const steep = slopeAt(plain, points, rows.indexOf(row), columns.indexOf(column));
  return [0, 1].map((axis) => -steep * slope((by) => plain.measure(moved(points[on]!, axis, by), points[from]!)));
}
