/** @file The losses of the lab: what they are called with, and which of their options can be set. */
import type { Tensor } from '../../../../src/index.js';
import { batchContrastiveLoss, batchTripletLoss, infoNCELoss, mutualInformationLoss } from '../../../../src/index.js';

/** The losses of the lab. */
export const LOSSES = ['contrastive', 'triplet', 'infoNCE', 'mutualInformation'] as const;

/** A loss of the lab. */
export type LossName = (typeof LOSSES)[number];

/** An option's value. */
export type Option = number | boolean | string;

/** Options by their names in the library. */
export type Options = Record<string, Option>;

/** How an option is set. */
export type Control =
  | {
      readonly kind: 'number';
      readonly key: string;
      readonly label: string;
      readonly least: number;
      readonly most: number;
      readonly step: number;
      readonly preset: number;
    }
  | { readonly kind: 'switch'; readonly key: string; readonly label: string; readonly preset: boolean }
  | {
      readonly kind: 'choice';
      readonly key: string;
      readonly label: string;
      readonly choices: Readonly<Record<string, string>>;
      readonly preset: string;
    };

const number = (
  key: string,
  label: string,
  preset: number,
  [least, most, step]: readonly [number, number, number],
): Control => ({
  kind: 'number',
  key,
  label,
  preset,
  least,
  most,
  step,
});
const onOff = (key: string, label: string, preset: boolean): Control => ({ kind: 'switch', key, label, preset });
const choice = (key: string, label: string, choices: Readonly<Record<string, string>>): Control => ({
  kind: 'choice',
  key,
  label,
  choices,
  preset: Object.keys(choices)[0]!,
});

const normalize = (preset: boolean): Control => onOff('normalize', 'normalise rows', preset);
const symmetric = onOff('symmetric', 'symmetric', false);
const reduction = choice('reduction', 'reduction', { mean: 'mean', sum: 'sum' });
const measured: readonly Control[] = [
  choice('distance', 'distance', {
    euclidean: 'Euclidean',
    squaredEuclidean: 'squared Euclidean',
    cosine: 'cosine',
    dot: 'dot product',
  }),
  normalize(false),
  number('eps', 'eps added to each coordinate', 0, [0, 0.1, 0.001]),
  number('floor', 'least squared distance', 0, [0, 0.1, 0.001]),
];

/** A loss as the lab shows it. */
export interface LossOfLab {
  readonly title: string;
  readonly controls: readonly Control[];
  /** Whether it takes first views and second views, or all points with their classes. */
  readonly takes: 'views' | 'batch';
  /** The library's own function. */
  readonly call: (...inputs: never[]) => Tensor;
}

/** Every loss by its name. */
export const losses: Readonly<Record<LossName, LossOfLab>> = {
  contrastive: {
    title: 'Contrastive',
    takes: 'batch',
    call: batchContrastiveLoss,
    controls: [
      number('margin', 'margin', 1, [0.05, 5, 0.05]),
      onOff('squareTerms', 'square the terms', true),
      onOff('half', 'factor ½', true),
      choice('average', 'average over', { all: 'all pairs', nonZeroPerKind: 'active pairs of each kind' }),
      ...measured,
    ],
  },
  triplet: {
    title: 'Triplet',
    takes: 'batch',
    call: batchTripletLoss,
    controls: [
      number('margin', 'margin', 1, [0.05, 5, 0.05]),
      onOff('squared', 'square the distances', true),
      onOff('smooth', 'softplus for the hinge', false),
      choice('mining', 'mining', {
        all: 'all triplets',
        hard: 'hardest of each anchor',
        semiHard: 'semi-hard',
        distanceWeighted: 'distance-weighted draw',
      }),
      choice('average', 'average over', { all: 'all mined triplets', violating: 'triplets with a loss' }),
      ...measured,
    ],
  },
  infoNCE: {
    title: 'InfoNCE',
    takes: 'views',
    call: infoNCELoss,
    controls: [number('temperature', 'temperature τ', 0.1, [0.02, 2, 0.02]), normalize(true), symmetric, reduction],
  },
  mutualInformation: {
    title: 'Mutual information',
    takes: 'views',
    call: mutualInformationLoss,
    controls: [
      choice('estimator', 'estimator', { infoNCE: 'InfoNCE', jsd: 'Jensen-Shannon', dv: 'Donsker-Varadhan' }),
      number('temperature', 'temperature τ', 1, [0.02, 2, 0.02]),
      normalize(false),
      symmetric,
      reduction,
    ],
  },
};

/** The options of a loss as they are without any choice. */
export function presetOptions(loss: LossName): Options {
  return Object.fromEntries(losses[loss].controls.map(({ key, preset }) => [key, preset]));
}

/** What a point is called: its sample's number, and a for the first view or b for the second. */
export const nameOf = (point: number): string => `${(point >> 1) + 1}${point % 2 === 0 ? 'a' : 'b'}`;
