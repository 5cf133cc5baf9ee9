/** @file Tables whose first row has missing cells, or names that could be such; files that are no tables. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { columnsOf } from '../../docs/.vitepress/theme/trainer/columns.js';
import { readTable } from '../../docs/.vitepress/theme/trainer/rows.js';
import { loadDataset, loadTable, parseTable } from '../../src/data/index.js';
import { eye, type nn } from '../../src/index.js';
import { serializeRunConfig, writeSafetensors } from '../../src/io/index.js';
import { run } from '../support/command.js';
import { npy, packed, png } from '../support/files.js';

const folder = mkdtempSync(join(tmpdir(), 'contragrad-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = (name: string): string => join(folder, name);
const write = (name: string, content: string | Uint8Array): string => {
  writeFileSync(path(name), content);
  return path(name);
};

/** A run whose encoder gives back its features. */
async function mirror(name: string, shape: readonly number[]): Promise<void> {
  const size = shape.reduce((product, length) => product * length, 1);
  mkdirSync(path(name));
  const architecture: nn.LayerConfig[] = [
    ...(shape.length > 1 ? [{ type: 'Flatten' } as const] : []),
    { type: 'Linear', outFeatures: size, bias: false },
  ];
  const numbers = { mean: new Array(size).fill(0), scale: new Array(size).fill(1) };
  const rest = { format: 'contragrad-run', version: 1, metric: 'euclidean', settings: {} } as const;
  write(`${name}/config.json`, serializeRunConfig({ ...rest, architecture, input: { shape, ...numbers } }));
  const weights = { [`${architecture.length - 1}.weight`]: eye(size) };
  await writeSafetensors(path(`${name}/model.safetensors`), weights);
}

beforeAll(async () => {
  await mirror('two', [2]);
  await mirror('pixels', [1, 1, 2]);
});

describe('a first row with missing cells', () => {
  test('is data to embed: no row is lost without a word', async () => {
    const { status, out, err } = await run(['embed', path('two'), write('bare.csv', 'NA,,a\n1,2,a\n3,4,b\n5,6,b\n')]);
    expect([status, out]).toEqual([1, '']);
    expect(err).toContain('bare.csv: line 1, column 1: expected a finite number, got "NA"; a row with a missing cell');
  });

  test('is data to parseTable: no feature is called NA', () => {
    const data = parseTable('NA,NA,a\n1,2,a\n3,4,b', { missing: 'drop' });
    expect([data.count, data.leftOut, data.featureNames, data.labelName]).toEqual([2, 1, undefined, undefined]);
    expect(() => parseTable('null,N/A,a\n1,2,a', {}, 't')).toThrow(
      't: 2 cells are missing in 1 row, the first in line 1',
    );
  });

  test('is data to the page', async () => {
    const file = new Blob(['NA,,a\n1,2,a\n3,4,b\n']);
    expect(await columnsOf(file)).toEqual({ names: ['column 1', 'column 2', 'column 3'], label: 2 });
    const { data, leftOut } = await readTable(file, 2);
    expect([data.count, data.featureNames, leftOut]).toEqual([2, undefined, '1 row with missing cells']);
  });

  test('and text is data whose text is told of, not a header that takes the row with it', () => {
    expect(() => parseTable('NA,red,a\n1,blue,b', {}, 't')).toThrow('leave out columns with drop: [1]');
    expect(parseTable('NA,red,a\n1,blue,b', { drop: [1], missing: 'drop' })).toMatchObject({ count: 1, leftOut: 1 });
  });
});

describe('a header', () => {
  const glass = 'RI,Na,K,Type\n1.52,13.6,0.06,a\n1.51,13.9,0.48,b\n';

  test('may name sodium', async () => {
    expect(parseTable(glass)).toMatchObject({ count: 2, featureNames: ['RI', 'Na', 'K'], labelName: 'Type' });
    expect((await columnsOf(new Blob([glass]))).names).toEqual(['RI', 'Na', 'K', 'Type']);
  });

  test('is found for embed whatever the label is called', async () => {
    const { out, err } = await run(['embed', path('two'), '-'], { input: 'x,y,0\n1,2,3\n4,5,6\n' });
    expect(err).toBe('');
    expect(out).toBe('{"row":1,"label":"3","embedding":[1,2]}\n{"row":2,"label":"6","embedding":[4,5]}\n');
  });

  test('may have one name twice', async () => {
    await mirror('twice', [2]);
    const input = { shape: [2], features: ['x', 'x'], mean: [0, 0], scale: [1, 1] };
    const rest = { format: 'contragrad-run', version: 1, metric: 'euclidean', settings: {} } as const;
    const architecture = [{ type: 'Linear', outFeatures: 2, bias: false }] as const;
    write('twice/config.json', serializeRunConfig({ ...rest, architecture, input }));
    const { out } = await run(['embed', path('twice'), '-'], { input: 'x,x,x\n1,2,3\n' });
    expect(out).toBe('{"row":1,"label":"3","embedding":[1,2]}\n');
  });

  test('is not missed where a blank line lies among few rows, or where line breaks are mixed', () => {
    expect(parseTable(' 1\ta\n \n2\tb').count).toBe(2);
    expect(parseTable('x,k\r\n1,a\n2,b\r\n3,a\r\n').count).toBe(3);
  });
});

describe('what a file holds', () => {
  const picture = png({ width: 2, height: 1, lines: [0, 0, 255] });
  const array = npy(
    '<f4',
    [1, 2],
    packed([3, 4], 4, (view, at, value) => view.setFloat32(at, value, true)),
  );

  test.each<[string, string, Uint8Array, number[]]>([
    ['a picture', 'pixels', picture, [0, 1]],
    ['a packed picture', 'pixels', gzipSync(picture), [0, 1]],
    ['an array', 'two', array, [3, 4]],
    ['a packed array', 'two', gzipSync(array), [3, 4]],
    ['a packed table', 'two', gzipSync('3,4,a\n'), [3, 4]],
  ])('%s is told by its bytes, whatever it is called', async (_, place, bytes, wanted) => {
    for (const name of ['file.csv', 'file.csv.gz', 'file']) {
      const { out, err } = await run(['embed', path(place), write(name, bytes)]);
      expect(err).toBe('');
      expect(JSON.parse(out).embedding).toEqual(wanted);
      const { features } = await loadDataset(path(name), { channels: 1 });
      expect([...features]).toEqual(wanted);
    }
  });

  test('where a table is needed, the error names what is there instead', async () => {
    const message = 'is not text: it looks like a PNG image; pass a CSV or TSV file';
    await expect(loadTable(picture)).rejects.toThrow(message);
    await expect(readTable(new Blob([Uint8Array.from(picture)]), 0)).rejects.toThrow(message);
    await expect(loadTable(Uint8Array.from(array))).rejects.toThrow('it looks like a NumPy array');
  });

  test('a damaged file is told by its name', async () => {
    const damaged = Uint8Array.of(0x88, 0, 1, 2);
    await expect(loadDataset(write('a.png', damaged))).rejects.toThrow('is neither a PNG nor a JPEG file');
    await expect(loadDataset(write('a.npy', damaged))).rejects.toThrow('is no NumPy file');
    await expect(loadDataset(write('a.csv', damaged))).rejects.toThrow('is not text: its bytes are not UTF-8');
    await expect(loadDataset(write('text.npy', '1,2,a\n'))).resolves.toMatchObject({ count: 1 });
  });
});
