/** @file The course of a training: epochs, validation, early stopping, checkpoints. */
import { type Augmentation, type Dataset, subset } from '../data/index.js';
import type { Device } from '../devices/device.js';
import { ArgumentError, type nn } from '../index.js';
import type { TakenCheckpoint } from '../io/checkpoint.js';
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
  readonly seed: number;
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

/** What is written together: the weights, and what the run goes on from. */
interface Moment {
  readonly weights: nn.StateDict;
  readonly checkpoint: TakenCheckpoint;
}

/** The course of one training. */
export class Course {
  readonly #parts: CourseParts;
  /** What validation looks at. */
  readonly #validation: Part | null;
  #state: State = { sum: 0, seconds: 0, bestEpoch: 0, bestScore: null };
  #lines: EpochLine[] = [];
  /** Where the run was last in order, as long as that is not written: at the end of an epoch. */
  #unwritten: Moment | null = null;

  constructor(parts: CourseParts) {
    this.#parts = parts;
    const { validation } = parts.rows;
    this.#validation = validation && {
      gallery: few(validation.gallery, VALIDATION_ROWS[0]),
      probes: few(validation.probes, VALIDATION_ROWS[1]),
    };
  }

  /** Begins anew: the folder holds a checkpoint from the start, and no report of another run. */
  async begin(): Promise<void> {
    const { folder } = this.#parts;
    await folder.remove('report.html');
    await folder.write('metrics.jsonl', '');
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
   * @throws `ArgumentError` when a loss or a weight is not finite any more: the folder then holds the last epoch before.
   */
  async run(): Promise<Outcome> {
    const { training, progress } = this.#parts;
    progress.start(training.step);
    try {
      const isStopped = await this.#steps();
      await this.#save();
      const { bestEpoch, bestScore, seconds } = this.#state;
      return { lines: this.#lines, kept: bestScore === null ? null : bestEpoch, isStopped, seconds };
    } catch (error) {
      await this.#write();
      throw error;
    } finally {
      progress.stop();
    }
  }

  async #steps(): Promise<boolean> {
    const { training, progress, isStopped } = this.#parts;
    const { stepsPerEpoch } = training;
    let [turn, saved] = [performance.now(), performance.now()];
    while (training.step < training.steps && !this.#isPatienceOver()) {
      if (isStopped()) return true;
      const start = performance.now();
      const step = training.step + 1;
      const loss = await this.#next();
      this.#state.sum += loss;
      this.#state.seconds += (performance.now() - start) / 1000;
      const epoch = Math.ceil(step / stepsPerEpoch);
      if (step % stepsPerEpoch === 0) {
        await this.#endEpoch(epoch);
        const { checkpointEvery } = this.#parts;
        const isDue =
          checkpointEvery === undefined ? performance.now() - saved > CHECKPOINT_EVERY : epoch % checkpointEvery === 0;
        if (isDue) {
          await this.#write();
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

  /** One step; its loss is finite. */
  async #next(): Promise<number> {
    const { training } = this.#parts;
    let loss: number;
    try {
      loss = await training.next();
    } catch (error) {
      // A loss may refuse what has become of the weights.
      await this.#checkFinite(training.step + 1);
      throw error;
    }
    if (!Number.isFinite(loss)) throw this.#divergence(training.step, `the loss is ${loss}`);
    return loss;
  }

  /** @throws `ArgumentError` when a number that a checkpoint holds is not finite. */
  async #checkFinite(step: number): Promise<TakenCheckpoint> {
    const checkpoint = this.#parts.training.take({ ...this.#state } as Notes);
    for (const [name, value] of Object.entries(checkpoint.tensors)) {
      const wrong = (await value.data()).find((number) => !Number.isFinite(number));
      if (wrong !== undefined) throw this.#divergence(step, `${name} holds ${wrong}`);
    }
    return checkpoint;
  }

  #divergence(step: number, what: string): ArgumentError {
    const { settings, seed } = this.#parts;
    const whose = settings.seeds > 1 ? ` (seed ${seed})` : '';
    const kept = this.#lines.length === 0 ? 'the first weights are' : `epoch ${this.#lines.length} is`;
    const advice = settings.clip === undefined ? 'a smaller --lr, or --clip 1' : 'a smaller --lr';
    return new ArgumentError('train', `diverged at step ${step}${whose}: ${what}`, `${kept} kept; try ${advice}`);
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
    await this.#checkFinite(training.step);
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
    this.#unwritten = this.#moment(training.take({ ...this.#state } as Notes));
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

  #moment(checkpoint: TakenCheckpoint): Moment {
    return { weights: weightsOf(this.#parts.training), checkpoint };
  }

  /** Writes weights and checkpoint of now. */
  async #save(): Promise<void> {
    this.#unwritten = this.#moment(await this.#checkFinite(this.#parts.training.step));
    await this.#write();
  }

  /** Writes weights and checkpoint of the last epoch, unless they are written. */
  async #write(): Promise<void> {
    if (this.#unwritten === null) return;
    const { folder } = this.#parts;
    const { weights, checkpoint } = this.#unwritten;
    await folder.write('model.safetensors', serializeSafetensors(weights));
    await checkpoint.write(folder.file('checkpoint.safetensors'));
    this.#unwritten = null;
  }
}

/** The weights to keep: the best, or the latest. */
export function weightsOf(training: Training): nn.StateDict {
  return training.best ?? training.encoder.stateDict();
}

function few(data: Dataset, most: number): Dataset {
  return data.count <= most ? data : subset(data, someRows(data.count, most));
}
