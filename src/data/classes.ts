/**
 * @file Numbers the classes that rows name.
 */
import { DataError } from '../errors.js';

/** The label of each row, and the name of each class. */
export interface Classed {
  readonly labels: Int32Array;
  readonly classes: string[];
}

/** Classes, at most: more mean that the labels are none. */
const MOST_CLASSES = 2 ** 20;

/** Refuses one class more, where there are that many. */
export function checkClasses(name: string, known: number, what = 'classes'): void {
  if (known < MOST_CLASSES) return;
  throw new DataError(name, `has more than ${MOST_CLASSES} ${what}`, 'are the labels in another column?');
}

/** Gives each class a number: by a known list, or by first appearance. */
export class ClassNumbers {
  readonly #name: string;
  readonly #fixed: boolean;
  readonly #known: Map<string, number>;

  /**
   * @param name - What messages call the data.
   * @param classes - The classes there are, in order; any where it is missing.
   */
  constructor(name: string, classes?: readonly string[]) {
    this.#name = name;
    this.#fixed = classes !== undefined;
    this.#known = new Map(classes?.map((value, index) => [value, index]));
  }

  /** The names so far, in the order of their numbers. */
  get classes(): string[] {
    return [...this.#known.keys()];
  }

  /**
   * The number of a class.
   *
   * @param place - Where it stands, for messages.
   * @throws `DataError` for an empty name, or one that a fixed list does not have.
   */
  number(value: string, place: string): number {
    if (value === '') throw new DataError(this.#name, `${place}: the label is empty`);
    const index = this.#known.get(value);
    if (index !== undefined) return index;
    if (this.#fixed) {
      const list = this.classes.slice(0, 10).join(', ');
      throw new DataError(this.#name, `${place}: unknown class ${JSON.stringify(value)}`, `known are ${list}`);
    }
    checkClasses(this.#name, this.#known.size);
    this.#known.set(value, this.#known.size);
    return this.#known.size - 1;
  }
}

/**
 * Labels and classes of a list of names, one for each row.
 *
 * @param place - How messages call a row.
 * @param classes - The classes to use, in order.
 */
export function classify(
  name: string,
  names: readonly string[],
  place: (row: number) => string,
  classes?: readonly string[],
): Classed {
  const numbers = new ClassNumbers(name, classes);
  const labels = Int32Array.from(names, (value, row) => numbers.number(value, place(row)));
  return { labels, classes: numbers.classes };
}

/** Rows of which no class is known: all labels are -1. */
export function noClasses(count: number, classes: readonly string[] = []): Classed {
  return { labels: new Int32Array(count).fill(-1), classes: [...classes] };
}
