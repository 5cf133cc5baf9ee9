/** @file One encoder in training, step by step, and its checkpoint. */
import type { Tensor } from '../autograd/tensor.js';
import type { Augmentation, Dataset } from '../data/index.js';
import { rowShape } from '../data/index.js';
import type { Device } from '../devices/device.js';
import { compile, Generator, manualSeed, nn, noGrad, optim, scope, tensor } from '../index.js';
import { type TakenCheckpoint, takeCheckpoint } from '../io/checkpoint.js';
import { loadCheckpoint, type saveCheckpoint } from '../io/index.js';
import { type Batch, type Batches, batchesOf, lossOf } from './batches.js';
import type { Settings } from './settings.js';

/** How many batches a validation loss is the mean of. */
const VALIDATION_BATCHES = 4;
/** The factor of `--schedule step`, and how many times it comes. */
const FALL = { gamma: 0.1, times: 3 };

type Step = (x: Tensor, labels: Int32Array) => Tensor;

/** What is trained, on what, and how. */
export interface TrainingParts {
  /** Rows to train on, standardised. */
  readonly data: Dataset;
  readonly architecture: readonly nn.LayerConfig[];
  readonly settings: Settings;
  /** Fixes first weights and batches. */
  readonly seed: number;
  readonly augment: Augmentation | null;
  readonly device: Device;
}

/** What a checkpoint holds beside weights, optimizer, schedule and random state. */
export type Notes = Parameters<typeof saveCheckpoint>[1]['extra'];

/** One encoder in training. */
export class Training {
  readonly encoder: nn.Sequential;
  /** How many steps see every row once, on average. */
  readonly stepsPerEpoch: number;
  /** How many steps there will be. */
  readonly steps: number;
  /** How many steps are done. */
  step = 0;
  /** The weights to keep, where they are not the latest. */
  best: nn.StateDict | null = null;
  readonly #settings: Settings;
  readonly #device: Device;
  readonly #shape: readonly number[];
  readonly #batches: Batches;
  /** What batches and augmentations are drawn from. */
  readonly #generator: Generator;
  /** What first weights came from, and what dropout draws from. */
  readonly #layers: Generator;
  readonly #optimizer: optim.Optimizer;
  readonly #schedule: optim.Schedule;
  readonly #run: Step;

  constructor({ data, architecture, settings, seed, augment, device }: TrainingParts) {
    manualSeed(seed);
    this.#settings = settings;
    this.#device = device;
    this.#shape = rowShape(data);
    this.#batches = batchesOf(data, settings, augment);
    this.stepsPerEpoch = Math.max(1, Math.round(data.count / this.#batches.size));
    this.steps = settings.epochs * this.stepsPerEpoch;
    this.#layers = new Generator(seed);
    this.encoder = nn.fromConfig(architecture, { input: this.#shape, generator: this.#layers }).to(device);
    this.#optimizer = optimizerOf(this.encoder, settings);
    this.#schedule = this.#scheduleOf(settings);
    this.#generator = new Generator(seed + 1);
    const step: Step = (x, labels) => this.#update(x, labels);
    this.#run = settings.eager ? step : compile(step);
  }

  /** The learning rate of the next step. */
  get lr(): number {
    return this.#schedule.lr;
  }

  /** One step; returns the loss before it. */
  async next(): Promise<number> {
    const { features, labels, count } = this.#batches.draw(this.#generator);
    const loss = scope(() => this.#run(this.#tensorOf(features, count), labels));
    this.step++;
    this.#schedule.step();
    return (await loss.data())[0]!;
  }

  /** The mean loss of some batches of other rows, always the same ones. */
  async lossOn(data: Dataset, augment: Augmentation | null): Promise<number> {
    const generator = new Generator(0);
    const batches = batchesOf(data, this.#settings, augment);
    let sum = 0;
    this.encoder.eval();
    try {
      for (let i = 0; i < VALIDATION_BATCHES; i++) {
        const { features, labels, count }: Batch = batches.draw(generator);
        const loss = scope(() =>
          noGrad(() => lossOf(this.#settings, this.encoder.forward(this.#tensorOf(features, count)), labels)),
        );
        sum += (await loss.data())[0]! / VALIDATION_BATCHES;
      }
    } finally {
      this.encoder.train();
    }
    return sum;
  }

  /** Notes the present weights as those to keep. */
  keep(): void {
    this.best = this.encoder.stateDict();
  }

  /** Takes all that is needed to go on from here. */
  take(extra: Notes): TakenCheckpoint {
    return takeCheckpoint({ ...this.#parts(), position: this.step, ...(extra && { extra }) });
  }

  /** Goes back to where {@link Training.take} was; returns its notes. */
  async load(path: string): Promise<Notes> {
    const { position, extra } = await loadCheckpoint(path, this.#parts());
    this.step = Number(position);
    return extra;
  }

  #parts(): Parameters<typeof loadCheckpoint>[1] {
    return {
      model: {
        stateDict: () => ({ ...this.encoder.stateDict(), ...prefixed('best.', this.best ?? {}) }),
        loadStateDict: (state) => {
          const kept = Object.entries(state).filter(([name]) => name.startsWith('best.'));
          this.encoder.loadStateDict(
            Object.fromEntries(Object.entries(state).filter(([name]) => !name.startsWith('best.'))),
          );
          this.best =
            kept.length === 0
              ? null
              : Object.fromEntries(kept.map(([name, value]) => [name.slice('best.'.length), value]));
        },
      },
      optimizer: this.#optimizer,
      schedule: this.#schedule,
      generators: { batches: this.#generator, layers: this.#layers },
    };
  }

  #tensorOf(features: Float32Array, count: number): Tensor {
    return tensor(features, { shape: [count, ...this.#shape], device: this.#device });
  }

  #update(x: Tensor, labels: Int32Array): Tensor {
    const loss = lossOf(this.#settings, this.encoder.forward(x), labels);
    this.#optimizer.zeroGrad();
    loss.backward();
    if (this.#settings.clip !== undefined) optim.clipGradNorm(this.#optimizer.parameters, this.#settings.clip);
    this.#optimizer.step();
    return loss;
  }

  #scheduleOf({ schedule, lr, warmUp = 0 }: Settings): optim.Schedule {
    const options = { lr, warmUp: Math.round(warmUp * this.stepsPerEpoch) };
    const rest = Math.max(1, this.steps - options.warmUp);
    switch (schedule) {
      case 'constant':
        return new optim.ConstantLR(this.#optimizer, options);
      case 'step':
        return new optim.StepLR(this.#optimizer, {
          ...options,
          stepSize: Math.ceil(rest / FALL.times),
          gamma: FALL.gamma,
        });
      case 'cosine':
        return new optim.CosineAnnealingLR(this.#optimizer, { ...options, tMax: rest });
    }
  }
}

const prefixed = (prefix: string, state: nn.StateDict): nn.StateDict =>
  Object.fromEntries(Object.entries(state).map(([name, value]) => [prefix + name, value]));

function optimizerOf(encoder: nn.Module, { optimizer, lr, weightDecay }: Settings): optim.Optimizer {
  const options = { lr, ...(weightDecay !== undefined && { weightDecay }) };
  switch (optimizer) {
    case 'adam':
      return new optim.Adam(encoder.parameters(), options);
    case 'adamw':
      return new optim.AdamW(encoder.parameters(), options);
    case 'sgd':
      return new optim.SGD(encoder.parameters(), { ...options, momentum: 0.9 });
  }
}
