/**
 * @file How large whole numbers may be after a kernel, by how large they were before: float registers hold them exactly up to
 * a limit, and what stays below it for certain need not be looked at.
 */
import { isComparison, type KernelName, type KernelSpecs } from '../device.js';

/** Whole numbers are exact up to here in float registers; so are positions. */
export const LARGEST_INTEGER: number = 2 ** 24;

type Bound<Name extends KernelName> = (spec: KernelSpecs[Name], inputs: readonly number[]) => number;

const first: Bound<'copyStrided' | 'gather'> = (_, [x]) => x!;

/** Kernels that are not here make no whole numbers out of others. */
const bounds: { readonly [Name in KernelName]?: Bound<Name> } = {
  map: ({ op }, [x]) => (op === 'square' ? x! * x! : x!),
  zip({ op }, [a, b]) {
    if (isComparison(op)) return 1;
    if (op === 'add' || op === 'sub') return a! + b!;
    if (op === 'mul') return a! * b!;
    return Math.max(a!, b!);
  },
  where: (_, [, a, b]) => Math.max(a!, b!),
  reduce: ({ op, length }, [x]) => (op === 'sum' ? length * x! : op === 'max' ? x! : length),
  copyStrided: first,
  gather: first,
  pad: ({ value }, [x]) => Math.max(x!, Math.abs(value)),
  concat: (_, inputs) => Math.max(...inputs),
  scatterAdd: ({ shape, axis }, [source]) => shape[axis]! * source!,
  check: ({ size }) => size,
};

/** No whole number that a kernel makes, nor any sum on its way, is larger in size than this; infinite where nothing is known. */
export function boundOf<Name extends KernelName>(
  kernel: Name,
  spec: KernelSpecs[Name],
  inputs: readonly number[],
): number {
  return bounds[kernel]?.(spec, inputs) ?? Number.POSITIVE_INFINITY;
}
