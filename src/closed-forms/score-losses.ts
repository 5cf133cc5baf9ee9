/** @file The losses of scores in closed form: InfoNCE, NT-Xent, the supervised contrastive loss, mutual information. */
import type { Tensor } from '../autograd/tensor.js';
import { checkPositive, readOptions } from '../checks.js';
import type { Labels } from '../losses/arguments.js';
import {
  addTo,
  type ClosedForm,
  direction,
  inner,
  nothing,
  numbersOf,
  type PairForce,
  type Rows,
  rowsOf,
  times,
  zerosLike,
} from './vectors.js';

/** Options of the closed forms of score losses. */
export interface ScoreFormOptions {
  /** Divides the scores. */
  readonly temperature?: number;
  /** Whether rows are brought to length 1 first. */
  readonly normalize?: boolean;
}

/** One row of scores: its loss, and the derivative of that by each score. */
interface RowLoss {
  readonly loss: number;
  readonly slopes: readonly number[];
}

/** -log of the share that the positives (equal parts) have among the kept scores: slopes are P - 1/|positives|. */
function crossEntropy(scores: readonly number[], isPositive: readonly boolean[], isKept: readonly boolean[]): RowLoss {
  const top = Math.max(...scores.filter((_, j) => isKept[j]));
  const exponentials = scores.map((s, j) => (isKept[j] ? Math.exp(s - top) : 0));
  const total = exponentials.reduce((sum, e) => sum + e, 0);
  const count = isPositive.filter(Boolean).length;
  const mean = scores.reduce((sum, s, j) => (isPositive[j] ? sum + s / count : sum), 0);
  return {
    loss: top + Math.log(total) - mean,
    slopes: exponentials.map((e, j) => e / total - (isPositive[j] ? 1 / count : 0)),
  };
}

interface Towers {
  readonly queries: Rows;
  readonly keys: Rows;
  readonly isPositive: (i: number, j: number) => boolean;
  readonly isKept: (i: number, j: number) => boolean;
  /** The rows that have a loss. */
  readonly counted: readonly number[];
  readonly factor?: number;
}

/** The mean loss of the counted rows, with the gradients of queries and keys. */
function scoreForm(
  { queries, keys, isPositive, isKept, counted, factor = 1 }: Towers,
  temperature: number,
  normalize: boolean,
): ClosedForm {
  const identity = (row: number[]): ReturnType<typeof direction> => ({ unit: row, project: (g) => [...g] });
  const [q, k] = [queries, keys].map((rows) => rows.map(normalize ? direction : identity)) as [
    ReturnType<typeof direction>[],
    ReturnType<typeof direction>[],
  ];
  const [byQuery, byKey] = [zerosLike(queries), zerosLike(keys)];
  const pairs: PairForce[] = [];
  let value = 0;
  for (const i of counted) {
    const scores = k.map(({ unit }) => inner(q[i]!.unit, unit) / temperature);
    const kinds = keys.map((_, j) => isPositive(i, j));
    const { loss, slopes } = crossEntropy(
      scores,
      kinds,
      keys.map((_, j) => isKept(i, j)),
    );
    value += (factor * loss) / counted.length;
    slopes.forEach((slope, j) => {
      if (!isKept(i, j)) return;
      const weight = (factor * slope) / (counted.length * temperature);
      addTo(byQuery[i]!, times(k[j]!.unit, weight));
      addTo(byKey[j]!, times(q[i]!.unit, weight));
      const force = times(q[i]!.project(times(k[j]!.unit, weight)), -1);
      pairs.push({ i, j, kind: slope < 0 ? 'pull' : 'push', weight: Math.abs(weight), force });
    });
  }
  return {
    value,
    gradients: [byQuery.map((g, i) => q[i]!.project(g)), byKey.map((g, j) => k[j]!.project(g))],
    pairs,
  };
}

/** The options, checked, with their defaults. */
function readForm(
  op: string,
  options: ScoreFormOptions | undefined,
  defaults: Required<ScoreFormOptions>,
): Required<ScoreFormOptions> {
  const read = readOptions(op, options, defaults);
  checkPositive(op, 'temperature', read.temperature);
  return read;
}

const all = (rows: Rows): number[] => [...rows.keys()];

/**
 * In-batch InfoNCE in closed form: $\partial L / \partial S = (P - I) / N$, hence for the query
 * $(\sum_j p_j k_j - k_+) / (N\tau)$ and for the keys $(p_j - \delta_{j+}) q / (N\tau)$; with `normalize` times
 * $(I - \hat z \hat z^\top) / \lVert z \rVert$.
 *
 * In `pairs`, i is the query's row and j the key's; the force is that on the query.
 *
 * @throws {@link ShapeError} when the rows differ.
 * @throws {@link ArgumentError} when there are fewer than two rows, or the temperature is not positive.
 */
export function infoNCEGradient(query: Tensor, positive: Tensor, options?: ScoreFormOptions): ClosedForm {
  return inBatch('infoNCEGradient', [query, positive], options, { temperature: 0.1, normalize: true });
}

function inBatch(
  name: string,
  tensors: readonly Tensor[],
  options: ScoreFormOptions | undefined,
  defaults: Required<ScoreFormOptions>,
): ClosedForm {
  const { temperature, normalize } = readForm(name, options, defaults);
  const [queries, keys] = rowsOf(name, tensors, 2) as [Rows, Rows];
  const towers = {
    queries,
    keys,
    isPositive: (i: number, j: number) => i === j,
    isKept: () => true,
    counted: all(queries),
  };
  return scoreForm(towers, temperature, normalize);
}

/** The mutual-information loss with the InfoNCE estimator in closed form: {@link infoNCEGradient} of raw scores, with its errors. */
export function mutualInformationGradient(local: Tensor, global: Tensor, options?: ScoreFormOptions): ClosedForm {
  return inBatch('mutualInformationGradient', [local, global], options, { temperature: 1, normalize: false });
}

/** Rows that are queries and keys at once: both gradients added. */
function oneTower(
  rows: Rows,
  towers: Omit<Towers, 'queries' | 'keys'>,
  temperature: number,
  normalize: boolean,
): ClosedForm {
  const form = scoreForm({ queries: rows, keys: rows, ...towers }, temperature, normalize);
  const [asQuery, asKey] = form.gradients as [Rows, Rows];
  asQuery.forEach((row, i) => {
    addTo(row, asKey[i]!);
  });
  return { ...form, gradients: [asQuery] };
}

/**
 * NT-Xent in closed form; in `pairs` rows count through both views, first all of `z1`.
 *
 * @throws {@link ShapeError} when the rows differ.
 * @throws {@link ArgumentError} when there are fewer than two rows, or the temperature is not positive.
 */
export function ntXentGradient(z1: Tensor, z2: Tensor, options?: ScoreFormOptions): ClosedForm {
  const name = 'ntXentGradient';
  const { temperature, normalize } = readForm(name, options, { temperature: 0.5, normalize: true });
  const rows = rowsOf(name, [z1, z2], 2).flat();
  const n = rows.length / 2;
  const isPositive = (i: number, j: number): boolean => Math.abs(i - j) === n;
  const form = oneTower(rows, { isPositive, isKept: (i, j) => i !== j, counted: all(rows) }, temperature, normalize);
  const gradient = form.gradients[0]!;
  return { ...form, gradients: [gradient.slice(0, n), gradient.slice(n)] };
}

/** Options of {@link supConGradient}. */
export interface SupConFormOptions extends ScoreFormOptions {
  /** The loss is multiplied by temperature / baseTemperature. Default: the temperature. */
  readonly baseTemperature?: number;
}

/**
 * The supervised contrastive loss of `[N, D]` in closed form, all others in the denominator.
 *
 * @throws {@link ShapeError} unless there is one label for each row.
 * @throws {@link ArgumentError} when no row has a positive, or a temperature is not positive.
 */
export function supConGradient(features: Tensor, labels: Labels, options?: SupConFormOptions): ClosedForm {
  const name = 'supConGradient';
  const read = readOptions(name, options, { temperature: 0.1, normalize: true, baseTemperature: undefined });
  const { temperature, normalize, baseTemperature = temperature } = read;
  checkPositive(name, 'temperature', temperature);
  checkPositive(name, 'baseTemperature', baseTemperature);
  const [rows] = rowsOf(name, [features], 0) as [Rows];
  const classes = numbersOf(name, labels, features);
  const isPositive = (i: number, j: number): boolean => i !== j && classes[i] === classes[j];
  const counted = all(rows).filter((i) => rows.some((_, j) => isPositive(i, j)));
  if (counted.length === 0) throw nothing(name, 'positive');
  const towers = {
    isPositive,
    isKept: (i: number, j: number) => i !== j,
    counted,
    factor: temperature / baseTemperature,
  };
  return oneTower(rows, towers, temperature, normalize);
}
