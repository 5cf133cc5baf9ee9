/**
 * @file An architecture as plain data: a list of layers, checked as if a stranger had written it, becomes a module.
 */
import { checkWhole, checkWholes, describe, type Pair2d, readOptions, wrong } from '../checks.js';
import { ArgumentError, ContragradError } from '../errors.js';
import { isPlainObject } from '../leaves.js';
import { type WindowOptions, windowsOf } from '../ops/windows.js';
import { Generator } from '../random.js';
import { formatShape, type Shape, sameShape, sizeOf } from '../shape.js';
import { GELU, LeakyReLU, ReLU, Sigmoid, Softplus, Tanh } from './activations.js';
import { Residual, Sequential } from './containers.js';
import { Conv2d } from './convolution.js';
import { Dropout } from './dropout.js';
import { Flatten } from './flatten.js';
import { Linear } from './linear.js';
import type { Module } from './module.js';
import { BatchNorm1d, BatchNorm2d, L2Normalize, LayerNorm } from './normalisation.js';
import { GlobalAvgPool2d, MaxPool2d } from './pooling.js';

/** One layer as data: its class by name, and its options. Sizes that follow from the layer before are left out. */
export type LayerConfig =
  | { readonly type: 'Linear'; readonly outFeatures: number; readonly bias?: boolean }
  | {
      readonly type: 'Conv2d';
      readonly outChannels: number;
      readonly kernelSize: Pair2d;
      readonly stride?: Pair2d;
      readonly padding?: Pair2d;
      readonly bias?: boolean;
    }
  | { readonly type: 'MaxPool2d'; readonly kernelSize: Pair2d; readonly stride?: Pair2d; readonly padding?: Pair2d }
  | { readonly type: 'BatchNorm1d' | 'BatchNorm2d'; readonly eps?: number; readonly momentum?: number }
  | { readonly type: 'LayerNorm' | 'L2Normalize'; readonly eps?: number }
  | { readonly type: 'Dropout'; readonly p?: number }
  | { readonly type: 'LeakyReLU'; readonly slope?: number }
  | { readonly type: 'GlobalAvgPool2d' | 'Flatten' | 'ReLU' | 'GELU' | 'Sigmoid' | 'Tanh' | 'Softplus' }
  | {
      readonly type: 'Residual';
      /** What x goes through. */
      readonly layers: readonly LayerConfig[];
      /** What brings x to the shape of the result. Default: nothing. */
      readonly projection?: readonly LayerConfig[];
    };

/** Options of {@link fromConfig}. */
export interface ConfigOptions {
  /** The shape of one row, for example `[64]` or `[1, 8, 8]`. */
  readonly input: Shape;
  /** Where the first weights come from, and what {@link Dropout} draws from. Default: the generator that {@link manualSeed} seeds. */
  readonly generator?: Generator;
  /** Zeros in place of random first weights, where others are loaded at once. @internal */
  readonly blank?: boolean;
}

/** A layer that is known to fit, before it is made: nothing is allocated until all are known to. */
interface Plan {
  make(): Module;
  /** The shape of one row that comes out. Default: that of the one that goes in. */
  readonly shape?: Shape;
  /** How many weights it will have, where they may be many. */
  readonly weights?: number;
}

/** What a layer is planned from. */
interface Given {
  /** Its options, of the right types. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The shape of a row that goes in. */
  readonly shape: Shape;
  /** Where random numbers come from, and whether first weights need any. */
  readonly random: Pick<ConfigOptions, 'generator' | 'blank'>;
  /** Plans the list of layers that an option holds. */
  list(key: string): Required<Omit<Plan, 'weights'>>;
}

/** The most weights of an architecture, and numbers of a row between its layers: beyond it lies a mistake, or malice. */
const MOST = 2 ** 28;
const DEEPEST = 16;

/** Of which kind options are, for {@link readOptions}; the layers look at the others. */
const OPTIONS: Readonly<Record<string, unknown>> = { bias: true, eps: 0, momentum: 0, p: 0, slope: 0 };

/** A type of layer; the keys of its options, those that must be there with a `!`. */
interface Kind {
  readonly keys: readonly string[];
  /** The shapes that a row may have, one of each rank; any when omitted. */
  readonly rows?: readonly string[];
  plan(given: Given): Plan;
}

const flat = ['[features]'];
const image = ['[channels, height, width]'];

const plain = (make: () => Module): Kind => ({ keys: [], plan: () => ({ make }) });

const KINDS: Readonly<Record<LayerConfig['type'], Kind>> = {
  Linear: {
    keys: ['outFeatures!', 'bias'],
    rows: flat,
    plan({ options: { outFeatures, ...options }, shape: [size], random }) {
      checkWhole('fromConfig', 'outFeatures', outFeatures);
      const out = outFeatures;
      const make = (): Module => new Linear(size!, out, { ...options, ...random });
      return { make, shape: [out], weights: size! * out };
    },
  },
  Conv2d: {
    keys: ['outChannels!', 'kernelSize!', 'stride', 'padding', 'bias'],
    rows: image,
    plan({ options: { outChannels, ...options }, shape, random }) {
      checkWhole('fromConfig', 'outChannels', outChannels);
      const [channels, out] = [shape[0]!, outChannels];
      const windows = options as unknown as WindowOptions;
      const { kernel, counts } = windowsOf('Conv2d', [1, ...shape], windows);
      const make = (): Module => new Conv2d(channels, out, { ...windows, ...random });
      return { make, shape: [out, ...counts], weights: out * channels * sizeOf(kernel) };
    },
  },
  MaxPool2d: {
    keys: ['kernelSize!', 'stride', 'padding'],
    rows: image,
    plan({ options, shape }) {
      const pool = new MaxPool2d(options as unknown as WindowOptions);
      return { make: () => pool, shape: [shape[0]!, ...windowsOf('MaxPool2d', [1, ...shape], pool).counts] };
    },
  },
  GlobalAvgPool2d: {
    keys: [],
    rows: image,
    plan: ({ shape }) => ({ make: () => new GlobalAvgPool2d(), shape: shape.slice(0, 1) }),
  },
  BatchNorm1d: {
    keys: ['eps', 'momentum'],
    rows: ['[features]', '[channels, length]'],
    plan: ({ options, shape }) => ({ make: () => new BatchNorm1d(shape[0]!, options) }),
  },
  BatchNorm2d: {
    keys: ['eps', 'momentum'],
    rows: image,
    plan: ({ options, shape }) => ({ make: () => new BatchNorm2d(shape[0]!, options) }),
  },
  LayerNorm: {
    keys: ['eps'],
    plan: ({ options, shape }) => ({ make: () => new LayerNorm(shape, options), weights: sizeOf(shape) }),
  },
  L2Normalize: { keys: ['eps'], plan: ({ options }) => ({ make: () => new L2Normalize(options) }) },
  Dropout: {
    keys: ['p'],
    plan: ({ options, random: { generator } }) => ({
      make: () => new Dropout({ ...options, ...(generator && { generator }) }),
    }),
  },
  Flatten: { keys: [], plan: ({ shape }) => ({ make: () => new Flatten(), shape: [sizeOf(shape)] }) },
  ReLU: plain(() => new ReLU()),
  LeakyReLU: { keys: ['slope'], plan: ({ options }) => ({ make: () => new LeakyReLU(options) }) },
  GELU: plain(() => new GELU()),
  Sigmoid: plain(() => new Sigmoid()),
  Tanh: plain(() => new Tanh()),
  Softplus: plain(() => new Softplus()),
  Residual: {
    keys: ['layers!', 'projection'],
    plan({ options, shape, list }) {
      const body = list('layers');
      const around = options.projection === undefined ? null : list('projection');
      if (!sameShape(body.shape, around?.shape ?? shape)) {
        const shapes = `${formatShape(body.shape)} and ${formatShape(around?.shape ?? shape)}`;
        const problem = `both parts must make rows of one shape, got ${shapes}`;
        throw new ArgumentError('fromConfig', problem, 'change projection');
      }
      const make = (): Module => new Residual(body.make(), { projection: around?.make() ?? null });
      return { make, shape: body.shape };
    },
  },
};

/**
 * The module that a list of layers describes. It takes `[N, ...input]`.
 *
 * @param layers - As a program or a JSON file has them. Nothing in them is run, and only what is known is read.
 * @param options - `input`, the shape of one row; `generator`.
 * @throws {@link ArgumentError} when something is no layer, is unknown or does not fit the layer before; it names the place.
 *
 * @example
 * ```ts
 * import { nn, zeros } from 'contragrad';
 *
 * const layers: nn.LayerConfig[] = [
 *   { type: 'Linear', outFeatures: 16 },
 *   { type: 'ReLU' },
 *   { type: 'Linear', outFeatures: 2 },
 * ];
 * const encoder = nn.fromConfig(layers, { input: [64] });
 * console.log(encoder.forward(zeros([5, 64])).shape); // [ 5, 2 ]
 * ```
 */
export function fromConfig(layers: readonly LayerConfig[], options: ConfigOptions): Sequential {
  const { input, ...random } = readOptions('fromConfig', options, {
    input: undefined,
    generator: undefined,
    blank: false,
  });
  checkWholes('fromConfig', 'input, the shape of one row,', input, 1);
  if (input!.length === 0) throw new ArgumentError('fromConfig', 'input must be the shape of one row, got []');
  if (random.generator !== undefined) Generator.check('fromConfig', random.generator);
  return new Planner(random as Given['random']).all(layers, input!, '', 0).make();
}

/** Plans one architecture. */
class Planner {
  readonly #random: Given['random'];
  #weights = 0;

  constructor(random: Given['random']) {
    this.#random = random;
  }

  /** A list of layers; `path` is what their places start with. */
  all(layers: unknown, input: Shape, path: string, depth: number): { make(): Sequential; shape: Shape } {
    if (!Array.isArray(layers))
      throw new ArgumentError('fromConfig', `needs a list of layers, got ${describe(layers)}`);
    if (depth > DEEPEST) {
      throw new ArgumentError('fromConfig', `layer ${path.slice(0, 40)}…: nested more than ${DEEPEST} deep`);
    }
    let shape = input;
    const plans = layers.map((layer: unknown, index) => {
      const plan = this.#one(layer, shape, `${path}${index}`, depth);
      shape = plan.shape ?? shape;
      return plan;
    });
    return { make: () => new Sequential(...plans.map((plan) => plan.make())), shape };
  }

  #one(layer: unknown, shape: Shape, place: string, depth: number): Plan {
    const [type, options] = checkedLayer(layer, place);
    const { keys, rows, plan } = KINDS[type];
    const name = `layer ${place} (${type})`;
    return placed(name, () => {
      checkOptions(options, keys);
      if (rows !== undefined && !rows.some((row) => row.split(',').length === shape.length)) {
        const hint = rows === flat ? 'put a Flatten before it' : undefined;
        throw new ArgumentError('fromConfig', `needs rows ${rows.join(' or ')}, got ${formatShape(shape)}`, hint);
      }
      const list: Given['list'] = (key) => this.all(options[key], shape, `${place}.${key}.`, depth + 1);
      const planned = plan({ options, shape, random: this.#random, list });
      this.#weights += planned.weights ?? 0;
      if (this.#weights > MOST) throw new ArgumentError('fromConfig', `would be more than ${MOST} weights in all`);
      if (sizeOf(planned.shape ?? shape) > MOST) {
        throw new ArgumentError(
          'fromConfig',
          `would make rows ${formatShape(planned.shape!)}, more than ${MOST} numbers`,
        );
      }
      return { ...planned, make: () => placed(name, () => planned.make()) };
    });
  }
}

/** Runs `make`; what it refuses is told with the place of the layer, unless it names the place of one inside. */
function placed<Result>(name: string, make: () => Result): Result {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof ContragradError) || /^fromConfig: layer /.test(error.message)) throw error;
    throw new ArgumentError('fromConfig', `${name}: ${error.message.replace(/^\w+: /, '')}`);
  }
}

/** Throws an {@link ArgumentError} unless options are those of a layer, each of its kind. */
function checkOptions(options: Readonly<Record<string, unknown>>, keys: readonly string[]): void {
  const names = keys.map((key) => key.replace('!', ''));
  readOptions<object, object>('fromConfig', options, Object.fromEntries(names.map((name) => [name, OPTIONS[name]])));
  const missing = keys.find((key) => key.endsWith('!') && !Object.hasOwn(options, key.slice(0, -1)));
  if (missing !== undefined) throw new ArgumentError('fromConfig', `needs ${missing.slice(0, -1)}`);
}

/** The type and the options of a layer, when it is one that is known. */
function checkedLayer(layer: unknown, place: string): readonly [LayerConfig['type'], Record<string, unknown>] {
  if (typeof layer !== 'object' || layer === null || !isPlainObject(layer)) {
    throw wrong('fromConfig', `layer ${place}`, 'an object { type, … }', layer);
  }
  // Own keys only; an own __proto__, as JSON can have it, is an option that no layer knows.
  const { type, ...options } = layer;
  if (typeof type !== 'string' || !Object.hasOwn(KINDS, type)) {
    throw new ArgumentError(
      'fromConfig',
      `layer ${place}: there is no type ${describe(type)}`,
      `the types are ${Object.keys(KINDS).join(', ')}`,
    );
  }
  return [type as LayerConfig['type'], options];
}
