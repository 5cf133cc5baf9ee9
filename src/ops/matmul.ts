/**
 * @file The matrix product, and those of vectors.
 */
import { checkFloat, checkSameDType, type Pair } from '../autograd/elementwise.js';
import { checkTensors, defineOp, launch, type Op } from '../autograd/op.js';
import type { Tensor } from '../autograd/tensor.js';
import { readOptions } from '../checks.js';
import { ShapeError } from '../errors.js';
import { broadcastShapes, formatShape, type Shape, shapeError, sizeOf } from '../shape.js';
import { mul } from './arithmetic.js';
import { broadcastTo, expandDims, reshape } from './layout.js';

interface Flags {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

function product(a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor {
  return matmulOp([a, b], { transposeA, transposeB });
}

/** The rule of {@link matmul}: matrices, or batches of them, each stored transposed where flagged. */
export const matmulOp: Op<Pair, Flags> = defineOp<Pair, Flags>({
  name: 'matmul',
  formula: 'C = A B',
  localDerivative: [String.raw`\bar A \mathrel{+}= \bar C B^\top`, String.raw`\bar B \mathrel{+}= A^\top \bar C`],
  forward([a, b], { transposeA, transposeB }) {
    const [rows, inner] = a.shape.slice(-2) as [number, number];
    const [innerB, columns] = b.shape.slice(-2) as [number, number];
    const [m, k] = transposeA ? [inner, rows] : [rows, inner];
    const n = transposeB ? innerB : columns;
    const leading = a.shape.slice(0, -2);
    const spec = { batch: sizeOf(leading), m, k, n, transposeA, transposeB };
    return launch('matmul', 'matmul', [a, b], spec, { shape: [...leading, m, n], dtype: a.dtype });
  },
  pullBack: [
    (g, { inputs: [, b], attributes: { transposeA, transposeB } }) =>
      transposeA ? product(b, g, transposeB, true) : product(g, b, false, !transposeB),
    (g, { inputs: [a], attributes: { transposeA, transposeB } }) =>
      transposeB ? product(g, a, true, transposeA) : product(a, g, !transposeA, false),
  ],
});

/** What {@link matmul} reads transposed, without a copy. */
export interface MatmulOptions {
  /** Read the matrices of `a` transposed. Default false. */
  readonly transposeA?: boolean;
  /** Read the matrices of `b` transposed. Default false. */
  readonly transposeB?: boolean;
}

/**
 * The matrix product $C = A B$, as `torch.matmul`: vectors are rows or columns whose axis goes away again, and leading
 * axes are batches that broadcast.
 *
 * @param a - `[..., m, k]` or `[k]`.
 * @param b - `[..., k, n]` or `[k]`.
 * @returns `[..., m, n]`, without the axis of a vector.
 * @throws {@link ShapeError} when the inner sizes differ, an input is a scalar, or the batches do not broadcast.
 * @throws {@link DTypeError} when the types differ, or are `int32`.
 */
export function matmul(a: Tensor, b: Tensor, options?: MatmulOptions): Tensor {
  const { transposeA, transposeB } = readOptions('matmul', options, { transposeA: false, transposeB: false });
  checkTensors('matmul', [a, b]);
  checkSameDType('matmul', [a, b]);
  checkFloat('matmul', a);
  const names = `${formatShape(a.shape)} x ${formatShape(b.shape)}`;
  if (a.rank === 0 || b.rank === 0)
    throw new ShapeError('matmul', `needs vectors or matrices, got ${names}`, 'use mul()');
  if (a.rank === 1) {
    const row = matmul(reshape(a, [1, -1]), b, { transposeB });
    return reshape(row, b.rank === 1 ? [] : [...row.shape.slice(0, -2), row.shape.at(-1)!]);
  }
  if (b.rank === 1) {
    const column = matmul(a, reshape(b, [-1, 1]), { transposeA });
    return reshape(column, column.shape.slice(0, -1));
  }
  const inner = a.shape.at(transposeA ? -2 : -1)!;
  const innerB = b.shape.at(transposeB ? -1 : -2)!;
  if (inner !== innerB) {
    const fits = inner > 1 && inner === b.shape.at(transposeB ? -2 : -1);
    const flags = transposeA || transposeB ? ` (transposeA: ${transposeA}, transposeB: ${transposeB})` : '';
    throw new ShapeError(
      'matmul',
      `inner sizes differ: ${names}${flags} (${inner} != ${innerB})`,
      fits ? 'did you mean transpose(b)?' : undefined,
    );
  }
  const batch = broadcastShapes('matmul', a.shape.slice(0, -2), b.shape.slice(0, -2));
  const spread = (x: Tensor): Tensor => broadcastTo(x, [...batch, ...x.shape.slice(-2)] as Shape);
  return product(spread(a), spread(b), transposeA, transposeB);
}

/**
 * The inner product of two vectors: $y = \sum_i a_i b_i$.
 *
 * @throws {@link ShapeError} unless both are vectors of one length.
 */
export function dot(a: Tensor, b: Tensor): Tensor {
  checkVectors('dot', a, b);
  if (a.size !== b.size) {
    throw new ShapeError('dot', `lengths differ: ${formatShape(a.shape)} and ${formatShape(b.shape)}`);
  }
  return matmul(a, b);
}

/**
 * The outer product of two vectors: $C_{ij} = a_i b_j$.
 *
 * @throws {@link ShapeError} unless both are vectors.
 */
export function outer(a: Tensor, b: Tensor): Tensor {
  checkVectors('outer', a, b);
  return mul(expandDims(a, 1), expandDims(b, 0));
}

function checkVectors(op: string, a: Tensor, b: Tensor): void {
  checkTensors(op, [a, b]);
  if (a.rank !== 1 || b.rank !== 1) {
    throw shapeError(op, 'needs two vectors', a.shape, b.shape);
  }
}
