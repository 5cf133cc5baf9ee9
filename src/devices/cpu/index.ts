/**
 * @file The CPU device: typed arrays and plain loops. Every other device is checked against it. WebAssembly, where copies
 * pay, is added by accelerated.ts, so that a page that only runs a trained encoder goes without its bytes.
 */
import type { TypedArray } from '../../dtype.js';
import type { Device, KernelName, KernelSpecs, Storage } from '../device.js';
import { check } from './check.js';
import { cast, map, where, zip } from './elementwise.js';
import { gather, scatterAdd } from './indexed.js';
import { concat, copyStrided, pad } from './layout.js';
import { matmul, squaredDistance } from './matmul.js';
import { random } from './random.js';
import { logSumExp, reduce, softmax } from './reduce.js';
import { CpuStorage } from './storage.js';
import { adam, blend } from './updates.js';

type Kernels = {
  readonly [Name in KernelName]: (inputs: readonly TypedArray[], spec: KernelSpecs[Name]) => TypedArray;
};

const kernels: Kernels = {
  map,
  zip,
  where,
  cast,
  reduce,
  matmul,
  squaredDistance,
  copyStrided,
  pad,
  concat,
  gather,
  scatterAdd,
  random,
  check,
  logSumExp,
  softmax,
  blend,
  adam,
};

/** Computes some calls faster; null for those that it leaves to the plain loops. */
type Accelerator = <Name extends KernelName>(
  kernel: Name,
  inputs: readonly TypedArray[],
  spec: KernelSpecs[Name],
) => TypedArray | null;

let accelerator: Accelerator | null = null;

/** Asks `next` first for every call from now on, or nobody; returns who was asked until now. */
export function accelerateBy(next: Accelerator | null): Accelerator | null {
  const before = accelerator;
  accelerator = next;
  return before;
}

const arrayOf = (storage: Storage): TypedArray => (storage as CpuStorage).array;

/** The CPU: `float32`, `float64` and `int32`, synchronous, garbage-collected. */
export const cpu: Device = {
  name: 'cpu',
  dtypes: ['float32', 'float64', 'int32'],
  upload: (data) => new CpuStorage(data.slice()),
  read: async (storage) => arrayOf(storage).slice(),
  readSync: (storage) => arrayOf(storage).slice(),
  run(kernel, inputs, spec) {
    const arrays = new Array<TypedArray>(inputs.length);
    for (let i = 0; i < inputs.length; i++) arrays[i] = arrayOf(inputs[i]!);
    return new CpuStorage(accelerator?.(kernel, arrays, spec) ?? kernels[kernel](arrays, spec));
  },
};
