/** @file Numbers for the eye: short, in rows, cut where there is no room. */
import type { Numbers } from './trace.js';

/** Rows of short numbers. */
export type Cells = readonly (readonly string[])[];

/** A number alone: up to four decimals, with an exponent where these would not show it. */
function short(value: number | string, decimals: number): string {
  if (typeof value === 'string') return value.replace('Infinity', '∞');
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e5 || size < 5 * 10 ** -decimals) return value.toExponential(1).replace('.0e', 'e').replace('e+', 'e');
  return value.toFixed(decimals);
}

/** The largest of numbers that are 0 or more; there may be more of them than a function takes arguments. */
export const largest = (values: readonly number[]): number => values.reduce((most, value) => Math.max(most, value), 0);

/** Takes the zeros off the end that all numbers share. */
function trim(cells: readonly string[][]): Cells {
  const places = (cell: string): number => {
    const [, part = ''] = /^-?\d+(?:\.(\d+))?$/.exec(cell) ?? [];
    return part.replace(/0+$/, '').length;
  };
  const most = largest(cells.flat().map(places));
  return cells.map((row) => row.map((cell) => (/^-?\d+\.\d+$/.test(cell) ? Number(cell).toFixed(most) : cell)));
}

/** The elements as rows along the last axis, all with the same number of decimals. */
export function cellsOf(value: Numbers, decimals = 4): Cells {
  const rows: (number | string)[][] = [];
  const visit = (part: Numbers): void => {
    if (!isList(part)) rows.push([part]);
    else if (part.every((element) => !isList(element))) rows.push([...part] as (number | string)[]);
    else part.forEach(visit);
  };
  visit(value);
  return trim(rows.map((row) => row.map((element) => short(element, decimals))));
}

const isList = (value: Numbers): value is readonly Numbers[] => typeof value === 'object';

/** One number in short. */
export const shortNumber = (value: number, decimals = 4): string => cellsOf(value, decimals)[0]![0]!;

/** All rows on one line: `0.9 0.3; 0.2 0.8`. */
export const inline = (cells: Cells): string => cells.map((row) => row.join(' ')).join('; ');

/** How many columns of a terminal a text takes: combining marks none, wide letters two. */
export function columns(text: string): number {
  let count = 0;
  for (const letter of text.replace(/\p{M}/gu, '')) count += WIDE.test(letter) ? 2 : 1;
  return count;
}

const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

/** A text that takes at most so many columns: what is too much gives way to `…`. */
export function cut(text: string, width: number): string {
  if (columns(text) <= width) return text;
  let kept = '';
  for (const letter of text.match(/\P{M}\p{M}*/gu) ?? []) {
    if (columns(kept + letter) > width - 1) break;
    kept += letter;
  }
  return `${kept.trimEnd()}…`;
}

/** A text filled up with spaces to so many columns. */
export const padEnd = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - columns(text)));

/** A text moved right by spaces to so many columns. */
export const padStart = (text: string, width: number): string => ' '.repeat(Math.max(0, width - columns(text))) + text;

/** Rows under each other in columns, cut to a width and to so many rows. */
export function block(cells: Cells, width: number, most = 8): string[] {
  const widths = Array.from({ length: largest(cells.map((row) => row.length)) }, (_, column) =>
    largest(cells.map((row) => columns(row[column] ?? ''))),
  );
  const total = (count: number): number => widths.slice(0, count).reduce((sum, w) => sum + w + 1, -1);
  let shown = widths.length;
  while (shown > 1 && total(shown) + (shown < widths.length ? 2 : 0) > width) shown--;
  const lines = cells.slice(0, cells.length > most ? most - 1 : most).map((row) => {
    const text = row.slice(0, shown).map((cell, column) => padStart(cell, widths[column]!));
    return cut([...text, ...(row.length > shown ? ['…'] : [])].join(' '), width);
  });
  return cells.length > most ? [...lines, `… ${cells.length - most + 1} more rows`.slice(0, width)] : lines;
}
