/**
 * @file Kernel calls of the eager device in WebAssembly: their numbers are copied there and back, which pays from some size on.
 * Tensors stay garbage-collected typed arrays, and float64 stays with the plain loops. Importing this file is what adds it to
 * the device: the entry `contragrad` does.
 */
import { openWasm, type Wasm } from './wasm.js';

// The module above comes first: in the midst of the code its long text would keep gzip from finding what repeats around it.

import { allocate, type DType, dtypeOf, type TypedArray } from '../../dtype.js';
import { sizeOf } from '../../shape.js';
import { isComparison, type KernelName, type KernelSpecs, type MapOp } from '../device.js';
import { accelerateBy } from './index.js';
import { RESERVED } from './opcodes.js';
import { encode } from './program.js';

/** How much a call computes, in elements or products; and the type and number of its results. */
interface Work {
  readonly amount: number;
  readonly size: number;
  readonly dtype?: DType;
}

const slowMaps: ReadonlySet<MapOp> = new Set(['exp', 'expm1', 'log', 'log1p', 'erf', 'tanh', 'sigmoid', 'softplus']);

type Measure = { readonly [Name in KernelName]?: (spec: KernelSpecs[Name]) => Work };

/** Always in WebAssembly: other functions would have other last digits, and an eager step others than a compiled one. */
const ALWAYS = Number.POSITIVE_INFINITY;

/** The kernels that copies may pay for. */
const works: Measure = {
  map: ({ op, size }) => ({ amount: slowMaps.has(op) ? ALWAYS : size, size }),
  zip: ({ op, shape }) => {
    const size = sizeOf(shape);
    return isComparison(op) ? { amount: size, size, dtype: 'int32' } : { amount: size, size };
  },
  where: ({ shape }) => ({ amount: sizeOf(shape), size: sizeOf(shape) }),
  reduce: ({ op, outer, length, inner }) => {
    const work = { amount: outer * length * inner, size: outer * inner };
    return op === 'argMax' ? { ...work, dtype: 'int32' } : work;
  },
  matmul: ({ batch, m, k, n }) => ({ amount: batch * m * k * n, size: batch * m * n }),
  squaredDistance: ({ n, m, d }) => ({ amount: n * m * d, size: n * m }),
  logSumExp: ({ rows }) => ({ amount: ALWAYS, size: rows }),
  softmax: ({ rows, columns }) => ({ amount: ALWAYS, size: rows * columns }),
  blend: ({ size }) => ({ amount: size, size }),
  adam: ({ size }) => ({ amount: 4 * size, size }),
};

/** From which amount on the copies pay: where plain loops took about half as long again, kernel by kernel. */
const PAYS: { readonly [Name in KernelName]?: number } = {
  map: 4096,
  zip: 1024,
  where: 1024,
  reduce: 1024,
  matmul: 1024,
  squaredDistance: 1024,
  logSumExp: 0,
  softmax: 0,
  blend: 4096,
  adam: 4096,
};

/** No call keeps more memory than this, in bytes. */
const MOST = 2 ** 28;
const PAGE = 65536;

/** One instance for all calls; null where there is no WebAssembly. */
let shared: Wasm | null | undefined;

/** The instance, with room for some bytes behind its own; null where the engine does not give it. */
function roomFor(bytes: number): Wasm | null {
  shared = shared === undefined ? openWasm({ pages: 16 }) : shared;
  const missing = shared === null ? 0 : RESERVED + bytes - shared.memory.buffer.byteLength;
  if (missing <= 0) return shared;
  try {
    shared!.memory.grow(Math.ceil(missing / PAGE));
    return shared;
  } catch {
    return null;
  }
}

/** The result of a call in WebAssembly; null where the plain loops are as good, or the only ones. */
function accelerated<Name extends KernelName>(
  kernel: Name,
  inputs: readonly TypedArray[],
  spec: KernelSpecs[Name],
): TypedArray | null {
  const least = PAYS[kernel];
  if (least === undefined || inputs.at(-1) instanceof Float64Array) return null;
  const { amount, size, dtype = dtypeOf(inputs[kernel === 'where' ? 1 : 0]!) } = works[kernel]!(spec);
  if (amount < least) return null;
  const dtypes = inputs.map(dtypeOf);

  let end = RESERVED;
  const place = (length: number): number => {
    const start = end;
    end += Math.ceil(length / 4) * 16;
    return start;
  };
  const addresses = inputs.map((input) => place(input.length));
  const out = place(size);
  const words = encode(kernel, spec, { inputs: addresses, out, dtypes, scratch: 0 });
  if (words === null || end - RESERVED > MOST) return null;
  const program = place(words.length);
  const wasm = roomFor(end - RESERVED);
  if (wasm === null) return null;

  const { buffer } = wasm.memory;
  inputs.forEach((input, i) => {
    viewOf(dtypes[i]!, buffer, addresses[i]!, input.length).set(input);
  });
  new Int32Array(buffer, program, words.length).set(words);
  wasm.run(program, program + 4 * words.length);
  const result = allocate(dtype, size);
  result.set(viewOf(dtype, buffer, out, size));
  return result;
}

function viewOf(dtype: DType, buffer: ArrayBuffer, start: number, length: number): TypedArray {
  return dtype === 'int32' ? new Int32Array(buffer, start, length) : new Float32Array(buffer, start, length);
}

accelerateBy(accelerated);
