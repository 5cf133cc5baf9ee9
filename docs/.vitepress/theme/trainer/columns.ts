/** @file The columns of a table that was dropped, to choose the label among them before all of it is read. */
import { readUnpacked } from '../../../../src/data/bytes.js';
import { isMissing, isNumber } from '../../../../src/data/cells.js';
import { decodeText } from '../../../../src/data/table.js';
import { layoutOf, type TableRow } from '../../../../src/data/table-layout.js';
import { TableReader } from '../../../../src/data/table-rows.js';
import { MOST_BYTES } from './rows.js';

/** What a glance at a table shows. */
export interface Columns {
  /** The name of each column, or what it is called where the table has no names. */
  readonly names: readonly string[];
  /** The column that was chosen as the label, or looks like it: the last one of text, or else the last. */
  readonly label: number;
}

/** Looks at a table's first rows. What cannot be read has one column: reading all of it then tells why. */
export async function columnsOf(file: Blob, chosen?: number): Promise<Columns> {
  try {
    const { bytes, name } = await readUnpacked(file, { maxBytes: MOST_BYTES });
    const reader = new TableReader(name, (rows) => layoutOf(name, rows, { label: chosen ?? labelIn(rows) }));
    const { names, features, label } = reader.read(decodeText(bytes, name), true).next().value!.layout;
    const called = Array.from({ length: features.length + 1 }, (_, at) => names?.[at] || `column ${at + 1}`);
    return { names: called, label: label! };
  } catch {
    return { names: ['column 1'], label: 0 };
  }
}

function labelIn([first, ...others]: readonly TableRow[]): number {
  // The first row may hold names.
  const rows = others.length > 0 ? others : [first!];
  return first!.cells.findLastIndex((_, at) =>
    rows.some(({ cells }) => !isNumber(cells[at]!) && !isMissing(cells[at]!)),
  );
}
