/** @file The settings that a run was begun with, as its folder has them. */
import { ArgumentError, DataError } from '../index.js';
import type { RunConfig } from '../io/index.js';
import {
  flagOf,
  LOSSES,
  MININGS,
  MISSING,
  OPTIMIZERS,
  SCHEDULES,
  type Settings,
  type TrainOptions,
  VIEWS,
} from './settings.js';
import type { SourceSettings } from './sources.js';

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isFlag: Check = (value) => typeof value === 'boolean';
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isPositive: Check = (value) => Number.isFinite(value) && (value as number) > 0;
const isNotNegative: Check = (value) => Number.isFinite(value) && (value as number) >= 0;
const isCounts: Check = (value) => Array.isArray(value) && value.every((item) => isCount(item) && item > 0);
const isOneOf =
  (choices: readonly string[]): Check =>
  (value) =>
    choices.includes(value as string);

/** What each setting must be. */
const CHECKS: Readonly<Record<keyof Settings, Check>> = {
  test: isText,
  label: isText,
  labels: isText,
  testLabels: isText,
  group: isText,
  drop: isText,
  missing: isOneOf(MISSING),
  image: isCounts,
  loss: isOneOf(LOSSES),
  views: isOneOf(VIEWS),
  augment: isText,
  model: isText,
  dim: isCount,
  hidden: isCounts,
  conv: isCounts,
  epochs: isCount,
  batch: isCount,
  optimizer: isOneOf(OPTIMIZERS),
  lr: isPositive,
  weightDecay: isNotNegative,
  schedule: isOneOf(SCHEDULES),
  warmUp: isNotNegative,
  clip: isPositive,
  validation: isPositive,
  patience: isCount,
  seed: isCount,
  seeds: isCount,
  margin: isPositive,
  temperature: isPositive,
  mining: isOneOf(MININGS),
  classes: isCount,
  perClass: isCount,
  device: isText,
  eager: isFlag,
};

const REQUIRED = ['loss', 'dim', 'hidden', 'epochs', 'optimizer', 'lr', 'schedule', 'seed', 'seeds', 'device'] as const;

/** What a run was begun with. */
export interface Stored {
  /** The file with the rows; undefined for the built-in ones. */
  readonly path: string | undefined;
  readonly settings: Settings;
}

/**
 * What a configuration says of how rows are read. A run of a page, or of a user's own loop, says less: whatever is no such
 * setting is left out.
 */
export function readingSettings({ settings, input }: RunConfig): SourceSettings {
  const names = ['label', 'labels', 'group', 'drop', 'missing', 'image'] as const;
  const given = names.filter((name) => Object.hasOwn(settings, name) && CHECKS[name](settings[name]));
  return {
    ...(input.shape.length === 3 && { image: input.shape }),
    ...Object.fromEntries(given.map((name) => [name, settings[name]])),
  };
}

/**
 * What a configuration says of how it was trained.
 *
 * @param hint - What else can be done.
 * @throws `DataError` when it is not what a command of this version wrote.
 */
export function storedSettings(config: RunConfig, name: string, hint: string): Stored {
  const { data, runSeed: _, fingerprint: __, ...rest } = config.settings;
  const fail = (problem: string): never => {
    throw new DataError(name, `was not written by contragrad train of this version: ${problem}`, hint);
  };
  if (data !== null && !isText(data))
    fail(`settings.data must be a path or null, got ${JSON.stringify(data) ?? 'none'}`);
  for (const [key, value] of Object.entries(rest)) {
    if (!Object.hasOwn(CHECKS, key)) fail(`settings.${key} is unknown`);
    if (!CHECKS[key as keyof Settings](value)) fail(`settings.${key} is no such setting: ${JSON.stringify(value)}`);
  }
  for (const key of REQUIRED) if (!Object.hasOwn(rest, key)) fail(`settings.${key} is missing`);
  return { path: (data as string | null) ?? undefined, settings: rest as unknown as Settings };
}

/** What may differ in a run that goes on: how long it goes. */
const MAY_DIFFER: readonly string[] = ['epochs', 'patience', 'seeds'];

/**
 * The options of a run that goes on: those that it was begun with. A longer run has more epochs.
 *
 * @param given - Whether an option was given, and is no default.
 * @throws `ArgumentError` when another setting was given than the run has.
 */
export function resumed(
  path: string | undefined,
  options: TrainOptions,
  stored: Stored,
  given: (option: keyof TrainOptions) => boolean,
): { path: string | undefined; options: TrainOptions } {
  const refuse = (what: string, old: unknown, now: unknown): never => {
    throw new ArgumentError(
      what,
      `is ${JSON.stringify(old ?? null)} in ${options.out}, got ${JSON.stringify(now)}`,
      'a run that goes on keeps its settings; leave it out, or begin anew with --force',
    );
  };
  if (path !== undefined && path !== stored.path) refuse('data', stored.path, path);
  const settings: Partial<Record<string, unknown>> = { ...stored.settings };
  for (const key of Object.keys(CHECKS) as (keyof Settings)[]) {
    if (!given(key)) continue;
    if (JSON.stringify(options[key]) !== JSON.stringify(settings[key]) && !MAY_DIFFER.includes(key)) {
      refuse(flagOf(key), settings[key], options[key]);
    }
    settings[key] = options[key];
  }
  const carried = Object.fromEntries(Object.entries(options).filter(([key]) => !Object.hasOwn(CHECKS, key)));
  return { path: stored.path, options: { ...settings, ...carried } as unknown as TrainOptions };
}
