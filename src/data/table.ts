/**
 * @file Comma- and tab-separated tables as data sets: one column is the label, all others are numbers.
 */
import { checkKind } from '../checks.js';
import { DataError } from '../errors.js';
import { checkSource, type Source, type SourceOptions } from '../source.js';
import { loaderOptions } from './arguments.js';
import { byteLimit, checkBytes, readUnpacked } from './bytes.js';
import { CellsError, FaultyCells, isMissing, numberIn } from './cells.js';
import { ClassNumbers, checkClasses } from './classes.js';
import { type Dataset, reshaped } from './dataset.js';
import { refuseUnlessText } from './file-format.js';
import { type Layout, layoutOf, type TableRow } from './table-layout.js';
import { TableReader } from './table-rows.js';

/** Options of {@link parseTable} and {@link loadTable}. */
export interface TableOptions extends SourceOptions {
  /**
   * The label's column: its name, or its position, from the end where negative; `null` where there is none. Default -1,
   * the last.
   */
  readonly label?: string | number | null;
  /** The column, by name or position, that says whom a row comes from: it becomes `groups`, and is no feature. */
  readonly group?: string | number;
  /** Columns to leave out, by name or position: names, dates and other text, or what must not be learned from. */
  readonly drop?: readonly (string | number)[];
  /**
   * What becomes of a row in which a feature or the label is missing: its cell is empty or says NA, N/A, NaN or null, in
   * letters of any case. `'drop'` leaves the row out. Default: it is an error.
   */
  readonly missing?: 'drop';
  /**
   * Whether the first row names the columns. Default `'auto'`: it does when none of its features is a number, NaN or empty;
   * and where some are NA, N/A or null, when another one is a word with a number below it.
   */
  readonly header?: 'auto' | boolean;
  /** The classes to use, in order, as another table had them; a row of another class is an error. */
  readonly classes?: readonly string[];
  /** The shape of a row, for pixels for example `[1, 8, 8]`. Default `[size]`. */
  readonly shape?: readonly number[];
}

/** V8 makes no longer text. */
const LONGEST_TEXT = 2 ** 29 - 24;

/**
 * The rows of a table.
 *
 * @param text - Comma-, tab- or semicolon-separated; quotes, CRLF and a byte-order mark are understood.
 * @param name - What messages call it.
 * @throws `DataError` naming line and column, when a cell is no finite number, a row is longer or shorter than the
 *   first, a column does not exist, the shape does not fit, or nothing is there. Columns of text and missing cells are
 *   told of together.
 *
 * @example
 * ```ts
 * import { parseTable } from 'contragrad/data';
 *
 * const text = 'x,y,kind\n1,2,cat\n3,4,dog\n';
 * const { classes, featureNames } = parseTable(text);
 * console.log(classes, featureNames); // [ 'cat', 'dog' ] [ 'x', 'y' ]
 *
 * const raw = 'id,x,kind\nR-1,1,cat\nR-2,NA,dog\n';
 * const clean = parseTable(raw, { drop: ['id'], missing: 'drop' });
 * console.log(clean.count, clean.leftOut); // 1 1
 * ```
 */
export function parseTable(text: string, options?: TableOptions, name = 'table'): Dataset {
  const read = loaderOptions('parseTable', options);
  checkKind('parseTable', 'the text', text, 'string');
  checkKind('parseTable', 'name', name, 'string');
  const reader = new TableReader(name, (first) => layoutOf(name, first, read));
  let table: Table | undefined;
  for (const { rows, layout } of reader.read(text, true)) {
    table ??= new Table(name, read, layout);
    for (const row of rows) table.add(row);
  }
  return table!.dataset();
}

/** Takes a table row by row, so that its cells are never all there at once. */
class Table {
  readonly #name: string;
  readonly #options: TableOptions;
  readonly #layout: Layout;
  readonly #limit: number;
  readonly #classes: ClassNumbers;
  readonly #groups: Map<string, number> = new Map();
  readonly #labelList: number[] = [];
  readonly #groupList: number[] = [];
  readonly #faults: FaultyCells = new FaultyCells();
  #features: Float32Array = new Float32Array(1024);
  #length = 0;
  #leftOut = 0;

  constructor(name: string, options: TableOptions, layout: Layout) {
    this.#name = name;
    this.#layout = layout;
    this.#options = options;
    this.#limit = byteLimit(options);
    this.#classes = new ClassNumbers(name, options.classes);
  }

  add({ cells, line }: TableRow): void {
    const { features, label, group } = this.#layout;
    this.#reserve(cells.length);
    const start = this.#length;
    const labelText = label === undefined ? undefined : cells[label]!;
    let isWhole = labelText === undefined || !isMissing(labelText);
    for (const at of features) {
      const cell = cells[at]!;
      const number = numberIn(cell);
      if (Number.isNaN(number)) {
        this.#faults.add(line, at, cell);
        isWhole &&= !isMissing(cell);
      }
      this.#features[this.#length++] = number;
    }
    if (!isWhole && this.#options.missing === 'drop') {
      this.#length = start;
      this.#leftOut++;
      return;
    }
    this.#labelList.push(labelText === undefined ? -1 : this.#classes.number(labelText, `line ${line}`));
    if (group !== undefined) this.#groupList.push(this.#groupNumber(cells[group]!));
  }

  #groupNumber(value: string): number {
    const known = this.#groups.get(value);
    if (known !== undefined) return known;
    checkClasses(this.#name, this.#groups.size, 'groups');
    this.#groups.set(value, this.#groups.size);
    return this.#groups.size - 1;
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#features.length) return;
    checkBytes(this.#name, 'has at least', 4 * this.#length, this.#limit);
    const longer = new Float32Array(Math.max(2 * this.#features.length, this.#length + more));
    longer.set(this.#features);
    this.#features = longer;
  }

  dataset(): Dataset {
    const count = this.#labelList.length;
    if (count + this.#leftOut === 0) throw new DataError(this.#name, 'has a header but no rows');
    const { names, features, label, group } = this.#layout;
    const { missing, label: chosen } = this.#options;
    this.#faults.check(this.#name, count + this.#leftOut, names, {
      leavesOut: missing === 'drop',
      isLabelChosen: chosen !== undefined,
    });
    if (count === 0) throw this.#nothingLeft(names);
    const size = this.#length / count;
    checkBytes(this.#name, 'has features of', 4 * this.#length, this.#limit);
    const data: Dataset = {
      // Not a view where much lies unused behind it.
      features:
        this.#features.length < 1.25 * this.#length
          ? this.#features.subarray(0, this.#length)
          : this.#features.slice(0, this.#length),
      count,
      size,
      labels: Int32Array.from(this.#labelList),
      classes: this.#classes.classes,
      ...(names && { featureNames: features.map((at) => names[at]!) }),
      ...(names && label !== undefined && { labelName: names[label]! }),
      ...(group !== undefined && { groups: Int32Array.from(this.#groupList) }),
      ...(missing !== undefined && { leftOut: this.#leftOut }),
    };
    return this.#options.shape === undefined ? data : reshaped(this.#name, data, this.#options.shape);
  }

  #nothingLeft(names: readonly string[] | undefined): DataError {
    const problem = `each of its ${this.#leftOut} rows has a missing cell`;
    const at = this.#faults.emptiest;
    if (at === undefined) return new DataError(this.#name, problem, 'all labels are missing');
    const column = names?.[at] ?? at;
    const where = names === undefined ? at + 1 : JSON.stringify(column);
    const remedies = { drop: [column], missing: false, label: false, others: [] };
    return new CellsError(this.#name, `${problem}, most of them in column ${where}`, remedies);
  }
}

/**
 * Bytes as text.
 *
 * @throws `DataError` when they are not UTF-8.
 */
export function decodeText(bytes: Uint8Array, name: string): string {
  refuseUnlessText(bytes, name);
  checkBytes(name, 'has text of', bytes.length, LONGEST_TEXT);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new DataError(name, 'is not text: its bytes are not UTF-8', 'pass a CSV or TSV file');
  }
}

/**
 * The rows of a table from a file, an address, a blob or bytes; gzip is unpacked.
 *
 * @throws `DataError` when the source cannot be read, is longer than `maxBytes` or is not UTF-8 text, and as
 *   {@link parseTable}.
 */
export async function loadTable(source: Source, options?: TableOptions): Promise<Dataset> {
  checkSource('loadTable', source);
  const read = loaderOptions('loadTable', options);
  const { bytes, name } = await readUnpacked(source, read);
  return parseTable(decodeText(bytes, name), read, name);
}
