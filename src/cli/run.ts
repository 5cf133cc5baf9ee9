/** @file One run: an encoder is trained and measured, and its folder written. */
import { type Augmentation, rowShape, standardise } from '../data/index.js';
import type { Device } from '../devices/device.js';
import { ArgumentError, DataError, Generator, type nn, noGrad, tensor } from '../index.js';
import type { RunConfig } from '../io/index.js';
import { batchesOf, diagnosisOf } from './batches.js';
import { Course, type Outcome, weightsOf } from './course.js';
import { embedded, type Metric, nearest, orNull, type Points, pairFigures, pointsOf, seenBy } from './figures.js';
import { changeSince } from './fingerprint.js';
import type { RunFolder } from './folder.js';
import { Progress } from './progress.js';
import type { DiagnosisText } from './report/data.js';
import { type Settings, type TrainOptions, viewsOf } from './settings.js';
import type { Shell } from './shell.js';
import type { Part, Rows } from './sources.js';
import { Training } from './training.js';

/** How many rows are diagnosed. */
const DIAGNOSED = { classes: 8, perClass: 4, batch: 16 };

/** What all runs of a command have in common. */
export interface Plan {
  /** The file with the rows; undefined for the built-in ones. */
  readonly path: string | undefined;
  readonly options: TrainOptions;
  readonly settings: Settings;
  readonly rows: Rows;
  readonly architecture: readonly nn.LayerConfig[];
  readonly metric: Metric;
  readonly augment: Augmentation | null;
  readonly device: Device;
  readonly shell: Shell;
  isStopped(): boolean;
}

/** The figures of a run; null where the rows cannot give one. */
export interface Figures {
  readonly knn: number | null;
  readonly auc: number | null;
  readonly eer: number | null;
}

/** Figures, and on what the first was measured where that are not all rows. */
export interface NotedFigures extends Figures {
  readonly note: string;
}

/** What came of a run. */
export interface Result {
  readonly seed: number;
  readonly folder: RunFolder;
  readonly training: Training;
  readonly outcome: Outcome;
  readonly figures: NotedFigures;
  readonly gallery: Points;
  readonly tested: Points;
  readonly diagnosis: DiagnosisText | null;
}

/** By what the embeddings of a loss are compared: losses that bring rows to length 1 teach directions only. */
export function metricOf({ loss }: Settings): Metric {
  return loss === 'contrastive' || loss === 'triplet' ? 'euclidean' : 'cosine';
}

/** The figures of points to measure on. */
export function figuresOf(gallery: Points, tested: Points, seed: number): NotedFigures {
  const knn = orNull(() => nearest(gallery, tested));
  const pairs = orNull(() => pairFigures(tested, seed));
  const note =
    knn === null || knn.queries === tested.labels.length ? '' : `${knn.queries} rows among ${knn.references}`;
  return { knn: knn?.accuracy ?? null, auc: pairs?.auc ?? null, eer: pairs?.error ?? null, note };
}

/** Trains with one seed, and measures. */
export async function run(plan: Plan, seed: number, folder: RunFolder): Promise<Result> {
  const { settings, rows, options, device, metric, augment, architecture, shell } = plan;
  const training = new Training({ data: rows.train, architecture, settings, seed, augment, device });
  const name = settings.seeds > 1 ? `seed ${seed}  ` : 'training  ';
  const course = new Course({
    training,
    rows,
    settings,
    seed,
    metric,
    augment,
    device,
    folder,
    progress: new Progress(name.trim(), training.steps, shell, {
      quiet: options.quiet === true || options.json === true,
    }),
    ...(options.checkpointEvery !== undefined && { checkpointEvery: options.checkpointEvery }),
    isStopped: plan.isStopped,
  });
  const config = configOf(plan, seed);
  if (options.resume && (await canResume(folder, config, plan))) {
    // A longer run takes the place of the one that was planned.
    await folder.writeConfig(config);
    await course.resume();
  } else {
    await folder.writeConfig(config);
    await course.begin();
  }
  const outcome = await course.run();
  training.encoder.loadStateDict(weightsOf(training));
  const [gallery, tested] = [
    seenBy(metric, await embedded(training.encoder, rows.test.gallery, device, rows.standardisation)),
    seenBy(metric, await embedded(training.encoder, rows.test.probes, device, rows.standardisation)),
  ];
  return {
    seed,
    folder,
    training,
    outcome,
    gallery,
    tested,
    figures: figuresOf(gallery, tested, settings.seed),
    diagnosis: await diagnosed(plan, training),
  };
}

/** The figures of the rows as they came. */
export function rawFigures({ gallery, probes }: Part, settings: Settings): NotedFigures {
  return figuresOf(pointsOf(gallery), pointsOf(probes), settings.seed);
}

function configOf({ path, settings, rows, architecture, metric }: Plan, seed: number): RunConfig {
  const { train, standardisation } = rows;
  const fingerprint = rows.fingerprint ?? undefined;
  const { featureNames } = train;
  return {
    format: 'contragrad-run',
    version: 1,
    input: {
      shape: rowShape(train),
      ...(featureNames && { features: featureNames }),
      mean: [...standardisation.mean],
      scale: [...standardisation.scale],
    },
    architecture,
    ...(train.classes.length > 0 && { classes: train.classes }),
    metric,
    settings: JSON.parse(
      JSON.stringify({ data: path ?? null, ...settings, runSeed: seed, fingerprint }),
    ) as RunConfig['settings'],
  };
}

/** Whether there is a checkpoint to go on from; an error where it is of other data. */
async function canResume(folder: RunFolder, config: RunConfig, { path, rows }: Plan): Promise<boolean> {
  if (!(await folder.has('config.json')) || !(await folder.has('checkpoint.safetensors'))) return false;
  const old = await folder.config();
  const change = changeSince(old, rows.fingerprint);
  if (change !== undefined) {
    throw new DataError(
      path ?? folder.path,
      change,
      'a run goes on with the rows that it began with; begin anew with --force',
    );
  }
  const same = (part: (config: RunConfig) => unknown): boolean =>
    JSON.stringify(part(old)) === JSON.stringify(part(config));
  if (!same(({ input }) => input)) {
    throw new DataError(
      folder.path,
      'was trained on other rows: their shape, mean or scale differs',
      'pass the data that it began with',
    );
  }
  if (!same(({ architecture }) => architecture)) {
    throw new DataError(folder.path, 'has another architecture', 'pass the layers that it began with');
  }
  return true;
}

/** What is to be said of a batch of test rows. */
async function diagnosed({ settings, rows, augment, device }: Plan, training: Training): Promise<DiagnosisText | null> {
  const views = viewsOf(settings) === 'augmented';
  const { classes: _, perClass: __, batch: ___, ...rest } = settings;
  const few = comparesClasses(settings)
    ? { classes: DIAGNOSED.classes, perClass: DIAGNOSED.perClass }
    : { batch: DIAGNOSED.batch };
  const data = standardise(rows.test.probes, rows.standardisation);
  try {
    const { features, labels, count } = batchesOf(data, { ...rest, ...few }, views ? augment : null).draw(
      new Generator(0),
    );
    const { encoder } = training;
    encoder.eval();
    const shape = [count, ...rowShape(data)];
    const points = noGrad(() => encoder.forward(tensor(features, { shape, device })));
    const numbers = Float32Array.from(await points.data());
    const { verdict, findings } = diagnosisOf(settings, tensor(numbers, { shape: points.shape }), labels);
    return { verdict, findings: findings.map(({ message, advice }) => ({ message, advice })) };
  } catch (error) {
    // Some rows make no batch of the loss: of one class, for example.
    if (error instanceof ArgumentError) return null;
    throw error;
  } finally {
    training.encoder.train();
  }
}

const comparesClasses = (settings: Settings): boolean =>
  viewsOf(settings) === 'classes' && ['contrastive', 'triplet', 'supcon'].includes(settings.loss);
