/** @file What the columns of a table are, told by its first rows: which of them has which name, and whether they have any. */
import { DataError } from '../errors.js';
import { isMissing, isNumber } from './cells.js';

/** A row of a table. */
export interface TableRow {
  /** Without the spaces around them. */
  readonly cells: readonly string[];
  /** Where it begins; the first line is 1. */
  readonly line: number;
}

/** What the columns of a table are. */
export interface Layout {
  /** Their names; undefined where the first row is one of numbers. */
  readonly names: readonly string[] | undefined;
  /** The places of the features. */
  readonly features: readonly number[];
  readonly label: number | undefined;
  readonly group: number | undefined;
}

/** What columns are asked for. */
export interface WantedColumns {
  readonly label?: string | number | null;
  readonly group?: string | number;
  readonly drop?: readonly (string | number)[];
  readonly header?: 'auto' | boolean;
}

/** What no column is called: a number, also one that is not finite, or nothing at all. */
const isNoName = (cell: string): boolean => isNumber(cell) || /^([+-]?(nan|inf(inity)?))?$/i.test(cell);

/**
 * Whether the first row names the columns. It does when each of its features has a name: no number, not NaN, not empty. NA,
 * N/A and null are missing cells of a row of data, or names, as Na is of sodium: with one of them, the first row names the
 * columns only when another of its features has a name that does not say so, and a number below it in the first rows. Label,
 * group and columns that are left out do not count.
 *
 * @param rows - The first rows.
 * @param features - The places of the features.
 */
export function hasHeader([first, ...below]: readonly TableRow[], features: readonly number[]): boolean {
  const cellOf = ({ cells }: TableRow, at: number): string => cells[at] ?? '';
  if (features.some((at) => isNoName(cellOf(first!, at)))) return false;
  const sure = features.filter((at) => !isMissing(cellOf(first!, at)));
  return sure.length === features.length || sure.some((at) => below.some((row) => isNumber(cellOf(row, at))));
}

/**
 * What the columns are.
 *
 * @param name - What messages call the table.
 * @param rows - The first rows.
 * @throws `DataError` when a column that is asked for is not there, has two roles, or no feature is left.
 */
export function layoutOf(name: string, rows: readonly TableRow[], columns: WantedColumns): Layout {
  const { cells } = rows[0]!;
  const { label: wanted = -1, group: wantedGroup, drop = [], header = 'auto' } = columns;
  const special = (wanted === null ? 0 : 1) + (wantedGroup === undefined ? 0 : 1);
  if (cells.length <= special) {
    const needs = ['at least one feature', ...(wantedGroup === undefined ? [] : ['a group'])];
    if (wanted !== null) needs.unshift('a label');
    throw new DataError(
      name,
      `needs ${needs.join(' and ')}, got ${cells.length === 1 ? 'one column' : `${cells.length} columns`}`,
      'separate cells by commas or tabs',
    );
  }
  const asked = [wanted, wantedGroup, ...drop];
  const byPosition = asked.map((column, which) =>
    typeof column === 'number' ? position(name, column, cells.length, ['label ', 'group '][which] ?? '') : undefined,
  );
  const others = (taken: readonly (number | undefined)[]): number[] =>
    [...cells.keys()].filter((at) => !taken.includes(at));
  // A column given by name needs a header to be found in.
  const isNamed = asked.some((column) => typeof column === 'string') || hasHeader(rows, others(byPosition));
  const names = (header === 'auto' ? isNamed : header) ? cells : undefined;
  const places = asked.map((column, which) =>
    typeof column === 'string' ? columnNamed(name, column, names ?? []) : byPosition[which],
  );
  const [label, group, ...dropped] = places;
  if (label !== undefined && label === group) {
    throw new DataError(name, `column ${label + 1} cannot be both label and group`, 'choose another label or group');
  }
  for (const [role, at] of [['label', label] as const, ['group', group] as const]) {
    if (at === undefined || !dropped.includes(at)) continue;
    const column = names === undefined ? at + 1 : JSON.stringify(names[at]);
    throw new DataError(name, `column ${column} cannot be both left out and the ${role}`, `choose another ${role}`);
  }
  const features = others(places);
  if (features.length === 0) throw new DataError(name, 'has no feature left: all other columns are left out');
  return { names, features, label, group };
}

function position(name: string, column: number, columns: number, what: string): number {
  const at = column < 0 ? column + columns : column;
  if (!Number.isInteger(at) || at < 0 || at >= columns) {
    throw new DataError(name, `${what}column ${column} is out of range: there are ${columns} columns`);
  }
  return at;
}

function columnNamed(name: string, column: string, names: readonly string[]): number {
  const at = names.indexOf(column);
  if (at < 0) {
    const taken = names.some(isNumber) ? '; the first line was taken for names' : '';
    const columns = names.length > 0 ? `the columns are ${names.join(', ')}${taken}` : 'the table has no header';
    throw new DataError(name, `no column is named ${JSON.stringify(column)}`, columns);
  }
  return at;
}
