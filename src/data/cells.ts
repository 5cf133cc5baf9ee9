/** @file Cells of a table as numbers; what is wrong with those that are none is told of all at once. */
import { DataError } from '../errors.js';

// No two parts of it can take the same digits: a long cell takes no longer than its length.
const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;
const MISSING = /^(na|n\/a|nan|null)?$/i;
const DECIMAL_COMMA = /^[+-]?\d*,\d+$/;

/** How many columns a message names. */
const NAMED = 12;

/** Whether a trimmed cell is written as a number. */
export const isNumber = (cell: string): boolean => NUMBER.test(cell);

/** Whether a trimmed cell says that nothing was measured: empty, NA, N/A, NaN or null. */
export const isMissing = (cell: string): boolean => MISSING.test(cell);

/** The number in a trimmed cell; NaN where there is none that is finite in `float32`. */
export function numberIn(cell: string): number {
  const number = Number(cell);
  return NUMBER.test(cell) && Number.isFinite(Math.fround(number)) ? number : Number.NaN;
}

/** The hint on a cell that is no number. */
export const cellHint = (cell: string): string | undefined =>
  DECIMAL_COMMA.test(cell) ? 'numbers need a decimal point' : undefined;

/** A cell as messages show it. */
export function excerpt(cell: string): string {
  return JSON.stringify(cell.length > 60 ? `${cell.slice(0, 60)}…` : cell);
}

/** What can be done about cells that are no numbers. */
export interface CellRemedies {
  /** The columns of text, by name, or by position where there is no name; none where only single cells are wrong. */
  readonly drop: readonly (string | number)[];
  /** Whether cells are missing. */
  readonly missing: boolean;
  /** Whether the label may be one of the columns: nobody chose one. */
  readonly label: boolean;
  /** What else helps. */
  readonly others: readonly string[];
}

/** Says what can be done, in the words of a function's options. */
function inOptions({ drop, missing, label, others }: CellRemedies): string {
  return [
    ...(drop.length > 0 ? [`leave out columns with drop: ${JSON.stringify(drop)}`] : []),
    ...(drop.length > 0 && label ? ['or choose the label with label'] : []),
    ...(missing ? ["leave out rows with missing cells with missing: 'drop'"] : []),
    ...others,
  ].join('; ');
}

/** Cells that are no numbers; tells whoever catches it what can be done. */
export class CellsError extends DataError {
  /** What is wrong, without the name of the file and without a hint. */
  readonly problem: string;
  readonly remedies: CellRemedies;

  constructor(name: string, problem: string, remedies: CellRemedies) {
    super(name, problem, inOptions(remedies) || undefined);
    this.problem = problem;
    this.remedies = remedies;
  }
}

/** What was found in a column. */
interface Found {
  text: number;
  missing: number;
  firstText: Place | undefined;
  firstMissing: Place | undefined;
}

interface Place {
  readonly line: number;
  readonly column: number;
  readonly cell: string;
}

/** Takes note of cells that are no numbers. */
export class FaultyCells {
  readonly #columns: Map<number, Found> = new Map();
  #rowsMissing = 0;
  #lastLine = 0;

  /** Takes note of a trimmed cell. */
  add(line: number, column: number, cell: string): void {
    const place = { line, column, cell };
    const found = this.#columns.get(column) ?? { text: 0, missing: 0, firstText: undefined, firstMissing: undefined };
    this.#columns.set(column, found);
    if (!isMissing(cell)) {
      found.text++;
      found.firstText ??= place;
      return;
    }
    found.missing++;
    found.firstMissing ??= place;
    if (line !== this.#lastLine) this.#rowsMissing++;
    this.#lastLine = line;
  }

  /** The column with most missing cells; undefined where none is missing. */
  get emptiest(): number | undefined {
    return [...this.#columns].reduce<[number, number] | undefined>(
      (most, [at, { missing }]) => (missing > (most?.[1] ?? 0) ? [at, missing] : most),
      undefined,
    )?.[0];
  }

  /**
   * Throws a {@link CellsError} that tells of all cells together.
   *
   * @param rows - How many rows there were.
   * @param names - The names of all columns; undefined where there are none.
   * @param options - Whether rows with missing cells are left out, and whether the label was chosen.
   */
  check(
    name: string,
    rows: number,
    names: readonly string[] | undefined,
    options: { readonly leavesOut: boolean; readonly isLabelChosen: boolean },
  ): void {
    const columnName = (at: number): string => (names === undefined ? String(at + 1) : JSON.stringify(names[at]));
    const wrong = ({ line, column, cell }: Place): string =>
      `line ${line}, column ${columnName(column)}: expected a finite number, got ${excerpt(cell)}`;
    const isText = ({ text, missing, firstText }: Found): boolean =>
      2 * text > rows - missing && !DECIMAL_COMMA.test(firstText!.cell) && !isInfinite(firstText!.cell);

    const withText = [...this.#columns].filter(([, { text }]) => text > 0).sort(([a], [b]) => a - b);
    const strays = withText.filter(([, found]) => !isText(found));
    let texts = withText.filter(([, found]) => isText(found));
    // Cells that are missing in a column of text go with it.
    const holed = [...this.#columns.values()].filter(
      (found) => found.missing > 0 && !(found.text > 0 && isText(found)),
    );
    const missing = options.leavesOut ? 0 : holed.reduce((sum, found) => sum + found.missing, 0);
    const places = holed
      .map(({ firstMissing }) => firstMissing!)
      .sort((a, b) => a.line - b.line || a.column - b.column);
    const first = texts[0]?.[1].firstText;
    const isAlone = missing === 0 && strays.length === 0 && texts.length === 1 && texts[0]![1].text === 1;
    const problems: string[] = [];
    if (first !== undefined && isAlone) {
      problems.push(wrong(first));
      texts = [];
    } else if (first !== undefined) {
      const list = texts.slice(0, NAMED).map(([at]) => columnName(at));
      const more = texts.length > NAMED ? ` and ${texts.length - NAMED} more` : '';
      const [noun, verb] = texts.length === 1 ? ['column', 'holds'] : ['columns', 'hold'];
      problems.push(
        `${noun} ${list.join(', ')}${more} ${verb} text, the first is ${excerpt(first.cell)} in line ${first.line}`,
      );
    }
    if (missing === 1 && withText.length === 0) problems.push(wrong(places[0]!));
    else if (missing > 0) {
      const isAll = texts.every(([, found]) => found.missing === 0);
      const inRows = isAll ? ` in ${counted(this.#rowsMissing, 'row', 'rows')}` : '';
      const { line, column } = places[0]!;
      problems.push(
        `${counted(missing, 'cell is', 'cells are')} missing${inRows}, the first in line ${line}, column ${columnName(column)}`,
      );
    }
    if (strays.length > 0) {
      const wrongs = strays.map(([, { firstText }]) => firstText!).sort((a, b) => a.line - b.line);
      const more = strays.reduce((sum, [, { text }]) => sum + text, -1);
      problems.push(`${wrong(wrongs[0]!)}${more > 0 ? `, and ${more} more like it` : ''}`);
    }
    if (problems.length === 0) return;
    throw new CellsError(name, problems.join('; '), {
      drop: texts.map(([at]) => (isPlain(names, at) ? names![at]! : at)),
      missing: missing > 0,
      label: !options.isLabelChosen,
      others: [...new Set(withText.flatMap(([, { firstText }]) => cellHint(firstText!.cell) ?? []))],
    });
  }
}

/** Whether a cell is a number after all, beyond what float32 holds. */
const isInfinite = (cell: string): boolean => isNumber(cell) || /^[+-]?inf(inity)?$/i.test(cell);

/** Whether a column is found by its name, in a list with commas too. */
const isPlain = (names: readonly string[] | undefined, at: number): boolean =>
  names !== undefined && names.indexOf(names[at]!) === at && !/^$|^-?\d+$|^none$|,/.test(names[at]!);

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;
