/**
 * @file Chooses the rows of each training batch, from labels alone.
 */
import { ArgumentError } from '../errors.js';
import type { Generator } from '../random.js';

function rowsByClass(labels: Int32Array): Map<number, number[]> {
  const rows = new Map<number, number[]>();
  labels.forEach((label, row) => {
    const list = rows.get(label);
    if (list === undefined) rows.set(label, [row]);
    else list.push(row);
  });
  return rows;
}

function shuffled<T>(list: readonly T[], generator: Generator): T[] {
  return generator.permutation(list.length).map((index) => list[index]!);
}

/** Options of {@link classBatch}. */
export interface ClassBatchOptions {
  /** P: how many classes a batch has; all where there are fewer. */
  readonly classes: number;
  /** K: how many rows of each class; all where a class has fewer. */
  readonly perClass: number;
  /** Where randomness comes from. */
  readonly generator: Generator;
}

/**
 * One batch of P random classes with K random rows of each, no row twice.
 *
 * Only classes with two rows and more can give a pair: the others are left out.
 *
 * @throws `ArgumentError` when fewer than two classes have two rows.
 */
export function classBatch(labels: Int32Array, { classes, perClass, generator }: ClassBatchOptions): number[] {
  const usable = [...rowsByClass(labels).values()].filter((rows) => rows.length > 1);
  if (usable.length < 2) {
    throw new ArgumentError('classBatch', `needs two classes of two rows and more, got ${usable.length}`);
  }
  return shuffled(usable, generator)
    .slice(0, classes)
    .flatMap((rows) => shuffled(rows, generator).slice(0, perClass));
}

/** Two lists of rows of one length: the pairs. */
export interface RowPairs {
  /** The first row of each pair. */
  readonly a: number[];
  /** The second row of each pair. */
  readonly b: number[];
  /** 1 where a pair is of one class, else 0. */
  readonly same: number[];
}

/** Options of {@link balancedPairs}. */
export interface PairOptions {
  /** How many pairs. */
  readonly count: number;
  /** Where randomness comes from. */
  readonly generator: Generator;
}

/**
 * Random pairs of rows, every second one of the same class; a row is never paired with itself.
 *
 * @throws `ArgumentError` when no class has two rows, or there is only one class.
 */
export function balancedPairs(labels: Int32Array, { count, generator }: PairOptions): RowPairs {
  const groups = [...rowsByClass(labels).values()];
  const usable = groups.filter((rows) => rows.length > 1);
  if (usable.length === 0 || groups.length < 2) {
    throw new ArgumentError(
      'balancedPairs',
      `needs two classes, one of two rows and more, got ${groups.length} classes`,
    );
  }
  const pick = <T>(list: readonly T[]): T => list[generator.integer(list.length)]!;
  const pairs: RowPairs = { a: [], b: [], same: [] };
  for (let i = 0; i < count; i++) {
    const same = i % 2 === 0;
    const own = pick(same ? usable : groups);
    const a = pick(own);
    const candidates = same ? own.filter((row) => row !== a) : pick(groups.filter((rows) => rows !== own));
    pairs.a.push(a);
    pairs.b.push(pick(candidates));
    pairs.same.push(same ? 1 : 0);
  }
  return pairs;
}

/**
 * Features with independent normal noise added: a second view of the same rows.
 *
 * @param standardDeviation - In the features' units.
 */
export function addNoise(features: Float32Array, standardDeviation: number, generator: Generator): Float32Array {
  return features.map((value) => value + standardDeviation * generator.normal());
}
