/** @file What the train command is told, and what it refuses. */
import { InvalidArgumentError } from 'commander';

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
  readonly noise: number;
  readonly classes: number;
  readonly perClass: number;
  readonly device: string;
  readonly compare?: string;
  readonly out: string;
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
  return numberWhere(
    (value) => Number.isSafeInteger(value) && value >= least,
    `a whole number, ${least} or more`,
  );
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
