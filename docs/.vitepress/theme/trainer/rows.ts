/** @file The rows to train on: the built-in sets, or a table; in two parts, standardised by the first one. */
import { CellsError } from '../../../../src/data/cells.js';
import {
  type Dataset,
  fitStandardisation,
  irisTextures,
  loadTable,
  type Standardisation,
  splitRows,
  standardise,
} from '../../../../src/data/index.js';
import { DataError, Generator } from '../../../../src/index.js';

/** Where rows come from. */
export type Origin =
  | { readonly kind: 'iris' }
  | { readonly kind: 'spirals' }
  | { readonly kind: 'table'; readonly file: Blob; readonly label: string | number };

/** No table has more bytes, rows or features than this: the page is for tiny encoders, the command for more. */
export const MOST_BYTES: number = 2 ** 24;
const MOST_ROWS = 4000;
const MOST_FEATURES = 1024;

/** The share of rows that is held out. */
const HELD_OUT = 0.25;

/** Rows in two parts. */
export interface Rows {
  /** What it is called. */
  readonly name: string;
  /** All rows, standardised: those to train on first, then those held out. */
  readonly data: Dataset;
  /** How many rows are trained on. */
  readonly trained: number;
  /** Which row of those that were kept each one is, in the order of the source. */
  readonly order: Int32Array;
  /** What of the source was left out, in words; empty where nothing was. */
  readonly leftOut: string;
  /** How rows were standardised. */
  readonly standardisation: Standardisation;
}

/**
 * Reads rows, and holds every fourth of each class out. Columns of text, but for the label, and rows with missing cells are
 * left out.
 *
 * @throws `DataError` when a table cannot be read, is too large, or no class has enough rows.
 */
export async function rowsOf(origin: Origin): Promise<Rows> {
  if (origin.kind === 'iris')
    return parted('synthetic iris strips', irisTextures({ subjects: 8, imagesPerSubject: 40 }));
  if (origin.kind === 'spirals') return parted('three spirals in noise', spirals());
  const name = (origin.file as Partial<File>).name ?? 'the table';
  const { data, leftOut } = await readTable(origin.file, origin.label);
  const most = `this page takes at most ${MOST_ROWS} rows of ${MOST_FEATURES} features; the command takes more`;
  if (data.count > MOST_ROWS) throw new DataError(name, `has ${data.count} rows`, most);
  if (data.size > MOST_FEATURES) throw new DataError(name, `has ${data.size} features`, most);
  return parted(name, data, leftOut);
}

/** The rows of a table, without columns of text and rows with missing cells, and what was left out, in words. */
export async function readTable(
  file: Blob,
  label: string | number,
): Promise<{ readonly data: Dataset; readonly leftOut: string }> {
  const options = { label, maxBytes: MOST_BYTES };
  try {
    return { data: await loadTable(file, options), leftOut: '' };
  } catch (error) {
    if (!(error instanceof CellsError) || (error.remedies.drop.length === 0 && !error.remedies.missing)) throw error;
    const { drop } = error.remedies;
    const data = await loadTable(file, { ...options, drop, missing: 'drop' });
    const columns = drop.length === 0 ? [] : [`the columns of text ${drop.join(', ')}`];
    const rows = data.leftOut ? [`${data.leftOut} ${data.leftOut === 1 ? 'row' : 'rows'} with missing cells`] : [];
    return { data, leftOut: [...columns, ...rows].join(', and ') };
  }
}

function parted(name: string, data: Dataset, leftOut = ''): Rows {
  checkClasses(name, data);
  const { train, test } = splitRows(data, { train: 1 - HELD_OUT, test: HELD_OUT, by: 'class' });
  checkClasses(name, data, train);
  const seen = train.length;
  const order = Int32Array.from([...train, ...test]);
  const standardisation = fitStandardisation(taken(data, order.subarray(0, seen)));
  return {
    name,
    data: standardise(taken(data, order), standardisation),
    trained: seen,
    order,
    leftOut,
    standardisation,
  };
}

function taken({ features, size, labels, ...data }: Dataset, rows: Int32Array): Dataset {
  const chosen = new Float32Array(rows.length * size);
  rows.forEach((row, i) => {
    chosen.set(features.subarray(row * size, (row + 1) * size), i * size);
  });
  return { ...data, size, count: rows.length, features: chosen, labels: rows.map((row) => labels[row]!) };
}

/** Two classes with two rows to train on are the least that has a pair of either kind. */
function checkClasses(name: string, { labels, classes, count }: Dataset, rows?: readonly number[]): void {
  const counts = new Int32Array(classes.length);
  for (let i = 0; i < (rows?.length ?? count); i++) counts[labels[rows?.[i] ?? i]!]!++;
  const usable = counts.filter((many) => many >= 2).length;
  if (usable >= 2) return;
  const part = rows === undefined ? '' : ' to train on';
  throw new DataError(
    name,
    `needs two classes with two rows and more${part}, got ${usable} of ${classes.length} classes in ${rows?.length ?? count} rows`,
    'is the label in another column?',
  );
}

const ARMS = ['first arm', 'second arm', 'third arm'];
const PER_ARM = 200;
const NOISE = 4;

/** Three arms of a spiral in the plane, and features that say nothing: an encoder must find the plane, and bend it. */
function spirals(): Dataset {
  const generator = new Generator(0);
  const [count, size] = [ARMS.length * PER_ARM, 2 + NOISE];
  const features = new Float32Array(count * size);
  const labels = Int32Array.from({ length: count }, (_, i) => Math.floor(i / PER_ARM));
  labels.forEach((arm, i) => {
    const along = (i % PER_ARM) / PER_ARM;
    const radius = 0.2 + 0.8 * along;
    const angle = 2 * Math.PI * (arm / ARMS.length + 0.6 * along) + 0.08 * generator.normal();
    const noise = Array.from({ length: NOISE }, () => generator.normal());
    features.set([radius * Math.cos(angle), radius * Math.sin(angle), ...noise], i * size);
  });
  const featureNames = ['x', 'y', ...Array.from({ length: NOISE }, (_, t) => `noise ${t + 1}`)];
  return { features, count, size, labels, classes: ARMS, featureNames };
}
