/** @file The embed command: the embeddings of rows, batch by batch. */
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { pipeline, type Readable } from 'node:stream';
import { constants, createGunzip, gunzipSync } from 'node:zlib';
import { FORMAT_BYTES, fileFormatOf, refuseUnlessText, startsAs } from '../data/file-format.js';
import type { Dataset } from '../data/index.js';
import { ArgumentError, DataError } from '../index.js';
import { type Encoder, loadEncoder } from '../io/index.js';
import { failed } from '../source.js';
import { openDevice } from './device.js';
import { RunFolder } from './folder.js';
import { type EmbeddedRow, formatOf, writerOf } from './formats.js';
import { fileOutput, outputTo } from './output.js';
import { columnOf, columnsOf, type EmbedOptions } from './settings.js';
import type { Shell } from './shell.js';
import { loadLabelled } from './sources.js';
import { readingSettings } from './stored.js';
import { type StreamedRow, tableRows } from './table-stream.js';

/** How many rows are embedded at once. */
const BATCH = 256;

/** Runs the command. */
export async function embed(path: string, data: string, options: EmbedOptions, shell: Shell): Promise<void> {
  const { output: file } = options;
  const format = formatOf(file, options.format);
  if (format === 'npy' && file === undefined) {
    throw new ArgumentError(
      '--format',
      'npy cannot go to stdout: its header tells how many rows follow',
      'pass -o <file>',
    );
  }
  // Says what is wrong with a folder that is none of a run.
  await new RunFolder(path).config();
  const encoder = await loadEncoder(path, { device: await openDevice(options.device) });
  // Before the output is opened: what cannot be read leaves no trace.
  const rows = await rowsOf(data, encoder, options, shell);
  const output = file === undefined ? outputTo(shell.stdout) : await fileOutput(file);
  const writer = writerOf(format, output);
  try {
    for await (const batch of batchesOf(rows)) {
      const embeddings = await encoder.embed(batch.map(({ features }) => features));
      const done = embeddings.map((embedding, i): EmbeddedRow => {
        const { features: _, ...rest } = batch[i]!;
        return { ...rest, embedding };
      });
      await writer.write(done);
    }
    await writer.end();
    await output.close();
  } catch (error) {
    await output.discard();
    throw error;
  }
}

async function* batchesOf(groups: Groups): AsyncGenerator<readonly StreamedRow[]> {
  let batch: StreamedRow[] = [];
  for await (const rows of groups) {
    batch.push(...rows);
    let start = 0;
    for (; batch.length - start >= BATCH; start += BATCH) yield batch.slice(start, start + BATCH);
    batch = batch.slice(start);
  }
  if (batch.length > 0) yield batch;
}

/** Rows, some at a time. */
type Groups = AsyncIterable<readonly StreamedRow[]> | Iterable<readonly StreamedRow[]>;

/** The rows of what is named: tables are read as they come, all else is loaded. */
async function rowsOf(data: string, { config }: Encoder, options: EmbedOptions, { stdin }: Shell): Promise<Groups> {
  const settings = readingSettings(config);
  const labelText = options.label ?? settings.label;
  const columns = {
    ...(labelText !== undefined && { label: labelText === 'none' ? null : columnOf(labelText) }),
    ...(settings.group !== undefined && { group: columnOf(settings.group) }),
    drop: columnsOf(settings.drop),
  };
  const name = data === '-' ? 'stdin' : data;
  const bytes = data === '-' ? stdin : await tableAt(data);
  if (bytes !== null) return tableRows(decoded(bytes, name), config.input, columns, name);
  const { labels: _, ...rest } = settings;
  return loadedRows(
    await loadLabelled(data, { ...rest, ...(options.labels !== undefined && { labels: options.labels }) }),
  );
}

function* loadedRows(data: Dataset): Generator<readonly StreamedRow[]> {
  const { features, size, labels, classes, sampleNames } = data;
  for (let row = 0; row < data.count; row++) {
    const streamed: StreamedRow = {
      features: features.subarray(row * size, (row + 1) * size),
      ...(sampleNames && { name: sampleNames[row]! }),
      ...(labels[row]! >= 0 && { label: classes[labels[row]!]! }),
    };
    yield [streamed];
  }
}

/** The bytes of a table, unpacked; null where a path holds something else. */
async function tableAt(path: string): Promise<Readable | null> {
  try {
    if ((await stat(path)).isDirectory()) return null;
    const start = await firstBytes(path);
    const isPacked = startsAs('gzip', start);
    // Of what is packed, as much as the first bytes give.
    const plain = isPacked ? gunzipSync(start, { finishFlush: constants.Z_SYNC_FLUSH }) : start;
    if (fileFormatOf(plain, path) !== 'table') return null;
    const bytes = createReadStream(path);
    // The callback makes an error of one end an error of the other.
    return isPacked ? pipeline(bytes, createGunzip(), () => {}) : bytes;
  } catch (error) {
    throw failed(path, 'read', error);
  }
}

async function firstBytes(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(FORMAT_BYTES), 0, FORMAT_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Bytes as text; an error where they are none. */
async function* decoded(bytes: Readable, name: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let isFirst = true;
  try {
    for await (const piece of bytes as AsyncIterable<Uint8Array>) {
      if (isFirst) refuseUnlessText(piece, name);
      isFirst = false;
      yield decoder.decode(piece, { stream: true });
    }
    yield decoder.decode();
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw (error as { code?: string }).code === 'ERR_ENCODING_INVALID_ENCODED_DATA'
      ? new DataError(name, 'is not text: its bytes are not UTF-8', 'pass a CSV or TSV file')
      : failed(name, 'read', error);
  }
}
