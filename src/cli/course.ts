/** @file The course of a training: epochs, validation, early stopping, checkpoints. */
import { type Augmentation, type Dataset, subset } from '../data/index.js';
import type { Device } from '../devices/device.js';
import { ArgumentError, type nn } from '../index.js';
import { serializeSafetensors } from '../io/index.js';
import { embedded, type Metric, nearest, orNull, type Points, seenBy, someRows } from './figures.js';
import type { EpochLine, RunFolder } from './folder.js';
import type { Progress } from './progress.js';
import { type Settings, viewsOf } from './settings.js';
import { isLabelled, type Part, type Rows } from './sources.js';
import type { Notes, Training } from './training.js';

/** How often there is a checkpoint, in milliseconds, where no number of epochs is given. */
const CHECKPOINT_EVERY = 1000;
/** How many rows validation takes at most, to look among and to look for. */
const VALIDATION_ROWS = [5000, 2000] as const;
/** How long steps go on before signals are let through, in milliseconds. */
const TURN = 20;

/** What a training goes through. */
export interface CourseParts {
  readonly training: Training;
  readonly rows: Rows;
  readonly settings: Settings;
  readonly metric: Metric;
  readonly augment: Augmentation | null;
  readonly device: Device;
  readonly folder: RunFolder;
  readonly progress: Progress;
  /** In epochs. */
  readonly checkpointEvery?: number;
  /** Whether it should stop. */
  isStopped(): boolean;
}

/** What became of it. */
export interface Outcome {
  readonly lines: readonly EpochLine[];
  /** The epoch whose weights were kept; null where they are the latest. */
  readonly kept: number | null;
  /** Whether it was stopped from outside. */
  readonly isStopped: boolean;
  readonly seconds: number;
}

/** How good weights are: higher is better; the second number decides where the first is the same. */
type Score = readonly [number, number];

/** Where a course is within itself: what a checkpoint holds of it. */
interface State {
  /** The sum of the losses of this epoch so far. */
  sum: number;
  seconds: number;
  /** The best epoch so far, and how good it was. */
  bestEpoch: number;
  bestScore: Score | null;
}

/** The course of one training. */
export class Course {
  readonly #parts: CourseParts;
  /** What validation looks at. */
  readonly #validation: Part | null;
  #state: State = { sum: 0, seconds: 0, bestEpoch: 0, bestScore: null };
  #lines: EpochLine[] = [];

  constructor(parts: CourseParts) {
    this.#parts = parts;
    const { validation } = parts.rows;
    this.#validation = validation && {
      gallery: few(validation.gallery, VALIDATION_ROWS[0]),
      probes: few(validation.probes, VALIDATION_ROWS[1]),
    };
  }

  /** Begins anew: the folder holds a checkpoint from the start. */
  async begin(): Promise<void> {
    await this.#parts.folder.write('metrics.jsonl', '');
    await this.#save();
  }

  /** Goes on from the folder's checkpoint. */
  async resume(): Promise<void> {
    const { training, folder } = this.#parts;
    const path = folder.file('checkpoint.safetensors');
    const { sum, seconds, bestEpoch, bestScore } = ((await training.load(path)) ?? {}) as Partial<State>;
    this.#state = { sum: sum ?? 0, seconds: seconds ?? 0, bestEpoch: bestEpoch ?? 0, bestScore: bestScore ?? null };
    this.#lines = await folder.keepLines(training.step);
  }

  /**
   * Trains to the end, or until it is stopped.
   *
   * @throws `ArgumentError` when the loss is not finite any more: the last checkpoint stays.
   */
  async run(): Promise<Outcome> {
    const { training, progress } = this.#parts;
    progress.start(training.step);
    try {
      const isStopped = await this.#steps();
      await this.#save();
      const { bestEpoch, bestScore, seconds } = this.#state;
      return { lines: this.#lines, kept: bestScore === null ? null : bestEpoch, isStopped, seconds };
    } finally {
      progress.stop();
    }
  }

  async #steps(): Promise<boolean> {
    const { training, progress, settings, isStopped } = this.#parts;
    const { stepsPerEpoch } = training;
    let [turn, saved] = [performance.now(), performance.now()];
    while (training.step < training.steps && !this.#isPatienceOver()) {
      if (isStopped()) return true;
      const start = performance.now();
      const step = training.step + 1;
      const loss = await training.next();
      if (!Number.isFinite(loss)) {
        throw new ArgumentError(
          'train',
          `the loss became ${loss} at step ${step}`,
          settings.clip === undefined ? 'try a smaller --lr, or --clip 1' : 'try a smaller --lr',
        );
      }
      this.#state.sum += loss;
      this.#state.seconds += (performance.now() - start) / 1000;
      const epoch = Math.ceil(step / stepsPerEpoch);
      if (step % stepsPerEpoch === 0) {
        await this.#endEpoch(epoch);
        const { checkpointEvery } = this.#parts;
        const isDue =
          checkpointEvery === undefined ? performance.now() - saved > CHECKPOINT_EVERY : epoch % checkpointEvery === 0;
        if (isDue) {
          await this.#save();
          saved = performance.now();
        }
      }
      progress.update(step, epoch, loss, this.#told());
      if (performance.now() - turn > TURN) {
        await new Promise((resolve) => setImmediate(resolve));
        turn = performance.now();
      }
    }
    return false;
  }

  /** The latest validation figure in words. */
  #told(): string {
    const line = this.#lines.at(-1);
    if (typeof line?.validationAccuracy === 'number') return `3-NN ${line.validationAccuracy.toFixed(4)} (validation)`;
    return typeof line?.validationLoss === 'number' ? `${line.validationLoss.toFixed(4)} (validation)` : '';
  }

  #isPatienceOver(): boolean {
    const { training, settings } = this.#parts;
    if (settings.patience === undefined || this.#state.bestScore === null) return false;
    const epoch = Math.floor(training.step / training.stepsPerEpoch);
    return training.step % training.stepsPerEpoch === 0 && epoch - this.#state.bestEpoch >= settings.patience;
  }

  async #endEpoch(epoch: number): Promise<void> {
    const { training, folder } = this.#parts;
    const start = performance.now();
    const validation = await this.#validate();
    this.#state.seconds += (performance.now() - start) / 1000;
    const line: EpochLine = {
      epoch,
      step: training.step,
      loss: this.#state.sum / training.stepsPerEpoch,
      ...validation,
      lr: training.lr,
      seconds: Number(this.#state.seconds.toFixed(3)),
    };
    this.#state.sum = 0;
    this.#lines.push(line);
    const score = this.#scoreOf(line);
    const best = this.#state.bestScore;
    const isBetter =
      score !== null && (best === null || score[0] > best[0] || (score[0] === best[0] && score[1] > best[1]));
    if (isBetter) {
      this.#state.bestScore = score;
      this.#state.bestEpoch = epoch;
      training.keep();
    }
    await folder.append(line);
  }

  /** How good the weights are, on validation rows: by their classes, and by the loss; by the loss alone where classes take no part. */
  #scoreOf({ validationLoss, validationAccuracy }: EpochLine): Score | null {
    const byLoss = typeof validationLoss === 'number' && Number.isFinite(validationLoss) ? -validationLoss : null;
    const byClasses = viewsOf(this.#parts.settings) === 'classes' && typeof validationAccuracy === 'number';
    if (byClasses) return [validationAccuracy, byLoss ?? 0];
    return byLoss === null ? null : [byLoss, 0];
  }

  async #validate(): Promise<Pick<EpochLine, 'validationLoss' | 'validationAccuracy'>> {
    const { training, metric, augment, device } = this.#parts;
    if (this.#validation === null) return {};
    const { gallery, probes } = this.#validation;
    const views = viewsOf(this.#parts.settings) === 'augmented' ? augment : null;
    const loss = await training.lossOn(probes, views).catch((error: unknown) => {
      if (error instanceof ArgumentError) return null;
      throw error;
    });
    if (!isLabelled(probes)) return { validationLoss: loss };
    const points = async (data: Dataset): Promise<Points> =>
      seenBy(metric, await embedded(training.encoder, data, device, null));
    const [references, queries] = [await points(gallery), await points(probes)];
    return { validationLoss: loss, validationAccuracy: orNull(() => nearest(references, queries).accuracy) };
  }

  /** Writes weights and checkpoint. */
  async #save(): Promise<void> {
    const { training, folder } = this.#parts;
    await folder.write('model.safetensors', serializeSafetensors(weightsOf(training)));
    await training.save(folder.file('checkpoint.safetensors'), { ...this.#state } as Notes);
  }
}

/** The weights to keep: the best, or the latest. */
export function weightsOf(training: Training): nn.StateDict {
  return training.best ?? training.encoder.stateDict();
}

function few(data: Dataset, most: number): Dataset {
  return data.count <= most ? data : subset(data, someRows(data.count, most));
}
