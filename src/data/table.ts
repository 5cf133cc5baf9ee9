/**
 * @file Comma- and tab-separated tables as data sets: one column is the label, all others are numbers.
 */
import Papa from 'papaparse';
import { DataError } from '../errors.js';
import type { Dataset } from './dataset.js';

/** Options of {@link parseTable} and {@link loadTable}. */
export interface TableOptions {
  /** The label's column: its name, or its position, from the end where negative. Default -1, the last. */
  readonly label?: string | number;
  /** Whether the first row names the columns. Default `'auto'`: it does when one of its features is no number. */
  readonly header?: 'auto' | boolean;
  /** The classes to use, in order, as another table had them; a row of another class is an error. */
  readonly classes?: readonly string[];
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * The rows of a table.
 *
 * @param text - Comma-, tab- or semicolon-separated; quotes, CRLF and a byte-order mark are understood.
 * @param name - What messages call it.
 * @throws `DataError` naming line and column, when a cell is no finite number, a row is longer or shorter than the
 *   first, the label's column does not exist, or nothing is there.
 *
 * @example
 * ```ts
 * import { parseTable } from 'contragrad/data';
 *
 * const { count, classes } = parseTable('x,y,kind\n1,2,cat\n3,4,dog\n');
 * console.log(count, classes); // 2 [ 'cat', 'dog' ]
 * ```
 */
export function parseTable(text: string, options: TableOptions = {}, name = 'table'): Dataset {
  const { rows, lines } = cells(text, name);
  const first = rows[0]!;
  rows.forEach((row, i) => {
    if (row.length !== first.length) {
      throw new DataError(name, `line ${lines[i]}: expected ${first.length} cells, got ${row.length}`);
    }
  });
  if (first.length < 2) {
    throw new DataError(
      name,
      'needs a label and at least one feature, got one column',
      'separate cells by commas or tabs',
    );
  }
  const position =
    typeof options.label === 'string' ? undefined : labelPosition(name, options.label ?? -1, first.length);
  const named = hasHeader(first, position, options);
  const label = position ?? labelNamed(name, options.label as string, named ? first : []);
  const start = named ? 1 : 0;
  if (rows.length === start) throw new DataError(name, 'has a header but no rows');

  const size = first.length - 1;
  const features = new Float32Array((rows.length - start) * size);
  const known = new Map(options.classes?.map((value, index) => [value, index]));
  const labels = new Int32Array(rows.length - start);
  for (let row = start; row < rows.length; row++) {
    let column = 0;
    rows[row]!.forEach((cell, at) => {
      const value = cell.trim();
      if (at === label) {
        labels[row - start] = classOf(value, known, options.classes !== undefined, name, lines[row]!);
        return;
      }
      if (!NUMBER.test(value) || !Number.isFinite(Math.fround(Number(value)))) {
        const where = `line ${lines[row]}, column ${named ? JSON.stringify(first[at]) : at + 1}`;
        throw new DataError(name, `${where}: expected a finite number, got ${JSON.stringify(value)}`);
      }
      features[(row - start) * size + column++] = Number(value);
    });
  }
  return { features, count: labels.length, size, labels, classes: [...known.keys()] };
}

function cells(text: string, name: string): { rows: string[][]; lines: number[] } {
  if (text.includes('\0')) throw new DataError(name, 'is not text: it holds a NUL byte', 'pass a CSV or TSV file');
  const plain = text.replace(/^\uFEFF/, '');
  if (plain.trim() === '') throw new DataError(name, 'is empty');
  const { data, errors } = Papa.parse<string[]>(plain, { delimitersToGuess: [',', '\t', ';'] });
  const broken = errors.find(({ type }) => type === 'Quotes');
  if (broken !== undefined) throw new DataError(name, `row ${(broken.row ?? 0) + 1}: ${broken.message.toLowerCase()}`);
  const rows: string[][] = [];
  const lines: number[] = [];
  let line = 1;
  for (const row of data) {
    if (row.length > 1 || row[0]!.trim() !== '') {
      rows.push(row);
      lines.push(line);
    }
    line += 1 + row.reduce((breaks, cell) => breaks + (cell.match(/\n/g)?.length ?? 0), 0);
  }
  return { rows, lines };
}

function labelPosition(name: string, position: number, columns: number): number {
  const at = position < 0 ? position + columns : position;
  if (!Number.isInteger(at) || at < 0 || at >= columns) {
    throw new DataError(name, `label column ${position} is out of range: there are ${columns} columns`);
  }
  return at;
}

function labelNamed(name: string, label: string, header: readonly string[]): number {
  const at = header.findIndex((cell) => cell.trim() === label);
  if (at < 0) {
    const columns =
      header.length > 0 ? `the columns are ${header.map((cell) => cell.trim()).join(', ')}` : 'the table has no header';
    throw new DataError(name, `no column is named ${JSON.stringify(label)}`, columns);
  }
  return at;
}

function hasHeader(first: readonly string[], label: number | undefined, { header = 'auto' }: TableOptions): boolean {
  if (header !== 'auto') return header;
  // A label column given by name needs a header to be found in.
  if (label === undefined) return true;
  const features = first.filter((_, at) => at !== label);
  // NaN and empty cells are bad data, not names.
  return features.every((cell) => !NUMBER.test(cell.trim()) && !/^([+-]?(nan|inf(inity)?))?$/i.test(cell.trim()));
}

function classOf(value: string, known: Map<string, number>, fixed: boolean, name: string, line: number): number {
  if (value === '') throw new DataError(name, `line ${line}: the label is empty`);
  const index = known.get(value);
  if (index !== undefined) return index;
  if (fixed) {
    const list = [...known.keys()].slice(0, 10).join(', ');
    throw new DataError(name, `line ${line}: unknown class ${JSON.stringify(value)}`, `known are ${list}`);
  }
  known.set(value, known.size);
  return known.size - 1;
}

/**
 * The rows of a table in a file. Node only.
 *
 * @throws `DataError` when the file cannot be read or is not UTF-8 text, and as {@link parseTable}.
 */
export async function loadTable(path: string, options: TableOptions = {}): Promise<Dataset> {
  const { readFile } = await import('node:fs/promises');
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new DataError(path, `cannot be read (${(error as { code?: string }).code ?? String(error)})`);
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new DataError(path, 'is not text: its bytes are not UTF-8', 'pass a CSV or TSV file');
  }
  return parseTable(text, options, path);
}
