/** @file Which rows a report shows, where there are too many. */
import type { Generator } from '../../index.js';

/** At most `most` of the rows 0 … count - 1, drawn at random, in rising order. */
export function someRows(count: number, most: number, generator: Generator): number[] {
  if (count <= most) return Array.from({ length: count }, (_, row) => row);
  return generator
    .permutation(count)
    .slice(0, most)
    .sort((p, q) => p - q);
}

/** The rows of each class that occurs, by rising class. */
export function rowsOfClasses(labels: readonly number[]): number[][] {
  const rows = new Map<number, number[]>();
  labels.forEach((label, row) => {
    const list = rows.get(label);
    if (list === undefined) rows.set(label, [row]);
    else list.push(row);
  });
  return [...rows].sort(([p], [q]) => p - q).map(([, list]) => list);
}

/** What {@link someOfEachClass} returns. */
export interface ClassChoice {
  /** Sorted by class. */
  readonly rows: readonly number[];
  /** How many classes they are of. */
  readonly classes: number;
}

/**
 * At most `most` rows, equally many of each class as far as there are: where that would be less than `least` of each,
 * of some of the classes only.
 */
export function someOfEachClass(
  labels: readonly number[],
  { most, least, generator }: { readonly most: number; readonly least: number; readonly generator: Generator },
): ClassChoice {
  const all = rowsOfClasses(labels);
  if (labels.length <= most) return { rows: all.flat(), classes: all.length };
  const chosen = someRows(all.length, Math.max(1, Math.floor(most / least)), generator).map((at) => all[at]!);
  const share = Math.floor(most / chosen.length);
  const rows = chosen.flatMap((list) => someRows(list.length, share, generator).map((at) => list[at]!));
  return { rows, classes: chosen.length };
}
