/** @file What can be set in the trainer: the loss and its number, the length of an embedding, where it computes, how fast. */

/** The losses, in the order of their buttons. */
export const LOSSES = ['contrastive', 'triplet', 'infonce', 'supcon'] as const;

/** A loss of the trainer. */
export type LossName = (typeof LOSSES)[number];

/** Where the numbers are computed. */
export type DeviceName = 'cpu' | 'webgl2';

/** One step in a quarter of a second; some steps for each picture; as many as there is time for. */
export type Speed = 'slow' | 'normal' | 'fast';

/** The one number of a loss that can be set. */
export interface Sharpness {
  readonly name: 'margin' | 'temperature';
  readonly least: number;
  readonly most: number;
  readonly step: number;
  readonly preset: number;
}

const MARGIN = { name: 'margin', least: 0.1, most: 3, step: 0.1 } as const;
const TEMPERATURE = { name: 'temperature', least: 0.05, most: 1, step: 0.05 } as const;

/** What a loss is called, what it compares, and its number. */
export const losses: Readonly<
  Record<LossName, { readonly title: string; readonly metric: 'euclidean' | 'cosine'; readonly sharpness: Sharpness }>
> = {
  contrastive: { title: 'Contrastive', metric: 'euclidean', sharpness: { ...MARGIN, preset: 1 } },
  triplet: { title: 'Triplet', metric: 'euclidean', sharpness: { ...MARGIN, preset: 0.5 } },
  infonce: { title: 'InfoNCE', metric: 'cosine', sharpness: { ...TEMPERATURE, preset: 0.1 } },
  supcon: { title: 'SupCon', metric: 'cosine', sharpness: { ...TEMPERATURE, preset: 0.1 } },
};

/** All that decides what a training computes. */
export interface TrainerSettings {
  readonly loss: LossName;
  /** The loss' margin or temperature. */
  readonly sharpness: number;
  /** The length of an embedding. */
  readonly dim: 2 | 16;
  readonly device: DeviceName;
  /** The learning rate of Adam. */
  readonly lr: number;
  readonly seed: number;
}

/** What the page starts with. */
export const START: TrainerSettings = {
  loss: 'contrastive',
  sharpness: losses.contrastive.sharpness.preset,
  dim: 2,
  device: 'cpu',
  lr: 0.001,
  seed: 1,
};

/** The width of the hidden layer. */
export const HIDDEN = 64;
