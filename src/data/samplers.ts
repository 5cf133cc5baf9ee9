/**
 * @file Chooses the rows of each training batch, from labels alone. Rows without a class (label -1) are left out.
 */
import { checkObject, checkRange, checkWhole, describe, isWhole, type Read, readOptions, wrong } from '../checks.js';
import { ArgumentError } from '../errors.js';
import { Generator, type GeneratorState } from '../random.js';
import { checkLabels } from './arguments.js';

/** A list of more rows or pairs than this is none that anyone wants. */
const MOST = 2 ** 26;

/** Throws an {@link ArgumentError} unless a value is a whole number from 1 to {@link MOST}. */
function checkCount(op: string, name: string, value: number): void {
  checkWhole(op, name, value);
  if (value > MOST) throw new ArgumentError(op, `${name} must be at most ${MOST}, got ${value}`);
}

/** What a sampler is handed, checked: labels, and options with a generator among them. */
export function samplingOptions<
  Options extends { readonly generator: Generator },
  const Defaults extends { readonly [Name in keyof Options]-?: Options[Name] | undefined },
>(op: string, labels: Int32Array, options: Options, defaults: Defaults): Read<Options, Defaults> & Options {
  checkLabels(op, labels);
  const read = readOptions<Options, Defaults>(op, options, defaults);
  Generator.check(op, read.generator);
  return read as Read<Options, Defaults> & Options;
}

/** The rows of each class, those without one (label -1) left out. */
export function rowsByClass(labels: Int32Array): Map<number, number[]> {
  const rows = new Map<number, number[]>();
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row]!;
    if (label < 0) continue;
    const list = rows.get(label);
    if (list === undefined) rows.set(label, [row]);
    else list.push(row);
  }
  return rows;
}

function shuffled<T>(list: readonly T[], generator: Generator): T[] {
  return generator.permutation(list.length).map((index) => list[index]!);
}

/** From how many rows on a few of them are drawn one by one: shuffling all would take longer than the step. */
const LONG = 1000;

/** Some random rows of a list, none twice; all of them where there are fewer. */
function sample(rows: readonly number[], count: number, generator: Generator): number[] {
  if (rows.length < LONG || count > rows.length / 2) return shuffled(rows, generator).slice(0, count);
  const drawn = new Set<number>();
  while (drawn.size < count) drawn.add(rows[generator.integer(rows.length)]!);
  return [...drawn];
}

/** Two random places of a list, never the same. */
export function twoOf(rows: readonly number[], generator: Generator): [number, number] {
  const first = generator.integer(rows.length);
  const second = generator.integer(rows.length - 1);
  return [rows[first]!, rows[second < first ? second : second + 1]!];
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
 * @throws `ArgumentError` when fewer than two classes have two rows, or a number is not whole, 1 or more.
 */
export function classBatch(labels: Int32Array, options: ClassBatchOptions): number[] {
  const defaults = { classes: Number.NaN, perClass: Number.NaN, generator: undefined };
  const { classes, perClass, generator } = samplingOptions('classBatch', labels, options, defaults);
  checkWhole('classBatch', 'classes', classes);
  checkWhole('classBatch', 'perClass', perClass);
  const usable = [...rowsByClass(labels).values()].filter((rows) => rows.length > 1);
  if (usable.length < 2) {
    throw new ArgumentError('classBatch', `needs two classes of two rows and more, got ${usable.length}`);
  }
  return shuffled(usable, generator)
    .slice(0, classes)
    .flatMap((rows) => sample(rows, perClass, generator));
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

const PAIR_OPTIONS = { count: Number.NaN, generator: undefined };

/**
 * Random pairs of rows, every second one of the same class; a row is never paired with itself.
 *
 * @throws `ArgumentError` when no class has two rows, there is only one class, or the count is not whole, 1 or more.
 */
export function balancedPairs(labels: Int32Array, options: PairOptions): RowPairs {
  const { count, generator } = samplingOptions('balancedPairs', labels, options, PAIR_OPTIONS);
  checkCount('balancedPairs', 'count', count);
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
    const [a, b] = same ? twoOf(own, generator) : [pick(own), pick(pick(groups.filter((rows) => rows !== own)))];
    pairs.a.push(a);
    pairs.b.push(b);
    pairs.same.push(same ? 1 : 0);
  }
  return pairs;
}

/** Three lists of rows of one length: the triplets. */
export interface RowTriplets {
  /** The row that the others are measured from. */
  readonly anchor: number[];
  /** Another row of the anchor's class. */
  readonly positive: number[];
  /** A row of another class. */
  readonly negative: number[];
}

/**
 * Random triplets of rows: the anchor's class is drawn first, then two different rows of it, then a row of another
 * class, each class as likely as the next.
 *
 * @throws `ArgumentError` when no class has two rows, there is only one class, or the count is not whole, 1 or more.
 *
 * @example
 * ```ts
 * import { Generator } from 'contragrad';
 * import { tripletRows } from 'contragrad/data';
 *
 * const options = { count: 2, generator: new Generator(0) };
 * const { negative } = tripletRows(Int32Array.of(0, 0, 1), options);
 * console.log(negative); // [ 2, 2 ]
 * ```
 */
export function tripletRows(labels: Int32Array, options: PairOptions): RowTriplets {
  const { count, generator } = samplingOptions('tripletRows', labels, options, PAIR_OPTIONS);
  checkCount('tripletRows', 'count', count);
  const groups = [...rowsByClass(labels).values()];
  const usable = groups.filter((rows) => rows.length > 1);
  if (usable.length === 0 || groups.length < 2) {
    throw new ArgumentError('tripletRows', `needs two classes, one of two rows and more, got ${groups.length} classes`);
  }
  const triplets: RowTriplets = { anchor: [], positive: [], negative: [] };
  for (let i = 0; i < count; i++) {
    const own = usable[generator.integer(usable.length)]!;
    const [anchor, positive] = twoOf(own, generator);
    const others = groups.filter((rows) => rows !== own);
    const other = others[generator.integer(others.length)]!;
    triplets.anchor.push(anchor);
    triplets.positive.push(positive);
    triplets.negative.push(other[generator.integer(other.length)]!);
  }
  return triplets;
}

/** Options of {@link EpochSampler}. */
export interface EpochOptions {
  /** How many rows a batch has. */
  readonly batch: number;
  /** Where randomness comes from; its state is changed at the start of each epoch only. */
  readonly generator: Generator;
  /** Whether to leave out what is left of an epoch when it fills no batch. Default true. */
  readonly dropLast?: boolean;
}

/** Where an {@link EpochSampler} stands: plain numbers, fit for JSON. */
export interface EpochState {
  /** How many epochs have begun; 0 before the first batch. */
  readonly epoch: number;
  /** How many rows of this one have been given. */
  readonly position: number;
  /** The generator as it was before this epoch's shuffle. */
  readonly shuffle: GeneratorState;
}

/**
 * Shuffled rows, batch by batch, epoch after epoch, without end: in one epoch no row comes twice.
 *
 * Its `state` can be saved, and assigned to a new sampler of the same rows, which then goes on with the same batches. The
 * generator is not part of it: save and restore its state too.
 *
 * @example
 * ```ts
 * import { Generator } from 'contragrad';
 * import { EpochSampler } from 'contragrad/data';
 *
 * const options = { batch: 2, generator: new Generator(0) };
 * const sampler = new EpochSampler(4, options);
 * const rows = [...sampler.next(), ...sampler.next()];
 * console.log(rows.sort()); // [ 0, 1, 2, 3 ]
 * ```
 */
export class EpochSampler {
  readonly #count: number;
  readonly #batch: number;
  readonly #dropLast: boolean;
  readonly #generator: Generator;
  #order: number[] = [];
  #state: EpochState;

  /**
   * @param count - How many rows there are.
   * @throws `ArgumentError` unless both numbers are whole and at least 1, and a batch has no more rows than there are,
   *   where what fills no batch is left out.
   */
  constructor(count: number, options: EpochOptions) {
    const defaults = { batch: Number.NaN, generator: undefined, dropLast: true };
    const { batch, generator, dropLast } = readOptions('EpochSampler', options, defaults);
    Generator.check('EpochSampler', generator);
    checkWhole('EpochSampler', 'count', count);
    checkWhole('EpochSampler', 'batch', batch);
    if (dropLast && batch > count) {
      throw new ArgumentError('EpochSampler', `a batch of ${batch} needs as many rows, got ${count}`, 'lower batch');
    }
    this.#count = count;
    this.#batch = batch;
    this.#dropLast = dropLast;
    this.#generator = generator;
    this.#state = { epoch: 0, position: 0, shuffle: generator.state };
  }

  /** How many batches an epoch has. */
  get batches(): number {
    const full = this.#count / this.#batch;
    return this.#dropLast ? Math.floor(full) : Math.ceil(full);
  }

  /** The rows of the next batch. */
  next(): number[] {
    const { epoch, position } = this.#state;
    const left = this.#count - position;
    if (epoch === 0 || left < (this.#dropLast ? this.#batch : 1)) {
      this.#state = { epoch: epoch + 1, position: 0, shuffle: this.#generator.state };
      this.#order = this.#generator.permutation(this.#count);
    }
    const start = this.#state.position;
    const rows = this.#order.slice(start, start + this.#batch);
    this.#state = { ...this.#state, position: start + rows.length };
    return rows;
  }

  /** Where it stands; assign it to go back there. */
  get state(): EpochState {
    return this.#state;
  }

  set state(state: EpochState) {
    checkObject('EpochSampler', 'state', state);
    const { epoch, position, shuffle } = state;
    if (!isWhole(epoch, 0) || !isWhole(position, 0) || position > this.#count) {
      const got = `epoch ${describe(epoch)}, position ${describe(position)}`;
      throw new ArgumentError('EpochSampler', `no state of ${this.#count} rows: ${got}`);
    }
    checkObject('EpochSampler', 'shuffle', shuffle);
    const generator = new Generator();
    generator.state = shuffle;
    this.#order = epoch === 0 ? [] : generator.permutation(this.#count);
    this.#state = { epoch, position, shuffle: { seed: shuffle.seed, counter: shuffle.counter } };
  }
}

/**
 * Features with independent normal noise added: a second view of the same rows.
 *
 * @param features - Row-major.
 * @param standardDeviation - In the features' units, 0 or more.
 * @param generator - Where the noise comes from.
 * @throws `ArgumentError` when the standard deviation is no finite number, 0 or more.
 */
export function addNoise(features: Float32Array, standardDeviation: number, generator: Generator): Float32Array {
  if (!(features instanceof Float32Array)) {
    throw wrong('addNoise', 'features', 'a Float32Array', features);
  }
  checkRange('addNoise', 'standardDeviation', standardDeviation);
  Generator.check('addNoise', generator);
  return Float32Array.from(
    { length: features.length },
    (_, at) => features[at]! + standardDeviation * generator.normal(),
  );
}
