/** @file What the commands are told, and what they refuse. */
import { InvalidArgumentError } from 'commander';
import { ArgumentError } from '../index.js';

/** The losses that can be trained with. */
export const LOSSES = ['contrastive', 'triplet', 'infonce', 'mi'] as const;
/** One of {@link LOSSES}. */
export type LossName = (typeof LOSSES)[number];

/** The options of `contragrad train`. */
export interface Settings {
  readonly test?: string;
  readonly label?: string;
  readonly loss: LossName;
  readonly dim: number;
  readonly hidden: number;
  readonly epochs: number;
  readonly batch?: number;
  readonly lr: number;
  readonly seed: number;
  readonly margin?: number;
  readonly temperature?: number;
  readonly noise?: number;
  readonly classes?: number;
  readonly perClass?: number;
  readonly device: string;
  readonly compare?: string;
  readonly out: string;
}

/** The options of `contragrad explain`, and its loss. */
export interface ExplainSettings {
  readonly loss: LossName;
  readonly margin?: number;
  readonly temperature?: number;
  readonly seed?: number;
  readonly svg?: string;
  readonly json?: boolean;
  readonly step?: boolean;
  readonly color: boolean;
}

/** The options that only some losses know. */
type LossOption = 'margin' | 'temperature' | 'noise' | 'classes' | 'perClass';

/** The losses that each of these options means something to. */
const MEANT_FOR: Readonly<Record<LossOption, readonly LossName[]>> = {
  margin: ['contrastive', 'triplet'],
  temperature: ['infonce', 'mi'],
  noise: ['mi'],
  classes: ['contrastive', 'triplet'],
  perClass: ['contrastive', 'triplet'],
};

/** Throws an {@link ArgumentError} on an option that the chosen loss would ignore. */
export function checkApplies(settings: Pick<Settings, 'loss' | LossOption>): void {
  for (const [option, losses] of Object.entries(MEANT_FOR)) {
    const given = settings[option as LossOption] !== undefined;
    if (!given || losses.includes(settings.loss)) continue;
    const flag = option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw new ArgumentError(
      `--${flag}`,
      `means nothing to the loss ${settings.loss}`,
      `it is for ${losses.join(' and ')}`,
    );
  }
}

function numberWhere(holds: (value: number) => boolean, wanted: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !holds(value)) throw new InvalidArgumentError(`It must be ${wanted}.`);
    return value;
  };
}

/** Parses a whole number, `least` or more. */
export function wholeNumber(least: number): (text: string) => number {
  return numberWhere((value) => Number.isSafeInteger(value) && value >= least, `a whole number, ${least} or more`);
}

/** Parses a positive finite number. */
export const positiveNumber: (text: string) => number = numberWhere(
  (value) => Number.isFinite(value) && value > 0,
  'a positive number',
);

/** Parses a finite number, 0 or more. */
export const nonNegativeNumber: (text: string) => number = numberWhere(
  (value) => Number.isFinite(value) && value >= 0,
  'a number, 0 or more',
);
