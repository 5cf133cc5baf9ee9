/**
 * @file A queue of embeddings of earlier batches, to serve as negatives.
 *
 * He et al.: "Momentum contrast for unsupervised visual representation learning", CVPR 2020; Wang et al.: "Cross-batch
 * memory for embedding learning", CVPR 2020.
 */
import { noGrad } from '../autograd/context.js';
import { arange, ones, type TensorOptions, zeros } from '../autograd/create.js';
import { checkTensor } from '../autograd/op.js';
import type { Tensor } from '../autograd/tensor.js';
import { checkWhole, readOptions } from '../checks.js';
import { add, sub } from '../ops/arithmetic.js';
import { greater, greaterEqual, maximum, where } from '../ops/comparison.js';
import { scatterAdd } from '../ops/indexing.js';
import { broadcastTo, expandDims } from '../ops/layout.js';
import { shapeError } from '../shape.js';
import { Buffer } from '../state.js';

/** Options of {@link memoryBank}. */
export interface MemoryBankOptions extends Pick<TensorOptions, 'dtype' | 'device'> {
  /** How many rows it holds. */
  readonly size: number;
  /** The length of a row. */
  readonly dim: number;
}

/**
 * A queue of rows. All its state is tensors, so that a step with it compiles; where the bank is a property of a module, they are
 * part of the module's state.
 */
export interface MemoryBank {
  /** The rows, `[size, dim]`; zeros where nothing was stored yet. */
  readonly rows: Tensor;
  /** 1 where a row was stored, `[size]`, `int32`. */
  readonly mask: Tensor;
  /** Where the next row goes, a scalar `int32`. */
  readonly pointer: Tensor;
  /** Stores the rows of a batch, without their graph, in place of the oldest. */
  push(batch: Tensor): void;
}

function push({ rows, mask, pointer }: MemoryBank, batch: Tensor): void {
  const [size, dim] = rows.shape as [number, number];
  checkTensor('memoryBank', batch);
  const count = batch.shape[0]!;
  if (batch.rank !== 2 || batch.shape[1] !== dim || count > size) {
    throw shapeError('memoryBank', `takes batches [N, ${dim}] with N up to ${size}`, batch.shape);
  }
  noGrad(() => {
    const wrapped = (x: Tensor): Tensor => where(greaterEqual(x, size), sub(x, size), x);
    const { device, dtype } = rows;
    const places = wrapped(add(arange(count, { device }), pointer));
    const stored = scatterAdd(
      zeros([size], { dtype: 'int32', device }),
      places,
      ones([count], { dtype: 'int32', device }),
    );
    const index = broadcastTo(expandDims(places, 1), [count, dim]);
    const fresh = scatterAdd(zeros([size, dim], { dtype, device }), index, batch.detach(), { axis: 0 });
    rows.assign(where(expandDims(greater(stored, 0), 1), fresh, rows));
    mask.assign(maximum(mask, stored));
    pointer.assign(wrapped(add(pointer, count)));
  });
}

const banks = new WeakSet<object>();

/** Whether negatives come from a {@link memoryBank}. */
export function isMemoryBank(value: unknown): value is MemoryBank {
  return banks.has(value as object);
}

/**
 * An empty queue of embeddings. Give it to {@link infoNCELoss} as `negatives`; what is not filled yet does not count.
 *
 * @param options - `size` and `dim`; `dtype` (default `float32`) and `device`.
 * @throws {@link ArgumentError} unless both sizes are whole numbers, 1 or more.
 *
 * @example
 * ```ts
 * import { infoNCELoss, memoryBank, randn } from 'contragrad';
 *
 * const bank = memoryBank({ size: 64, dim: 8 });
 * bank.push(randn([16, 8]));
 * const views = randn([4, 8]);
 * const loss = infoNCELoss(views, views, { negatives: bank });
 * console.log(loss.shape); // []
 * ```
 */
export function memoryBank(options: MemoryBankOptions): MemoryBank {
  const read = readOptions('memoryBank', options, {
    size: undefined,
    dim: undefined,
    dtype: 'float32',
    device: undefined,
  });
  const { size, dim, dtype } = read;
  checkWhole('memoryBank', 'size', size);
  checkWhole('memoryBank', 'dim', dim);
  const place = read.device === undefined ? {} : { device: read.device };
  const rows = new Buffer(zeros([size, dim], { dtype, ...place }));
  const { device } = rows;
  const mask = new Buffer(zeros([size], { dtype: 'int32', device }));
  const pointer = new Buffer(zeros([], { dtype: 'int32', device }));
  // A plain object: a module that holds it finds its buffers.
  const bank: MemoryBank = { rows, mask, pointer, push: (batch) => push(bank, batch) };
  banks.add(bank);
  return bank;
}
