/**
 * @file What papers and libraries mean by a loss, as options to spread: only what differs from the defaults here.
 */
import { unknownName } from '../checks.js';
import type { BatchContrastiveOptions, ContrastiveOptions } from './contrastive.js';
import type { InfoNCEOptions } from './info-nce.js';
import type { SupConOptions } from './sup-con.js';
import type { BatchTripletOptions, TripletOptions } from './triplet.js';

/** What a convention consists of: options of the functions that it is for. */
export interface Conventions {
  /** For `contrastiveLoss`, `contrastiveLossFromDistance` and `batchContrastiveLoss`. */
  readonly contrastive: {
    /** ½ D² and ½ max(m - D, 0)², label 1 is the same, mean. These are the defaults. */
    readonly articleFormula: ContrastiveOptions;
    /** Hadsell, Chopra, LeCun 2006: label 1 is dissimilar, and the pairs are summed. */
    readonly hadsell: ContrastiveOptions;
    /** A common PyTorch snippet: label 1 is different, no ½, `F.pairwise_distance` with its 1e-6 on every coordinate. */
    readonly articleCode: ContrastiveOptions;
    /** A common TensorFlow snippet: no ½, distances given; for `contrastiveLossFromDistance`. */
    readonly articleSiamese: ContrastiveOptions;
    /** `tfa.losses.ContrastiveLoss`: no ½, distances given; for `contrastiveLossFromDistance`. */
    readonly tensorflowAddons: ContrastiveOptions;
    /**
     * Keras' example siamese_contrastive: label 1 is different, no ½, √max(d², 1e-7). The example feeds the loss with what batch
     * normalisation and a sigmoid make of this distance, not with the distance.
     */
    readonly keras: ContrastiveOptions;
    /** `sentence_transformers.losses.ContrastiveLoss`: cosine distance, margin 0.5. */
    readonly sentenceTransformers: ContrastiveOptions;
    /** `pytorch_metric_learning.losses.ContrastiveLoss`, for the batch function: unit sphere, nothing squared. */
    readonly metricLearning: BatchContrastiveOptions;
  };
  /** For `tripletLoss` and `batchTripletLoss`. */
  readonly triplet: {
    /** Squared distances, summed over the triplets. */
    readonly articleFormula: TripletOptions;
    /** The PyTorch snippet beside it: `torch.nn.TripletMarginLoss`. */
    readonly articleCode: TripletOptions;
    /** `torch.nn.TripletMarginLoss`: distances not squared, 1e-6 on every coordinate. */
    readonly torch: TripletOptions;
    /** Schroff, Kalenichenko, Philbin 2015: squared distances on the unit sphere, margin 0.2, summed. */
    readonly facenet: TripletOptions;
    /** `pytorch_metric_learning.losses.TripletMarginLoss`, for the batch function. */
    readonly metricLearning: BatchTripletOptions;
    /** `sentence_transformers.losses.BatchAllTripletLoss`, for the batch function. */
    readonly sentenceTransformers: BatchTripletOptions;
    /** `sentence_transformers.losses.BatchHardTripletLoss`, for the batch function: every row is an anchor. */
    readonly sentenceTransformersHard: BatchTripletOptions;
  };
  /** For `infoNCELoss`. */
  readonly infoNCE: {
    /** Raw inner products and no temperature; in-batch it is the mutual-information loss. */
    readonly articleFormula: InfoNCEOptions;
  };
  /** For `supConLoss`. */
  readonly supCon: {
    /**
     * Khosla's reference code: the loss is multiplied by temperature / 0.07. Rows without a positive count as 0 there; here they
     * do not count.
     */
    readonly articleCode: SupConOptions;
  };
}

/** What promises, JSON, consoles and test runners ask any object for. */
const PROBES = /^(then|toJSON|inspect|asymmetricMatch|nodeType|tagName)$|[^a-z]/i;

/** Refuses a name that does not exist: as options of a loss, undefined would be its defaults. */
const known: ProxyHandler<object> = {
  get(target, name) {
    if (typeof name === 'symbol' || name in target || PROBES.test(name)) return Reflect.get(target, name);
    throw unknownName('conventions', 'convention', name, Object.keys(target));
  },
};

/** Frozen groups of frozen options. */
function frozen<Groups extends object>(groups: Groups): Groups {
  const closed = Object.entries(groups).map(([name, group]: [string, object]) => {
    for (const options of Object.values(group)) Object.freeze(options);
    return [name, new Proxy(Object.freeze(group), known)];
  });
  return new Proxy(Object.freeze(Object.fromEntries(closed)), known) as Groups;
}

/**
 * The conventions of papers and libraries, to spread into a loss's options: plain frozen objects. A name that none of them has is an
 * {@link ArgumentError}.
 *
 * @example
 * ```ts
 * import { conventions, contrastiveLoss, tensor } from 'contragrad';
 *
 * const [a, b] = [tensor([[0, 0]]), tensor([[3, 4]])];
 * const options = { margin: 6, ...conventions.contrastive.tensorflowAddons };
 * console.log(contrastiveLoss(a, b, [0], options).item()); // 1
 * ```
 */
export const conventions: Conventions = frozen({
  contrastive: {
    articleFormula: {},
    hadsell: { labelMeans: 'different', reduction: 'sum' },
    articleCode: { labelMeans: 'different', half: false, eps: 1e-6 },
    articleSiamese: { half: false },
    tensorflowAddons: { half: false },
    keras: { labelMeans: 'different', half: false, floor: 1e-7 },
    sentenceTransformers: { distance: 'cosine', margin: 0.5 },
    metricLearning: { half: false, squareTerms: false, normalize: true, average: 'nonZeroPerKind' },
  },
  triplet: {
    articleFormula: { reduction: 'sum' },
    articleCode: { squared: false, eps: 1e-6 },
    torch: { squared: false, eps: 1e-6 },
    facenet: { normalize: true, margin: 0.2, reduction: 'sum' },
    metricLearning: { squared: false, normalize: true, margin: 0.05, average: 'violating' },
    sentenceTransformers: { squared: false, margin: 5, average: 'violating' },
    sentenceTransformersHard: { squared: false, margin: 5, mining: 'hard', anchors: 'all' },
  },
  infoNCE: { articleFormula: { temperature: 1, normalize: false } },
  supCon: { articleCode: { baseTemperature: 0.07 } },
} as const);
