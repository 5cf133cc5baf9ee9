/**
 * @file Makes tensors out of JavaScript values and out of nothing.
 */

import { checkKind, describe, readOptions } from '../checks.js';
import { checkDevice, checkHeld, type Device, type KernelSpecs } from '../devices/device.js';
import {
  allocate,
  checkDType,
  convert,
  type DType,
  dtypeOf,
  exactly,
  isTypedArray,
  type TypedArray,
} from '../dtype.js';
import { ArgumentError, DTypeError, ShapeError } from '../errors.js';
import type { NestedInput } from '../format.js';
import { Generator } from '../random.js';
import { checkShape, formatShape, inferShape, type Shape, sizeOf } from '../shape.js';
import { context, type Origin } from './context.js';
import { launch, place } from './op.js';
import { Tensor } from './tensor.js';

/** How a new tensor is held. */
export interface TensorOptions {
  /** Default: `int32` for a typed array of whole numbers, `float64` for a `Float64Array`, else `float32`. */
  readonly dtype?: DType;
  /** Default: the device of the innermost `useDevice`, else the CPU. */
  readonly device?: Device;
  /** Whether `backward()` collects a gradient here. Default false. */
  readonly requiresGrad?: boolean;
}

/** {@link TensorOptions} for tensors of random numbers. */
export interface RandomOptions extends TensorOptions {
  /** Default: the generator that {@link manualSeed} seeds. */
  readonly generator?: Generator;
}

function make(
  op: string,
  data: TypedArray,
  shape: Shape,
  { device = context().device, requiresGrad }: { readonly device: Device | undefined; readonly requiresGrad: boolean },
  origin?: Origin,
): Tensor {
  return place(op, device, dtypeOf(data), data, [...shape], requiresGrad, origin);
}

const HELD = { dtype: 'float32', device: undefined, requiresGrad: false } as const;

type Fill = (data: TypedArray) => void;

function filled(op: string, shape: Shape, fill: Fill, options?: TensorOptions, dtype: DType = 'float32'): Tensor {
  const read = readOptions(op, options, { ...HELD, dtype });
  checkShape(op, shape);
  checkDType(op, read.dtype);
  const data = allocate(read.dtype, sizeOf(shape));
  fill(data);
  return make(op, data, shape, read);
}

/**
 * A tensor with the given elements.
 *
 * @param data - A number, arrays nested to any depth, or a typed array of any kind (copied); true and false are 1 and 0.
 * @param options - `shape` (one size may be -1; default: that of the nesting), and {@link TensorOptions}.
 * @throws {@link ShapeError} when rows differ in length, or the shape holds another number of elements.
 * @throws {@link ArgumentError} when an element is not a number.
 * @throws {@link DTypeError} when an element of an `int32` tensor is no whole number from -2³¹ to 2³¹ - 1.
 *
 * @example
 * ```ts
 * import { tensor } from 'contragrad';
 *
 * const x = tensor([[1, 2], [3, 4.5]], { requiresGrad: true });
 * console.log(x.shape); // [ 2, 2 ]
 * ```
 */
export function tensor(data: NestedInput, options?: TensorOptions & { readonly shape?: Shape }): Tensor {
  const read = readOptions('tensor', options, { ...HELD, dtype: undefined, shape: undefined });
  const given = context().recorder?.original(data) ?? data;
  const { dtype = isTypedArray(given) ? dtypeOf(given) : 'float32' } = read;
  checkDType('tensor', dtype);
  const natural = nestedShape(given);
  const shape = read.shape === undefined ? natural : inferShape('tensor', read.shape, natural);
  const toData = (value: unknown): TypedArray =>
    convert('tensor', dtype, isTypedArray(value) ? value : flatten(value as NestedInput, natural));
  return make('tensor', toData(given), shape, read, { kind: 'value', value: data, convert: toData });
}

const isList = (value: unknown): value is ArrayLike<NestedInput> => Array.isArray(value) || isTypedArray(value);

function nestedShape(data: NestedInput): number[] {
  const shape: number[] = [];
  for (let level: unknown = data; isList(level); level = level[0]) {
    if (shape.push(level.length) > DEEPEST) {
      throw new ShapeError('tensor', `arrays are nested to at most ${DEEPEST} axes`, 'does one hold itself?');
    }
  }
  return shape;
}

/** More axes than anybody means; an array that holds itself has any number. */
const DEEPEST = 32;

function flatten(data: NestedInput, shape: Shape): number[] {
  const flat: number[] = [];
  const visit = (value: unknown, path: readonly number[]): void => {
    const at = (): string => `at ${formatShape(path)}`;
    if (isList(value)) {
      if (value.length !== shape[path.length]) {
        const wanted = shape[path.length] ?? 'a number';
        throw new ShapeError('tensor', `rows differ in length: expected ${wanted} ${at()}, got ${value.length}`);
      }
      for (let i = 0; i < value.length; i++) visit(value[i], [...path, i]);
    } else if (typeof value !== 'number' && typeof value !== 'boolean' && typeof value !== 'bigint') {
      throw new ArgumentError('tensor', `elements must be numbers, got ${describe(value)} ${at()}`);
    } else if (path.length !== shape.length) {
      throw new ShapeError(
        'tensor',
        `rows differ in depth: expected an array of ${shape[path.length]} ${at()}, got a number`,
      );
    } else flat.push(exactly('tensor', value));
  };
  visit(data, []);
  return flat;
}

/** A tensor of zeros. */
export function zeros(shape: Shape, options?: TensorOptions): Tensor {
  return filled('zeros', shape, () => {}, options);
}

/** A tensor of ones. */
export function ones(shape: Shape, options?: TensorOptions): Tensor {
  return filled('ones', shape, (data) => data.fill(1), options);
}

/**
 * A tensor whose every element is `value`.
 *
 * @throws {@link DTypeError} when the type does not hold it: `int32` has whole numbers from -2³¹ to 2³¹ - 1.
 */
export function full(shape: Shape, value: number, options?: TensorOptions): Tensor {
  checkKind('full', 'value', value, 'number');
  return filled('full', shape, (data) => data.fill(convert('full', dtypeOf(data), [value])[0]!), options);
}

/** The identity matrix, `[n, n]`. */
export function eye(n: number, options?: TensorOptions): Tensor {
  const fill: Fill = (data) => {
    for (let i = 0; i < n; i++) data[i * (n + 1)] = 1;
  };
  return filled('eye', [n, n], fill, options);
}

/** The numbers 0 … end - 1, `[end]`; `int32` unless the options say otherwise. */
export function arange(end: number, options?: TensorOptions): Tensor {
  const fill: Fill = (data) => {
    for (let i = 0; i < end; i++) data[i] = i;
  };
  return filled('arange', [end], fill, options, 'int32');
}

/** Numbers uniform in [0, 1), of a float type. */
export function rand(shape: Shape, options?: RandomOptions): Tensor {
  return drawn('rand', 'uniform', shape, options);
}

/** Standard normal numbers, of a float type. */
export function randn(shape: Shape, options?: RandomOptions): Tensor {
  return drawn('randn', 'normal', shape, options);
}

/**
 * Random numbers out of a generator, one draw each: its state goes to the kernel as a tensor, so that a recorded call
 * draws new ones with every replay.
 */
export function drawn(
  op: string,
  distribution: KernelSpecs['random']['distribution'],
  shape: Shape,
  options: RandomOptions | undefined,
): Tensor {
  const read = readOptions(op, options, { ...HELD, generator: undefined });
  const { dtype, generator = context().generator, device = context().device, requiresGrad } = read;
  Generator.check(op, generator);
  checkShape(op, shape);
  checkDType(op, dtype);
  checkDevice(op, device);
  checkHeld(op, device, dtype);
  if (dtype === 'int32') throw new DTypeError(op, 'draws float32 or float64, got int32', "use cast(x, 'int32')");
  const size = sizeOf(shape);
  const before = generator.state;
  const draw = (): Int32Array => {
    const words = generatorWords(generator);
    generator.skip(size);
    return words;
  };
  const words = place(op, device, 'int32', draw(), [8], false, { kind: 'draw', generator, before, draw });
  const { storage } = launch(op, 'random', [words], { distribution, size, dtype }, { shape, dtype });
  return new Tensor({ storage, shape: [...shape], device, requiresGrad });
}

/** A generator's state in words of 16 bits, which every device holds exactly. */
function generatorWords({ state: { seed, counter } }: Generator): Int32Array {
  const words = (value: number): number[] => [0, 16, 32, 48].map((bits) => Math.floor(value / 2 ** bits) % 2 ** 16);
  return Int32Array.of(...words(seed), ...words(counter));
}
