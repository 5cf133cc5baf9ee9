/** @file What a kernel's text is made of. */
import type { DType } from '../../dtype.js';

/** A kernel ready to be compiled. */
export interface KernelSource {
  /** The body of the kernel; it returns element `i`. */
  readonly body: string;
  /** How many elements it has. */
  readonly size: number;
  /** Their type: that of input number `dtype`, or a fixed one. */
  readonly dtype: number | DType;
  /** Whether an input of one element that the host knows may come as a number. */
  readonly takesNumbers?: boolean;
  /** Whether it brings numbers from the host. */
  readonly uploads?: boolean;
  /** Whether each thread makes four neighbouring elements. */
  readonly returnsVectors?: boolean;
  /** Whether inputs are read as vectors of four; only what was made so can be. */
  readonly readsVectors?: boolean;
  /**
   * Where its inputs come from, for a stage of several: the kernel's own inputs are counted first, then the results of the stages
   * before. Default: all inputs for the first stage, the result before for any other.
   */
  readonly from?: readonly number[];
}

/**
 * How a backend reads: `texels` of textures, which hold up to four elements and cost the more the more of them are read; `buffer`,
 * element by element; or arrays of the `host`.
 */
export type Reading = 'texels' | 'buffer' | 'host';

/** The name of input number `index` in a kernel's text. */
export function inputName(index: number): string {
  return index < 8 ? 'abcdefgh'.charAt(index) : `input${index}`;
}

/** Whether `x` is NaN. Not by `x !== x`, which compilers take to be false. */
export const testNaN = (x: string): string => `!(${x} <= 1.0 || ${x} >= -1.0)`;

/** Returns `x` where it is NaN. */
export const passNaN = (x: string): string => `if (${testNaN(x)}) return ${x};`;

/** The largest number of float32, as shaders write it. */
export const LARGEST = '3.4028234e38';

/** A number as shaders write it: they have no infinity, but a product that is too large is one. */
export function literal(value: number): string {
  if (!Number.isFinite(value)) return `((i + 2.0) * ${value > 0 ? '' : '-'}3.0e38)`;
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

/** floor(value / by), exact in float registers. */
export function quotient(value: string, by: number): string {
  return by === 1 ? value : `Math.floor((${value} + 0.5) / ${by}.0)`;
}
