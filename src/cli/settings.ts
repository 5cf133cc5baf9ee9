/** @file What the commands are told, and what they refuse. */
import { InvalidArgumentError } from 'commander';
import { ArgumentError } from '../index.js';

/** The losses that are explained. */
export const EXPLAINED = ['contrastive', 'triplet', 'infonce', 'mi'] as const;
/** One of {@link EXPLAINED}. */
export type ExplainedLoss = (typeof EXPLAINED)[number];

/** The losses that can be trained with. */
export const LOSSES = ['contrastive', 'triplet', 'infonce', 'mi', 'supcon', 'ntxent'] as const;
/** One of {@link LOSSES}. */
export type LossName = (typeof LOSSES)[number];

/** Where the two of a pair come from: rows of one class, or two augmented views of one row. */
export const VIEWS = ['classes', 'augmented'] as const;
/** How the learning rate goes. */
export const SCHEDULES = ['constant', 'step', 'cosine'] as const;
/** What updates the weights. */
export const OPTIMIZERS = ['adam', 'adamw', 'sgd'] as const;
/** Which triplets count. */
export const MININGS = ['all', 'hard', 'semiHard'] as const;

/** What becomes of rows in which a cell is missing. */
export const MISSING = ['drop'] as const;

/** What holds where nothing else is said. */
export const DEFAULTS: Pick<
  Settings,
  'hidden' | 'dim' | 'loss' | 'epochs' | 'optimizer' | 'lr' | 'schedule' | 'seed' | 'seeds' | 'device'
> = {
  hidden: [64],
  dim: 16,
  loss: 'contrastive',
  epochs: 40,
  optimizer: 'adam',
  lr: 3e-3,
  schedule: 'constant',
  seed: 0,
  seeds: 1,
  device: 'cpu',
};

/** What makes a run what it is: with the same data they give the same weights. */
export interface Settings {
  readonly test?: string;
  /** The label's column. */
  readonly label?: string;
  /** A file of labels, for rows in NPY or IDX files. */
  readonly labels?: string;
  readonly testLabels?: string;
  /** The column that says whom a row comes from. */
  readonly group?: string;
  /** The columns to leave out, with commas between them. */
  readonly drop?: string;
  /** What becomes of rows in which a cell is missing. */
  readonly missing?: (typeof MISSING)[number];
  /** The shape of a row: its features are pixels. */
  readonly image?: readonly number[];
  readonly loss: LossName;
  readonly views?: (typeof VIEWS)[number];
  readonly augment?: string;
  /** A file with the layers. */
  readonly model?: string;
  readonly dim: number;
  readonly hidden: readonly number[];
  /** Channels of the convolutions in front. */
  readonly conv?: readonly number[];
  readonly epochs: number;
  readonly batch?: number;
  readonly optimizer: (typeof OPTIMIZERS)[number];
  readonly lr: number;
  readonly weightDecay?: number;
  readonly schedule: (typeof SCHEDULES)[number];
  /** In epochs. */
  readonly warmUp?: number;
  /** The largest norm of all gradients. */
  readonly clip?: number;
  /** A fraction of the training rows. */
  readonly validation?: number;
  /** In epochs. */
  readonly patience?: number;
  readonly seed: number;
  readonly seeds: number;
  readonly margin?: number;
  readonly temperature?: number;
  readonly mining?: (typeof MININGS)[number];
  readonly classes?: number;
  readonly perClass?: number;
  readonly device: string;
  readonly eager?: boolean;
}

/** How a run is carried out and told about. */
export interface TrainOptions extends Settings {
  readonly out: string;
  readonly force?: boolean;
  readonly resume?: boolean;
  /** In epochs. */
  readonly checkpointEvery?: number;
  readonly compare?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** The options that make no difference to the weights: all others are settings. */
const CARRIED_OUT = ['out', 'force', 'resume', 'checkpointEvery', 'compare', 'json', 'quiet'] as const;

/** The settings among the options. */
export function settingsOf(options: TrainOptions): Settings {
  const settings: Partial<Record<keyof TrainOptions, unknown>> = { ...options };
  for (const name of CARRIED_OUT) delete settings[name];
  return settings as Settings;
}

/** The options of `contragrad evaluate`. */
export interface EvaluateOptions {
  readonly label?: string;
  readonly drop?: string;
  readonly missing?: (typeof MISSING)[number];
  readonly labels?: string;
  readonly seed?: number;
  readonly device: string;
  readonly json?: boolean;
}

/** The options of `contragrad embed`. */
export interface EmbedOptions {
  readonly output?: string;
  readonly format?: 'csv' | 'npy' | 'jsonl';
  readonly label?: string;
  readonly labels?: string;
  readonly device: string;
}

/** The options of `contragrad explain`, and its loss. */
export interface ExplainSettings {
  readonly loss: ExplainedLoss;
  readonly margin?: number;
  readonly temperature?: number;
  readonly seed?: number;
  readonly svg?: string;
  readonly json?: boolean;
  readonly step?: boolean;
  readonly color: boolean;
}

/** The options that only some losses know. */
type LossOption = 'margin' | 'temperature' | 'mining' | 'classes' | 'perClass';

/** The losses that each of these options means something to. */
const MEANT_FOR: Readonly<Record<LossOption, readonly LossName[]>> = {
  margin: ['contrastive', 'triplet'],
  temperature: ['infonce', 'mi', 'supcon', 'ntxent'],
  mining: ['triplet'],
  classes: ['contrastive', 'triplet', 'supcon'],
  perClass: ['contrastive', 'triplet', 'supcon'],
};

const listed = (words: readonly string[]): string =>
  words.length === 1 ? words[0]! : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;

/** An option as it is typed. */
export const flagOf = (option: string): string =>
  `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** Throws an {@link ArgumentError} on an option that the chosen loss would ignore. */
export function checkApplies(settings: { readonly loss: LossName } & Partial<Record<LossOption, unknown>>): void {
  for (const [option, losses] of Object.entries(MEANT_FOR)) {
    const given = settings[option as LossOption] !== undefined;
    if (!given || losses.includes(settings.loss)) continue;
    throw new ArgumentError(
      flagOf(option),
      `means nothing to the loss ${settings.loss}`,
      `it is for ${listed(losses)}`,
    );
  }
}

/** Where the pairs of a run come from. */
export function viewsOf({ views, loss }: Settings): (typeof VIEWS)[number] {
  return views ?? (loss === 'mi' ? 'augmented' : 'classes');
}

/**
 * Throws an {@link ArgumentError} on options that contradict each other.
 *
 * @param given - Whether an option was given, and is no default.
 */
export function checkTogether(options: TrainOptions, given: (option: keyof TrainOptions) => boolean): void {
  checkApplies(options);
  const refuse = (option: keyof TrainOptions, problem: string, hint?: string): void => {
    if (given(option)) throw new ArgumentError(flagOf(option), problem, hint);
  };
  if (viewsOf(options) === 'augmented') {
    for (const option of ['classes', 'perClass'] as const) {
      refuse(option, 'means nothing to --views augmented', 'it takes no notice of classes; use --batch');
    }
  }
  if (options.model !== undefined) {
    for (const option of ['hidden', 'dim', 'conv'] as const) refuse(option, 'is told by --model already');
  }
  if (options.test === undefined) refuse('testLabels', 'needs --test <file>');
  if (options.validation === undefined) refuse('patience', 'needs --validation <share>');
  if (options.force && options.resume) refuse('force', 'and --resume exclude each other');
  if (options.seeds > 1) refuse('compare', 'and --seeds exclude each other');
  if ((options.warmUp ?? 0) >= options.epochs) {
    refuse('warmUp', `must be shorter than the ${options.epochs} epochs, got ${options.warmUp}`);
  }
}

/** The options that say how a file is read. */
const OF_FILES = ['label', 'labels', 'test', 'testLabels', 'group', 'drop', 'missing'] as const;

/** Throws an {@link ArgumentError} on options of a file where there is none. */
export function checkFile(
  path: string | undefined,
  options: Partial<Record<(typeof OF_FILES)[number], unknown>>,
): void {
  const useless = path === undefined ? OF_FILES.find((option) => options[option] !== undefined) : undefined;
  if (useless === undefined) return;
  throw new ArgumentError(flagOf(useless), 'needs a file of data', 'name it before the options');
}

/** A column as it is typed: a position where it is a whole number, else a name. */
export const columnOf = (text: string): string | number => (/^-?\d+$/.test(text) ? Number(text) : text);

/** Columns as they are typed, with commas between them. */
export function columnsOf(text: string | undefined): readonly (string | number)[] {
  return text === undefined || text === 'none' ? [] : text.split(',').map((part) => columnOf(part.trim()));
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

/** Parses a number between 0 and 1, neither of them. */
export const fraction: (text: string) => number = numberWhere(
  (value) => value > 0 && value < 1,
  'a number between 0 and 1',
);

/** Parses whole numbers from 1 on, with one of these between them; as many as `count`, where that is given. */
export function wholeNumbers(
  separator: ',' | 'x',
  wanted: string,
  count?: number,
): (text: string) => readonly number[] {
  return (text) => {
    const values = text.split(separator);
    if (!values.every((value) => /^[1-9]\d{0,8}$/.test(value)) || values.length !== (count ?? values.length)) {
      throw new InvalidArgumentError(`It must be ${wanted}.`);
    }
    return values.map(Number);
  };
}
