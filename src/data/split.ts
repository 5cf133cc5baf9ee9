/**
 * @file Parts a data set into training, validation and test rows.
 */
import { checkChoice, describe, readOptions } from '../checks.js';
import { ArgumentError } from '../errors.js';
import { Generator } from '../random.js';
import { checkDataset } from './arguments.js';
import { type Dataset, subset } from './dataset.js';

/** Options of {@link splitRows} and {@link splitDataset}. */
export interface SplitOptions {
  /** The share of rows to train on. Default 0.8 where no share is given, else 0. */
  readonly train?: number;
  /** The share of rows to choose settings on. Default 0.1 where no share is given, else 0. */
  readonly validation?: number;
  /** The share of rows to measure on at the end. Default 0.1 where no share is given, else 0. */
  readonly test?: number;
  /**
   * What is kept: `'class'` gives each part about the same share of every class; `'group'` gives every group, a subject
   * for example, whole to one part; `'row'` draws rows alone. Default `'group'` where the data has groups, else
   * `'class'`.
   */
  readonly by?: 'class' | 'group' | 'row';
  /** Where randomness comes from. Default a generator of seed 0. */
  readonly generator?: Generator;
}

/** The rows of each part, in rising order. */
export interface SplitRows {
  /** The rows to train on. */
  readonly train: number[];
  /** The rows to choose settings on; none where its share is 0. */
  readonly validation: number[];
  /** The rows to measure on; none where its share is 0. */
  readonly test: number[];
}

/** A data set in parts. */
export interface Split {
  /** The rows to train on. */
  readonly train: Dataset;
  /** The rows to choose settings on; none where its share is 0. */
  readonly validation: Dataset;
  /** The rows to measure on; none where its share is 0. */
  readonly test: Dataset;
}

const PARTS = ['train', 'validation', 'test'] as const;

/**
 * The rows of a training, a validation and a test part: no row is in two of them, every row is in one.
 *
 * Rows (or groups) are shuffled and given out one after another, each to the part that lacks most of its share so far,
 * so that every part keeps close to its share all the way, within each class too.
 *
 * @throws `ArgumentError` when the shares do not sum to 1, a part with a share would be empty, or there are no groups
 *   to split by.
 *
 * @example
 * ```ts
 * import { irisTextures, splitRows } from 'contragrad/data';
 *
 * const images = irisTextures({ subjects: 10, imagesPerSubject: 3 });
 * const { train, validation, test } = splitRows(images);
 * console.log(train.length, validation.length, test.length); // 24 3 3
 * ```
 */
export function splitRows(data: Dataset, options?: SplitOptions): SplitRows {
  checkDataset('splitDataset', data);
  const { by, generator, ...parts } = readOptions('splitDataset', options, {
    train: undefined,
    validation: undefined,
    test: undefined,
    by: data.groups === undefined ? 'class' : 'group',
    generator: new Generator(0),
  });
  checkChoice('splitDataset', 'by', by, ['class', 'group', 'row']);
  Generator.check('splitDataset', generator);
  const shares = sharesOf(parts);
  const taken = shares.map(() => 0);
  const dealt: number[][] = shares.map(() => []);
  let total = 0;
  for (const rows of unitsOf(data, by, generator)) {
    total += rows.length;
    let [best, lack] = [0, Number.NEGATIVE_INFINITY];
    shares.forEach((share, part) => {
      const missing = share === 0 ? Number.NEGATIVE_INFINITY : share * total - taken[part]!;
      if (missing > lack + 1e-9) [best, lack] = [part, missing];
    });
    taken[best]! += rows.length;
    for (const row of rows) dealt[best]!.push(row);
  }
  PARTS.forEach((part, at) => {
    if (shares[at]! > 0 && taken[at] === 0) {
      throw new ArgumentError(
        'splitDataset',
        `the ${part} part would be empty: ${shares[at]} of ${data.count} rows by ${by}`,
        `give it a larger share, or pass more ${by === 'group' ? 'groups' : 'rows'}`,
      );
    }
  });
  const [train, validation, test] = dealt.map((rows) => rows.sort((a, b) => a - b)) as [number[], number[], number[]];
  return { train, validation, test };
}

/** The share of each part, those that are not given filled in. */
function sharesOf(parts: Readonly<Record<(typeof PARTS)[number], number | undefined>>): number[] {
  const isGiven = PARTS.some((part) => parts[part] !== undefined);
  const shares = PARTS.map((part, at) => parts[part] ?? (isGiven ? 0 : [0.8, 0.1, 0.1][at]!));
  const isShare = (share: unknown): boolean => typeof share === 'number' && share >= 0 && share <= 1;
  if (shares.every(isShare) && Math.abs(shares.reduce((total, share) => total + share, 0) - 1) <= 1e-9) return shares;
  const got = shares.map(describe).join(', ');
  const problem = `train, validation and test must be shares from 0 to 1 that sum to 1, got ${got}`;
  throw new ArgumentError('splitDataset', problem);
}

/**
 * The parts of {@link splitRows} as data sets of their own.
 *
 * @throws `ArgumentError` as {@link splitRows}.
 */
export function splitDataset(data: Dataset, options?: SplitOptions): Split {
  const { train, validation, test } = splitRows(data, options);
  return { train: subset(data, train), validation: subset(data, validation), test: subset(data, test) };
}

/** What is given out whole, in the order in which it is given out. */
function unitsOf(data: Dataset, by: 'class' | 'group' | 'row', generator: Generator): number[][] {
  if (by === 'row') return generator.permutation(data.count).map((row) => [row]);
  if (by === 'class') {
    return [...collect(data.labels).values()].flatMap((rows) =>
      generator.permutation(rows.length).map((at) => [rows[at]!]),
    );
  }
  if (data.groups === undefined) {
    throw new ArgumentError('splitDataset', 'needs groups to split by group, the data has none', "pass by: 'class'");
  }
  const groups = [...collect(data.groups).values()];
  return generator.permutation(groups.length).map((at) => groups[at]!);
}

function collect(keys: Int32Array): Map<number, number[]> {
  const rows = new Map<number, number[]>();
  keys.forEach((key, row) => {
    const list = rows.get(key);
    if (list === undefined) rows.set(key, [row]);
    else list.push(row);
  });
  return rows;
}
