/** @file The arguments of a loss, as the explanations take them: in float64 on the CPU. */
import { tensor } from '../autograd/create.js';
import { Tensor } from '../autograd/tensor.js';
import { isMemoryBank, type MemoryBank } from '../losses/memory-bank.js';
import type { Shape } from '../shape.js';

/** What a loss is called with: embeddings in float64, plain labels, and no tensors but `negatives` among the options. */
export interface Given<Options> {
  readonly embeddings: readonly Tensor[];
  readonly labels: readonly number[];
  readonly options: Options;
}

/** Whether an argument holds embeddings, not labels. */
export const isEmbedding = (input: unknown): input is Tensor => Tensor.isTensor(input) && input.dtype !== 'int32';

/**
 * Arguments as pair forms take them.
 *
 * @param refuse - Throws on arguments that the loss does not take; embeddings are in float64 already.
 */
export function plainly(
  inputs: readonly unknown[],
  options: object,
  refuse: (inputs: readonly unknown[], options: object) => void,
): Given<object> {
  const converted = inputs.map((input) => (isEmbedding(input) ? inFloat64(input) : input));
  const plain = Object.fromEntries(Object.entries(options).map(([key, value]) => [key, optionInFloat64(key, value)]));
  refuse(converted, plain);
  const labels = inputs.find((input) => !isEmbedding(input)) as Tensor | ArrayLike<number> | undefined;
  return {
    embeddings: converted.filter(isEmbedding),
    labels: labels === undefined ? [] : [...(Tensor.isTensor(labels) ? labels.dataSync() : Array.from(labels))],
    options: plain,
  };
}

/** An option without tensors, but for negatives: those are rows in float64. */
function optionInFloat64(key: string, value: unknown): unknown {
  if (isMemoryBank(value)) return inFloat64(filledRows(value));
  if (!Tensor.isTensor(value)) return value;
  return value.size === 1 && key !== 'negatives' ? value.item() : inFloat64(value);
}

/** What a memory bank serves. */
function filledRows({ rows, mask }: MemoryBank): Tensor {
  const filled = mask.dataSync();
  const kept = rowsOf(rows).filter((_, i) => filled[i] === 1);
  return tensor(kept.flat(), { shape: [kept.length, rows.shape[1]!] });
}

function inFloat64(x: Tensor): Tensor {
  return tensor(Float64Array.from(x.dataSync()), { shape: x.shape });
}

/** Rows of their own, whose gradient is asked for. */
export function leafOf(data: Float64Array, shape: Shape): Tensor {
  return tensor(data, { shape, requiresGrad: true });
}

/** The rows of a tensor, counted over all axes but the last. */
export function rowsOf(x: Tensor): number[][] {
  const size = x.shape.at(-1)!;
  const data = x.dataSync();
  return Array.from({ length: x.size / size }, (_, i) => [...data.subarray(i * size, (i + 1) * size)]);
}
