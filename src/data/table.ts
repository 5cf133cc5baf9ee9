/**
 * @file Comma- and tab-separated tables as data sets: one column is the label, all others are numbers.
 */
import Papa from 'papaparse';
import { checkKind } from '../checks.js';
import { DataError } from '../errors.js';
import { checkSource, type Source, type SourceOptions } from '../source.js';
import { loaderOptions } from './arguments.js';
import { byteLimit, checkBytes, readUnpacked } from './bytes.js';
import { CellsError, FaultyCells, isMissing, isNumber, numberIn } from './cells.js';
import { ClassNumbers, checkClasses } from './classes.js';
import { type Dataset, reshaped } from './dataset.js';

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
  /** Whether the first row names the columns. Default `'auto'`: it does when none of its features is a number. */
  readonly header?: 'auto' | boolean;
  /** The classes to use, in order, as another table had them; a row of another class is an error. */
  readonly classes?: readonly string[];
  /** The shape of a row, for pixels for example `[1, 8, 8]`. Default `[size]`. */
  readonly shape?: readonly number[];
}

/** V8 makes no longer text. */
const LONGEST_TEXT = 2 ** 29 - 24;

/** A row is taken apart whole, hence a bound to its cells; in quotes it may run over any number of lines. */
const MOST_CELLS = 2 ** 20;
const LONGEST_QUOTED = 2 ** 27;
const LONGEST_LINE = 2 ** 25;

/**
 * Characters that are taken apart at a time, of a text without quotes; a row's beginning is read again with the next piece.
 * A quoted row may be as long as the text, which is read at once.
 */
const PIECE = 2 ** 22;

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
  if (text.includes('\0')) throw new DataError(name, 'is not text: it holds a NUL byte', 'pass a CSV or TSV file');
  const plain = text.startsWith('\uFEFF') ? text.slice(1) : text;
  if (!/\S/.test(plain)) throw new DataError(name, 'is empty');
  checkLines(plain, name);
  const table = new Table(name, read);
  let line = 1;
  let problem: unknown;
  Papa.parse<string[]>(plain, {
    delimiter: delimiterOf(plain),
    chunkSize: plain.includes('"') ? LONGEST_QUOTED : PIECE,
    step({ data: row, errors }, parser) {
      // What is thrown here must pass the parser whole.
      try {
        const broken = errors.find(({ type }) => type === 'Quotes');
        if (broken !== undefined) throw new DataError(name, `line ${line}: ${broken.message.toLowerCase()}`);
        if (row.length > 1 || row[0]!.trim() !== '') table.add(row, line);
        line += 1 + breaksIn(row);
      } catch (error) {
        problem = error;
        parser.abort();
      }
    },
  });
  if (problem !== undefined) throw problem;
  return table.dataset();
}

/** What stands between the cells of a text: a comma, a tab or a semicolon. */
export function delimiterOf(text: string): string {
  // Empty rows, as behind the last line break, would count as rows of one cell.
  const options = { delimitersToGuess: [',', '\t', ';'], preview: 10, skipEmptyLines: true };
  return Papa.parse(text.slice(0, PIECE), options).meta.delimiter;
}

/** Refuses what would take far more memory as cells than it takes as text. */
function checkLines(text: string, name: string): void {
  const quoted = text.includes('"');
  if (quoted && text.length > LONGEST_QUOTED) {
    throw new DataError(
      name,
      `has quotes, and more than ${LONGEST_QUOTED} characters`,
      'save it without quotes, or as NPY',
    );
  }
  let [line, cells, start] = [1, 1, 0];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x0a || code === 0x0d) {
      if (code === 0x0a) line++;
      cells = 1;
      start = at;
    } else if ((code === 0x2c || code === 0x09 || code === 0x3b) && ++cells > MOST_CELLS) {
      throw new DataError(name, `line ${line}: has more than ${MOST_CELLS} cells`);
    }
    if (at - start > LONGEST_LINE) throw new DataError(name, `line ${line}: has more than ${LONGEST_LINE} characters`);
  }
}

function breaksIn(row: readonly string[]): number {
  let breaks = 0;
  for (const cell of row) {
    for (let at = cell.indexOf('\n'); at >= 0; at = cell.indexOf('\n', at + 1)) breaks++;
  }
  return breaks;
}

/** What the first row decides. */
interface Layout {
  readonly cells: readonly string[];
  readonly named: boolean;
  /** The columns that are features. */
  readonly features: readonly number[];
  readonly label: number | undefined;
  readonly group: number | undefined;
}

/** Takes a table row by row, so that its cells are never all there at once. */
class Table {
  readonly #name: string;
  readonly #options: TableOptions;
  readonly #limit: number;
  readonly #classes: ClassNumbers;
  readonly #groups: Map<string, number> = new Map();
  readonly #labelList: number[] = [];
  readonly #groupList: number[] = [];
  readonly #faults: FaultyCells = new FaultyCells();
  #layout: Layout | undefined;
  #features: Float32Array = new Float32Array(1024);
  #length = 0;
  #leftOut = 0;

  constructor(name: string, options: TableOptions) {
    this.#name = name;
    this.#options = options;
    this.#limit = byteLimit(options);
    this.#classes = new ClassNumbers(name, options.classes);
  }

  add(row: readonly string[], line: number): void {
    if (this.#layout === undefined) {
      this.#layout = layoutOf(this.#name, row, this.#options);
      if (this.#layout.named) return;
    }
    const { cells, features, label, group } = this.#layout;
    if (row.length !== cells.length) {
      throw new DataError(this.#name, `line ${line}: expected ${cells.length} cells, got ${row.length}`);
    }
    this.#reserve(row.length);
    const start = this.#length;
    const labelText = label === undefined ? undefined : row[label]!.trim();
    let isWhole = labelText === undefined || !isMissing(labelText);
    for (const at of features) {
      const cell = row[at]!.trim();
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
    if (group !== undefined) this.#groupList.push(this.#groupNumber(row[group]!.trim()));
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
    if (this.#layout === undefined || count + this.#leftOut === 0) {
      throw new DataError(this.#name, 'has a header but no rows');
    }
    const { cells, named, features, label, group } = this.#layout;
    const names = named ? cells.map((cell) => cell.trim()) : undefined;
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

function layoutOf(name: string, cells: readonly string[], options: TableOptions): Layout {
  const { label: wanted = -1, group: wantedGroup, drop = [] } = options;
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
  const columns = [wanted, wantedGroup, ...drop];
  const what = (which: number): string => ['label ', 'group '][which] ?? '';
  const byPosition = columns.map((column, which) =>
    typeof column === 'number' ? position(name, column, cells.length, what(which)) : undefined,
  );
  const byName = columns.map((column) => (typeof column === 'string' ? column : undefined));
  const named = hasHeader(cells, byPosition, byName, options);
  const [label, group, ...dropped] = byPosition.map(
    (at, which) =>
      at ?? (byName[which] === undefined ? undefined : columnNamed(name, byName[which], named ? cells : [])),
  );
  if (label !== undefined && label === group) {
    throw new DataError(name, `column ${label + 1} cannot be both label and group`, 'choose another label or group');
  }
  for (const [role, at] of [['label', label] as const, ['group', group] as const]) {
    if (at === undefined || !dropped.includes(at)) continue;
    const column = named ? JSON.stringify(cells[at]!.trim()) : at + 1;
    throw new DataError(name, `column ${column} cannot be both left out and the ${role}`, `choose another ${role}`);
  }
  const features = [...cells.keys()].filter((at) => at !== label && at !== group && !dropped.includes(at));
  if (features.length === 0) throw new DataError(name, 'has no feature left: all other columns are left out');
  return { cells, named, features, label, group };
}

function position(name: string, column: number, columns: number, what: string): number {
  const at = column < 0 ? column + columns : column;
  if (!Number.isInteger(at) || at < 0 || at >= columns) {
    throw new DataError(name, `${what}column ${column} is out of range: there are ${columns} columns`);
  }
  return at;
}

function columnNamed(name: string, column: string, header: readonly string[]): number {
  const at = header.findIndex((cell) => cell.trim() === column);
  if (at < 0) {
    const names = header.map((cell) => cell.trim());
    const taken = names.some(isNumber) ? '; the first line was taken for names' : '';
    const columns = header.length > 0 ? `the columns are ${names.join(', ')}${taken}` : 'the table has no header';
    throw new DataError(name, `no column is named ${JSON.stringify(column)}`, columns);
  }
  return at;
}

function hasHeader(
  first: readonly string[],
  byPosition: readonly (number | undefined)[],
  byName: readonly (string | undefined)[],
  { header = 'auto' }: TableOptions,
): boolean {
  if (header !== 'auto') return header;
  // A column given by name needs a header to be found in.
  if (byName.some((column) => column !== undefined)) return true;
  const features = first.filter((_, at) => !byPosition.includes(at));
  // NaN and empty cells are bad data, not names.
  return features.every((cell) => !isNumber(cell.trim()) && !/^([+-]?(nan|inf(inity)?))?$/i.test(cell.trim()));
}

/**
 * Bytes as text.
 *
 * @throws `DataError` when they are not UTF-8.
 */
export function decodeText(bytes: Uint8Array, name: string): string {
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
