/**
 * @file Directions and distances between rows.
 */
import { checkFloat, checkSameDType, type Pair } from '../autograd/elementwise.js';
import { checkTensors, defineOp, launch, type Op } from '../autograd/op.js';
import type { Tensor } from '../autograd/tensor.js';
import { readOptions } from '../checks.js';
import { normalizeAxis, sameShape, shapeError } from '../shape.js';
import { add, div, mul, square, sub } from './arithmetic.js';
import { lessEqual, where } from './comparison.js';
import { transpose } from './layout.js';
import { matmul } from './matmul.js';
import { mean, sum } from './reduce.js';
import { safeSqrt } from './transcendental.js';

/**
 * Half the pull-back of {@link squaredDistanceOp} to x: row i is Σ_j g_ij (x_i - y_j). Distances do not change when
 * all points move together, so both are first moved to the middle of y: no cancellation far from the origin.
 */
function pulls(g: Tensor, x: Tensor, y: Tensor): Tensor {
  const middle = mean(y.detach(), { axis: 0 });
  return sub(mul(sum(g, { axis: 1, keepDims: true }), sub(x, middle)), matmul(g, sub(y, middle)));
}

/** The rule of {@link squaredCdist}: a primitive because it must neither cancel nor hold N x M x D differences. */
export const squaredDistanceOp: Op<Pair, undefined> = defineOp<Pair>({
  name: 'squaredDistance',
  formula: String.raw`D_{ij} = \sum_k (a_{ik} - b_{jk})^2`,
  localDerivative: [
    String.raw`\bar a_i \mathrel{+}= 2 \sum_j \bar D_{ij} (a_i - b_j)`,
    String.raw`\bar b_j \mathrel{+}= 2 \sum_i \bar D_{ij} (b_j - a_i)`,
  ],
  forward([a, b]) {
    const [n, d] = a.shape as [number, number];
    const m = b.shape[0]!;
    return launch('squaredDistance', 'squaredDistance', [a, b], { n, m, d }, { shape: [n, m], dtype: a.dtype });
  },
  pullBack: [
    (g, { inputs: [a, b] }) => mul(pulls(g, a, b), 2),
    (g, { inputs: [a, b] }) => mul(pulls(transpose(g), b, a), 2),
  ],
});

/**
 * Squared Euclidean distance between every row of `a` and every row of `b`.
 *
 * $D_{ij} = \sum_k (a_{ik} - b_{jk})^2$, by direct differences: no cancellation between near points.
 *
 * @param a - Rows, shape `[N, D]`.
 * @param b - Rows, shape `[M, D]`; `a` itself when omitted.
 * @returns Shape `[N, M]`, never negative.
 * @throws {@link ShapeError} when the row lengths differ.
 */
export function squaredCdist(a: Tensor, b?: Tensor): Tensor {
  return squaredDistanceOp(checkedRows('squaredCdist', a, b));
}

/**
 * Euclidean distance between every row of `a` and every row of `b`: $D_{ij} = \lVert a_i - b_j \rVert_2$.
 *
 * @param a - Rows, shape `[N, D]`.
 * @param b - Rows, shape `[M, D]`; `a` itself when omitted.
 * @returns Shape `[N, M]`. The gradient between coincident points is 0.
 * @throws {@link ShapeError} when the row lengths differ.
 */
export function cdist(a: Tensor, b?: Tensor): Tensor {
  return safeSqrt(squaredDistanceOp(checkedRows('cdist', a, b)));
}

function checkedRows(op: string, a: Tensor, b: Tensor = a): Pair {
  checkTensors(op, [a, b]);
  checkSameDType(op, [a, b]);
  checkFloat(op, a);
  if (a.rank !== 2 || b.rank !== 2 || a.shape[1] !== b.shape[1]) {
    throw shapeError(op, 'needs [N, D] and [M, D]', a.shape, b.shape);
  }
  return [a, b];
}

/**
 * Euclidean distance row by row: $D_i = \lVert a_i - b_i + \varepsilon \rVert_2$.
 *
 * @param a - Rows, shape `[N, D]`.
 * @param b - Rows, shape `[N, D]`.
 * @param options - `eps`, added to every coordinate of the difference; default 0. (PyTorch's default is 1e-6.)
 * @returns Shape `[N]`. The gradient between coincident points is 0.
 * @throws {@link ShapeError} when the shapes differ.
 */
export function pairwiseDistance(a: Tensor, b: Tensor, options?: { readonly eps?: number }): Tensor {
  const { eps } = readOptions('pairwiseDistance', options, { eps: 0 });
  return safeSqrt(squaredPairwiseDistance('pairwiseDistance', a, b, eps));
}

/** The squares of {@link pairwiseDistance}, without a root. */
export function squaredPairwiseDistance(op: string, a: Tensor, b: Tensor, eps = 0): Tensor {
  checkTensors(op, [a, b]);
  if (a.rank !== 2 || !sameShape(a.shape, b.shape)) {
    throw shapeError(op, 'needs two of [N, D]', a.shape, b.shape);
  }
  const difference = sub(a, b);
  return sum(square(eps === 0 ? difference : add(difference, eps)), { axis: 1 });
}

/** Along which axis, and from which length on, {@link normalize} and {@link cosineSimilarity} take directions. */
export interface DirectionOptions {
  /** Default: the last. */
  readonly axis?: number;
  /** Shorter vectors are divided by this. */
  readonly eps?: number;
}

/**
 * Every vector along an axis brought to length 1: $y = z / \max(\lVert z \rVert_2, \varepsilon)$.
 *
 * The gradient is 0 for vectors of length ε and less (in PyTorch it is 1/ε there).
 *
 * @param z - Of any shape.
 * @param options - `axis`, default the last; `eps`, default 1e-12.
 * @throws {@link ShapeError} when the axis is out of range.
 */
export function normalize(z: Tensor, options?: DirectionOptions): Tensor {
  const { axis, eps } = readOptions('normalize', options, { axis: -1, eps: 1e-12 });
  checkFloat('normalize', z);
  const length = safeSqrt(sum(square(z), { axis: normalizeAxis('normalize', axis, z.rank), keepDims: true }));
  const short = lessEqual(length, eps);
  // Short vectors are cut off before the division, so that no gradient of theirs is multiplied by 1 / ε. NaN is not short.
  return where(short, div(z.detach(), eps), div(z, where(short, 1, length)));
}

/**
 * The cosine of the angle between vectors along an axis, with broadcasting:
 * $y = \frac{a \cdot b}{\max(\lVert a \rVert, \varepsilon) \max(\lVert b \rVert, \varepsilon)}$.
 *
 * @param a - Of any shape.
 * @param b - Of a shape that broadcasts with it.
 * @param options - `axis`, default the last; `eps`, default 1e-8.
 * @throws {@link ShapeError} when the axis is out of range or the shapes do not broadcast.
 */
export function cosineSimilarity(a: Tensor, b: Tensor, options?: DirectionOptions): Tensor {
  const { axis, eps } = readOptions('cosineSimilarity', options, { axis: -1, eps: 1e-8 });
  checkTensors('cosineSimilarity', [a, b]);
  return sum(mul(normalize(a, { axis, eps }), normalize(b, { axis, eps })), { axis });
}
