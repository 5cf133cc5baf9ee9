/** @file Rows of a table one after another, for an encoder: never all there at once. */
import Papa from 'papaparse';
import { cellHint, excerpt, isMissing, isNumber, numberIn } from '../data/cells.js';
import { delimiterOf } from '../data/table.js';
import { DataError } from '../index.js';
import type { InputConfig } from '../io/index.js';

/** A row that an encoder takes. */
export interface StreamedRow {
  readonly features: ArrayLike<number>;
  readonly label?: string;
  readonly name?: string;
}

/** Where the columns are. */
export interface Columns {
  /** The label's column by name or position, `null` for none; undefined: as it comes. */
  readonly label: string | number | null | undefined;
  /** A column that is no feature, by name or position. */
  readonly group: string | number | undefined;
  /** Columns that were left out in training, by name or position. */
  readonly drop: readonly (string | number)[];
}

interface Layout {
  readonly cells: number;
  /** The place of each feature, in the encoder's order. */
  readonly features: readonly number[];
  readonly label: number | undefined;
  /** The names of the columns, where there are any. */
  readonly names?: readonly string[];
  readonly isNamed: boolean;
}

/** No row is longer than this, in characters: a quote that is never closed would take in all that follows. */
const LONGEST_ROW = 2 ** 24;

/**
 * The rows of a table, with or without header and label, some at a time.
 *
 * Under a header the features are found by their names, in any order, where the encoder knows names.
 *
 * @param text - The table's text in pieces.
 * @throws `DataError` that names the line.
 */
export async function* tableRows(
  text: AsyncIterable<string>,
  input: InputConfig,
  columns: Columns,
  name: string,
): AsyncGenerator<StreamedRow[]> {
  let layout: Layout | undefined;
  let line = 1;
  let delimiter: string | undefined;
  for await (const lines of wholeRows(text, name)) {
    delimiter ??= delimiterOf(lines);
    const { data, errors } = Papa.parse<string[]>(lines, { delimiter });
    const broken = errors.find(({ type }) => type === 'Quotes');
    const rows: StreamedRow[] = [];
    for (const [index, row] of data.entries()) {
      if (broken?.row === index) throw new DataError(name, `line ${line}: ${broken.message.toLowerCase()}`);
      const place = line;
      line += 1 + row.reduce((breaks, cell) => breaks + (cell.includes('\n') ? cell.split('\n').length - 1 : 0), 0);
      if (row.length === 1 && row[0]!.trim() === '') continue;
      if (layout === undefined) {
        layout = layoutOf(row, input, columns, name);
        if (layout.isNamed) continue;
      }
      rows.push(read(row, layout, `line ${place}`, name));
    }
    yield rows;
    // Papa sees an empty row behind the last line break.
    if (data.at(-1)?.length === 1 && data.at(-1)![0] === '') line--;
  }
  if (layout === undefined) throw new DataError(name, 'is empty');
}

/** Text in pieces that end where a row ends: at a line break outside quotes, of which there is an even number before it. */
async function* wholeRows(text: AsyncIterable<string>, name: string): AsyncGenerator<string> {
  let rest = '';
  let isFirst = true;
  for await (const piece of text) {
    if (piece.includes('\0')) throw new DataError(name, 'is not text: it holds a NUL byte', 'pass a CSV or TSV file');
    rest += isFirst && piece.startsWith('\uFEFF') ? piece.slice(1) : piece;
    isFirst = false;
    const end = rest.lastIndexOf('\n') + 1;
    const lines = rest.slice(0, end);
    if (end > 0 && lines.split('"').length % 2 === 1) {
      yield lines;
      rest = rest.slice(end);
    }
    if (rest.length > LONGEST_ROW) {
      throw new DataError(name, `a row has more than ${LONGEST_ROW} characters`, 'is a quote not closed?');
    }
  }
  if (rest !== '') yield rest;
}

function read(
  row: readonly string[],
  { cells, features, label, names }: Layout,
  place: string,
  name: string,
): StreamedRow {
  if (row.length !== cells) throw new DataError(name, `${place}: expected ${cells} cells, got ${row.length}`);
  const numbers = features.map((at) => {
    const text = row[at]!.trim();
    const value = numberIn(text);
    if (Number.isNaN(value)) {
      const column = names === undefined ? at + 1 : JSON.stringify(names[at]);
      throw new DataError(
        name,
        `${place}, column ${column}: expected a finite number, got ${excerpt(text)}`,
        isMissing(text) ? 'a row with a missing cell has no embedding: leave it out' : cellHint(text),
      );
    }
    return value;
  });
  return { features: numbers, ...(label !== undefined && { label: row[label]!.trim() }) };
}

function layoutOf(row: readonly string[], input: InputConfig, columns: Columns, name: string): Layout {
  const size = input.shape.reduce((product, length) => product * length, 1);
  const cells = row.map((cell) => cell.trim());
  const isNamed = cells.every((cell) => !isNumber(cell));
  if (isNamed && input.features !== undefined) return byName(cells, input.features, columns, name);
  const place = (column: string | number | undefined): number | undefined => {
    if (typeof column === 'string') {
      const at = cells.indexOf(column);
      return isNamed && at >= 0 ? at : undefined;
    }
    return column === undefined ? undefined : column < 0 ? column + cells.length : column;
  };
  const label = columns.label === null ? undefined : place(columns.label ?? -1);
  const group = place(columns.group);
  const dropped = columns.drop.map(place);
  const all = [...cells.keys()];
  // As in training, or without what only training needs.
  const needless = [[label, group], [label], [group], []];
  for (const special of [...needless.map((some) => [...some, ...dropped]), ...needless]) {
    const features = all.filter((at) => !special.includes(at));
    if (features.length !== size) continue;
    const isThere = label !== undefined && label < cells.length && special.includes(label);
    return {
      cells: cells.length,
      features,
      label: isThere ? label : undefined,
      isNamed,
      ...(isNamed && { names: cells }),
    };
  }
  throw new DataError(
    name,
    `line 1: the encoder takes ${size} features, got ${cells.length} cells`,
    'pass its features, with or without a label',
  );
}

function byName(cells: readonly string[], names: readonly string[], columns: Columns, name: string): Layout {
  const { label, drop } = columns;
  const places = new Map(cells.map((cell, at) => [cell, at]));
  const features = names.map((feature) => {
    const at = places.get(feature);
    if (at === undefined) {
      throw new DataError(
        name,
        `has no column ${JSON.stringify(feature)}`,
        `the columns are ${cells.slice(0, 12).join(', ')}`,
      );
    }
    return at;
  });
  const left = drop.map((column) => (typeof column === 'string' ? places.get(column) : column));
  const used = new Set([...features, ...left]);
  const wanted = typeof label === 'string' ? places.get(label) : label === null ? undefined : (label ?? -1);
  const at = wanted === undefined ? undefined : wanted < 0 ? wanted + cells.length : wanted;
  return {
    cells: cells.length,
    features,
    label: at !== undefined && !used.has(at) && at < cells.length ? at : undefined,
    isNamed: true,
    names: cells,
  };
}
