/** @file Rules with a mistake planted in one pull-back, the right ones beside them, and what a gradient check says. */
import {
  ContragradError,
  defineOp,
  Generator,
  grad,
  gradcheck,
  mul,
  type Rule,
  sum,
  type Tensor,
  type TypedArray,
  tensor,
} from '../../../../src/index.js';
import { fixed } from './numbers.js';

type Single = readonly [Tensor];
type Pair = readonly [Tensor, Tensor];

/** An operation by name, to be had with its mistake and without. */
export type RuleName = 'square' | 'tanh' | 'softmax' | 'product' | 'bias';

interface PlantedRule {
  readonly label: string;
  /** The pull-backs as they are written down. */
  readonly right: string;
  readonly wrong: string;
  /** What the mistake is. */
  readonly mistake: string;
  readonly inputs: readonly (readonly number[][])[];
  readonly call: (planted: boolean) => (...inputs: Tensor[]) => Tensor;
}

function single(rule: Omit<Rule<Single, undefined>, 'localDerivative' | 'formula'>) {
  const op = defineOp<Single>({ ...rule, formula: '', localDerivative: [''] });
  return (x: Tensor): Tensor => op([x]);
}

function pair(rule: Omit<Rule<Pair, undefined>, 'localDerivative' | 'formula'>) {
  const op = defineOp<Pair>({ ...rule, formula: '', localDerivative: ['', ''] });
  return (a: Tensor, b: Tensor): Tensor => op([a, b]);
}

const sumOfRows = { axis: -1, keepDims: true } as const;

/** The rules, by name. */
export const rules: Readonly<Record<RuleName, PlantedRule>> = {
  square: {
    label: 'square: y = x²',
    right: 'x̄ += 2x · ȳ',
    wrong: 'x̄ += x · ȳ',
    mistake: 'The factor 2 is forgotten.',
    inputs: [[[0, 1, -2]]],
    call: (planted) =>
      single({
        name: 'square',
        forward: ([x]) => x.mul(x),
        pullBack: [(g, { inputs: [x] }) => g.mul(planted ? x : x.mul(2))],
      }),
  },
  tanh: {
    label: 'tanh: y = tanh x',
    right: 'x̄ += (1 − y²) · ȳ',
    wrong: 'x̄ += (1 − y) · ȳ',
    mistake: 'The square is forgotten. At 0 nobody notices.',
    inputs: [[[0, 0.5, -1.5]]],
    call: (planted) =>
      single({
        name: 'tanh',
        forward: ([x]) => x.tanh(),
        pullBack: [(g, { out }) => g.mul((planted ? out : out.square()).neg().add(1))],
      }),
  },
  softmax: {
    label: 'softmax of rows: yᵢ = exp xᵢ / Σ exp xⱼ',
    right: 'x̄ += y · (ȳ − Σ y ȳ)',
    wrong: 'x̄ += y · ȳ',
    mistake: 'Each output depends on every input of its row; the sum that says so is missing.',
    inputs: [
      [
        [0.2, 1, -0.4],
        [-1, 0, 0.6],
      ],
    ],
    call: (planted) =>
      single({
        name: 'softmax',
        forward: ([x]) => x.softmax({ axis: -1 }),
        pullBack: [(g, { out }) => out.mul(planted ? g : g.sub(sum(g.mul(out), sumOfRows)))],
      }),
  },
  product: {
    label: 'product: y = a b',
    right: 'ā += b · ȳ,  b̄ += a · ȳ',
    wrong: 'ā += a · ȳ,  b̄ += b · ȳ',
    mistake: 'The two factors are swapped. Where a = b that is right, and so is a · a.',
    inputs: [[[2, 0.5, -1]], [[2, 1.5, 3]]],
    call: (planted) =>
      pair({
        name: 'product',
        forward: ([a, b]) => a.mul(b),
        pullBack: [
          (g, { inputs: [a, b] }) => g.mul(planted ? a : b),
          (g, { inputs: [a, b] }) => g.mul(planted ? b : a),
        ],
      }),
  },
  bias: {
    label: 'bias: Y = X + b in each row',
    right: 'X̄ += Ȳ,  b̄ += Σ rows of Ȳ',
    wrong: 'X̄ += Ȳ,  b̄ += mean of the rows of Ȳ',
    mistake: 'b is used once for each row, so its gradient is a sum. The mean is too small by the number of rows.',
    inputs: [
      [
        [1, 2, 3],
        [-1, 0, 1],
      ],
      [[0.5, -0.5, 1]],
    ],
    call: (planted) =>
      pair({
        name: 'bias',
        forward: ([x, b]) => x.add(b),
        pullBack: [
          (g) => g,
          (g) => (planted ? g.mean({ axis: 0, keepDims: true }) : sum(g, { axis: 0, keepDims: true })),
        ],
      }),
  },
};

/** One derivative, by the rule and by a difference. */
export interface Comparison {
  readonly input: number;
  readonly row: number;
  readonly column: number;
  readonly analytic: number;
  readonly difference: number;
  readonly agrees: boolean;
}

/** What the check says, and the numbers that it saw. */
export interface Verdict {
  readonly passed: boolean;
  /** The library's own words. */
  readonly message: string;
  /** The element that the message names. */
  readonly named: { readonly input: number; readonly row: number; readonly column: number } | undefined;
  readonly comparisons: readonly Comparison[];
  /** By what each output is multiplied before all are summed: what reaches the rule as ȳ, row by row. */
  readonly weights: readonly (readonly number[])[];
}

const STEP = 1e-5;
const TOLERANCE = 1e-6;
/** What 16 last digits of results of size 1 are over the step. */
const ROUNDING = (16 * Number.EPSILON) / STEP;

/** The weights with which the check sums up a result: those that its seed 0 draws. */
function weightsOf({ size, shape }: Tensor): Tensor {
  const generator = new Generator(0);
  const weights = Array.from({ length: size }, () => (0.5 + generator.uniform()) * (generator.integer(2) ? 1 : -1));
  return tensor(Float64Array.from(weights), { shape: [...shape] });
}

/** Every derivative of the same weighted sum as the check's, by the rule and by central differences. */
function comparisonsOf(fn: (...inputs: Tensor[]) => Tensor, inputs: PlantedRule['inputs']): Comparison[] {
  const leaves = (given: PlantedRule['inputs']): Tensor[] =>
    given.map((rows) =>
      tensor(
        rows.map((row) => [...row]),
        { dtype: 'float64', requiresGrad: true },
      ),
    );
  const points = leaves(inputs);
  const out = fn(...points);
  const weights = weightsOf(out);
  const gradients = grad(sum(mul(out, weights)), points).map((gradient) => gradient.toArray() as number[][]);
  const moved = (at: Pick<Comparison, 'input' | 'row' | 'column'>, by: number): TypedArray =>
    fn(
      ...leaves(
        inputs.map((rows, i) =>
          rows.map((row, r) => row.map((v, c) => (i === at.input && r === at.row && c === at.column ? v + by : v))),
        ),
      ),
    ).dataSync();
  return inputs.flatMap((rows, input) =>
    rows.flatMap((line, row) =>
      line.map((value, column) => {
        const size = Math.max(1, Math.abs(value));
        const place = { input, row, column };
        const [up, down] = [moved(place, STEP * size), moved(place, -STEP * size)];
        const change = [...weights.dataSync()].reduce((total, weight, i) => total + weight * (up[i]! - down[i]!), 0);
        const difference = change / (2 * STEP) / size;
        const analytic = gradients[input]![row]![column]!;
        const bound = TOLERANCE * Math.max(Math.abs(analytic), Math.abs(difference)) + ROUNDING;
        return { ...place, analytic, difference, agrees: Math.abs(analytic - difference) <= bound };
      }),
    ),
  );
}

/** A message of the check for a narrow place: long numbers with the four digits of the table, signs as they are written. */
export const inShort = (message: string): string =>
  message.replace(/-?\d+\.\d{7,}(?:e-?\d+)?/g, (number) => fixed(Number(number), 4)).replace(/(\d) x (?=\d)/g, '$1 × ');

/** Checks a rule, with its mistake or without. */
export function check(name: RuleName, planted: boolean): Verdict {
  const { inputs, call } = rules[name];
  const fn = call(planted);
  const comparisons = comparisonsOf(fn, inputs);
  const tensors = inputs.map((rows) =>
    tensor(
      rows.map((row) => [...row]),
      { dtype: 'float64' },
    ),
  );
  const weights = weightsOf(fn(...tensors)).toArray() as number[][];
  try {
    const { compared } = gradcheck(fn, tensors, { name, tolerance: TOLERANCE, step: STEP });
    const message = `gradcheck: ${name}: ${compared} derivatives agree, single elements and random directions.`;
    return { passed: true, message, named: undefined, comparisons, weights };
  } catch (error) {
    if (!(error instanceof ContragradError)) throw error;
    const [, input, row, column] = /input (\d+), element \[(\d+), (\d+)\]/.exec(error.message)?.map(Number) ?? [];
    const named = input === undefined ? undefined : { input, row: row!, column: column! };
    return { passed: false, message: error.message, named, comparisons, weights };
  }
}
