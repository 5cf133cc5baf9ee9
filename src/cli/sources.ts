/** @file Where rows to train on, to choose by and to measure on come from. */
import { readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { CellsError } from '../data/cells.js';
import {
  type Dataset,
  fitStandardisation,
  IRIS_ANGLES,
  IRIS_RINGS,
  irisTextures,
  type LoadOptions,
  loadDataset,
  rowShape,
  type Standardisation,
  splitDataset,
  standardise,
  subset,
} from '../data/index.js';
import { ArgumentError, DataError, Generator } from '../index.js';
import { type Fingerprint, fingerprintOf } from './fingerprint.js';
import { columnOf, columnsOf, type Settings } from './settings.js';

const TEST_SHARE = 0.2;

/** Rows to measure on, and those among which each of them looks for its neighbours. */
export interface Part {
  readonly gallery: Dataset;
  readonly probes: Dataset;
}

/** The rows of a run. */
export interface Rows {
  /** Standardised by what they show themselves. */
  readonly train: Dataset;
  /** Rows to choose by, standardised as the training rows; null where none were set aside. */
  readonly validation: Part | null;
  /** Rows to measure on at the end, never trained on or chosen by: as they came. */
  readonly test: Part;
  readonly standardisation: Standardisation;
  readonly description: string;
  /** Of the file, before it was parted; null for built-in rows. */
  readonly fingerprint: Fingerprint | null;
  /** What looks wrong about the rows, in words. */
  readonly warnings: readonly string[];
}

/** Whether rows have classes. */
export const isLabelled = ({ labels }: Dataset): boolean => labels.some((label) => label >= 0);

/**
 * What is standardised by numbers of its own. Pixels share theirs: one that is all but constant would drown the others. The built-in
 * strips have no such.
 */
function perOf(path: string | undefined, { conv, model }: Settings, data: Dataset): 'channel' | 'feature' {
  const isStrip = path === undefined && conv === undefined && model === undefined;
  return rowShape(data).length === 3 && !isStrip ? 'channel' : 'feature';
}

/** The rows that the command line asks for. */
export async function loadRows(path: string | undefined, settings: Settings): Promise<Rows> {
  const { train: all, tested, description, fingerprint, leftOut, warnings } = await load(path, settings);
  const { validation } = settings;
  const generator = new Generator(settings.seed);
  const [train, chosen] =
    validation === undefined ? [all, null] : two(splitDataset(all, { train: 1 - validation, validation, generator }));
  const standardisation = fitStandardisation(train, { per: perOf(path, settings, train) });
  // What is a part of all is a copy of it, and needs no other.
  const ready = standardise(train, standardisation, { inPlace: train !== all });
  const test = partOf(all, tested);
  const rows =
    chosen === null ? `${train.count} rows to train` : `${train.count} rows to train, ${chosen.count} to choose by`;
  const missing = leftOut > 0 ? `; ${leftOut} ${leftOut === 1 ? 'row' : 'rows'} with missing cells left out` : '';
  return {
    train: ready,
    validation: chosen === null ? null : partOf(ready, standardise(chosen, standardisation, { inPlace: true })),
    test,
    standardisation,
    description: `${description}: ${rows}, ${test.probes.count} to test, ${train.size} features${classesOf(all)}${missing}`,
    fingerprint,
    warnings,
  };
}

const two = ({ train, validation }: { train: Dataset; validation: Dataset }): [Dataset, Dataset] => [train, validation];

const classesOf = (data: Dataset): string => (isLabelled(data) ? `, ${data.classes.length} classes` : ', no classes');

interface Loaded {
  readonly train: Dataset;
  readonly tested: Dataset;
  readonly description: string;
  readonly fingerprint: Fingerprint | null;
  /** How many rows were left out. */
  readonly leftOut: number;
  readonly warnings: readonly string[];
}

/** The test images of MNIST and its like, beside the training images in a folder; undefined where there are none. */
async function testBeside(path: string): Promise<string | undefined> {
  const names = await readdir(path).catch(() => []);
  const name = names.find((name) => /^t10k-images[-.]idx3-ubyte(\.gz)?$/.test(name));
  return name === undefined ? undefined : join(path, name);
}

async function load(path: string | undefined, settings: Settings): Promise<Loaded> {
  const { seed } = settings;
  const test = settings.test ?? (path === undefined ? undefined : await testBeside(path));
  if (path === undefined) {
    const strips = (subjects: number, firstSubject: number): Dataset => {
      const data = irisTextures({ subjects, imagesPerSubject: 8, firstSubject, seed });
      // Numbered through, so that no subject is taken for another.
      const labels = data.labels.map((label) => label + firstSubject);
      return { ...data, labels, groups: labels, ...(settings.image && { shape: irisShape(settings.image) }) };
    };
    const [train, tested] = [strips(150, 0), strips(60, 150)];
    const classes = [...train.classes, ...tested.classes];
    return {
      train: { ...train, classes },
      tested: { ...tested, classes },
      description: 'synthetic iris strips of 150 subjects to train and 60 others to test',
      fingerprint: null,
      leftOut: 0,
      warnings: [],
    };
  }
  const all = await loadLabelled(path, settings);
  const fingerprint = fingerprintOf(all);
  const warnings = doubtsOf(path, all);
  const leftOut = all.leftOut ?? 0;
  if (test !== undefined) {
    const { labels: _, testLabels, ...rest } = settings;
    const tested = await loadLabelled(test, { ...rest, ...(testLabels !== undefined && { labels: testLabels }) });
    if (tested.size !== all.size) {
      throw new DataError(test, `has ${tested.size} features, but ${path} has ${all.size}`);
    }
    if (await isSameFile(test, path)) {
      warnings.push(`--test ${test} is the file that is trained on: its figures say nothing of new rows`);
    }
    const both = { leftOut: leftOut + (tested.leftOut ?? 0), fingerprint, warnings, description: path };
    return { ...named(all, tested, path, test), ...both };
  }
  const split = splitDataset(all, { train: 1 - TEST_SHARE, test: TEST_SHARE, generator: new Generator(seed) });
  return { train: split.train, tested: split.test, description: path, fingerprint, leftOut, warnings };
}

/** Whether two paths lead to one file. */
export async function isSameFile(a: string, b: string): Promise<boolean> {
  return (await realpath(a)) === (await realpath(b));
}

/** What looks wrong about the rows of a file. */
function doubtsOf(path: string, { count, labels, classes, labelName }: Dataset): string[] {
  const rows = new Int32Array(classes.length);
  for (const label of labels) if (label >= 0) rows[label]!++;
  const single = rows.filter((many) => many === 1).length;
  if (2 * single <= classes.length || classes.length === 0) return [];
  const column = labelName === undefined ? 'is that column' : `is column ${JSON.stringify(labelName)}`;
  return [
    `${path}: ${classes.length} classes in ${count} rows, ${single} of them with one row only: ${column} the label? choose it with --label`,
  ];
}

function irisShape(image: readonly number[]): readonly number[] {
  const size = IRIS_RINGS * IRIS_ANGLES;
  if (image.reduce((product, length) => product * length, 1) === size) return image;
  throw new ArgumentError(
    '--image',
    `must have ${size} pixels, got ${image.join('x')}`,
    `the strips are 1x${IRIS_RINGS}x${IRIS_ANGLES}`,
  );
}

/** The settings that say how a file is read. */
export type SourceSettings = Pick<Settings, 'label' | 'labels' | 'group' | 'drop' | 'missing' | 'image'>;

/** The rows of a file, as the settings read it. */
export async function loadLabelled(path: string, settings: SourceSettings): Promise<Dataset> {
  const { label, labels, group, drop, missing, image } = settings;
  const options: LoadOptions = {
    ...(label !== undefined && { label: label === 'none' ? null : columnOf(label) }),
    ...(group !== undefined && { group: columnOf(group) }),
    ...(drop !== undefined && { drop: columnsOf(drop) }),
    ...(missing !== undefined && { missing }),
    ...(labels !== undefined && { labels }),
    // Image files are brought to this size; the numbers of all others must be as many.
    ...(image && { shape: image, ...pictureSize(image) }),
  };
  try {
    return await loadDataset(path, options);
  } catch (error) {
    throw error instanceof CellsError ? inFlags(error) : error;
  }
}

/** The same error, with what can be done in the words of the command line. */
function inFlags({ op, problem, remedies }: CellsError): DataError {
  const { drop, missing, label, others } = remedies;
  const hints = [
    ...(drop.length > 0 ? [`leave ${drop.length === 1 ? 'it' : 'them'} out with --drop ${word(drop.join(','))}`] : []),
    ...(drop.length > 0 && label ? ['or choose the label with --label'] : []),
    ...(missing ? ['leave out rows with missing cells with --missing drop'] : []),
    ...others,
  ];
  return new DataError(op, problem, hints.join('; ') || undefined);
}

/** A word as a shell takes it. */
function word(text: string): string {
  if (/^[\w.,-]+$/.test(text)) return text;
  return /["$`\\!]/.test(text) ? `'${text.replaceAll("'", "'\\''")}'` : `"${text}"`;
}

function pictureSize(image: readonly number[]): Pick<LoadOptions, 'size' | 'channels'> {
  const [channels, height, width] = image as [number, number, number];
  return { size: [height, width], channels: channels as 1 | 3 };
}

/** Both data sets with one list of classes. */
function named(train: Dataset, tested: Dataset, path: string, test: string): { train: Dataset; tested: Dataset } {
  if (!isLabelled(train) || !isLabelled(tested)) return { train, tested };
  const known = new Map(train.classes.map((name, index) => [name, index]));
  const strange = tested.classes.filter((name) => !known.has(name));
  if (strange.length > 0 && strange.length < tested.classes.length) {
    const list = strange.slice(0, 5).map((name) => JSON.stringify(name));
    throw new DataError(
      test,
      `has classes that ${path} lacks: ${list.join(', ')}`,
      'pass known classes only, or new ones only',
    );
  }
  for (const name of strange) known.set(name, known.size);
  const numbers = tested.classes.map((name) => known.get(name)!);
  const classes = [...known.keys()];
  return {
    train: { ...train, classes },
    tested: { ...tested, classes, labels: tested.labels.map((label) => (label < 0 ? label : numbers[label]!)) },
  };
}

/**
 * Rows to measure on out of another file than the run's own.
 *
 * @param trained - The rows of the run; null where they are gone.
 * @throws `DataError` when some classes are known and others are not.
 */
export function measuredOn(trained: Dataset | null, tested: Dataset, path: string, test: string): Part {
  if (trained === null) return halvesOf(tested);
  const both = named(trained, tested, path, test);
  return partOf(both.train, both.tested);
}

/**
 * Rows to measure on, with those to look for neighbours among: the rows that were trained on, where they are of the same classes;
 * else every second row of each class itself.
 */
export function partOf(train: Dataset, tested: Dataset): Part {
  const known = new Set(train.labels);
  if (!isLabelled(tested) || tested.labels.some((label) => known.has(label))) return { gallery: train, probes: tested };
  return halvesOf(tested);
}

/** Every second row of each class, and all others. */
function halvesOf(tested: Dataset): Part {
  const seen = new Map<number, number>();
  const halves: [number[], number[]] = [[], []];
  tested.labels.forEach((label, row) => {
    const place = seen.get(label) ?? 0;
    seen.set(label, place + 1);
    halves[place % 2 === 0 ? 0 : 1].push(row);
  });
  return { gallery: subset(tested, halves[0]), probes: subset(tested, halves[1]) };
}
