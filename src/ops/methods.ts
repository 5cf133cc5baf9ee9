/**
 * @file Joins the operations to `Tensor` as methods: `a.matmul(b).relu().sum()`. This is the one file with a side effect.
 */
import { backward } from '../autograd/backward.js';
import { Tensor } from '../autograd/tensor.js';
import * as arithmetic from './arithmetic.js';
import * as comparison from './comparison.js';
import * as distance from './distance.js';
import * as layout from './layout.js';
import { matmul } from './matmul.js';
import * as reduce from './reduce.js';
import * as transcendental from './transcendental.js';

/** The functions that are methods of a tensor, by name. */
export interface Methods {
  readonly add: typeof arithmetic.add;
  readonly sub: typeof arithmetic.sub;
  readonly mul: typeof arithmetic.mul;
  readonly div: typeof arithmetic.div;
  readonly neg: typeof arithmetic.neg;
  readonly square: typeof arithmetic.square;
  readonly greater: typeof comparison.greater;
  readonly greaterEqual: typeof comparison.greaterEqual;
  readonly less: typeof comparison.less;
  readonly lessEqual: typeof comparison.lessEqual;
  readonly equal: typeof comparison.equal;
  readonly notEqual: typeof comparison.notEqual;
  readonly maximum: typeof comparison.maximum;
  readonly minimum: typeof comparison.minimum;
  readonly relu: typeof comparison.relu;
  readonly cast: typeof comparison.cast;
  readonly exp: typeof transcendental.exp;
  readonly expm1: typeof transcendental.expm1;
  readonly log: typeof transcendental.log;
  readonly sqrt: typeof transcendental.sqrt;
  readonly safeSqrt: typeof transcendental.safeSqrt;
  readonly sigmoid: typeof transcendental.sigmoid;
  readonly tanh: typeof transcendental.tanh;
  readonly softplus: typeof transcendental.softplus;
  readonly sum: typeof reduce.sum;
  readonly mean: typeof reduce.mean;
  readonly logSumExp: typeof reduce.logSumExp;
  readonly softmax: typeof reduce.softmax;
  readonly reshape: typeof layout.reshape;
  readonly permute: typeof layout.permute;
  readonly transpose: typeof layout.transpose;
  readonly broadcastTo: typeof layout.broadcastTo;
  readonly expandDims: typeof layout.expandDims;
  readonly squeeze: typeof layout.squeeze;
  readonly slice: typeof layout.slice;
  readonly to: typeof layout.to;
  readonly matmul: typeof matmul;
  readonly cdist: typeof distance.cdist;
  readonly normalize: typeof distance.normalize;
  readonly pairwiseDistance: typeof distance.pairwiseDistance;
  readonly backward: typeof backward;
}

const methods: Methods = {
  add: arithmetic.add,
  sub: arithmetic.sub,
  mul: arithmetic.mul,
  div: arithmetic.div,
  neg: arithmetic.neg,
  square: arithmetic.square,
  greater: comparison.greater,
  greaterEqual: comparison.greaterEqual,
  less: comparison.less,
  lessEqual: comparison.lessEqual,
  equal: comparison.equal,
  notEqual: comparison.notEqual,
  maximum: comparison.maximum,
  minimum: comparison.minimum,
  relu: comparison.relu,
  cast: comparison.cast,
  exp: transcendental.exp,
  expm1: transcendental.expm1,
  log: transcendental.log,
  sqrt: transcendental.sqrt,
  safeSqrt: transcendental.safeSqrt,
  sigmoid: transcendental.sigmoid,
  tanh: transcendental.tanh,
  softplus: transcendental.softplus,
  sum: reduce.sum,
  mean: reduce.mean,
  logSumExp: reduce.logSumExp,
  softmax: reduce.softmax,
  reshape: layout.reshape,
  permute: layout.permute,
  transpose: layout.transpose,
  broadcastTo: layout.broadcastTo,
  expandDims: layout.expandDims,
  squeeze: layout.squeeze,
  slice: layout.slice,
  to: layout.to,
  matmul,
  cdist: distance.cdist,
  normalize: distance.normalize,
  pairwiseDistance: distance.pairwiseDistance,
  backward,
};
/** A function of a tensor as a method: its first argument becomes `this`. */
export type Method<Fn> = Fn extends (first: infer _, ...rest: infer Rest) => infer Out
  ? (...rest: Rest) => Out
  : never;

/** Every operation of a tensor, as a method: see the function of the same name. */
export type TensorMethods = { [Name in keyof Methods]: Method<Methods[Name]> };

declare module '../autograd/tensor.js' {
  interface Tensor extends TensorMethods {}
}

for (const [name, fn] of Object.entries(methods)) {
  Object.defineProperty(Tensor.prototype, name, {
    configurable: true,
    writable: true,
    value(this: Tensor, ...rest: unknown[]) {
      return (fn as (...all: unknown[]) => unknown)(this, ...rest);
    },
  });
}
