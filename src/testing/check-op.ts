/**
 * @file Holds an operation against what must be true of every operation.
 */
import fc from 'fast-check';
import { grad } from '../autograd/backward.js';
import { tensor } from '../autograd/create.js';
import { checkTensor, checkTensors } from '../autograd/op.js';
import type { Tensor } from '../autograd/tensor.js';
import { checkKind, checkWhole, isWhole, type Read, readOptions } from '../checks.js';
import { ArgumentError, GraphError } from '../errors.js';
import type { NestedArray } from '../format.js';
import { add, mul } from '../ops/arithmetic.js';
import { cast } from '../ops/comparison.js';
import { formatShape, sameShape } from '../shape.js';
import { checkArbitrary } from './arbitraries.js';
import { blurred, gradcheck } from './gradcheck.js';
import { furthest } from './matchers.js';

/** A function of tensors. */
export type TensorFunction = (...inputs: Tensor[]) => Tensor;

/** Options of {@link checkOp}. */
export interface CheckOptions {
  /** The value by other means, from the inputs as nested arrays. Default: the value is not checked. */
  readonly reference?: (...inputs: NestedArray[]) => NestedArray;
  /** Whether the result carries gradients. Default true. */
  readonly differentiable?: boolean;
  /** How many random inputs each property sees. Default 100. */
  readonly numRuns?: number;
  /** Repeats a run. Default: a new one each time. */
  readonly seed?: number;
  /** The name that failures give the function. Default: its own. */
  readonly name?: string;
}

/** More runs than this end on no day. */
const MOST_RUNS = 2 ** 24;

const DEFAULTS = { reference: undefined, differentiable: true, numRuns: 100, seed: undefined, name: '' };

/** The options of {@link checkOp}, checked; `name` is the function's own where there is none. */
function optionsOf(op: string, fn: TensorFunction, options?: CheckOptions): Read<CheckOptions, typeof DEFAULTS> {
  checkKind(op, 'the function', fn, 'function');
  const read = readOptions(op, options, { ...DEFAULTS, name: fn.name });
  if (read.reference !== undefined) checkKind(op, 'reference', read.reference, 'function');
  checkWhole(op, 'numRuns', read.numRuns);
  if (read.numRuns > MOST_RUNS)
    throw new ArgumentError(op, `numRuns must be at most ${MOST_RUNS}, got ${read.numRuns}`);
  if (read.seed !== undefined && !isWhole(read.seed)) checkWhole(op, 'seed', read.seed, 0);
  checkKind(op, 'name', read.name, 'string');
  return read;
}

/** What a property is asked of, checked. */
function givenTo(
  property: string,
  fn: TensorFunction,
  inputs: readonly Tensor[],
  options?: CheckOptions,
): Read<CheckOptions, typeof DEFAULTS> & { readonly call: TensorFunction } {
  const op = `opProperties.${property}`;
  checkTensors(op, inputs);
  const call: TensorFunction = (...given) => {
    const out = fn(...given);
    checkTensor(op, out, 'what the function returns');
    return out;
  };
  return { ...optionsOf(op, fn, options), call };
}

const leafOf = (x: Tensor): Tensor =>
  tensor(x.dataSync(), { shape: x.shape, device: x.device, requiresGrad: x.dtype === 'float64' });

/** A gradient for a result that no two elements of share. */
const seedFor = (out: Tensor, factor: number): Tensor =>
  tensor(
    Float64Array.from({ length: out.size }, (_, i) => factor * Math.cos(1 + i)),
    {
      shape: out.shape,
      dtype: out.dtype,
    },
  );

function fail(name: string, what: string): never {
  throw new GraphError('checkOp', `${name}: ${what}`);
}

/** What is asked of an operation, one function for each property; {@link checkOp} asks for all of them. */
export const opProperties = {
  /** The value is the reference's, to 1e-12 of it, at least of 1. */
  value(fn: TensorFunction, inputs: Tensor[], options?: CheckOptions): void {
    const { call, reference, name } = givenTo('value', fn, inputs, options);
    if (reference === undefined) return;
    const { error } = furthest(call(...inputs), reference(...inputs.map((x) => x.toArray())));
    if (!(error <= 1e-12)) fail(name, `the value is off by ${error}`);
  },

  /** First and second derivatives agree with central differences, to 1e-6 and 1e-4 beside what rounding explains: see {@link gradcheck}. */
  gradient(fn: TensorFunction, inputs: Tensor[], options?: CheckOptions): void {
    const { call, differentiable, name } = givenTo('gradient', fn, inputs, options);
    if (differentiable) gradcheck(call, inputs, { order: 2, name, directions: 2 });
    else if (call(...inputs.map(leafOf)).requiresGrad) fail(name, 'the result must carry no gradient');
  },

  /** Gradients have the shapes of the inputs, and twice as large and turned around where the gradient of the result is, to the last digit. */
  pullBack(fn: TensorFunction, inputs: Tensor[], options?: CheckOptions): void {
    const { call, differentiable, name } = givenTo('pullBack', fn, inputs, options);
    if (!differentiable) return;
    const leaves = inputs.map(leafOf);
    const wanted = leaves.filter((leaf) => leaf.requiresGrad);
    const out = call(...leaves);
    const pull = (factor: number): Tensor[] =>
      grad(out, wanted, { gradient: seedFor(out, factor), retainGraph: true, allowUnused: true });
    // A power of two rounds nothing: what is linear is so to the last digit, however small it is.
    const [once, scaled] = [pull(1), pull(-2)];
    once.forEach((g, i) => {
      if (!sameShape(g.shape, wanted[i]!.shape)) {
        fail(name, `gradient ${i} must have shape ${formatShape(wanted[i]!.shape)}, got ${formatShape(g.shape)}`);
      }
      const { error } = furthest(scaled[i]!, mul(g, -2));
      if (error > 0) fail(name, `the pull-back of input ${i} is not linear: off by ${error}`);
    });
  },

  /** One tensor given for two inputs of one shape gets the sum of both gradients, to 1e-11 of their largest element. */
  aliasing(fn: TensorFunction, inputs: Tensor[], options?: CheckOptions): void {
    const { call, differentiable, name } = givenTo('aliasing', fn, inputs, options);
    const [a, b, ...rest] = inputs;
    if (!differentiable || !a || !b || a.dtype !== 'float64' || b.dtype !== 'float64') return;
    if (!sameShape(a.shape, b.shape)) return;
    const gradients = (leaves: Tensor[], wanted: Tensor[]): Tensor[] => {
      const out = call(...leaves, ...rest);
      return grad(out, wanted, { gradient: seedFor(out, 1), allowUnused: true });
    };
    const points = b.dataSync();
    const leaf = (data = points): Tensor => tensor(data, { shape: b.shape, device: b.device, requiresGrad: true });
    const apart = (data?: typeof points): number[] => {
      const [p, q] = [leaf(data), leaf(data)];
      const [left, right] = gradients([p, q], [p, q]);
      return [...add(left!, right!).dataSync()];
    };
    const one = leaf();
    const together = gradients([one, one], [one])[0]!.dataSync();
    const wanted = apart();
    // What rounding does: as much as the last digits of the inputs do.
    const noise = blurred([points]).flatMap(([moved]) => apart(moved).map((g, i) => Math.abs(g - wanted[i]!)));
    const size = Math.max(...wanted.map(Math.abs), 1e12 * Math.max(...noise)) || 1;
    const { error } = furthest(
      [...together].map((g) => g / size),
      wanted.map((g) => g / size),
      'largest',
    );
    if (!(error <= 1e-11)) fail(name, `an input given twice gets a gradient that is off by ${error}`);
  },

  /** In float32, value and gradients are those of float64 to 1e-5 of the largest element, at least of 1. */
  float32(fn: TensorFunction, inputs: Tensor[], options?: CheckOptions): void {
    const { call, name } = givenTo('float32', fn, inputs, options);
    const wide = inputs.map((x) => leafOf(x.dtype === 'float64' ? cast(cast(x, 'float32'), 'float64') : x));
    const narrow = wide.map((x) =>
      x.requiresGrad ? tensor(Float32Array.from(x.dataSync()), { shape: x.shape, requiresGrad: true }) : x,
    );
    const parts = (leaves: Tensor[]): Tensor[] => {
      const out = call(...leaves);
      const wanted = leaves.filter((leaf) => leaf.requiresGrad);
      if (!out.requiresGrad) return [out];
      return [out, ...grad(out, wanted, { gradient: seedFor(out, 1), allowUnused: true })];
    };
    const wanted = parts(wide);
    parts(narrow).forEach((x, i) => {
      const { error } = furthest(x, wanted[i]!, 'largest');
      if (!(error <= 1e-5)) fail(name, `in float32 ${i === 0 ? 'the value' : `gradient ${i - 1}`} is off by ${error}`);
    });
  },
} as const;

/**
 * Checks an operation, or any function of tensors, on random inputs: value against a reference, first and second
 * derivatives against central differences, shapes and linearity of the pull-back, aliased inputs, float32.
 *
 * @param fn - Takes tensors, returns one.
 * @param inputs - Random lists of float64 and int32 tensors, for example {@link broadcastableTensors}.
 * @throws On the first failure: the inputs that it shrank to, and what disagreed.
 *
 * @example
 * ```ts
 * import { add, mul } from 'contragrad';
 * import { broadcastableTensors, checkOp } from 'contragrad/testing';
 *
 * checkOp(mul, broadcastableTensors());
 * ```
 */
export function checkOp(fn: TensorFunction, inputs: fc.Arbitrary<Tensor[]>, options?: CheckOptions): void {
  const { numRuns, seed } = optionsOf('checkOp', fn, options);
  checkArbitrary('checkOp', inputs);
  for (const property of Object.values(opProperties)) {
    fc.assert(
      fc.property(inputs, (given) => property(fn, given, options)),
      seed === undefined ? { numRuns } : { numRuns, seed },
    );
  }
}
