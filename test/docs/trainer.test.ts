/** @file The live trainer without its page: what it learns, what it refuses, what it saves, and what its lesson says. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { columnsOf } from '../../docs/.vitepress/theme/trainer/columns.js';
import { History } from '../../docs/.vitepress/theme/trainer/history.js';
import { Projection } from '../../docs/.vitepress/theme/trainer/projection.js';
import { type Rows, rowsOf } from '../../docs/.vitepress/theme/trainer/rows.js';
import { LOSSES, losses, START, type TrainerSettings } from '../../docs/.vitepress/theme/trainer/settings.js';
import { Training } from '../../docs/.vitepress/theme/trainer/training.js';
import { irisTextures } from '../../src/data/index.js';
import { DataError } from '../../src/index.js';
import { loadEncoder } from '../../src/io/index.js';
import { assertProperty } from '../support/depth.js';

const table = (text: string, label: string | number = -1, name = 'birds.csv') =>
  rowsOf({ kind: 'table', file: new File([text], name), label });

async function trained(rows: Rows, steps: number, settings: Partial<TrainerSettings> = {}): Promise<Training> {
  const training = new Training(rows, { ...START, ...settings });
  for (let step = 0; step < steps; step++) await training.next();
  return training;
}

/** The mean place of each class among the drawn rows that are trained on. */
async function places(training: Training): Promise<[number, number][]> {
  const points = await training.picture();
  const { data, trained: seen } = training.rows;
  return data.classes.map((_, label) => {
    const mine = [...training.drawn.keys()].filter(
      (i) => training.drawn[i]! < seen && data.labels[training.drawn[i]!] === label,
    );
    const mean = (t: number): number => mine.reduce((sum, i) => sum + points[2 * i + t]!, 0) / mine.length;
    return [mean(0), mean(1)];
  });
}

describe('training', () => {
  test.each(LOSSES)('%s parts the iris strips that it never saw, in one compiled call for each step', async (loss) => {
    const rows = await rowsOf({ kind: 'iris' });
    const training = new Training(rows, { ...START, loss, sharpness: losses[loss].sharpness.preset });
    expect(await training.accuracy()).toBeLessThan(0.5);
    for (let step = 0; step < 150; step++) await training.next();
    expect(await training.accuracy()).toBeGreaterThan(0.9);
    expect(training.executor).toBe('wasm');
    expect((await training.diagnosis()).verdict).not.toBe('');
  });

  test('the same settings give the same numbers', async () => {
    const rows = await rowsOf({ kind: 'spirals' });
    const [one, other] = [await trained(rows, 20), await trained(rows, 20)];
    expect(await one.picture()).toEqual(await other.picture());
  });

  test('no held-out row is in a batch or in the standardisation', async () => {
    const rows = await rowsOf({ kind: 'iris' });
    const { data, trained: seen } = rows;
    const spoilt = { ...data, features: data.features.map((v, i) => (i < seen * data.size ? v : Number.NaN)) };
    const training = await trained({ ...rows, data: spoilt }, 30);
    expect(Number.isFinite(await training.next())).toBe(true);
    expect(new Set(rows.order).size).toBe(data.count);
  });
});

describe('the lesson keeps its word', () => {
  /** The angles between neighbouring classes around the circle, in degrees, once SupCon has come to rest. */
  async function gaps(kind: 'iris' | 'spirals', sharpness: number): Promise<number[]> {
    const means = await places(await trained(await rowsOf({ kind }), 1500, { loss: 'supcon', sharpness }));
    const angles = means.map(([x, y]) => (180 / Math.PI) * Math.atan2(y, x)).sort((p, q) => p - q);
    return angles.map((angle, i) => (i === 0 ? angle - angles.at(-1)! + 360 : angle - angles[i - 1]!));
  }

  test('SupCon sets the eight subjects evenly around the circle', async () => {
    for (const gap of await gaps('iris', 0.1)) expect(Math.abs(gap - 45)).toBeLessThan(5);
  });

  test('three arms stand evenly with temperature 0.5, but not with 0.1', async () => {
    for (const gap of await gaps('spirals', 0.5)) expect(Math.abs(gap - 120)).toBeLessThan(15);
    const [first, second, widest] = (await gaps('spirals', 0.1)).sort((p, q) => p - q) as [number, number, number];
    expect(Math.max(first, second)).toBeLessThan(90);
    expect(widest).toBeGreaterThan(150);
  });

  test('with margin 2 clusters come to rest further apart than with 1', async () => {
    const rows = await rowsOf({ kind: 'iris' });
    const least = async (sharpness: number): Promise<number> => {
      const means = await places(await trained(rows, 400, { sharpness }));
      return Math.min(...means.flatMap(([x, y], i) => means.slice(i + 1).map(([s, t]) => Math.hypot(x - s, y - t))));
    };
    expect(await least(2)).toBeGreaterThan(1.5 * (await least(1)));
  });
});

describe('a table', () => {
  test.each([
    ['', 'birds.csv: is empty'],
    ['x,kind\n1,a\n2,b\n', 'needs two classes with two rows and more, got 0 of 2 classes in 2 rows'],
    ['x,kind\n1,a\nmany,a\n', 'line 3, column "x": expected a finite number, got "many"'],
    [`x,kind\n${'1,a\n2,b\n'.repeat(2001)}`, 'has 4002 rows'],
    [`${'1,'.repeat(1025)}a\n`.repeat(4), 'has 1025 features'],
  ])('that cannot be trained on is refused in words, %#', async (text, message) => {
    await expect(table(text)).rejects.toThrow(DataError);
    await expect(table(text)).rejects.toThrow(message);
  });

  test.each([
    ['x,y,kind\n1,2,cat\n', ['x', 'y', 'kind'], 2],
    ['kind;x;y\ncat;1;2\ndog;3;4\n', ['kind', 'x', 'y'], 0],
    ['1,2,0\n3,4,1\n', ['column 1', 'column 2', 'column 3'], 2],
    ['', ['column 1'], 0],
  ])('shows its columns before it is read, %#', async (text, names, label) => {
    expect(await columnsOf(new Blob([text]))).toEqual({ names, label });
  });

  test('further columns of text and rows with missing cells are left out, and said to be', async () => {
    const lines = Array.from(
      { length: 24 },
      (_, i) => `W-${i},${i},${i === 5 ? 'NA' : 2 * i},day ${i},${i % 2 ? 'on' : 'off'}`,
    );
    const rows = await table(['reading id,x,y,taken on,state', ...lines].join('\n'));
    expect(rows.leftOut).toBe('the columns of text reading id, taken on, and 1 row with missing cells');
    expect([rows.data.count, rows.data.featureNames, rows.data.classes]).toEqual([23, ['x', 'y'], ['off', 'on']]);
    expect((await table('x,y,kind\n1,2,a\n3,4,a\n5,6,a\n1,1,b\n2,2,b\n3,3,b\n')).leftOut).toBe('');
    // One wrong cell is a mistake to be told, not a column of text.
    await expect(table('x,kind\n1,a\nlots,a\n2,b\n')).rejects.toThrow(
      'line 3, column "x": expected a finite number, got "lots"',
    );
  });

  test('becomes files that loadEncoder reads, with the same embeddings', async () => {
    const source = irisTextures({ subjects: 3, imagesPerSubject: 8 });
    const cells = (row: number): string => [...source.features.subarray(row * 256, (row + 1) * 256)].join(',');
    const names = ['=1+1', 'a "quoted", one', '</script><img onerror=x>'];
    const quoted = (label: number): string => `"${names[label]!.replaceAll('"', '""')}"`;
    const text = Array.from(source.labels, (label, row) => `${cells(row)},${quoted(label)}\n`).join('');
    const training = await trained(await table(text), 10, { dim: 16, loss: 'supcon' });
    const { weights, config, embeddings } = await training.files();
    const folder = mkdtempSync(join(tmpdir(), 'trainer-'));
    try {
      writeFileSync(join(folder, 'model.safetensors'), weights);
      writeFileSync(join(folder, 'config.json'), config);
      const encoder = await loadEncoder(folder);
      expect(encoder.config.classes).toEqual(names);
      expect(encoder.config.metric).toBe('cosine');
      const expected = await encoder.embed(source.features);
      const lines = embeddings.trimEnd().split('\n').slice(1);
      expect(lines).toHaveLength(24);
      lines.forEach((line, row) => {
        const numbers = line.split(',').slice(-16).map(Number);
        numbers.forEach((v, t) => {
          expect(v).toBeCloseTo(expected[row]![t]!, 5);
        });
      });
      expect(embeddings).toContain(`"'=1+1"`);
      expect(embeddings).not.toMatch(/,"[=+@-]/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('what is drawn', () => {
  test('the plane holds as much of the variance as any two directions can', () => {
    const numbers = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 120, maxLength: 120 });
    assertProperty(
      fc.property(numbers, (list) => {
        // Three scales far apart: the first two must be found, whatever the points are.
        const points = Float32Array.from(list, (v, i) => v * [0.05, 3, 0.02, 1][i % 4]!);
        const flat = new Projection(4).of(points);
        const spread = (values: Float32Array, width: number, t: number): number => {
          const own = [...values].filter((_, i) => i % width === t);
          const mean = own.reduce((sum, v) => sum + v, 0) / own.length;
          return own.reduce((sum, v) => sum + (v - mean) ** 2, 0);
        };
        const kept = spread(flat, 2, 0) + spread(flat, 2, 1);
        expect(kept).toBeGreaterThanOrEqual(0.999 * (spread(points, 4, 1) + spread(points, 4, 3)) - 1e-6);
        const all = [0, 1, 2, 3].reduce((sum, t) => sum + spread(points, 4, t), 0);
        expect(kept).toBeLessThanOrEqual(1.0001 * all + 1e-6);
      }),
      50,
    );
  });

  test('a curve never has many points: each is the mean of as many numbers', () => {
    assertProperty(
      fc.property(fc.integer({ min: 1, max: 5000 }), (count) => {
        const values = Array.from({ length: count }, (_, step) => Math.sin(step * step));
        const history = new History();
        values.forEach((value, step) => {
          history.add(step, value);
        });
        let each = 1;
        while (Math.floor(count / each) >= 400) each *= 2;
        const expected = Array.from({ length: Math.ceil(count / each) }, (_, i) => {
          const part = values.slice(i * each, (i + 1) * each);
          return [i * each + (part.length - 1) / 2, part.reduce((sum, v) => sum + v, 0) / part.length];
        });
        const [{ points }, flat] = [history, expected.flat()];
        expect(points).toHaveLength(expected.length);
        points.flat().forEach((v, i) => {
          expect(v).toBeCloseTo(flat[i]!, 9);
        });
        expect(points.length).toBeLessThanOrEqual(400);
      }),
      30,
    );
  });
});
