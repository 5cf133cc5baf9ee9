/**
 * @file A queue of embeddings of earlier batches, to serve as negatives.
 *
 * He et al.: "Momentum contrast for unsupervised visual representation learning", CVPR 2020; Wang et al.: "Cross-batch
 * memory for embedding learning", CVPR 2020.
 */
import { noGrad } from '../autograd/context.js';
import { arange, ones, type TensorOptions, zeros } from '../autograd/create.js';
import type { Tensor } from '../autograd/tensor.js';
import { checkWhole } from '../checks.js';
import { ShapeError } from '../errors.js';
import { add, sub } from '../ops/arithmetic.js';
import { greater, greaterEqual, maximum, where } from '../ops/comparison.js';
import { scatterAdd } from '../ops/indexing.js';
import { broadcastTo, expandDims } from '../ops/layout.js';
import { formatShape } from '../shape.js';

/** Options of {@link memoryBank}. */
export interface MemoryBankOptions extends Pick<TensorOptions, 'dtype' | 'device'> {
  /** How many rows it holds. */
  readonly size: number;
  /** The length of a row. */
  readonly dim: number;
}

/** A queue of rows; all its state is tensors, so that a step with it compiles. */
export interface MemoryBank {
  /** The rows, `[size, dim]`; zeros where nothing was stored yet. */
  readonly rows: Tensor;
  /** 1 where a row was stored, `[size]`, `int32`. */
  readonly mask: Tensor;
  /** Stores the rows of a batch, without their graph, in place of the oldest. */
  push(batch: Tensor): void;
}

class Queue implements MemoryBank {
  readonly rows: Tensor;
  readonly mask: Tensor;
  /** Where the next row goes. */
  readonly #pointer: Tensor;

  constructor({ size, dim, ...options }: MemoryBankOptions) {
    this.rows = zeros([size, dim], options);
    const { device } = this.rows;
    this.mask = zeros([size], { dtype: 'int32', device });
    this.#pointer = zeros([], { dtype: 'int32', device });
  }

  push(batch: Tensor): void {
    const [size, dim] = this.rows.shape as [number, number];
    const count = batch.shape[0] ?? 0;
    if (batch.rank !== 2 || batch.shape[1] !== dim || count > size) {
      throw new ShapeError(
        'memoryBank',
        `takes batches [N, ${dim}] with N up to ${size}, got ${formatShape(batch.shape)}`,
      );
    }
    noGrad(() => {
      const wrapped = (x: Tensor): Tensor => where(greaterEqual(x, size), sub(x, size), x);
      const { device, dtype } = this.rows;
      const places = wrapped(add(arange(count, { device }), this.#pointer));
      const stored = scatterAdd(
        zeros([size], { dtype: 'int32', device }),
        places,
        ones([count], { dtype: 'int32', device }),
      );
      const index = broadcastTo(expandDims(places, 1), [count, dim]);
      const fresh = scatterAdd(zeros([size, dim], { dtype, device }), index, batch.detach(), { axis: 0 });
      this.rows.assign(where(expandDims(greater(stored, 0), 1), fresh, this.rows));
      this.mask.assign(maximum(this.mask, stored));
      this.#pointer.assign(wrapped(add(this.#pointer, count)));
    });
  }
}

/** Whether negatives come from a {@link memoryBank}. */
export function isMemoryBank(value: unknown): value is MemoryBank {
  return value instanceof Queue;
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
  for (const name of ['size', 'dim'] as const) checkWhole('memoryBank', name, options[name]);
  return new Queue(options);
}
