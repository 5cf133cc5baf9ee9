/** @file The operations as functions. */
export {
  type DropoutOptions,
  dropout,
  gelu,
  leakyRelu,
  relu,
  sigmoid,
  softplus,
  tanh,
} from './activation.js';
export { add, div, mul, neg, type Operand, square, sub } from './arithmetic.js';
export {
  abs,
  type ClampOptions,
  cast,
  clamp,
  equal,
  greater,
  greaterEqual,
  less,
  lessEqual,
  maximum,
  minimum,
  notEqual,
  sign,
  where,
} from './comparison.js';
export {
  cdist,
  cosineSimilarity,
  type DirectionOptions,
  normalize,
  pairwiseDistance,
  squaredCdist,
} from './distance.js';
export { type AxisOptions, gather, oneHot, scatterAdd, takeAlongAxis } from './indexing.js';
export {
  broadcastTo,
  concat,
  expandDims,
  flip,
  pad,
  permute,
  reshape,
  type SliceOptions,
  slice,
  split,
  squeeze,
  stack,
  type TransposeOptions,
  to,
  transpose,
} from './layout.js';
export { dot, type MatmulOptions, matmul, outer } from './matmul.js';
export {
  type ArgOptions,
  argmax,
  argmin,
  logSoftmax,
  logSumExp,
  max,
  mean,
  min,
  type NormOptions,
  norm,
  type ReduceOptions,
  type RowOptions,
  softmax,
  sum,
  type VarianceOptions,
  variance,
} from './reduce.js';
export { erf, exp, expm1, log, log1p, pow, reciprocal, safeSqrt, sqrt } from './transcendental.js';
export { fold, unfold, type WindowOptions } from './windows.js';
