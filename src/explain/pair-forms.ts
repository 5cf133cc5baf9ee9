/**
 * @file Every loss as a function of its pairs: between which rows they are, how each is measured, and the loss of those
 * measures, put together from the losses' own parts. So the engine can tell what a pair does to its two rows.
 */
import { noGrad } from '../autograd/context.js';
import { tensor } from '../autograd/create.js';
import { Tensor } from '../autograd/tensor.js';
import { describe } from '../checks.js';
import { ArgumentError } from '../errors.js';
import { type Labels, reduceLoss } from '../losses/arguments.js';
import {
  type BatchContrastiveOptions,
  batchContrastiveLoss,
  type ContrastiveOptions,
  contrastiveLoss,
  contrastiveLossFromDistance,
  meanOfActive,
} from '../losses/contrastive.js';
import {
  type InfoNCEOptions,
  inBatch,
  infoNCELoss,
  type NTXentOptions,
  ntXentLoss,
  surprise,
} from '../losses/info-nce.js';
import { MEASURE, type MeasureOptions, measure } from '../losses/measures.js';
import {
  lossOfScores,
  type MutualInformationOptions,
  mutualInformationLoss,
  readMutualInformation,
} from '../losses/mutual-information.js';
import { type NPairOptions, nPairLoss } from '../losses/n-pair.js';
import { amongNegatives, type SupConOptions, supConLoss } from '../losses/sup-con.js';
import {
  type BatchTripletOptions,
  batchTripletLoss,
  checkedClasses,
  hinge,
  lossOfDistances,
  readBatchTriplet,
  type TripletOptions,
  tripletLoss,
} from '../losses/triplet.js';
import { allTriplets } from '../mining/pairs.js';
import { add, div, mul, square, sub } from '../ops/arithmetic.js';
import { minimum, where } from '../ops/comparison.js';
import { normalize as toUnitLength } from '../ops/distance.js';
import { gather } from '../ops/indexing.js';
import { reshape } from '../ops/layout.js';
import { logSumExp, mean, sum } from '../ops/reduce.js';
import { formatShape } from '../shape.js';
import type { Given } from './arguments.js';

/** A row of one of the inputs, counted over all axes but the last. */
export interface RowOf {
  /** Which input: 0 for the first. Where the loss has an option `negatives`, they count as one more. */
  readonly input: number;
  /** Which row of it. */
  readonly row: number;
}

/** A pair that the loss looks at. */
export interface Pair {
  readonly left: RowOf;
  readonly right: RowOf;
  /** Whether the two should be alike. */
  readonly positive: boolean;
}

/** Pairs that are measured alike, laid out as the loss takes their measures. */
interface Block {
  readonly pairs: readonly Pair[];
  readonly shape: readonly number[];
}

/** A loss as a function of its pairs. */
export interface PairForm {
  /** Rows of every input, `[R, D]`. */
  readonly rows: readonly Tensor[];
  readonly quantity: 'distance' | 'similarity';
  /** Whether rows are brought to length 1 before they are measured. */
  readonly normalizes: boolean;
  /** By what similarities are divided. Default 1. */
  readonly temperature?: number;
  readonly blocks: readonly Block[];
  /** The measures of pairs, `[P]`, by their left and right rows, `[P, D]` each. */
  measure(left: Tensor, right: Tensor): Tensor;
  /** The loss of the measures of each block. */
  loss(...measures: Tensor[]): Tensor;
  /** What each row adds to the loss by itself. */
  readonly own?: (...rows: Tensor[]) => Tensor;
}

/** The losses whose pairs are known. */
export type AttributableLoss =
  | typeof contrastiveLoss
  | typeof batchContrastiveLoss
  | typeof tripletLoss
  | typeof batchTripletLoss
  | typeof infoNCELoss
  | typeof ntXentLoss
  | typeof supConLoss
  | typeof mutualInformationLoss
  | typeof nPairLoss;

const float64 = { dtype: 'float64' } as const;
const range = (length: number): number[] => Array.from({ length }, (_, i) => i);
const row = (input: number, index: number): RowOf => ({ input, row: index });

/** Row i of one input with row i of another. */
function alongside(left: number, right: number, count: number, positive: (i: number) => boolean): Block {
  const pairs = range(count).map((i) => ({ left: row(left, i), right: row(right, i), positive: positive(i) }));
  return { pairs, shape: [count] };
}

/** Every row of one list with every row of another. */
function crossed(
  left: readonly RowOf[],
  right: readonly RowOf[],
  positive: (i: number, j: number) => boolean,
  shape: readonly number[] = [left.length, right.length],
): Block {
  const pairs = left.flatMap((p, i) => right.map((q, j) => ({ left: p, right: q, positive: positive(i, j) })));
  return { pairs, shape };
}

const rowsOf = (input: number, x: Tensor): RowOf[] => range(x.shape[0]!).map((i) => row(input, i));
const flat = (x: Tensor): Tensor => reshape(x, [x.size / x.shape.at(-1)!, x.shape.at(-1)!]);
const maskOf = (flags: readonly boolean[], shape: readonly number[]): Tensor =>
  tensor(Int32Array.from(flags, Number), { shape, dtype: 'int32' });

const distances = (options: MeasureOptions): Pick<PairForm, 'quantity' | 'normalizes' | 'measure'> => ({
  quantity: 'distance',
  normalizes: options.normalize === true || options.distance === 'cosine',
  measure: (a, b) => measure('attribution', a, b, { ...MEASURE, ...options }, 'rows').distance(),
});

/** Options without those that say how distances are measured. */
const termsOf = <Options extends MeasureOptions>({ distance, normalize, eps, floor, ...terms }: Options) => terms;

const similarities = (normalize: boolean): Pick<PairForm, 'quantity' | 'normalizes' | 'measure'> => ({
  quantity: 'similarity',
  normalizes: normalize,
  measure: (a, b) => sum(normalize ? mul(toUnitLength(a), toUnitLength(b)) : mul(a, b), { axis: 1 }),
});

type Former = (given: Given<never>) => PairForm;
const former = <Options>(make: (given: Given<Options>) => PairForm): Former => make as Former;

const forms = new Map<unknown, Former>([
  [
    contrastiveLoss,
    former<ContrastiveOptions>(({ embeddings, labels, options }) => ({
      rows: embeddings,
      ...distances(options),
      blocks: [alongside(0, 1, labels.length, (i) => labels[i] === (options.labelMeans === 'different' ? 0 : 1))],
      loss: (d) => contrastiveLossFromDistance(d!, labels, termsOf(options)),
    })),
  ],
  [
    batchContrastiveLoss,
    former<BatchContrastiveOptions>(({ embeddings, labels, options }) => {
      const pairs = range(labels.length).flatMap((i) =>
        range(i).map((j) => ({ left: row(0, j), right: row(0, i), positive: labels[i] === labels[j] })),
      );
      const same = pairs.map(({ positive }) => Number(positive));
      const { average = 'all', onEmpty, ...terms } = termsOf(options);
      return {
        rows: embeddings,
        ...distances(options),
        blocks: [{ pairs, shape: [pairs.length] }],
        loss(d) {
          const losses = contrastiveLossFromDistance(d!, same, { ...terms, reduction: 'none' });
          if (average === 'all') return mean(losses);
          const mask = tensor(same, { dtype: 'int32' });
          return add(meanOfActive(where(mask, losses, 0)), meanOfActive(where(mask, 0, losses)));
        },
      };
    }),
  ],
  [
    tripletLoss,
    former<TripletOptions>(({ embeddings, options }) => {
      const { margin = 1, squared = true, smooth = false, swap = false, reduction = 'mean' } = options;
      const count = embeddings[0]!.shape[0]!;
      const raised = (d: Tensor): Tensor => (squared ? square(d) : d);
      return {
        rows: embeddings,
        ...distances(options),
        blocks: [
          alongside(0, 1, count, () => true),
          alongside(0, 2, count, () => false),
          ...(swap ? [alongside(1, 2, count, () => false)] : []),
        ],
        loss(near, far, other) {
          const away = swap ? minimum(raised(far!), raised(other!)) : raised(far!);
          return reduceLoss('tripletLoss', hinge(sub(raised(near!), away), margin, smooth), reduction);
        },
      };
    }),
  ],
  [
    batchTripletLoss,
    former<BatchTripletOptions>(({ embeddings, labels, options: given }) => {
      const options = readBatchTriplet(given);
      const { mining, margin, smooth, average, squared } = options;
      const [z] = embeddings as [Tensor];
      const classes = tensor(labels, { dtype: 'int32' });
      return {
        rows: embeddings,
        ...distances(options),
        blocks: [crossed(rowsOf(0, z), rowsOf(0, z), (i, j) => labels[i] === labels[j])],
        loss(d) {
          const distances = squared ? square(d!) : d!;
          if (mining !== 'all') return lossOfDistances(distances, classes, z, options);
          // The triplets that there are, not all N³ places of the mined cube.
          const { anchors, positives, negatives } = allTriplets(labels);
          if (anchors.length === 0) return lossOfDistances(distances, classes, z, options);
          const all = reshape(distances, [labels.length ** 2]);
          const of = (others: readonly number[]): Tensor =>
            gather(all, tensor(Int32Array.from(others, (other, t) => anchors[t]! * labels.length + other)));
          const losses = hinge(sub(of(positives), of(negatives)), margin, smooth);
          return average === 'violating' ? meanOfActive(losses) : mean(losses);
        },
      };
    }),
  ],
  [
    infoNCELoss,
    former<InfoNCEOptions>(({ embeddings, options }) => {
      const { negatives, temperature = 0.1, normalize = true, symmetric = false, reduction = 'mean' } = options;
      const [q, k] = embeddings as [Tensor, Tensor];
      const scaled = (s: Tensor): Tensor => div(s, temperature);
      if (negatives === undefined) {
        return {
          rows: embeddings,
          ...similarities(normalize),
          temperature: temperature as number,
          blocks: [crossed(rowsOf(0, q), rowsOf(1, k), (i, j) => i === j)],
          loss: (s) => reduceLoss('infoNCELoss', inBatch(scaled(s!), symmetric), reduction),
        };
      }
      const rows = negatives as Tensor;
      const n = q.shape[0]!;
      const perQuery = rows.shape.at(-2)!;
      const first = (i: number): number => (rows.rank === 3 ? i * perQuery : 0);
      const pairs = range(n).flatMap((i) =>
        range(perQuery).map((j) => ({ left: row(0, i), right: row(2, first(i) + j), positive: false })),
      );
      return {
        rows: [q, k, flat(rows)],
        ...similarities(normalize),
        temperature: temperature as number,
        blocks: [alongside(0, 1, n, () => true), { pairs, shape: [n, perQuery] }],
        loss: (near, far) => reduceLoss('infoNCELoss', surprise(scaled(near!), logSumExp(scaled(far!))), reduction),
      };
    }),
  ],
  [
    ntXentLoss,
    former<NTXentOptions>(({ embeddings, options: { temperature = 0.5, normalize = true, reduction = 'mean' } }) => {
      const views = embeddings.flatMap((x, input) => rowsOf(input, x));
      const shape = [views.length, views.length];
      const block = crossed(views, views, (i, j) => views[i]!.row === views[j]!.row);
      const partner = block.pairs.map(({ left, right, positive }) => positive && left.input !== right.input);
      const others = block.pairs.map(({ positive }) => !positive);
      return {
        rows: embeddings,
        ...similarities(normalize),
        temperature: temperature as number,
        blocks: [block],
        loss(s) {
          const scores = div(s!, temperature);
          const near = sum(where(maskOf(partner, shape), scores, 0), { axis: 1 });
          return reduceLoss(
            'ntXentLoss',
            surprise(near, logSumExp(scores, { mask: maskOf(others, shape) })),
            reduction,
          );
        },
      };
    }),
  ],
  [
    supConLoss,
    former<SupConOptions>(({ embeddings, labels, options }) => {
      const { temperature = 0.1, baseTemperature = temperature, normalize = true, denominator } = options;
      const [z] = embeddings as [Tensor];
      const views = z.rank === 3 ? z.shape[1]! : 1;
      const rows = flat(z);
      const n = rows.shape[0]!;
      const classes = range(n).map((i) => labels[Math.floor(i / views)]!);
      const block = crossed(rowsOf(0, rows), rowsOf(0, rows), (i, j) => classes[i] === classes[j]);
      const positive = maskOf(
        block.pairs.map(({ left, right, positive }) => positive && left.row !== right.row),
        [n, n],
      );
      const others = maskOf(
        block.pairs.map(({ left, right }) => left.row !== right.row),
        [n, n],
      );
      const counts = range(n).map((i) => classes.filter((label) => label === classes[i]).length - 1);
      const each = tensor(
        counts.map((count) => Math.max(count, 1)),
        float64,
      );
      const first = tensor(
        classes.map((label) => classes.indexOf(label)),
        { dtype: 'int32' },
      );
      const counted = tensor(
        counts.map((count) => Number(count > 0)),
        { dtype: 'int32' },
      );
      const factor = (temperature as number) / (baseTemperature as number) / Math.max(counts.filter(Boolean).length, 1);
      return {
        rows: [rows],
        ...similarities(normalize),
        temperature: temperature as number,
        blocks: [block],
        loss(s) {
          const scores = div(s!, temperature);
          const losses =
            denominator === 'otherPositivesExcluded'
              ? amongNegatives(scores, first, each)
              : sub(logSumExp(scores, { mask: others }), div(sum(where(positive, scores, 0), { axis: 1 }), each));
          return mul(sum(where(counted, losses, 0)), factor);
        },
      };
    }),
  ],
  [
    mutualInformationLoss,
    former<MutualInformationOptions>(({ embeddings, options: given }) => {
      const options = readMutualInformation(given);
      const { temperature = 1, normalize } = options;
      const [local, global] = embeddings as [Tensor, Tensor];
      const rows = flat(local);
      const [n, places] = [global.shape[0]!, rows.shape[0]! / global.shape[0]!];
      const shape = [...local.shape.slice(0, -1), n];
      return {
        rows: [rows, global],
        ...similarities(normalize),
        temperature: temperature as number,
        blocks: [crossed(rowsOf(0, rows), rowsOf(1, global), (i, j) => Math.floor(i / places) === j, shape)],
        loss: (s) => lossOfScores(div(s!, temperature), options),
      };
    }),
  ],
  [
    nPairLoss,
    former<NPairOptions>(({ embeddings, options: { l2 = 0.002 } }) => {
      const [a, p] = embeddings as [Tensor, Tensor];
      const length = (x: Tensor): Tensor => mean(sum(square(x), { axis: 1 }));
      return {
        rows: embeddings,
        ...similarities(false),
        blocks: [crossed(rowsOf(0, a), rowsOf(1, p), (i, j) => i === j)],
        loss: (s) => lossOfScores(s!, readMutualInformation()),
        own: (x, y) => mul(add(length(x!), length(y!)), l2 / 4),
      };
    }),
  ],
]);

/** The place of a row among the rows of all inputs. */
export function placesOf({ rows }: PairForm): (row: RowOf) => number {
  const starts = rows.map((_, k) => rows.slice(0, k).reduce((sum, x) => sum + x.shape[0]!, 0));
  return ({ input, row }) => starts[input]! + row;
}

/** Throws an {@link ArgumentError} unless the pairs of a loss are known. */
export function checkLoss(op: string, lossFn: unknown): void {
  if (forms.has(lossFn)) return;
  const known = [...forms.keys()].map((loss) => (loss as AttributableLoss).name).join(', ');
  const got = (typeof lossFn === 'function' && lossFn.name) || describe(lossFn);
  throw new ArgumentError(op, `knows the pairs of ${known}, got ${got}`);
}

/** A loss of these arguments as a function of its pairs. */
export function pairFormOf(lossFn: AttributableLoss, given: Given<object>): PairForm {
  return forms.get(lossFn)!(given as Given<never>);
}

/** Refuses what a loss refuses, by running it; the triplets of a batch, which may be many, are checked without being mined. */
export function refuseAs(op: string, lossFn: AttributableLoss, called: readonly unknown[], options: object): void {
  const [z, labels] = called as [Tensor, Labels];
  if (lossFn === batchTripletLoss && called.length === 2 && Tensor.isTensor(z) && z.shape[0] !== 0) {
    checkedClasses(z, labels, readBatchTriplet(options));
    return;
  }
  const loss = noGrad(() => (lossFn as (...args: unknown[]) => Tensor)(...called, options));
  if (loss.size === 1) return;
  throw new ArgumentError(op, `needs a scalar loss, got ${formatShape(loss.shape)}`, "not reduction: 'none'");
}
