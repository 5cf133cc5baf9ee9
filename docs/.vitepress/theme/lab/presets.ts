/** @file Batches worth a look. */
import { Generator } from '../../../../src/index.js';
import type { Point } from '../parts/point.js';
import { LOSSES, type LossName, type Options, presetOptions } from './losses.js';
import { forEachLoss, type LabState } from './state.js';

/** A batch, and what it is to be looked at for. */
export interface Preset {
  readonly label: string;
  /** What to look at. */
  readonly look: string;
  readonly points: (seed: number) => Point[];
  /** The loss that it is about; any where none is named. */
  readonly loss?: LossName;
  readonly options?: Options;
  readonly selected?: number;
  readonly partner?: number;
  /** How long forces are drawn; what fits without this. */
  readonly scale?: number;
}

const onCircle = (...degrees: number[]): Point[] =>
  degrees.map((angle) => [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)]);

/** A batch by name. */
export type PresetName =
  | 'start'
  | 'random'
  | 'collapsed'
  | 'huddled'
  | 'hardNegative'
  | 'duplicates'
  | 'deadZone'
  | 'liveTriplets'
  | 'temperature';

/** Batches by name. */
export const presets: Readonly<Record<PresetName, Preset>> = {
  start: {
    label: 'four samples',
    look: 'Drag a point: every force follows.',
    points: () => [
      [-0.9, 0.7],
      [-0.35, 0.45],
      [0.3, 0.85],
      [0.95, 0.4],
      [0.5, -0.35],
      [0.95, -0.8],
      [-0.27, -0.32],
      [-0.8, -0.75],
    ],
    selected: 1,
    partner: 6,
  },
  random: {
    label: 'random',
    look: 'Eight samples, drawn anew each time.',
    points(seed) {
      const generator = new Generator(seed);
      const about = (centre: number, spread: number): number => centre + spread * generator.normal();
      const clipped = (value: number): number => Math.min(Math.max(value, -2), 2);
      return Array.from({ length: 8 }, () => [about(0, 0.7), about(0, 0.7)] as const).flatMap(([x, y]) =>
        [0, 1].map((): Point => [clipped(about(x, 0.25)), clipped(about(y, 0.25))]),
      );
    },
  },
  collapsed: {
    label: 'collapsed',
    look: 'All points lie on one spot. Which losses feel a force? Drag one point out, and see what draws it back.',
    points: () => Array.from({ length: 8 }, (): Point => [0.6, 0.4]),
  },
  huddled: {
    label: 'almost collapsed',
    look: 'All points lie close together. Compare squared distances with plain ones: which of them part the points sooner?',
    loss: 'triplet',
    scale: 2,
    points: () => [
      [0.245, 0.1],
      [0.217, 0.149],
      [0.151, 0.139],
      [0.169, 0.086],
      [0.19, 0.055],
      [0.235, 0.069],
      [0.204, 0.111],
      [0.182, 0.124],
    ],
    selected: 0,
    partner: 2,
  },
  hardNegative: {
    label: 'one hard negative',
    look: '2a lies nearer to 1a than its own partner does. Compare its push with all the others.',
    loss: 'contrastive',
    points: () => [...onCircle(70), ...onCircle(110), ...onCircle(55, 15, 190, 215, 280, 310)],
    selected: 0,
    partner: 2,
  },
  duplicates: {
    label: 'duplicates',
    look: 'Sample 2 is a copy of sample 1: a negative at distance 0 has no direction to be pushed in.',
    loss: 'contrastive',
    points: () => [
      [-0.4, 0.3],
      [0.2, 0.6],
      [-0.4, 0.3],
      [0.2, 0.6],
      [0.7, -0.5],
      [0.3, -0.8],
    ],
    selected: 0,
    partner: 2,
  },
  deadZone: {
    label: 'the margin’s dead zone',
    look: 'Only negatives inside the dashed circle push. Drag 2a out of it: its arrow on 1a shrinks to nothing.',
    loss: 'contrastive',
    points: () => [
      [-0.3, 0],
      [-0.65, 0.45],
      [0.05, 0.25],
      [0.75, 0.6],
      [0.95, -0.7],
      [0.45, -0.9],
    ],
    selected: 0,
    partner: 2,
  },
  liveTriplets: {
    label: 'live and dead triplets',
    look: 'Which triplets are alive? Drag 2a, then 1b, and watch the arrows on 1a.',
    loss: 'triplet',
    options: { margin: 0.5 },
    points: () => [
      [-0.5, 0.1],
      [-0.1, 0.5],
      [0.2, -0.2],
      [0.75, 0.05],
      [0.9, 0.95],
      [1.25, 0.6],
      [-0.9, -1.1],
      [-0.4, -1.25],
    ],
    selected: 0,
    partner: 2,
  },
  temperature: {
    label: 'temperature and hard negatives',
    look: 'Lower the temperature: 1a comes to feel its hardest negative, 2b, alone. Raise it: all push alike.',
    loss: 'infoNCE',
    options: { temperature: 0.2 },
    points: () => onCircle(90, 65, 20, 45, 180, 160, 250, 275, 310, 330),
    selected: 0,
    partner: 3,
  },
};

/** The lab as a preset has it. */
export function stateOf(name: PresetName, { loss, seed = 1 }: { loss?: LossName; seed?: number } = {}): LabState {
  const { points, selected = 0, partner = 1, options = {}, loss: about } = presets[name];
  return {
    points: points(seed),
    loss: about ?? loss ?? LOSSES[0],
    options: forEachLoss((each) => ({ ...presetOptions(each), ...(each === about ? options : {}) })),
    sideBySide: false,
    selected,
    partner,
    allPairs: false,
    scales: forEachLoss(() => 1),
    rate: 0.5,
  };
}
