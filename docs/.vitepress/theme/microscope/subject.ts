/** @file What the microscope looks at: a loss of a batch, through an encoder or not, and its whole backward pass. */
import { BATCHES, LABELS, type Points } from '../../../../src/cli/lesson-batches.js';
import { type Trace, trace } from '../../../../src/explain/index.js';
import {
  contrastiveLoss,
  Generator,
  group,
  infoNCELoss,
  mutualInformationLoss,
  nn,
  type Tensor,
  tensor,
  tripletLoss,
} from '../../../../src/index.js';
import { tensorsOf } from './replay.js';

/** The losses under the microscope. */
export const LOSSES = ['contrastive', 'triplet', 'infonce', 'mi'] as const;

/** A loss under the microscope. */
export type LossName = (typeof LOSSES)[number];

/** Which batch: three rows that are easy to follow, or twelve, of which only a part is shown. */
export type BatchName = 'small' | 'large';

/** What is looked at. */
export interface Subject {
  readonly loss: LossName;
  /** Whether the rows go through a small layer first: its weights are then what is learned. */
  readonly encoder: boolean;
  readonly batch: BatchName;
}

/** A subject's backward pass, and the tensors that made it, by their ids in the trace. */
export interface Examined {
  readonly trace: Trace;
  readonly tensors: readonly Tensor[];
}

/** A loss of some rows, one number a row or pair. */
interface Shown {
  readonly title: string;
  /** In TeX. */
  readonly formula: string;
  /** What its letters mean. */
  readonly letters: string;
  /** The groups that are folded when it is chosen: a graph as wide as this one is first seen in its large parts. */
  readonly folded: readonly string[];
  readonly rows: (inputs: readonly Tensor[], same: Tensor) => Tensor;
}

const reduction = 'none';

/** Why the graph of a softmax has none. */
const AS_SOFTPLUS =
  'The graph writes −log softmax as softplus(r − sᵢᵢ), with r the logSumExp of the other scores of the row: the same number, and none of it overflows.';

/** Every loss by its name. */
export const shown: Readonly<Record<LossName, Shown>> = {
  contrastive: {
    title: 'Contrastive',
    formula: String.raw`L = \frac{1}{2N}\sum_i \big(y_i D_i^2 + (1 - y_i)\,[1 - D_i]_+^2\big),\quad D_i = \lVert a_i - b_i\rVert`,
    letters: 'Pairs a, b; y is 1 where a pair is the same; the margin is 1.',
    folded: [],
    rows: ([a, b], same) => contrastiveLoss(a!, b!, same, { reduction }),
  },
  triplet: {
    title: 'Triplet',
    formula: String.raw`L = \frac1N\sum_i \big[\lVert a_i - p_i\rVert^2 - \lVert a_i - n_i\rVert^2 + 1\big]_+`,
    letters: 'Anchor a, positive p, negative n; the margin is 1.',
    folded: [],
    rows: ([a, p, n]) => tripletLoss(a!, p!, n!, { reduction }),
  },
  infonce: {
    title: 'InfoNCE',
    formula: String.raw`L = -\frac1N\sum_i \log\frac{e^{s_{ii}}}{\sum_j e^{s_{ij}}},\quad s_{ij} = \frac{q_i \cdot k_j}{\lVert q_i\rVert\,\lVert k_j\rVert\,\tau}`,
    letters: `Queries q, keys k, the positive of a query in its own row; the temperature τ is 0.5. ${AS_SOFTPLUS}`,
    folded: ['normalize'],
    rows: ([q, k]) => infoNCELoss(q!, k!, { temperature: 0.5, reduction }),
  },
  mi: {
    title: 'Mutual information',
    formula: String.raw`L = -\frac1N\sum_i \log\frac{e^{s_{ii}}}{\sum_j e^{s_{ij}}},\quad s_{ij} = l_i \cdot g_j`,
    letters: `Local rows l and global rows g, of one sample in the same row; the bound is log N − L. ${AS_SOFTPLUS}`,
    folded: [],
    rows: ([l, g]) => mutualInformationLoss(l!, g!, { reduction }),
  },
};

/** The rows of the large batch: as many and as long as the small one is not. */
const LARGE = { rows: 12, length: 5, seed: 7 };

/** The layer's weights: plain numbers, that can be followed by hand. */
const WEIGHT = [0.8, -0.4, 0.3, 0.9, -0.6, 0.5, 0.2, -0.7, 0.4, 0.6];
const BIAS = [0.1, -0.2];

/** The arguments of a loss by name. */
export function batchOf({ loss, batch }: Subject): Readonly<Record<string, Points>> {
  if (batch === 'small') return BATCHES[loss];
  const generator = new Generator(LARGE.seed);
  const number = (): number => Math.round(60 * generator.normal()) / 100;
  return Object.fromEntries(
    Object.keys(BATCHES[loss]).map((name) => [
      name,
      Array.from({ length: LARGE.rows }, () => Array.from({ length: LARGE.length }, number)),
    ]),
  );
}

/** For the contrastive loss: 1 where a pair is the same. */
export const labelsOf = ({ batch }: Subject): readonly number[] =>
  batch === 'small' ? LABELS : Array.from({ length: LARGE.rows }, (_, i) => ((i + 1) % 2 === 1 ? 1 : 0));

/** Runs a loss forward and backward, and keeps all of it. */
export function examine(subject: Subject): Examined {
  const { loss, encoder } = subject;
  const leaves = Object.entries(batchOf(subject)).map(
    ([name, rows]) => [name, tensor(rows, { dtype: 'float64', requiresGrad: !encoder })] as const,
  );
  const same = tensor(labelsOf(subject), { dtype: 'int32' });
  const layer = encoder ? layerFor(leaves[0]![1].shape[1]!) : undefined;
  const names = {
    ...Object.fromEntries(leaves),
    ...(layer && { W: layer.weight, bias: layer.bias! }),
    ...(loss === 'contrastive' && { same }),
  };
  let made: Tensor | undefined;
  const pass = trace(
    () => {
      const inputs = leaves.map(([, x]) => (layer === undefined ? x : group('layer', () => layer.forward(x).tanh())));
      const rows = shown[loss].rows(inputs, same);
      made = group('reduction', () => rows.mean());
      return made;
    },
    { names },
  );
  return { trace: pass, tensors: tensorsOf(pass, made!) };
}

/** A layer to the plane. */
function layerFor(length: number): nn.Linear {
  const layer = new nn.Linear(length, 2, { dtype: 'float64' });
  layer.loadStateDict({
    weight: tensor(WEIGHT.slice(0, 2 * length), { shape: [2, length], dtype: 'float64' }),
    bias: tensor(BIAS, { dtype: 'float64' }),
  });
  return layer;
}
