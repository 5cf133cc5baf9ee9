/** @file What the libraries that conventions are named after make of batches, and how far the project is from them. */
import { readFileSync } from 'node:fs';
import * as cg from '../../src/index.js';
import { conventions, grad, type Tensor, tensor } from '../../src/index.js';

/** One batch, and the library's answer. */
export interface ConventionCase {
  /** The loss, and the convention's name. */
  readonly convention: readonly ['contrastive' | 'triplet', string];
  readonly inputs: readonly number[][][];
  readonly labels: readonly number[] | null;
  readonly value: number;
  readonly gradients: readonly number[][][];
}

/** All of them. */
export const conventionCases: readonly ConventionCase[] = (
  JSON.parse(readFileSync('test/golden/conventions.json', 'utf8')) as { cases: readonly ConventionCase[] }
).cases;

type Loss = (...all: unknown[]) => Tensor;

const losses = {
  contrastive: { batch: cg.batchContrastiveLoss, rows: cg.contrastiveLoss },
  triplet: { batch: cg.batchTripletLoss, rows: cg.tripletLoss },
};

/** The largest error of value and gradients. */
export function conventionError({ convention, inputs, labels, value, gradients }: ConventionCase): number {
  const [kind, name] = convention;
  const { batch, rows } = losses[kind];
  const isBatch = inputs.length === 1;
  const leaves = inputs.map((x) => tensor(x, { dtype: 'float64', requiresGrad: true }));
  const own = (conventions[kind] as unknown as Record<string, object>)[name]!;
  // The libraries answer a batch in which nothing exists by 0.
  const options = isBatch ? { onEmpty: 'zero', ...own } : own;
  const out = ((isBatch ? batch : rows) as unknown as Loss)(...leaves, ...(labels === null ? [] : [labels]), options);
  const actual = grad(out, leaves, { allowUnused: true }).flatMap((g) => [...g.dataSync()]);
  const wanted = gradients.flat(2);
  return Math.max(Math.abs(out.item() - value), ...actual.map((g, i) => Math.abs(g - wanted[i]!)));
}
