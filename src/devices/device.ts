/**
 * @file The contract that every device fulfils: a few kernels over flat, row-major storages. A device knows shapes and
 * numbers, but neither tensors nor gradients.
 *
 * Every kernel call is one value of {@link KernelSpecs}, plain data, so that a call can be cached, listed, recorded and
 * replayed. Two promises hold at every call: shapes are known, and no storage is empty (the caller answers
 * those itself). Storages are never written after they are made.
 */
import { wrong } from '../checks.js';
import type { DType, TypedArray } from '../dtype.js';
import { ArgumentError, DTypeError } from '../errors.js';
import type { Shape } from '../shape.js';

/** A flat block of elements on some device; its numbers may still be on their way. */
export interface Storage {
  readonly dtype: DType;
  readonly size: number;
  /** Where numbers may change under way: keeps them as they are now. Whoever hands a storage out calls it. */
  settle?(): void;
}

/** Functions of one element. */
export type MapOp =
  | 'neg'
  | 'abs'
  | 'sign'
  | 'exp'
  | 'expm1'
  | 'log'
  | 'log1p'
  | 'erf'
  | 'sqrt'
  | 'square'
  | 'tanh'
  | 'sigmoid'
  | 'softplus'
  | 'relu';

/**
 * Functions of two elements of one type whose result has that type. Nobody asks for `div` and `pow` of `int32`, whose other
 * functions, sums and squares wrap around modulo 2³² (see {@link Device.wraps}).
 */
export type ArithmeticOp = 'add' | 'sub' | 'mul' | 'div' | 'pow' | 'maximum' | 'minimum';

/** Functions of two elements whose result is 1 or 0, as `int32`. */
export type ComparisonOp = 'greater' | 'greaterEqual' | 'less' | 'lessEqual' | 'equal' | 'notEqual';

/** Reductions of an axis; `argMax` is the index of the first largest element, as `int32`. */
export type ReduceOp = 'sum' | 'max' | 'argMax';

/** What {@link KernelSpecs.check} asks of each element. */
export type Requirement =
  | { readonly test: 'positive' }
  | { readonly test: 'between'; readonly low: number; readonly high: number };

/**
 * What each kernel is told besides its input storages. Strides count elements and belong to the inputs, in order; a
 * stride of 0 repeats an axis.
 */
export interface KernelSpecs {
  /** `out[i] = op(x[i])`. Input: x. */
  map: { readonly op: MapOp; readonly size: number };
  /** `out = op(a, b)` over `shape`, each input read through its strides. Inputs: a, b. */
  zip: {
    readonly op: ArithmeticOp | ComparisonOp;
    readonly shape: Shape;
    readonly strides: readonly [Shape, Shape];
  };
  /** `out = condition ? a : b` over `shape`. Inputs: condition (int32), a, b. */
  where: { readonly shape: Shape; readonly strides: readonly [Shape, Shape, Shape] };
  /** The same numbers as another type; towards `int32` the fraction is dropped, and `int32` holds what is left. Input: x. */
  cast: { readonly dtype: DType; readonly size: number };
  /** Reduces the middle axis of x, laid out `[outer, length, inner]`. Input: x. */
  reduce: { readonly op: ReduceOp; readonly outer: number; readonly length: number; readonly inner: number };
  /** `out = A B` for each of `batch` matrices: A `[m, k]`, B `[k, n]`, each stored transposed where flagged. Inputs: a, b. */
  matmul: {
    readonly batch: number;
    readonly m: number;
    readonly k: number;
    readonly n: number;
    readonly transposeA: boolean;
    readonly transposeB: boolean;
  };
  /** `out[i, j] = Σ_k (a[i, k] - b[j, k])²`, by direct differences. Inputs: a `[n, d]`, b `[m, d]`. */
  squaredDistance: { readonly n: number; readonly m: number; readonly d: number };
  /** `out[index] = x[offset + Σ index · strides]` over `shape`: permute, broadcast, slice, flip. Input: x. */
  copyStrided: { readonly shape: Shape; readonly strides: Shape; readonly offset: number };
  /** `value` everywhere in `shape`, but x, of shape `inner`, at `starts` in steps of `steps`. Input: x. */
  pad: {
    readonly shape: Shape;
    readonly inner: Shape;
    readonly starts: Shape;
    readonly steps: Shape;
    readonly value: number;
  };
  /** Joins inputs `[outer, lengths[i]]` along their last axis. Inputs: one for each length. */
  concat: { readonly outer: number; readonly lengths: Shape };
  /**
   * `out[k] = x[Σ k · strides + index[k] · axisStride]` over `shape`, the index's. Inputs: x, and an int32 index whose
   * elements are in range.
   */
  gather: { readonly shape: Shape; readonly strides: Shape; readonly axisStride: number };
  /** The adjoint: zeros of `size` with source[k] added where gather would read. Inputs: source, index. */
  scatterAdd: {
    readonly shape: Shape;
    readonly strides: Shape;
    readonly axis: number;
    readonly outer: Shape;
  };
  /**
   * Numbers of a generator, one draw each. Input: its state as int32 words of 16 bits, four of the seed and four of
   * the counter, low ones first; so that the same call repeats with another state.
   */
  random: { readonly distribution: 'uniform' | 'normal'; readonly size: number; readonly dtype: DType };
  /** The flat index of the first element that does not meet the requirement, or -1, as one int32. Input: x. */
  check: { readonly requirement: Requirement; readonly size: number };
  /** `log Σ_j exp(x[i, j])` of each row, over the columns that the mask keeps; -Infinity where it keeps none. Inputs: x, and an int32 mask of the same layout where `masked`. */
  logSumExp: { readonly rows: number; readonly columns: number; readonly masked: boolean };
  /**
   * `exp(x[i, j]) / Σ_k exp(x[i, k])` over the columns that the mask keeps; 0 at all others. A row with Infinity is NaN all over, or only there, as the
   * `gradient` of logSumExp. Inputs: as for logSumExp.
   */
  softmax: KernelSpecs['logSumExp'] & { readonly gradient: boolean };
  /** `out = w₀ x + w₁ y`, or `w₁ y²` where `squared`: a running average, a velocity. Inputs: x, y. */
  blend: { readonly weights: readonly [number, number]; readonly squared: boolean; readonly size: number };
  /**
   * `out = (1 - η decay) p - η / c₁ · m / (√v / √c₂ + eps)`: Adam's update, with decoupled weight decay. Inputs: p, m, v,
   * two vectors whose elements at `index` (default 0) are c₁ and c₂, what the averages lack so early, and the scalar η.
   */
  adam: { readonly eps: number; readonly decay: number; readonly index?: number; readonly size: number };
}

/** The name of a kernel. */
export type KernelName = keyof KernelSpecs;

/** Where numbers live and are computed. */
export interface Device {
  /** What it is, as users write it: `cpu`, `gpu:webasm`. */
  readonly name: string;
  /** The element types that it holds. */
  readonly dtypes: readonly DType[];
  /** Whether `int32` wraps around. A device that cannot do so refuses what leaves its range. Default true. */
  readonly wraps?: boolean;
  /** A storage with a copy of `data`. */
  upload(data: TypedArray): Storage;
  /** A copy of a storage's elements, as soon as they are there. */
  read(storage: Storage): Promise<TypedArray>;
  /**
   * A copy of a storage's elements, at once.
   *
   * @throws `DeviceError` where the device cannot wait for them.
   */
  readSync(storage: Storage): TypedArray;
  /** Whether numbers arrive later than the calls that make them return: then nothing can be read at once. */
  readonly asynchronous?: boolean;
  /**
   * Asynchronous devices only: notes that a status (see {@link KernelSpecs.check}) must be -1. When it is not, the next read
   * fails with what `explain` makes of the first wrong element.
   */
  expect?(status: Storage, values: Storage, explain: (index: number, value: number) => Error): void;
  /**
   * Devices whose numbers no garbage collector counts: one more owner holds a storage. A storage that never had an owner, and one
   * whose owners never let go, are freed when they are collected.
   */
  retain?(storage: Storage): void;
  /** One owner less; after the last one the storage is freed, behind the calls that still read it. */
  release?(storage: Storage): void;
  /** Runs one kernel; its result has a storage of its own. */
  run<Name extends KernelName>(kernel: Name, inputs: readonly Storage[], spec: KernelSpecs[Name]): Storage;
}

/** Throws an {@link ArgumentError} unless a value is a device, as plain JavaScript can have it. */
export function checkDevice(op: string, value: unknown): asserts value is Device {
  if (typeof (value as Device | null)?.run === 'function') return;
  throw wrong(op, 'a device', 'cpu or what gpu() resolves to', value);
}

/** Throws a {@link DTypeError} unless a device holds elements of a type. */
export function checkHeld(op: string, device: Device, dtype: DType): void {
  if (device.dtypes.includes(dtype)) return;
  const held = `the device ${device.name} holds ${device.dtypes.join(', ')}`;
  throw new DTypeError(op, `${held}, got ${dtype}`, "cast to 'float32', or stay on the CPU");
}

/** Whether `op` is one of the comparisons, whose results are `int32`. */
export function isComparison(op: ArithmeticOp | ComparisonOp): op is ComparisonOp {
  return comparisons.has(op);
}

const comparisons: ReadonlySet<string> = new Set<ComparisonOp>([
  'greater',
  'greaterEqual',
  'less',
  'lessEqual',
  'equal',
  'notEqual',
]);

/** The functions of one element that take `int32` too: their results are whole. */
export const integerMaps: ReadonlySet<MapOp> = new Set<MapOp>(['neg', 'abs', 'sign', 'square', 'relu']);
