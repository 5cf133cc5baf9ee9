/** @file A run's `config.json`: what an encoder is made of, and what its rows are, as plain data that is never executed. */
import { checkKind, wrong } from '../checks.js';
import { ArgumentError, ContragradError, DataError } from '../errors.js';
import type { LayerConfig } from '../nn/index.js';
import { sizeOf } from '../shape.js';
import { checkPlain, checkRecord, isObject, type JsonObject, parseJson, quoted } from './json.js';

/** What a row of an encoder's input is, and how it is standardised before it goes in: (x - mean) / scale. */
export interface InputConfig {
  /** The shape of one row: `[features]`, or `[channels, height, width]` of an image. */
  readonly shape: readonly number[];
  /** The name of each feature, in order. */
  readonly features?: readonly string[];
  /** The mean of each feature; one number for each channel, or one for all, serve as well. */
  readonly mean: readonly number[];
  /** The standard deviation, in as many numbers as the mean has; above 0. */
  readonly scale: readonly number[];
}

/** A run's configuration: all that is needed, beside the weights, to rebuild its encoder. */
export interface RunConfig {
  /** Says what the file is. */
  readonly format: 'contragrad-run';
  /** The version of the format. */
  readonly version: 1;
  /** What goes in. */
  readonly input: InputConfig;
  /** The layers, as `nn.fromConfig` takes them. */
  readonly architecture: readonly LayerConfig[];
  /** The names of the classes that it was trained on, in the order of their numbers. */
  readonly classes?: readonly string[];
  /** How embeddings are compared. */
  readonly metric: 'euclidean' | 'cosine';
  /** How it was trained: for people to read. */
  readonly settings: JsonObject;
}

const KEYS: readonly string[] = ['format', 'version', 'input', 'architecture', 'classes', 'metric', 'settings'];
const INPUT_KEYS: readonly string[] = ['shape', 'features', 'mean', 'scale'];
const FORBIDDEN = ['__proto__', 'constructor', 'prototype'];

/** No row has more features than this. */
const MAX_SIZE = 2 ** 28;

/**
 * A run's configuration out of its `config.json`.
 *
 * The layers themselves are checked by `nn.fromConfig`.
 *
 * @param text - JSON, or its bytes.
 * @param name - What messages call it.
 * @throws `DataError` that names the place, when something is missing, unknown, or not what it must be; and on the
 *   keys `__proto__`, `constructor` and `prototype` anywhere.
 */
export function parseRunConfig(text: string | Uint8Array, name = 'config.json'): RunConfig {
  checkKind('parseRunConfig', 'name', name, 'string');
  if (typeof text !== 'string' && !(text instanceof Uint8Array)) {
    throw wrong('parseRunConfig', 'text', 'JSON or its bytes', text);
  }
  const value = parseJson(text, name, 'it', FORBIDDEN);
  const fail = (place: string, wanted: string, got: unknown): never => {
    throw new DataError(name, `${place} must be ${wanted}, got ${quoted(got)}`);
  };
  if (value.format !== 'contragrad-run') fail('format', '"contragrad-run"', value.format);
  if (value.version !== 1) fail('version', '1', value.version);
  const unknown = Object.keys(value).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) throw new DataError(name, `has the unknown key ${quoted(unknown)}`);
  const { input, architecture, classes, metric, settings } = value;
  if (!isObject(input)) return fail('input', 'an object', input);
  const stray = Object.keys(input).find((key) => !INPUT_KEYS.includes(key));
  if (stray !== undefined) throw new DataError(name, `its input has the unknown key ${quoted(stray)}`);

  const isTexts = (list: unknown): list is string[] =>
    Array.isArray(list) && list.every((item) => typeof item === 'string');
  const isNumbers = (list: unknown, holds: (item: number) => boolean): list is number[] =>
    Array.isArray(list) && list.length > 0 && list.every((item) => Number.isFinite(item) && holds(item));

  const { shape, features, mean, scale } = input;
  if (!isNumbers(shape, (length) => Number.isInteger(length) && length >= 1) || sizeOf(shape) > MAX_SIZE) {
    return fail('input.shape', `a list of whole numbers, 1 or more, of at most ${MAX_SIZE} features`, shape);
  }
  const size = sizeOf(shape);
  if (features !== undefined && !(isTexts(features) && features.length === size)) {
    fail('input.features', `a list of ${size} names`, features);
  }
  if (!isNumbers(mean, () => true) || size % mean.length !== 0) {
    return fail('input.mean', `a list of ${size} numbers, or of one for each channel`, mean);
  }
  if (!isNumbers(scale, (item) => item > 0) || scale.length !== mean.length) {
    fail('input.scale', `a list of ${mean.length} numbers above 0`, scale);
  }
  if (!Array.isArray(architecture) || !architecture.every(isObject)) {
    fail('architecture', 'a list of layers', architecture);
  }
  if (classes !== undefined && !isTexts(classes)) fail('classes', 'a list of names', classes);
  if (metric !== 'euclidean' && metric !== 'cosine') fail('metric', '"euclidean" or "cosine"', metric);
  if (!isObject(settings)) fail('settings', 'an object', settings);
  return value as unknown as RunConfig;
}

/** A typed array as a list: it would be written as an object. */
function listed(value: unknown): unknown {
  if (!ArrayBuffer.isView(value)) return value;
  const array = value as unknown as ArrayLike<number>;
  return Array.from({ length: array.length ?? 0 }, (_, at) => array[at]);
}

/** What {@link serializeRunConfig} takes: a {@link RunConfig}, whose mean and scale may be typed arrays. */
export interface RunConfigParts extends Omit<RunConfig, 'input'> {
  /** What goes in; `mean` and `scale` may come from `fitStandardisation` as they are. */
  readonly input: Omit<InputConfig, 'mean' | 'scale'> & {
    /** The mean of each feature. */
    readonly mean: ArrayLike<number>;
    /** The standard deviation of each feature; above 0. */
    readonly scale: ArrayLike<number>;
  };
}

/**
 * A run's configuration as the text of its `config.json`, a line for each of its keys.
 *
 * @throws `ArgumentError` when {@link parseRunConfig} would not read it.
 */
export function serializeRunConfig(config: RunConfigParts): string {
  const op = 'serializeRunConfig';
  checkRecord(op, 'the configuration', config);
  checkRecord(op, 'input', config.input);
  const input = { ...config.input, mean: listed(config.input.mean), scale: listed(config.input.scale) };
  const lines = Object.entries({ ...config, input }).flatMap(([key, value]) => {
    if (value === undefined) return [];
    checkPlain(op, key, value, key !== 'settings');
    return [`  ${JSON.stringify(key)}: ${JSON.stringify(value)}`];
  });
  const text = `{\n${lines.join(',\n')}\n}\n`;
  try {
    parseRunConfig(text, 'config');
  } catch (error) {
    throw error instanceof ContragradError ? new ArgumentError('serializeRunConfig', error.message) : error;
  }
  return text;
}
