/**
 * @file Kernel calls as words for the WebAssembly module to run: each call is its kernel, how many words it takes, where
 * its result and its inputs lie (in bytes), and what its kernel is told.
 */
import type { DType } from '../../dtype.js';
import { type Shape, sizeOf, stridesOf } from '../../shape.js';
import {
  type ArithmeticOp,
  type ComparisonOp,
  integerMaps,
  type KernelName,
  type KernelSpecs,
  type MapOp,
  type ReduceOp,
} from '../device.js';
import * as code from './opcodes.js';
import { mergeAxes } from './strided.js';

/** Where the storages of a call lie: addresses in bytes, multiples of 4. */
export interface Operands {
  readonly inputs: readonly number[];
  readonly out: number;
  /** The element types of the inputs. */
  readonly dtypes: readonly DType[];
  /** Where as many bytes as {@link scratchOf} says are free; 0 where it says 0. */
  readonly scratch: number;
}

const mapCodes: Record<MapOp, number> = {
  neg: code.NEG,
  abs: code.ABS,
  sign: code.SIGN,
  square: code.SQUARE,
  relu: code.RELU,
  sqrt: code.SQRT,
  exp: code.EXP,
  expm1: code.EXPM1,
  log: code.LOG,
  log1p: code.LOG1P,
  erf: code.ERF,
  tanh: code.TANH,
  sigmoid: code.SIGMOID,
  softplus: code.SOFTPLUS,
};

const zipCodes: Record<ArithmeticOp | ComparisonOp, number> = {
  add: code.ADD,
  sub: code.SUB,
  mul: code.MUL,
  div: code.DIV,
  pow: code.POW,
  maximum: code.MAXIMUM,
  minimum: code.MINIMUM,
  greater: code.GREATER,
  greaterEqual: code.GREATER_EQUAL,
  less: code.LESS,
  lessEqual: code.LESS_EQUAL,
  equal: code.EQUAL,
  notEqual: code.NOT_EQUAL,
};

const reduceCodes: Record<ReduceOp, number> = { sum: code.SUM, max: code.MAX, argMax: code.ARG_MAX };

const typeOf = (dtype: DType | undefined): number => (dtype === 'int32' ? code.INT32 : code.FLOAT32);

/** The two words of a number in double precision. */
function double(value: number): number[] {
  return [...new Int32Array(Float64Array.of(value).buffer)];
}

/** The word of one element. */
function element(value: number, dtype: DType | undefined): number {
  return dtype === 'int32' ? value : new Int32Array(Float32Array.of(value).buffer)[0]!;
}

/** A walk over `shape` by up to three operands, the innermost of its outer axes first. */
function walkWords(shape: Shape, operands: readonly Shape[]): number[] {
  const { sizes, strides } = mergeAxes(shape, operands);
  const steps = (axis: number): number[] => [0, 1, 2].map((operand) => 4 * (strides[operand]?.[axis] ?? 0));
  const last = sizes.length - 1;
  const words = [Math.max(last, 0), sizes[last] ?? 1, ...steps(last)];
  for (let axis = last - 1; axis >= 0; axis--) words.push(sizes[axis]!, 0, ...steps(axis));
  return words;
}

type Encoder<Name extends KernelName> = (spec: KernelSpecs[Name], operands: Operands) => number[];

/** Without a mask, its address is 0. */
const rowWords: Encoder<'logSumExp'> = ({ rows, columns, masked }) => [...(masked ? [] : [0]), rows, columns];

/** For each kernel, its number, and the words behind the addresses. */
const encoders: { readonly [Name in KernelName]: readonly [number, Encoder<Name>] } = {
  map: [code.MAP, ({ op, size }, { dtypes }) => [mapCodes[op], typeOf(dtypes[0]), size]],
  zip: [
    code.ZIP,
    ({ op, shape, strides }, { dtypes }) => [zipCodes[op], typeOf(dtypes[0]), ...walkWords(shape, strides)],
  ],
  where: [code.WHERE, ({ shape, strides }) => walkWords(shape, strides)],
  cast: [code.CAST, ({ dtype, size }, { dtypes }) => [typeOf(dtypes[0]), typeOf(dtype), size]],
  reduce: [
    code.REDUCE,
    ({ op, outer, length, inner }, { dtypes }) => [reduceCodes[op], typeOf(dtypes[0]), outer, length, inner],
  ],
  matmul: [
    code.MATMUL,
    ({ batch, m, k, n, transposeA, transposeB }, { dtypes }) => [
      batch,
      m,
      k,
      n,
      Number(transposeA),
      Number(transposeB),
      typeOf(dtypes[0]),
    ],
  ],
  squaredDistance: [code.SQUARED_DISTANCE, ({ n, m, d }, { dtypes }) => [n, m, d, typeOf(dtypes[0])]],
  copyStrided: [code.COPY_STRIDED, ({ shape, strides, offset }) => [4 * offset, ...walkWords(shape, [strides])]],
  pad: [
    code.PAD,
    ({ shape, inner, starts, steps, value }, { dtypes }) => {
      const own = stridesOf(shape);
      const offset = starts.reduce((sum, start, axis) => sum + start * own[axis]!, 0);
      const strides = own.map((stride, axis) => stride * steps[axis]!);
      return [sizeOf(shape), element(value, dtypes[0]), 4 * offset, ...walkWords(inner, [strides])];
    },
  ],
  concat: [code.CONCAT, ({ outer, lengths }) => [outer, ...lengths]],
  gather: [code.GATHER, ({ shape, strides, axisStride }) => [4 * axisStride, ...walkWords(shape, [strides])]],
  scatterAdd: [
    code.SCATTER_ADD,
    ({ shape, strides, axis, outer }, { dtypes, scratch }) => [
      scratch,
      typeOf(dtypes[0]),
      sizeOf(outer),
      stridesOf(outer)[axis]!,
      ...walkWords(shape, [strides]),
    ],
  ],
  random: [code.RANDOM, ({ distribution, size }) => [distribution === 'uniform' ? code.UNIFORM : code.NORMAL, size]],
  check: [
    code.CHECK,
    ({ requirement, size }, { dtypes }) => {
      const [low, high] =
        requirement.test === 'positive' ? [Number.MIN_VALUE, Number.MAX_VALUE] : [requirement.low, requirement.high];
      return [typeOf(dtypes[0]), size, ...double(low), ...double(high)];
    },
  ],
  logSumExp: [code.LOG_SUM_EXP, rowWords],
  softmax: [code.SOFTMAX, (spec, operands) => [...rowWords(spec, operands), Number(spec.gradient)]],
  blend: [
    code.BLEND,
    ({ weights, squared, size }) => [Number(squared), size, ...double(weights[0]), ...double(weights[1])],
  ],
  adam: [code.ADAM, ({ eps, decay, size }) => [size, ...double(eps), ...double(decay)]],
};

const floatKernels: ReadonlySet<KernelName> = new Set(['logSumExp', 'softmax', 'blend', 'adam']);

/** Whether the module has a kernel for such storages: not for float64, nor for int32 where the result has fractions. */
function supports<Name extends KernelName>(kernel: Name, spec: KernelSpecs[Name], dtypes: readonly DType[]): boolean {
  if (dtypes.includes('float64') || ('dtype' in spec && spec.dtype === 'float64')) return false;
  if (kernel === 'random') return (spec as KernelSpecs['random']).dtype === 'float32';
  if (dtypes[0] !== 'int32') return true;
  return !floatKernels.has(kernel) && (kernel !== 'map' || integerMaps.has((spec as KernelSpecs['map']).op));
}

/** The scratch memory that a call needs, in bytes. */
export function scratchOf<Name extends KernelName>(
  kernel: Name,
  spec: KernelSpecs[Name],
  dtypes: readonly DType[],
): number {
  // Sums of float32 are kept in double precision until all are complete.
  return kernel === 'scatterAdd' && dtypes[0] === 'float32' ? 8 * sizeOf((spec as KernelSpecs['scatterAdd']).outer) : 0;
}

/** The words of one call; null where the module has no kernel for it, as for float64. */
export function encode<Name extends KernelName>(
  kernel: Name,
  spec: KernelSpecs[Name],
  operands: Operands,
): number[] | null {
  if (!supports(kernel, spec, operands.dtypes)) return null;
  const [number, encoder] = encoders[kernel];
  const inputs = [...operands.inputs];
  // The numbers of one parameter lie in vectors for all.
  if (kernel === 'adam') for (const at of [3, 4]) inputs[at]! += 4 * ((spec as KernelSpecs['adam']).index ?? 0);
  const words = [operands.out, ...inputs, ...encoder(spec, operands)];
  return [number, words.length + 2, ...words];
}
