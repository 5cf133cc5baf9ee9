/** @file The evaluate command: what a trained encoder is worth on rows that it was not trained on. */
import { type Dataset, rowShape } from '../data/index.js';
import { DataError } from '../index.js';
import { type Encoder, loadEncoder, type RunConfig } from '../io/index.js';
import { openDevice } from './device.js';
import {
  calibrated,
  embedded,
  type Metric,
  nearest,
  orNull,
  type Points,
  pairFigures,
  pointsOf,
  type RetrievalFigures,
  retrievalFigures,
  seenBy,
  type Verification,
} from './figures.js';
import { changeSince } from './fingerprint.js';
import { RunFolder } from './folder.js';
import { written } from './printing.js';
import { checkFile, type EvaluateOptions } from './settings.js';
import { print, type Shell, tell } from './shell.js';
import {
  isSameFile,
  loadLabelled,
  loadRows,
  measuredOn,
  type Part,
  type Rows,
  type SourceSettings,
} from './sources.js';
import { readingSettings, storedSettings } from './stored.js';

/** All that is measured of one kind of points. */
interface Measured {
  readonly knn: number | null;
  readonly auc: number | null;
  readonly eer: number | null;
  readonly retrieval: RetrievalFigures | null;
  readonly verification: Verification | null;
}

/** What the encoder is measured on. */
interface Evaluation {
  readonly raw: Part;
  /** Rows to set the threshold by, where they are not those of the gallery; standardised. */
  readonly chosen: Dataset | null;
  readonly description: string;
}

/** Runs the command. */
export async function evaluate(
  path: string,
  data: string | undefined,
  options: EvaluateOptions,
  shell: Shell,
): Promise<void> {
  checkFile(data, options);
  const folder = new RunFolder(path);
  const config = await folder.config();
  const name = folder.file('config.json');
  const device = await openDevice(options.device);
  const encoder = await loadEncoder(path, { device });
  const { raw, chosen, description } = await rowsOf(data, config, name, options, shell);
  const seed = options.seed ?? seedOf(config);
  const { metric } = config;

  const pointsOfRows = async (rows: Dataset): Promise<Points> => ({
    points: (await encoder.embed(rows.features)).flat(),
    labels: rows.labels,
  });
  const [gallery, probes] = [await pointsOfRows(raw.gallery), await pointsOfRows(raw.probes)];
  const known = chosen === null ? gallery : await embedded(encoder.encoder, chosen, device, null);
  const own = measured(...([gallery, probes, known].map((points) => seenBy(metric, points)) as Three), seed);
  const [rawGallery, rawProbes] = [pointsOf(raw.gallery), pointsOf(raw.probes)];
  const asTheyCame = measured(rawGallery, rawProbes, rawGallery, seed);
  if (options.json) {
    const rows = { gallery: raw.gallery.count, test: raw.probes.count };
    print(shell, JSON.stringify({ run: path, data: description, metric, rows, encoder: own, raw: asTheyCame }));
  } else {
    for (const line of linesOf(encoder, own, asTheyCame, { raw, description, metric })) print(shell, line);
  }
}

type Three = [Points, Points, Points];

/** The seed of the run's split; 0 where another program says nothing of it. */
const seedOf = ({ settings: { seed } }: RunConfig): number => (Number.isSafeInteger(seed) ? (seed as number) : 0);

async function rowsOf(
  data: string | undefined,
  config: RunConfig,
  name: string,
  options: EvaluateOptions,
  shell: Shell,
): Promise<Evaluation> {
  if (data === undefined) {
    const { path, settings } = storedSettings(config, name, 'name a file of labelled rows');
    const rows = await loadRows(path, settings);
    const change = changeSince(config, rows.fingerprint);
    if (change !== undefined && settings.test === undefined) {
      const problem = `${change}; the split would differ, and rows that were trained on be tested`;
      throw new DataError(path ?? name, problem, 'name a file of test rows');
    }
    if (change !== undefined) tell(shell, `note: ${path} ${change}`);
    checkInput('the data of the run', rows.train, config);
    return { raw: rows.test, chosen: rows.validation?.probes ?? null, description: rows.description };
  }
  const tested = await testRows(data, readingSettings(config), options);
  checkInput(data, tested, config);
  const trained = await trainedRows(config, name, shell).catch((error: unknown): null => {
    if (!(error instanceof DataError)) throw error;
    tell(shell, `note: ${error.message}: every second row of ${data} is what the others are compared with`);
    return null;
  });
  if (trained?.path !== undefined && (await isSameFile(trained.path, data))) {
    tell(shell, `note: ${data} holds the rows that were trained on: the figures say nothing of new rows`);
  }
  const raw = measuredOn(trained?.test.gallery ?? null, tested, trained?.path ?? 'the built-in rows', data);
  const chosen = trained?.validation?.probes ?? null;
  return { raw, chosen, description: `${data}: ${raw.probes.count} rows, compared with ${raw.gallery.count}` };
}

/** The rows of another file, read as those of the run. */
async function testRows(data: string, settings: SourceSettings, options: EvaluateOptions): Promise<Dataset> {
  const { labels: _, ...rest } = settings;
  const { label, labels, drop, missing } = options;
  const as: SourceSettings = {
    ...rest,
    ...(label !== undefined && { label }),
    ...(labels !== undefined && { labels }),
    ...(drop !== undefined && { drop }),
    ...(missing !== undefined && { missing }),
  };
  try {
    return await loadLabelled(data, as);
  } catch (error) {
    // What was left out in training need not be there at all; the features are held against those of the run.
    const { drop: left, ...whole } = as;
    const again = left === undefined || drop !== undefined ? null : await loadLabelled(data, whole).catch(() => null);
    if (again === null) throw error;
    return again;
  }
}

/** The rows of a run, as it parted them. */
async function trainedRows(
  config: RunConfig,
  name: string,
  shell: Shell,
): Promise<Rows & { readonly path: string | undefined }> {
  const { path, settings } = storedSettings(config, name, 'its rows are not known');
  const rows = await loadRows(path, settings);
  const change = changeSince(config, rows.fingerprint);
  if (change !== undefined) tell(shell, `note: ${path} ${change}`);
  return { ...rows, path };
}

function checkInput(name: string, data: Dataset, { input }: RunConfig): void {
  const [wanted, got] = [input.shape, rowShape(data)].map((shape) =>
    shape.reduce((product, size) => product * size, 1),
  );
  if (wanted !== got) throw new DataError(name, `has ${got} features, but the encoder takes ${wanted}`);
  const { features } = input;
  const { featureNames } = data;
  if (features === undefined || featureNames === undefined) return;
  const at = features.findIndex((feature, i) => feature !== featureNames[i]);
  if (at >= 0) {
    throw new DataError(
      name,
      `feature ${at + 1} is ${JSON.stringify(featureNames[at])}, in training it was ${JSON.stringify(features[at])}`,
    );
  }
}

function measured(gallery: Points, probes: Points, known: Points, seed: number): Measured {
  const pairs = orNull(() => pairFigures(probes, seed));
  return {
    knn: orNull(() => nearest(gallery, probes).accuracy),
    auc: pairs?.auc ?? null,
    eer: pairs?.error ?? null,
    retrieval: orNull(() => retrievalFigures(probes)),
    verification: orNull(() => calibrated(known, probes, seed)),
  };
}

const RETRIEVAL = {
  precisionAtOne: 'precision at 1',
  recallAt5: 'recall at 5',
  rPrecision: 'R-precision',
  meanAveragePrecisionAtR: 'MAP at R',
  meanReciprocalRank: 'mean reciprocal rank',
} as const;

function linesOf(
  { config }: Encoder,
  own: Measured,
  raw: Measured,
  { raw: rows, description, metric }: { readonly raw: Part; readonly description: string; readonly metric: Metric },
): string[] {
  const line = (name: string, cells: readonly string[], note = ''): string =>
    `${name.padEnd(22)}${cells.map((cell) => cell.padEnd(14)).join('')}${note}`.trimEnd();
  const figure = (name: string, pick: (of: Measured) => number | null, note = '', percent = false): string =>
    line(
      name,
      [own, raw].map((of) => written(pick(of), percent ? 'percent' : 'fraction')),
      note,
    );
  const verification = (name: string, pick: (of: Verification) => number, note = ''): string =>
    figure(name, (of) => (of.verification === null ? null : pick(of.verification)), note, true);
  const distance = (of: Measured): string => of.verification?.distance.toPrecision(4) ?? '-';
  return [
    `data      ${description}`,
    `encoder   ${config.architecture.map(({ type }) => type).join(' ')}, compared by ${metric === 'cosine' ? 'cosines' : 'distances'}`,
    '',
    line('', ['encoder', 'raw features']),
    figure('3-NN accuracy', ({ knn }) => knn, `${rows.probes.count} rows among ${rows.gallery.count}`),
    figure('ROC-AUC', ({ auc }) => auc, 'pairs of test rows'),
    figure('equal error rate', ({ eer }) => eer, '', true),
    ...Object.entries(RETRIEVAL).map(([key, name], i) =>
      figure(
        name,
        ({ retrieval }) => retrieval?.[key as keyof typeof RETRIEVAL] ?? null,
        i === 0 ? `among ${own.retrieval?.points ?? 0} test rows themselves` : '',
      ),
    ),
    '',
    line('same below distance', [own, raw].map(distance), 'set on rows that are not tested'),
    verification('  told right', ({ accuracy }) => accuracy, 'of pairs of test rows'),
    verification('  false accepts', ({ falseAccepts }) => falseAccepts),
    verification('  false rejects', ({ falseRejects }) => falseRejects),
  ];
}
