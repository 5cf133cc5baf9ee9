/** @file Where training and test rows come from. */
import {
  type Dataset,
  fitStandardisation,
  gatherRows,
  irisTextures,
  loadTable,
  type Standardisation,
  standardise,
} from '../data/index.js';
import { DataError, Generator } from '../index.js';
import type { Settings } from './settings.js';

/** The rows of a run, standardised by what the training rows show. */
export interface Rows {
  readonly train: Dataset;
  /** Rows to measure on, never trained on. */
  readonly test: Dataset;
  /** Labelled rows among which each test row looks for its neighbours. */
  readonly gallery: Dataset;
  /** Test and gallery rows as they came. */
  readonly raw: { readonly test: Dataset; readonly gallery: Dataset };
  readonly standardisation: Standardisation;
  readonly description: string;
}

function subset(data: Dataset, rows: readonly number[]): Dataset {
  const labels = Int32Array.from(rows, (row) => data.labels[row]!);
  return { ...data, features: gatherRows(data, rows), count: rows.length, labels };
}

/** Every row whose place within its class is, modulo `every`, the last; and all others. */
function split(data: Dataset, every: number, order: readonly number[]): [Dataset, Dataset] {
  const seen = new Map<number, number>();
  const parts: [number[], number[]] = [[], []];
  for (const row of order) {
    const place = seen.get(data.labels[row]!) ?? 0;
    seen.set(data.labels[row]!, place + 1);
    parts[place % every === every - 1 ? 1 : 0].push(row);
  }
  return [subset(data, parts[0]), subset(data, parts[1])];
}

/** The rows that the command line asks for. */
export async function loadRows(path: string | undefined, { test, label, seed }: Settings): Promise<Rows> {
  const ready = (train: Dataset, gallery: Dataset, tested: Dataset, description: string): Rows => {
    const standardisation = fitStandardisation(train);
    const apply = (data: Dataset): Dataset => standardise(data, standardisation);
    return {
      train: apply(train),
      gallery: apply(gallery),
      test: apply(tested),
      raw: { gallery, test: tested },
      standardisation,
      description,
    };
  };
  if (path === undefined) {
    const train = irisTextures({ subjects: 150, imagesPerSubject: 8, seed });
    const unseen = irisTextures({ subjects: 60, imagesPerSubject: 8, firstSubject: 150, seed });
    const [gallery, probes] = split(unseen, 2, [...unseen.labels.keys()]);
    return ready(
      train,
      gallery,
      probes,
      'synthetic iris strips: 150 subjects to train, 60 others to test, 8 images each',
    );
  }
  const options = label === undefined ? {} : { label: /^-?\d+$/.test(label) ? Number(label) : label };
  const all = await loadTable(path, options);
  if (test !== undefined) {
    const tested = await loadTable(test, { ...options, classes: all.classes });
    if (tested.size !== all.size) {
      throw new DataError(test, `has ${tested.size} features, but ${path} has ${all.size}`);
    }
    return ready(all, all, tested, `${path}: ${all.count} rows of ${all.size} features, ${all.classes.length} classes`);
  }
  const [train, held] = split(all, 5, new Generator(seed).permutation(all.count));
  if (held.count === 0) throw new DataError(path, 'needs five rows of a class to hold one out', 'or pass --test');
  return ready(
    train,
    train,
    held,
    `${path}: ${train.count} rows to train, ${held.count} held out, ${all.classes.length} classes`,
  );
}
