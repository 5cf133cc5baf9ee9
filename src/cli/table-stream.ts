/** @file Rows of a table one after another, for an encoder: never all there at once. */
import { cellHint, excerpt, isMissing, numberIn } from '../data/cells.js';
import { hasHeader, type Layout, type TableRow, type WantedColumns } from '../data/table-layout.js';
import { TableReader } from '../data/table-rows.js';
import { DataError } from '../index.js';
import type { InputConfig } from '../io/index.js';

/** A row that an encoder takes. */
export interface StreamedRow {
  readonly features: ArrayLike<number>;
  readonly label?: string;
  readonly name?: string;
}

/**
 * The rows of a table, with or without header and label, some at a time.
 *
 * Under a header the features are found by their names, in any order, where the encoder knows names.
 *
 * @param text - The table's text in pieces.
 * @param columns - What they were in training.
 * @throws `DataError` that names the line.
 */
export async function* tableRows(
  text: AsyncIterable<string>,
  input: InputConfig,
  columns: WantedColumns,
  name: string,
): AsyncGenerator<StreamedRow[]> {
  const reader = new TableReader(name, (first) => layoutFor(first, input, columns, name));
  for await (const piece of text) {
    for (const { rows, layout } of reader.read(piece)) yield rows.map((row) => read(row, layout, name));
  }
  for (const { rows, layout } of reader.read('', true)) yield rows.map((row) => read(row, layout, name));
}

function read({ cells, line }: TableRow, { features, label, names }: Layout, name: string): StreamedRow {
  const numbers = features.map((at) => {
    const text = cells[at]!;
    const value = numberIn(text);
    if (Number.isNaN(value)) {
      const column = names === undefined ? at + 1 : JSON.stringify(names[at]);
      throw new DataError(
        name,
        `line ${line}, column ${column}: expected a finite number, got ${excerpt(text)}`,
        isMissing(text) ? 'a row with a missing cell has no embedding: leave it out' : cellHint(text),
      );
    }
    return value;
  });
  return { features: numbers, ...(label !== undefined && { label: cells[label]! }) };
}

/** What the columns are to an encoder: as in training, or without what only training needs. */
function layoutFor(rows: readonly TableRow[], input: InputConfig, columns: WantedColumns, name: string): Layout {
  const size = input.shape.reduce((product, length) => product * length, 1);
  const { cells } = rows[0]!;
  const all = [...cells.keys()];
  const { label: wanted = -1, group: wantedGroup, drop = [] } = columns;
  /** The places of label, group and the columns that are left out; undefined where there is no such. */
  const placesOf = (isNamed: boolean): (number | undefined)[] =>
    [wanted, wantedGroup, ...drop].map((column) => {
      if (typeof column !== 'number') return all.find((at) => isNamed && cells[at] === column);
      return all.at(column);
    });
  const fitting = (isNamed: boolean): Layout | undefined => {
    const [label, group, ...dropped] = placesOf(isNamed);
    const needless = [[label, group], [label], [group], []];
    for (const special of [...needless.map((some) => [...some, ...dropped]), ...needless]) {
      const features = all.filter((at) => !special.includes(at));
      if (features.length !== size || hasHeader(rows, features) !== isNamed) continue;
      const names = isNamed ? cells : undefined;
      return { names, features, label: special.includes(label) ? label : undefined, group };
    }
    return undefined;
  };
  const fitted = fitting(true) ?? fitting(false);
  const { features: known } = input;
  const isNamed = fitted === undefined ? hasHeader(rows, all) : fitted.names !== undefined;
  if (known !== undefined && (isNamed || known.every((feature) => cells.includes(feature)))) {
    return byName(cells, known, placesOf(true), name);
  }
  if (fitted !== undefined) return fitted;
  throw new DataError(
    name,
    `line 1: the encoder takes ${size} features, got ${cells.length} cells`,
    'pass its features, with or without a label',
  );
}

/** The features wherever their names are; of columns of one name, those that were no features in training come last. */
function byName(
  cells: readonly string[],
  names: readonly string[],
  special: readonly (number | undefined)[],
  name: string,
): Layout {
  const all = [...cells.keys()];
  const places = new Map(cells.map((cell): [string, number[]] => [cell, []]));
  for (const at of all.filter((at) => !special.includes(at))) places.get(cells[at]!)!.push(at);
  for (const at of all.filter((at) => special.includes(at))) places.get(cells[at]!)!.push(at);
  const features = names.map((feature) => {
    const at = places.get(feature)?.shift();
    if (at !== undefined) return at;
    const list = `the columns are ${cells.slice(0, 12).join(', ')}`;
    throw new DataError(name, `has no column ${JSON.stringify(feature)}`, list);
  });
  const [label, ...others] = special;
  return {
    names: cells,
    features,
    label: [...features, ...others].includes(label!) ? undefined : label,
    group: undefined,
  };
}
