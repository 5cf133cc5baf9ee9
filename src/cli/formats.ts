/** @file Embeddings as JSON lines, CSV and NPY. */
import { ArgumentError } from '../index.js';
import type { Output } from './output.js';

/** The formats that embeddings are written in. */
export type Format = 'csv' | 'npy' | 'jsonl';

/** A row with its embedding. */
export interface EmbeddedRow {
  readonly embedding: readonly number[];
  readonly label?: string;
  readonly name?: string;
}

/** Writes rows in a format. */
export interface Writer {
  write(rows: readonly EmbeddedRow[]): Promise<void>;
  /** After the last row. */
  end(): Promise<void>;
}

/** The format of a file, by its name. */
export function formatOf(file: string | undefined, given: Format | undefined): Format {
  if (given !== undefined) return given;
  if (file === undefined) return 'jsonl';
  const ending = /\.(csv|npy|jsonl)$/i.exec(file)?.[1]?.toLowerCase();
  if (ending === undefined)
    throw new ArgumentError('--output', `must end in .csv, .npy or .jsonl, got ${file}`, 'or pass --format');
  return ending as Format;
}

/** The shortest digits that give a number back in float32. */
function digits(value: number): number {
  for (let precision = 6; precision < 9; precision++) {
    const short = Number(value.toPrecision(precision));
    if (Math.fround(short) === value) return short;
  }
  return Number(value.toPrecision(9));
}

/** A writer of a format. */
export function writerOf(format: Format, output: Output): Writer {
  if (format === 'npy') return new NpyWriter(output);
  return format === 'csv' ? new CsvWriter(output) : new JsonWriter(output);
}

/** A row a line: `{"row":1,"label":"a","embedding":[…]}`. */
class JsonWriter implements Writer {
  readonly #output: Output;
  #row = 0;

  constructor(output: Output) {
    this.#output = output;
  }

  async write(rows: readonly EmbeddedRow[]): Promise<void> {
    const lines = rows.map(({ embedding, ...rest }) =>
      JSON.stringify({ row: ++this.#row, ...rest, embedding: embedding.map(digits) }),
    );
    await this.#output.write(`${lines.join('\n')}\n`);
  }

  async end(): Promise<void> {}
}

const cell = (text: string): string => (/[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** A header, then the columns `name` and `label`, where there are such, and `e1`, `e2`, … */
class CsvWriter implements Writer {
  readonly #output: Output;
  #columns: readonly ('name' | 'label')[] | null = null;

  constructor(output: Output) {
    this.#output = output;
  }

  async write(rows: readonly EmbeddedRow[]): Promise<void> {
    const lines: string[] = [];
    if (this.#columns === null) {
      const first = rows[0]!;
      this.#columns = (['name', 'label'] as const).filter((column) => first[column] !== undefined);
      lines.push([...this.#columns, ...first.embedding.map((_, i) => `e${i + 1}`)].join(','));
    }
    const columns = this.#columns;
    for (const row of rows) {
      lines.push([...columns.map((column) => cell(row[column] ?? '')), ...row.embedding.map(digits)].join(','));
    }
    await this.#output.write(`${lines.join('\n')}\n`);
  }

  async end(): Promise<void> {}
}

const NPY_HEADER = 128;

/** One float32 array `[rows, dimensions]`. How many rows there are is known at the end: the header is put in then. */
class NpyWriter implements Writer {
  readonly #output: Output;
  #rows = 0;
  #size = 0;

  constructor(output: Output) {
    this.#output = output;
  }

  async write(rows: readonly EmbeddedRow[]): Promise<void> {
    if (this.#rows === 0) {
      this.#size = rows[0]!.embedding.length;
      await this.#output.write(new Uint8Array(NPY_HEADER));
    }
    this.#rows += rows.length;
    const bytes = new DataView(new ArrayBuffer(4 * rows.length * this.#size));
    rows.forEach(({ embedding }, row) => {
      embedding.forEach((value, i) => {
        bytes.setFloat32(4 * (row * this.#size + i), value, true);
      });
    });
    await this.#output.write(new Uint8Array(bytes.buffer));
  }

  async end(): Promise<void> {
    const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${this.#rows}, ${this.#size}), }`;
    const magic = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, NPY_HEADER - 10, 0]);
    await this.#output.rewrite(Buffer.concat([magic, Buffer.from(`${text.padEnd(NPY_HEADER - 11)}\n`, 'latin1')]));
  }
}
