/** @file Who pulls and pushes whom: the gradient of a loss, split by pairs, by the engine's own backward pass. */
import { grad } from '../autograd/backward.js';
import { context } from '../autograd/context.js';
import type { Tensor } from '../autograd/tensor.js';
import { wrong } from '../checks.js';
import type { TypedArray } from '../dtype.js';
import { ArgumentError } from '../errors.js';
import { isPlainObject } from '../leaves.js';
import { reshape, slice } from '../ops/layout.js';
import { Generator } from '../random.js';
import { leafOf, plainly, rowsOf } from './arguments.js';
import {
  type AttributableLoss,
  checkLoss,
  type Pair,
  type PairForm,
  pairFormOf,
  placesOf,
  type RowOf,
  refuseAs,
} from './pair-forms.js';

export type { AttributableLoss, RowOf } from './pair-forms.js';

/** The arguments of a loss before its options. */
export type InputsOf<Loss extends AttributableLoss> =
  Required<Parameters<Loss>> extends [...infer Inputs, infer _Options] ? Inputs : never;

/** The options of a loss. */
export type OptionsOf<Loss extends AttributableLoss> =
  Required<Parameters<Loss>> extends [...infer _Inputs, infer Options] ? Options : never;

/** What one row does to another. */
export interface Force {
  /** The row that is moved. */
  readonly on: RowOf;
  /** The row that moves it; null where a row's own length does. */
  readonly from: RowOf | null;
  /** Whether the loss wants the two alike (`positive`) or apart; `self` where there is no other row. */
  readonly relation: 'positive' | 'negative' | 'self';
  /** Whether gradient descent draws `on` towards `from` or drives it away; `none` where the pair has no slope. */
  readonly kind: 'pull' | 'push' | 'none';
  /** The pair's distance or similarity $s_{ij}$; NaN for `self`. */
  readonly measure: number;
  /** $\partial L / \partial s_{ij}$, both orders of the pair added; NaN for `self`. */
  readonly slope: number;
  /** $-\frac{\partial L}{\partial s_{ij}} \frac{\partial s_{ij}}{\partial z_i}$: its part of minus the gradient of `on`. */
  readonly force: readonly number[];
}

/** A loss, split by pairs. */
export interface Attribution {
  /** The loss. */
  readonly value: number;
  /** What {@link Force.measure} is: a distance grows where a pair comes apart, a similarity where it comes together. */
  readonly quantity: 'distance' | 'similarity';
  /** Whether the loss sees directions only: rows are brought to length 1 first. */
  readonly normalizes: boolean;
  /** The gradient of each input, row by row: minus the sum of the forces. Negatives among the options are one more input. */
  readonly gradients: readonly (readonly (readonly number[])[])[];
  /** What each row feels of each other row. Those on a row add up to minus its gradient. */
  readonly forces: readonly Force[];
}

/**
 * Splits the gradient of a loss by pairs: what each row does to each other row.
 *
 * The force on i from j is $-\frac{\partial L}{\partial s_{ij}} \frac{\partial s_{ij}}{\partial z_i}$, with $s_{ij}$ the distance
 * or similarity of the pair. Each pair gets copies of its two rows; one backward pass of the engine's own rules then gives each
 * copy its gradient. Computed in float64 on the CPU, for N rows in N² D numbers: for small batches, to look at.
 *
 * @param lossFn - One of the losses of embeddings.
 * @param inputs - Its arguments before the options.
 * @param options - Its options; the loss must come out as a scalar.
 * @throws `ArgumentError` on any other function, or when the loss is no scalar.
 *
 * @example
 * ```ts
 * import { contrastiveLoss, tensor } from 'contragrad';
 * import { attribution } from 'contragrad/explain';
 *
 * const [a, b] = [tensor([[0, 0]]), tensor([[3, 4]])];
 * const [onA] = attribution(contrastiveLoss, [a, b, [1]]).forces;
 * console.log(onA?.kind, onA?.measure, onA?.force); // pull 5 [ 3, 4 ]
 * ```
 */
export function attribution<Loss extends AttributableLoss>(
  lossFn: Loss,
  inputs: InputsOf<Loss>,
  options: OptionsOf<Loss> = {} as OptionsOf<Loss>,
): Attribution {
  return attributed(prepared('attribution', lossFn, inputs, options));
}

/** A loss as a function of its pairs, split by them. */
export function attributed(form: PairForm): Attribution {
  const { value, forces } = forcesOf(form);
  const gradients = form.rows.map((x) => rowsOf(x).map((row) => row.map(() => 0)));
  for (const { on, force } of forces)
    force.forEach((v, t) => {
      gradients[on.input]![on.row]![t]! -= v;
    });
  return { value, quantity: form.quantity, normalizes: form.normalizes, gradients, forces };
}

/** A loss of these arguments as a function of its pairs, when the loss refuses nothing of them. */
export function prepared<Loss extends AttributableLoss>(
  op: string,
  lossFn: Loss,
  inputs: InputsOf<Loss>,
  options: OptionsOf<Loss>,
): PairForm {
  checkLoss(op, lossFn);
  if (!Array.isArray(inputs)) throw wrong(op, 'inputs', 'a list', inputs);
  checkOptions(op, options);
  const given = plainly([...inputs], options as object, (called, plain) =>
    drawingAgain(plain, () => refuseAs(op, lossFn, called, plain)),
  );
  return pairFormOf(lossFn, given);
}

/** Throws an {@link ArgumentError} unless options are a plain object; the loss knows which there are. */
function checkOptions(op: string, options: unknown): void {
  if (typeof options === 'object' && options !== null && isPlainObject(options)) return;
  throw wrong(op, 'options', 'a plain object', options);
}

/** Runs a loss whose mining may draw: whoever comes next draws the same. */
export function drawingAgain<Result>(options: object, run: () => Result): Result {
  const { generator = context().generator } = options as { readonly generator?: Generator };
  Generator.check('attribution', generator);
  const { state } = generator;
  try {
    return run();
  } finally {
    generator.state = state;
  }
}

/** A loss, and the forces of every pair, by giving each its own copies of its rows. */
function forcesOf(form: PairForm): { value: number; forces: Force[] } {
  const pairs = form.blocks.flatMap((block) => block.pairs);
  const size = form.rows[0]!.shape[1]!;
  const numbers = form.rows.map((x) => x.dataSync());
  const copies = (of: (pair: Pair) => RowOf): Tensor => {
    const data = new Float64Array(pairs.length * size);
    pairs.forEach((pair, p) => {
      const { input, row } = of(pair);
      data.set(numbers[input]!.subarray(row * size, (row + 1) * size), p * size);
    });
    return leafOf(data, [pairs.length, size]);
  };
  const [left, right] = [copies((pair) => pair.left), copies((pair) => pair.right)];
  const split = pairs.length === 0 ? { value: 0, forces: [] } : pairForces(form, pairs, left, right);
  if (form.own === undefined) return split;
  const rows = form.rows.map((x) => leafOf(x.dataSync() as Float64Array, x.shape));
  const loss = form.own(...rows);
  const own = grad(loss, rows).flatMap((g, input) =>
    rowsOf(g).map((gradient, row): Force => {
      const force = gradient.map((v) => -v);
      const kind = force.some((v) => v !== 0) ? 'pull' : 'none';
      return { on: { input, row }, from: null, relation: 'self', kind, measure: Number.NaN, slope: Number.NaN, force };
    }),
  );
  return { value: split.value + loss.item(), forces: [...split.forces, ...own] };
}

function pairForces(
  form: PairForm,
  pairs: readonly Pair[],
  left: Tensor,
  right: Tensor,
): { value: number; forces: Force[] } {
  const measures = form.measure(left, right);
  let start = 0;
  const parts = form.blocks.map(({ pairs: { length }, shape }) => {
    const part = reshape(slice(measures, { starts: [start], ends: [start + length] }), shape);
    start += length;
    return part;
  });
  const loss = form.loss(...parts);
  const gradients = grad(loss, [measures, left, right], { allowUnused: true });
  const [slopes, ...sides] = gradients.map((g) => g.dataSync());
  const size = left.shape[1]!;
  const values = measures.dataSync();
  const place = placesOf(form);
  const count = form.rows.reduce((sum, x) => sum + x.shape[0]!, 0);
  const found = new Map<number, { -readonly [Key in keyof Force]: Force[Key] } & { readonly force: number[] }>();
  // Where both orders of a pair count, what they do to a row is one force.
  const put = (on: RowOf, from: RowOf, side: TypedArray, pair: number): void => {
    const key = place(on) * count + place(from);
    let sum = found.get(key);
    if (sum === undefined) {
      const relation = pairs[pair]!.positive ? 'positive' : 'negative';
      const force = new Array<number>(size).fill(0);
      sum = { on, from, relation, kind: 'none', measure: values[pair]!, slope: 0, force };
      found.set(key, sum);
    }
    sum.slope += slopes![pair]!;
    for (let t = 0; t < size; t++) sum.force[t]! -= side[pair * size + t]!;
  };
  pairs.forEach(({ left: p, right: q }, pair) => {
    if (p.input === q.input && p.row === q.row) return;
    put(p, q, sides[0]!, pair);
    put(q, p, sides[1]!, pair);
  });
  const towards = form.quantity === 'distance' ? 1 : -1;
  const forces = [...found.values()];
  for (const sum of forces) if (sum.slope !== 0) sum.kind = sum.slope * towards > 0 ? 'pull' : 'push';
  return { value: loss.item(), forces };
}
