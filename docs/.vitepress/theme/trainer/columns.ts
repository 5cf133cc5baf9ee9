/** @file The columns of a table that was dropped, to choose the label among them before all of it is read. */
import Papa from 'papaparse';

/** So much of a file is looked at, and so many of its rows. */
const GLANCE = 2 ** 18;
const ROWS = 20;

/** What a glance at a table shows. */
export interface Columns {
  /** The name of each column, or what it is called where the table has no names. */
  readonly names: readonly string[];
  /** The column that looks like the label: the last one that is no number, or else the last. */
  readonly label: number;
}

const isNumber = (cell: string): boolean => cell.trim() !== '' && Number.isFinite(Number(cell));

/** Looks at a table's first rows. What cannot be read has one column: reading all of it then tells why. */
export async function columnsOf(file: Blob): Promise<Columns> {
  const text = (await file.slice(0, GLANCE).text()).replace(/^\uFEFF/, '');
  const { data } = Papa.parse<string[]>(text, {
    preview: ROWS,
    skipEmptyLines: 'greedy',
    delimitersToGuess: [',', '\t', ';'],
  });
  const [first = [''], ...rest] = data;
  // One number besides the label's is enough: names are words.
  const isNamed = rest.length > 0 && first.filter(isNumber).length <= (first.length > 2 ? 1 : 0);
  const names = first.map((cell, at) => (isNamed && cell.trim() !== '' ? cell.trim() : `column ${at + 1}`));
  const rows = isNamed ? rest : data;
  const isText = (at: number): boolean => rows.some((row) => !isNumber(row[at] ?? ''));
  const words = first.map((_, at) => at).filter(isText);
  return { names, label: words.at(-1) ?? Math.max(0, first.length - 1) };
}
