/** @file Trained encoders out of run folders, in Node and in pages: architecture, feature order, standardisation, weights. */
import { noGrad } from '../autograd/context.js';
import { tensor } from '../autograd/create.js';
import { scope } from '../autograd/scope.js';
import { Tensor } from '../autograd/tensor.js';
import { checkNumbers, checkWhole, describe, readOptions, wrong } from '../checks.js';
import { cpu } from '../devices/cpu/index.js';
import { checkDevice, type Device } from '../devices/device.js';
import { ArgumentError, ContragradError, DataError } from '../errors.js';
import { fromConfig, type Sequential } from '../nn/index.js';
import { Generator } from '../random.js';
import { formatShape, sizeOf } from '../shape.js';
import { type Address, MAX_BYTES, nameOf, readSource, type SourceOptions } from '../source.js';
import { type InputConfig, parseRunConfig, type RunConfig } from './run-config.js';
import { readSafetensors } from './safetensors.js';

/** Rows as they were before training standardised them: a list of rows, or row-major numbers, or a tensor `[N, ...]`. */
export type EncoderRows = readonly ArrayLike<number>[] | Float32Array | Tensor;

/** Options of {@link Encoder.embed}. */
export interface EmbedOptions {
  /** The names of the rows' columns, for example a table's header: they must be those that were trained on, in that order. */
  readonly features?: readonly string[];
}

/** Options of {@link loadEncoder}. */
export interface LoadEncoderOptions extends SourceOptions {
  /** Where it computes. Default the CPU. */
  readonly device?: Device;
}

/** How many rows go through the encoder at once. */
const BATCH = 256;
/** No `config.json` has more bytes than this. */
const MAX_CONFIG = 2 ** 26;

/** A trained encoder, as {@link loadEncoder} finds it in a run's folder. */
export class Encoder {
  /** The layers with their weights, in evaluation mode. They take standardised rows. */
  readonly encoder: Sequential;
  /** What it is made of, and what its rows are. */
  readonly config: RunConfig;
  readonly #device: Device;

  /** @internal */
  constructor(encoder: Sequential, config: RunConfig, device: Device) {
    this.encoder = encoder;
    this.config = config;
    this.#device = device;
  }

  /**
   * The embeddings of rows, which are standardised as in training.
   *
   * @param rows - As the loaders give them: a list of rows, or row-major numbers, or a tensor `[N, ...]`.
   * @param options - `features`: the names of the columns, to be checked.
   * @returns one list of numbers for each row.
   * @throws `ArgumentError` when a row has another number of features, one is not finite, or the names differ.
   */
  async embed(rows: EncoderRows, options?: EmbedOptions): Promise<number[][]> {
    const { features } = readOptions('embed', options, { features: undefined });
    const { input } = this.config;
    if (features !== undefined) checkNames(input, features);
    const size = sizeOf(input.shape);
    const values = standardised(Tensor.isTensor(rows) ? await valuesOf(input, rows) : flattened(input, rows), input);
    const embeddings: number[][] = [];
    for (let start = 0; start < values.length; start += BATCH * size) {
      const batch = values.subarray(start, start + BATCH * size);
      const count = batch.length / size;
      const shape = [count, ...input.shape];
      const out = scope(() => noGrad(() => this.encoder.forward(tensor(batch, { shape, device: this.#device }))));
      const numbers = await out.data();
      const width = numbers.length / count;
      for (let i = 0; i < count; i++) embeddings.push([...numbers.subarray(i * width, (i + 1) * width)]);
    }
    return embeddings;
  }
}

/**
 * The trained encoder of a run: its architecture, feature order, standardisation and weights.
 *
 * Only `config.json` and `model.safetensors` are read, and nothing in them is executed. Beside the entry `contragrad`, which
 * brings WebAssembly, large batches are faster; without it a page stays small.
 *
 * @param folder - The run's folder: a path in Node, or an address; in a page also relative to it, for example `./encoder/`.
 * @param options - `device`, default the CPU; `maxBytes` of the weights, default 2³⁰.
 * @throws `DataError` when a file cannot be read, is not what it should be, or the weights do not fit the architecture.
 *
 * @example
 * ```ts
 * import { mkdtemp, writeFile } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { nn } from 'contragrad';
 * import * as io from 'contragrad/io';
 *
 * const architecture = [{ type: 'Linear', outFeatures: 2 }] as const;
 * const model = nn.fromConfig(architecture, { input: [3] });
 * const folder = await mkdtemp(`${tmpdir()}/run-`);
 * const features = ['x', 'y', 'z'];
 * const config = {
 *   format: 'contragrad-run',
 *   version: 1,
 *   input: { shape: [3], features, mean: [0, 0, 5], scale: [1, 1, 2] },
 *   architecture,
 *   metric: 'euclidean',
 *   settings: {},
 * } as const;
 * await writeFile(`${folder}/config.json`, io.serializeRunConfig(config));
 * const weights = `${folder}/model.safetensors`;
 * await io.writeSafetensors(weights, model.stateDict());
 *
 * const encoder = await io.loadEncoder(folder);
 * const [embedding] = await encoder.embed([[1, 2, 3]], { features });
 * console.log(embedding?.length); // 2
 * ```
 */
export async function loadEncoder(folder: string | Address, options?: LoadEncoderOptions): Promise<Encoder> {
  const { device, maxBytes } = readOptions('loadEncoder', options, { device: cpu as Device, maxBytes: MAX_BYTES });
  checkDevice('loadEncoder', device);
  checkWhole('loadEncoder', 'maxBytes', maxBytes);
  checkFolder(folder);
  const [place, weights] = [fileIn(folder, 'config.json'), fileIn(folder, 'model.safetensors')];
  const [text, { tensors }] = await Promise.all([
    readSource(place, { maxBytes: MAX_CONFIG }),
    readSafetensors(weights, { maxBytes }),
  ]);
  const config = parseRunConfig(text, nameOf(place));
  const encoder = naming(place, () =>
    fromConfig(config.architecture, { input: config.input.shape, generator: new Generator(), blank: true }),
  );
  naming(weights, () => encoder.loadStateDict(tensors));
  return new Encoder(encoder.eval().to(device), config, device);
}

/** Refuses a file of a run in place of its folder. */
function checkFolder(folder: unknown): asserts folder is string | URL {
  if (typeof folder !== 'string' && !(folder instanceof URL)) {
    throw new ArgumentError(
      'loadEncoder',
      `needs the folder of a run, got ${describe(folder)}`,
      'pass a path or an address',
    );
  }
  const [, start, file] = /^(.*?)(config\.json|model\.safetensors)$/.exec(String(folder)) ?? [];
  if (file === undefined) return;
  throw new ArgumentError(
    'loadEncoder',
    `needs the folder of a run, got its file ${file}`,
    `name the folder: ${start || '.'}`,
  );
}

/** A file of a folder that is a path or an address. */
function fileIn(folder: string | URL, file: string): string | URL {
  if (typeof folder === 'string') return `${folder.replace(/\/*$/, '/')}${file}`;
  return new URL(file, folder.href.replace(/\/*([?#].*)?$/, '/'));
}

/** Turns what is wrong with a file's contents into a `DataError` that names it. */
function naming<Value>(file: string | URL, work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    throw error instanceof ContragradError ? new DataError(nameOf(file), error.message) : error;
  }
}

const listed = (names: readonly string[]): string =>
  names.length > 12 ? `${names.slice(0, 12).join(', ')}, …` : names.join(', ');

function checkNames({ features }: InputConfig, given: readonly string[]): void {
  if (!Array.isArray(given) || ![...given].every((name) => typeof name === 'string')) {
    throw wrong('embed', 'features', 'a list of names', given);
  }
  if (features === undefined || features.join('\n') === given.join('\n')) return;
  const missing = features.filter((name) => !given.includes(name));
  const unknown = given.filter((name) => !features.includes(name));
  const parts = [
    ...(missing.length > 0 ? [`missing are ${listed(missing)}`] : []),
    ...(unknown.length > 0 ? [`unknown are ${listed(unknown)}`] : []),
  ];
  throw new ArgumentError(
    'embed',
    `the columns must be ${listed(features)}, got ${listed(given)}`,
    parts.length > 0 ? parts.join(', ') : 'their order differs',
  );
}

/** How many features a row must have, and which. */
const wanted = ({ shape, features }: InputConfig): string =>
  `${sizeOf(shape)} features (${features === undefined ? `shape ${formatShape(shape)}` : listed(features)})`;

function flattened(input: InputConfig, rows: readonly ArrayLike<number>[] | Float32Array): Float32Array {
  const size = sizeOf(input.shape);
  if (rows instanceof Float32Array) {
    if (rows.length % size === 0) return rows;
    throw new ArgumentError('embed', `rows must have ${wanted(input)}, got ${rows.length} numbers in all`);
  }
  if (!Array.isArray(rows)) throw wrong('embed', 'rows', 'a list of rows', rows);
  const values = new Float32Array(rows.length * size);
  for (let index = 0; index < rows.length; index++) {
    const row: ArrayLike<number> | undefined = rows[index];
    if (typeof row !== 'object' || row?.length !== size) {
      const got = (row as ArrayLike<number> | null | undefined)?.length ?? describe(row);
      throw new ArgumentError('embed', `row ${index} must have ${wanted(input)}, got ${got}`);
    }
    checkNumbers(row, (at, got) => numberError(input, index, at, got));
    values.set(row, index * size);
  }
  return values;
}

async function valuesOf(input: InputConfig, rows: Tensor): Promise<Float32Array> {
  const [count = 0] = rows.shape;
  if (rows.size !== count * sizeOf(input.shape) || rows.rank === 0) {
    throw new ArgumentError('embed', `rows must have ${wanted(input)}, got shape ${formatShape(rows.shape)}`);
  }
  return Float32Array.from(await rows.data());
}

function numberError({ features }: InputConfig, row: number, feature: number, got: unknown): ArgumentError {
  const name = features?.[feature] ?? feature;
  return new ArgumentError('embed', `row ${row}, feature ${name}: must be a finite number, got ${got}`);
}

/** The rows in units of the training rows' spread, around their mean. */
function standardised(values: Float32Array, input: InputConfig): Float32Array {
  const { shape, mean, scale } = input;
  const size = sizeOf(shape);
  const each = size / mean.length;
  return Float32Array.from({ length: values.length }, (_, i) => {
    const value = values[i]!;
    const [row, feature] = [Math.floor(i / size), i % size];
    if (!Number.isFinite(value)) {
      throw numberError(input, row, feature, value);
    }
    const at = Math.floor(feature / each);
    return (value - mean[at]!) / scale[at]!;
  });
}
