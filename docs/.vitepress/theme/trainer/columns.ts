/** @file The columns of a table that was dropped, to choose the label among them before all of it is read. */
import { readUnpacked } from '../../../../src/data/bytes.js';
import { isMissing, isNumber } from '../../../../src/data/cells.js';
import { decodeText } from '../../../../src/data/table.js';
import { type Layout, layoutOf, type TableRow } from '../../../../src/data/table-layout.js';
import { TableReader } from '../../../../src/data/table-rows.js';
import { MOST_BYTES } from './rows.js';

/** What a glance at a table shows. */
export interface Columns {
  /** The name of each column, or what it is called where the table has no names. */
  readonly names: readonly string[];
  /** The column that was chosen as the label, or looks like it: the last one of text, or else the last. */
  readonly label: number;
}

/** Looks at a table's first rows. What cannot be read has one column. */
export async function columnsOf(file: Blob, chosen?: number): Promise<Columns> {
  let found: Columns = { names: ['column 1'], label: 0 };
  const look = (name: string, rows: readonly TableRow[]): Layout => {
    const { cells } = rows[0]!;
    // The first one may hold names.
    const below = rows.length > 1 ? rows.slice(1) : rows;
    const isText = (cell: string): boolean => !isNumber(cell) && !isMissing(cell);
    const words = [...cells.keys()].filter((at) => below.some((row) => isText(row.cells[at]!)));
    const label = chosen ?? words.at(-1) ?? cells.length - 1;
    const layout = layoutOf(name, rows, { label });
    found = { names: cells.map((_, at) => layout.names?.[at] || `column ${at + 1}`), label };
    return layout;
  };
  try {
    const { bytes, name } = await readUnpacked(file, { maxBytes: MOST_BYTES });
    new TableReader(name, (rows) => look(name, rows)).read(decodeText(bytes, name), true).next();
  } catch {
    // Reading all of it tells why.
  }
  return found;
}
