/** @file Calls of the operations; those of the methods follow from them. */
import type { Calls } from './calls.js';

const UNARY = ['gelu', 'relu', 'sigmoid', 'softplus', 'tanh', 'neg', 'square', 'abs', 'sign'];
const MORE_UNARY = ['erf', 'exp', 'expm1', 'log', 'log1p', 'reciprocal', 'safeSqrt', 'sqrt'];
const BINARY = ['add', 'div', 'mul', 'sub', 'equal', 'greater', 'greaterEqual', 'less', 'lessEqual'];
const MORE_BINARY = ['maximum', 'minimum', 'notEqual', 'pow'];

/** Calls by operation. */
export const OP_CALLS: Calls = {
  ...Object.fromEntries([...UNARY, ...MORE_UNARY].map((op) => [op, [`${op}(x)`]])),
  ...Object.fromEntries([...BINARY, ...MORE_BINARY].map((op) => [op, [`${op}(x, y)`, `${op}(x, 2)`]])),
  dropout: ['dropout(x, { p: 0.5, training: true, generator })'],
  leakyRelu: ['leakyRelu(x, { slope: 0.1 })'],
  cast: ["cast(x, 'float64')"],
  clamp: ['clamp(x, { min: 0, max: 1 })'],
  where: ['where(mask, x, y)'],
  cdist: ['cdist(x, y)'],
  cosineSimilarity: ['cosineSimilarity(x, y, { axis: 1, eps: 1e-8 })'],
  normalize: ['normalize(x, { axis: 1, eps: 1e-8 })'],
  pairwiseDistance: ['pairwiseDistance(x, y, { eps: 1e-6 })'],
  squaredCdist: ['squaredCdist(x, y)'],
  gather: ['gather(x, places, { axis: 0 })'],
  oneHot: ["oneHot(index, 3, { dtype: 'float32' })"],
  scatterAdd: ['scatterAdd(x, places, narrow3, { axis: 0 })'],
  takeAlongAxis: ['takeAlongAxis(x, places, { axis: 0 })'],
  broadcastTo: ['broadcastTo(v, [2, 3])'],
  concat: ['concat([x, y], { axis: 0 })'],
  expandDims: ['expandDims(x, 0)'],
  flip: ['flip(x, { axis: 0 })', 'flip(x, { axis: [0, 1] })'],
  pad: ['pad(x, [[1, 0], [0, 1]], { value: 0 })'],
  permute: ['permute(x, [1, 0])'],
  reshape: ['reshape(x, [3, 2])'],
  slice: ['slice(x, { starts: [0, 1], ends: [2, 3], steps: [1, 1] })'],
  split: ['split(x, 1, { axis: 1 })', 'split(x, [1, 2], { axis: 1 })'],
  squeeze: ['squeeze(narrow, { axis: 0 })'],
  stack: ['stack([x, y], { axis: 0 })'],
  to: ['to(x, cpu)'],
  transpose: ['transpose(x, { axes: [0, 1] })'],
  dot: ['dot(v, w)'],
  matmul: ['matmul(x, y, { transposeA: false, transposeB: true })'],
  outer: ['outer(v, w)'],
  argmax: ['argmax(x, { axis: 0, keepDims: true })'],
  argmin: ['argmin(x, { axis: 0, keepDims: true })'],
  logSoftmax: ['logSoftmax(x, { axis: 1, mask })'],
  logSumExp: ['logSumExp(x, { axis: 1, mask })'],
  max: ['max(x, { axis: 0, keepDims: true })'],
  mean: ['mean(x, { axis: 0, keepDims: true })'],
  min: ['min(x, { axis: 0, keepDims: true })'],
  norm: ['norm(x, { p: 2, axis: 0, keepDims: true })'],
  softmax: ['softmax(x, { axis: 1, mask })'],
  sum: ['sum(x, { axis: 0, keepDims: true })', 'sum(x, { axis: [0, 1] })'],
  variance: ['variance(x, { correction: 1, axis: 0, keepDims: true })'],
  fold: ['fold(columns, { kernelSize: 3, stride: [1, 1], padding: 0, outputSize: [4, 4] })'],
  unfold: ['unfold(image, { kernelSize: [3, 3], stride: 1, padding: [1, 1] })'],
};
