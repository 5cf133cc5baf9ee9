/** @file A table's text, piece by piece, as rows of cells: its byte-order mark, its separator, its line breaks and quotes. */
import Papa from 'papaparse';
import { DataError } from '../errors.js';
import type { Layout, TableRow } from './table-layout.js';

/** A row is taken apart whole, hence a bound to its cells; in quotes it may run over any number of lines. */
const MOST_CELLS = 2 ** 20;
const LONGEST_ROW = 2 ** 25;

/** Characters that are taken apart at a time; of the first ones, separator and line breaks are told. */
const PIECE = 2 ** 16;

/** So many rows tell what the columns are. */
const FIRST_ROWS = 10;

/** Rows of a table, and what their columns are. */
interface LaidOut {
  readonly rows: readonly TableRow[];
  readonly layout: Layout;
}

/**
 * Takes a table apart, so that its cells are never all there at once. Commas, tabs and semicolons separate cells: whichever
 * gives the first rows the same number of them. Blank lines are no rows, and neither is one of names. How the text is cut into
 * pieces makes no difference.
 */
export class TableReader {
  readonly #name: string;
  #parser: Papa.Parser | undefined;
  /** What is not taken apart yet: a row's beginning, or all where that is too little to tell the separator. */
  #rest = '';
  #line = 1;
  /** So long must the rest be until it is looked at again: a row is not gone through for each of its pieces. */
  #enough = PIECE;
  #isBegun = false;
  #width = 0;
  /** Rows that wait for the first ones to be complete. */
  #first: TableRow[] = [];
  readonly #decide: (first: readonly TableRow[]) => Layout;
  #layout: Layout | undefined;

  /**
   * @param name - What messages call it.
   * @param decide - Says what the columns are by the first ten rows, or all that there are.
   */
  constructor(name: string, decide: (first: readonly TableRow[]) => Layout) {
    this.#name = name;
    this.#decide = decide;
  }

  /**
   * The rows that a piece of the text completes, some at a time, and what their columns are.
   *
   * @param isLast - Whether the text ends with it.
   * @throws `DataError` that names the line, or says that there is no row at all.
   */
  *read(piece: string, isLast = false): Generator<LaidOut> {
    for (let start = 0; start < piece.length || isLast; start += PIECE) {
      const isEnd = isLast && start + PIECE >= piece.length;
      this.#take(piece.slice(start, start + PIECE));
      if (isEnd || this.#rest.length > this.#enough) yield* this.#whole(isEnd);
      if (isEnd) return;
    }
  }

  #take(piece: string): void {
    if (piece.includes('\0')) {
      throw new DataError(this.#name, 'is not text: it holds a NUL byte', 'pass a CSV or TSV file');
    }
    this.#rest += !this.#isBegun && piece.startsWith('\uFEFF') ? piece.slice(1) : piece;
    this.#isBegun ||= piece !== '';
  }

  *#whole(isLast: boolean): Generator<LaidOut> {
    this.#parser ??= this.#begin();
    let rows = this.#rowsOf(this.#parser.parse(this.#rest, 0, !isLast) as Papa.ParseResult<string[]>);
    if (this.#rest.length > LONGEST_ROW) {
      const problem = `line ${this.#line}: has more than ${LONGEST_ROW} characters`;
      throw new DataError(this.#name, problem, 'is a quote not closed?');
    }
    this.#enough = Math.min(Math.max(PIECE, 2 * this.#rest.length), LONGEST_ROW);
    if (this.#layout === undefined) {
      this.#first.push(...rows);
      if (!isLast && this.#first.length < FIRST_ROWS) return;
      if (this.#first.length === 0) throw new DataError(this.#name, 'is empty');
      this.#layout = this.#decide(this.#first.slice(0, FIRST_ROWS));
      rows = this.#first.slice(this.#layout.names === undefined ? 0 : 1);
      this.#first = [];
    }
    yield { rows, layout: this.#layout };
  }

  #rowsOf({ data, errors, meta }: Papa.ParseResult<string[]>): TableRow[] {
    const rows: TableRow[] = [];
    for (const [at, cells] of data.entries()) {
      const line = this.#line++;
      const fail = (problem: string): Error => new DataError(this.#name, `line ${line}: ${problem}`);
      const broken = errors.find(({ row }) => row === at);
      if (broken !== undefined) throw fail(broken.message.toLowerCase());
      if (cells.length > MOST_CELLS) throw fail(`has more than ${MOST_CELLS} cells`);
      for (let column = 0; column < cells.length; column++) {
        this.#line += breaksIn(cells[column]!);
        cells[column] = cells[column]!.trim();
      }
      if (cells.length === 1 && cells[0] === '') continue;
      this.#width ||= cells.length;
      if (cells.length !== this.#width) throw fail(`expected ${this.#width} cells, got ${cells.length}`);
      rows.push({ cells, line });
    }
    this.#rest = this.#rest.slice(meta.cursor);
    return rows;
  }

  /** Looks at the first characters. A carriage return before a line break is a space at a row's end, and is trimmed. */
  #begin(): Papa.Parser {
    const head = this.#rest.slice(0, PIECE);
    // A row that is cut short has fewer cells than the others.
    const end = head.length < this.#rest.length ? head.lastIndexOf('\n') : -1;
    const lines = (end < 0 ? head : head.slice(0, end)).replaceAll(/^ +$/gm, '');
    const { delimiter, linebreak } = Papa.parse(lines, {
      preview: 1,
      skipEmptyLines: true,
      delimitersToGuess: [',', '\t', ';'],
    }).meta;
    return new Papa.Parser({ delimiter, newline: linebreak === '\r' ? '\r' : '\n' });
  }
}

function breaksIn(cell: string): number {
  let breaks = 0;
  for (let at = cell.indexOf('\n'); at >= 0; at = cell.indexOf('\n', at + 1)) breaks++;
  return breaks;
}
