/** @file The operations as functions. */
export { add, div, mul, neg, type Operand, square, sub } from './arithmetic.js';
export {
  cast,
  equal,
  greater,
  greaterEqual,
  less,
  lessEqual,
  maximum,
  minimum,
  notEqual,
  relu,
  where,
} from './comparison.js';
export { cdist, normalize, pairwiseDistance, squaredCdist } from './distance.js';
export {
  broadcastTo,
  concat,
  expandDims,
  permute,
  reshape,
  type SliceOptions,
  slice,
  squeeze,
  type TransposeOptions,
  to,
  transpose,
} from './layout.js';
export { type MatmulOptions, matmul } from './matmul.js';
export { logSumExp, mean, type ReduceOptions, type RowOptions, softmax, sum } from './reduce.js';
export { exp, expm1, log, safeSqrt, sigmoid, softplus, sqrt, tanh } from './transcendental.js';
