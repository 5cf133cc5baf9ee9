/** @file The rows of the operations that go element by element. */

import type { Tensor } from '../../src/index.js';
import * as cg from '../../src/index.js';
import { anyTensor, broadcastableTensors, type Range } from '../../src/testing/index.js';
import { apart, away, type Case } from './cases.js';
import { map1, map2, simpson } from './references.js';

const unary = (
  covers: keyof typeof cg,
  f: (x: number) => number,
  range?: Range,
  keep: (inputs: Tensor[]) => boolean = () => true,
): Case => ({
  covers,
  fn: cg[covers] as Case['fn'],
  inputs: anyTensor(range).filter(keep),
  reference: map1(f),
});
const binary = (
  covers: keyof typeof cg,
  f: (a: number, b: number) => number,
  {
    a,
    b,
    keep = () => true,
    differentiable = true,
  }: { a?: Range; b?: Range; keep?: (inputs: Tensor[]) => boolean; differentiable?: boolean } = {},
): Case => ({
  covers,
  fn: cg[covers] as Case['fn'],
  inputs: broadcastableTensors(a, b).filter(keep),
  reference: map2(f),
  differentiable,
});
const compare = (covers: keyof typeof cg, f: (a: number, b: number) => boolean): Case =>
  binary(covers, (a, b) => (f(a, b) ? 1 : 0), { differentiable: false, keep: apart });

/** The rows. */
export const elementwiseCases: readonly Case[] = [
  binary('add', (a, b) => a + b),
  binary('sub', (a, b) => a - b),
  binary('mul', (a, b) => a * b),
  {
    ...binary('mul', (a) => a * a),
    variant: 'aliased',
    fn: (a) => cg.mul(a!, a!),
    inputs: anyTensor(),
    reference: map1((x) => x * x),
  },
  {
    ...binary('mul', (a) => a * -1.5),
    variant: 'number',
    fn: (a) => cg.mul(-1.5, a!),
    inputs: anyTensor(),
    reference: map1((x) => x * -1.5),
  },
  binary('div', (a, b) => a / b, { b: [0.5, 3] }),
  binary('maximum', Math.max, { keep: apart }),
  binary('minimum', Math.min, { keep: apart }),
  unary('neg', (x) => -x),
  unary('square', (x) => x * x),
  unary('relu', (x) => Math.max(x, 0), undefined, away(1e-2)),
  unary('exp', Math.exp),
  unary('expm1', Math.expm1),
  unary('log', Math.log, [0.3, 4]),
  unary('sqrt', Math.sqrt, [0.3, 4]),
  unary('safeSqrt', Math.sqrt, [0.3, 4]),
  unary('sigmoid', (x) => 1 / (1 + Math.exp(-x))),
  unary('tanh', Math.tanh),
  unary('softplus', (x) => Math.log(1 + Math.exp(x))),
  {
    covers: 'cast',
    fn: (x) => cg.cast(cg.cast(x!, 'int32'), x!.dtype),
    inputs: anyTensor().filter(([x]) => x!.dataSync().every((v) => Math.abs(v - Math.round(v)) > 1e-3)),
    reference: map1(Math.trunc),
    differentiable: false,
  },
  compare('greater', (a, b) => a > b),
  compare('greaterEqual', (a, b) => a >= b),
  compare('less', (a, b) => a < b),
  compare('lessEqual', (a, b) => a <= b),
  compare('equal', (a, b) => a === b),
  compare('notEqual', (a, b) => a !== b),
  {
    covers: 'where',
    fn: (a, b) => cg.where(cg.greater(a!.detach(), b!.detach()), a!, b!.mul(2)),
    inputs: broadcastableTensors().filter(apart),
    reference: map2((a, b) => (a > b ? a : 2 * b)),
  },
  binary('pow', (a, b) => a ** b, { a: [0.3, 2], b: [-2, 3] }),
  ...[3, -1, 0.5, 2, 1, 0].map((power) => ({
    ...unary('pow', (x) => x ** power, [0.4, 2]),
    variant: `to ${power}`,
    fn: ((x) => cg.pow(x!, power)) as Case['fn'],
  })),
  {
    ...unary('pow', (x) => x ** 3, [-2, -0.3]),
    variant: 'negative base',
    fn: (x) => cg.pow(x!, 3),
  },
  {
    ...unary('pow', () => 0, [0.5, 3]),
    variant: 'zero base',
    fn: (b) => cg.pow(cg.zeros(b!.shape, { dtype: b!.dtype, device: b!.device }), b!),
  },
  ...(['maximum', 'minimum'] as const).map((name) => ({
    ...unary(name, (x) => x),
    variant: 'of equals',
    fn: ((x) => cg[name](x!, x!)) as Case['fn'],
  })),
  unary('reciprocal', (x) => 1 / x, [0.4, 3]),
  unary('abs', Math.abs, undefined, away(1e-2)),
  { ...unary('sign', Math.sign), differentiable: false },
  unary('log1p', Math.log1p, [-0.6, 3]),
  // No erf in JavaScript: by its integral, with Simpson's rule.
  unary('erf', (x) => simpson((t) => (2 / Math.sqrt(Math.PI)) * Math.exp(-t * t), x)),
  unary('gelu', (x) => x * (0.5 + simpson((t) => Math.exp((-t * t) / 2) / Math.sqrt(2 * Math.PI), x))),
  {
    ...unary('clamp', (x) => Math.min(Math.max(x, -0.5), 1)),
    fn: (x) => cg.clamp(x!, { min: -0.5, max: 1 }),
    inputs: anyTensor().filter(([x]) => x!.dataSync().every((v) => Math.abs(v + 0.5) > 1e-2 && Math.abs(v - 1) > 1e-2)),
  },
  {
    ...unary('leakyRelu', (x) => (x > 0 ? x : 0.2 * x), undefined, away(1e-2)),
    fn: (x) => cg.leakyRelu(x!, { slope: 0.2 }),
  },
  {
    covers: 'dropout',
    fn: (x) => cg.dropout(x!, { p: 0.4, generator: new cg.Generator(2) }),
    inputs: anyTensor(),
    reference: (x) => {
      const generator = new cg.Generator(2);
      return map1((v) => (generator.uniform() >= 0.4 ? v / 0.6 : 0))(x!);
    },
  },
];
