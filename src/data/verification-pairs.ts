/** @file Draws the pairs that a verification is measured on, by a seeded generator: the same pairs on every run. */
import { wrong } from '../checks.js';
import type { Generator } from '../random.js';
import { type RowPairs, rowsByClass, samplingOptions, twoOf } from './samplers.js';

/** Options of {@link verificationPairs}. */
export interface VerificationOptions {
  /** How many pairs of two rows of one class. */
  readonly genuine: number;
  /** How many pairs of rows of two classes. */
  readonly impostors: number;
  /** Where randomness comes from. */
  readonly generator: Generator;
}

/**
 * Random pairs to measure verification on: first the genuine ones, then the impostors. Every pair of its kind is as likely as the
 * next, and none is drawn twice, in either order. For training see {@link balancedPairs}.
 *
 * @param labels - The class of each row; rows without one (label -1) are left out.
 * @throws `ArgumentError` unless both counts are whole numbers from 1 to how many such pairs there are.
 *
 * @example
 * ```ts
 * import { Generator } from 'contragrad';
 * import { verificationPairs } from 'contragrad/data';
 *
 * const labels = Int32Array.of(0, 0, 1, 1);
 * const generator = new Generator(0);
 * const options = { genuine: 2, impostors: 3, generator };
 * const { same } = verificationPairs(labels, options);
 * console.log(same); // [ 1, 1, 0, 0, 0 ]
 * ```
 */
export function verificationPairs(labels: Int32Array, options: VerificationOptions): RowPairs {
  const defaults = { genuine: Number.NaN, impostors: Number.NaN, generator: undefined };
  const { genuine, impostors, generator } = samplingOptions('verificationPairs', labels, options, defaults);
  const classes = [...rowsByClass(labels).values()];
  const rows = classes.flat();
  const inside = classes.map(({ length }) => (length * (length - 1)) / 2);
  const within = inside.reduce((sum, count) => sum + count, 0);
  checkPairs('genuine', genuine, within);
  checkPairs('impostors', impostors, (rows.length * (rows.length - 1)) / 2 - within);
  const drawGenuine = (): readonly [number, number] => {
    // A class is as likely as it has many pairs.
    let left = generator.uniform() * within;
    const own = inside.findIndex((count) => {
      left -= count;
      return left < 0;
    });
    return twoOf(classes[own]!, generator);
  };
  const drawImpostor = (): readonly [number, number] => {
    for (;;) {
      const [p, q] = twoOf(rows, generator);
      if (labels[p] !== labels[q]) return [p, q];
    }
  };
  const pairs = [...distinct(genuine, labels.length, drawGenuine), ...distinct(impostors, labels.length, drawImpostor)];
  return {
    a: pairs.map(([a]) => a),
    b: pairs.map(([, b]) => b),
    same: pairs.map((_, i) => (i < genuine ? 1 : 0)),
  };
}

/** Draws until there are as many pairs, leaving out those that came before. */
function distinct(count: number, total: number, draw: () => readonly [number, number]): (readonly [number, number])[] {
  const drawn = new Map<number, readonly [number, number]>();
  while (drawn.size < count) {
    const [a, b] = draw();
    drawn.set(Math.min(a, b) * total + Math.max(a, b), [a, b]);
  }
  return [...drawn.values()];
}

function checkPairs(name: string, count: number, available: number): void {
  if (!Number.isInteger(count) || count < 1 || count > available) {
    throw wrong(
      'verificationPairs',
      `${name}`,
      `a whole number from 1 to the ${available} such pairs that there are`,
      count,
    );
  }
}
