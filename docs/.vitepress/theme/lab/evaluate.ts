/** @file The losses of a batch and their forces, by the library's own backward pass. */
import { attribution } from '../../../../src/explain/index.js';
import { ContragradError, Generator, tensor } from '../../../../src/index.js';
import type { Point } from '../parts/point.js';
import { type LossName, losses, type Options } from './losses.js';
import { REACH } from './state.js';

/** What one point does to another. */
export interface PairForce {
  readonly on: number;
  readonly from: number;
  readonly kind: 'pull' | 'push' | 'none';
  readonly positive: boolean;
  /** Distance or similarity. */
  readonly measure: number;
  /** The loss' derivative by it. */
  readonly slope: number;
  readonly force: Point;
}

/** A loss of a batch, and what it does to each point. */
export interface Evaluation {
  readonly loss: LossName;
  readonly options: Options;
  readonly value: number;
  readonly quantity: 'distance' | 'similarity';
  /** Whether rows are brought to length 1 first. */
  readonly normalizes: boolean;
  /** Minus the gradient of each point. */
  readonly totals: readonly Point[];
  readonly pairs: readonly PairForce[];
  /** The points of the matrices' rows and columns. */
  readonly rows: readonly number[];
  readonly columns: readonly number[];
  /** The pair of a row and a column; undefined where they make none. */
  readonly pairAt: (on: number, from: number) => PairForce | undefined;
}

const every = (length: number, step: number, start = 0): number[] =>
  Array.from({ length: length / step }, (_, i) => i * step + start);

/** A loss of a batch. The engine's refusal, of a batch that holds no triplet for example, is the `problem`. */
export function evaluate(
  loss: LossName,
  points: readonly Point[],
  options: Options,
): Evaluation | { readonly problem: string } {
  const { takes, call } = losses[loss];
  const [first, second] = [every(points.length, 2), every(points.length, 2, 1)];
  const rowsOf = (chosen: readonly number[]) =>
    tensor(
      chosen.map((point) => [...points[point]!]),
      { dtype: 'float64' },
    );
  const all = [...points.keys()];
  const inputs = takes === 'batch' ? [all] : [first, second];
  const labels = takes === 'batch' ? [all.map((point) => point >> 1)] : [];
  // Drawn triplets stay the same while a point is dragged.
  const drawn = options.mining === 'distanceWeighted' ? { generator: new Generator(1) } : {};
  try {
    const { value, quantity, normalizes, gradients, forces } = attribution(
      call as Parameters<typeof attribution>[0],
      [...inputs.map(rowsOf), ...labels] as never,
      { ...options, ...drawn } as never,
    );
    const totals = points.map((): Point => [0, 0]);
    for (const [input, rows] of gradients.entries()) {
      for (const [row, [x, y]] of rows.entries()) totals[inputs[input]![row]!] = [-x!, -y!];
    }
    const pairs: PairForce[] = [];
    const table = points.map((): PairForce[] => []);
    for (const { on, from, kind, relation, measure, slope, force } of forces) {
      if (from === null) continue;
      const pair = {
        on: inputs[on.input]![on.row]!,
        from: inputs[from.input]![from.row]!,
        kind,
        positive: relation === 'positive',
        measure,
        slope,
        force: [force[0]!, force[1]!] as Point,
      };
      pairs.push(pair);
      table[pair.on]![pair.from] = pair;
    }
    return {
      loss,
      options,
      value,
      quantity,
      normalizes,
      totals,
      pairs,
      rows: inputs[0]!,
      columns: inputs.at(-1)!,
      pairAt: (on, from) => table[on]?.[from],
    };
  } catch (error) {
    if (error instanceof ContragradError) return { problem: error.message };
    throw error;
  }
}

/** The points after a step of gradient descent; undefined where one would leave the plane. */
export function stepped(points: readonly Point[], { totals }: Evaluation, rate: number): Point[] | undefined {
  const moved = points.map(([x, y], i): Point => [x + rate * totals[i]![0], y + rate * totals[i]![1]]);
  return moved.flat().every((value) => Math.abs(value) <= REACH) ? moved : undefined;
}
