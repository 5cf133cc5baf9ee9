/** @file Dropout as a layer. */
import type { Tensor } from '../autograd/tensor.js';
import { checkRange, readOptions } from '../checks.js';
import { dropout } from '../ops/activation.js';
import { Generator } from '../random.js';
import { Module } from './module.js';

/**
 * In training a random share of the elements becomes 0, and the others are divided by what is left: see {@link dropout}.
 * In evaluation nothing changes.
 */
export class Dropout extends Module {
  /** The share of elements that become 0. */
  readonly p: number;
  readonly #generator: Generator | undefined;

  /**
   * @param options - The share, and where the choice comes from.
   * @param options.p - The share of elements that become 0. Default 0.5.
   * @param options.generator - Default: the one that {@link manualSeed} seeds.
   * @throws {@link ArgumentError} unless p is in [0, 1).
   */
  constructor(options?: { readonly p?: number; readonly generator?: Generator }) {
    super();
    const { p, generator } = readOptions('Dropout', options, { p: 0.5, generator: undefined });
    if (generator !== undefined) Generator.check('Dropout', generator);
    checkRange('Dropout', 'p', p, 0, 1);
    this.p = p;
    this.#generator = generator;
  }

  override forward(x: Tensor): Tensor {
    const generator = this.#generator;
    return dropout(x, { p: this.p, training: this.training, ...(generator && { generator }) });
  }
}
