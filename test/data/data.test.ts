/** @file Tables, samplers, textures and metrics. */
import { existsSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { balancedPairs, classBatch, irisTextures, loadTable, parseTable } from '../../src/data/index.js';
import { DataError, Generator, metrics, tensor } from '../../src/index.js';
import { parseSafetensors, serializeSafetensors } from '../../src/io/index.js';
import { assertProperty } from '../support/depth.js';

test('a table has its header, delimiter and label column found', () => {
  const { features, labels, classes } = parseTable('\uFEFFkind\tx\ty\r\ncat\t1\t2\r\n"big dog"\t3\t-4e1\r\n', {
    label: 'kind',
  });
  expect([...features]).toEqual([1, 2, 3, -40]);
  expect([...labels]).toEqual([0, 1]);
  expect(classes).toEqual(['cat', 'big dog']);
  expect(parseTable('1,2,0\n3,4,1').count).toBe(2);
});

test.each<[string, string, object, string]>([
  ['NaN', '1,2,a\n3,NaN,b', {}, 't: line 2, column 2: expected a finite number, got "NaN"'],
  ['more than float32 holds', '1,a\n1e39,b', {}, 't: line 2, column 1: expected a finite number, got "1e39"'],
  ['an empty cell under a header', 'x,y,k\n3,,b', {}, 't: line 2, column "y": expected a finite number, got ""'],
  ['a ragged row', '1,2,a\n3,b', {}, 't: line 2: expected 3 cells, got 2'],
  ['an empty file', ' \n', {}, 't: is empty'],
  ['a header alone', 'x,y,k', {}, 't: has a header but no rows'],
  ['binary', 'a\0b', {}, 't: is not text: it holds a NUL byte; pass a CSV or TSV file'],
  ['an unknown label', 'x,k\n1,a', { label: 'z' }, 't: no column is named "z"; the columns are x, k'],
  ['a label out of range', '1,a', { label: 5 }, 't: label column 5 is out of range: there are 2 columns'],
  [
    'one column',
    '1\n2',
    {},
    't: needs a label and at least one feature, got one column; separate cells by commas or tabs',
  ],
  ['a new class', '1,a\n2,z', { classes: ['a'] }, 't: line 2: unknown class "z"; known are a'],
])('a table with %s is refused by name and place', (_, text, options, message) => {
  expect(() => parseTable(text, options, 't')).toThrow(DataError);
  expect(() => parseTable(text, options, 't')).toThrow(message);
});

test('a long cell that is almost a number is refused at once', () => {
  const cell = `${'1'.repeat(200_000)}x`;
  const start = performance.now();
  for (const line of [`${cell},a\n1,b`, `1,a\n${cell},b`]) {
    expect(() => parseTable(line, { header: false }, 't')).toThrow('expected a finite number, got "1111');
  }
  expect(performance.now() - start).toBeLessThan(2000);
  expect(parseTable('+1.,a\n.5e-3,b\n-0.25E2,c').features).toEqual(Float32Array.of(1, 0.0005, -25));
});

test('a file that cannot be read says so', async () => {
  await expect(loadTable('no-such.csv')).rejects.toThrow('no-such.csv: cannot be read (ENOENT)');
  await expect(loadTable('src')).rejects.toThrow('src: cannot be read (EISDIR)');
});

const labelLists = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 8, maxLength: 60 }).filter((list) => {
  const counts = new Map<number, number>();
  for (const label of list) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts.values()].filter((count) => count > 1).length > 1;
});

test('batches hold P classes with at most K rows, none twice; pairs are balanced and never of a row with itself', () => {
  assertProperty(
    fc.property(labelLists, fc.nat(), (list, seed) => {
      const labels = Int32Array.from(list);
      const rows = classBatch(labels, { classes: 3, perClass: 2, generator: new Generator(seed) });
      expect(new Set(rows).size).toBe(rows.length);
      const classes = rows.map((row) => labels[row]!);
      expect(new Set(classes).size).toBeLessThanOrEqual(3);
      expect(rows.length).toBe(2 * new Set(classes).size);
      const { a, b, same } = balancedPairs(labels, { count: 20, generator: new Generator(seed) });
      expect(same.filter((s) => s === 1)).toHaveLength(10);
      a.forEach((row, i) => {
        expect(row).not.toBe(b[i]);
        expect(labels[row] === labels[b[i]!]).toBe(same[i] === 1);
      });
    }),
    500,
  );
});

test('a subject looks the same whoever else is in the set', () => {
  const many = irisTextures({ subjects: 4, imagesPerSubject: 2 });
  const few = irisTextures({ subjects: 1, imagesPerSubject: 2, firstSubject: 3 });
  expect([...few.features]).toEqual([...many.features.subarray(6 * many.size)]);
});

test('the ROC area is the share of pairs in order, ties counting half', () => {
  const scored = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 1 })), {
    minLength: 2,
    maxLength: 40,
  });
  assertProperty(
    fc.property(
      scored.filter((list) => new Set(list.map(([, same]) => same)).size === 2),
      (list) => {
        let [wins, total] = [0, 0];
        for (const [p, same] of list)
          for (const [q, other] of list)
            if (same === 1 && other === 0) {
              total++;
              wins += p > q ? 1 : p === q ? 0.5 : 0;
            }
        expect(
          metrics.rocAuc(
            list.map(([s]) => s),
            list.map(([, y]) => y),
          ),
        ).toBeCloseTo(wins / total, 12);
      },
    ),
    500,
  );
});

test('the equal error rate is 0 for separated scores, one half for equal ones, one for reversed ones', () => {
  expect(metrics.equalErrorRate([4, 3, 2, 1], [1, 1, 0, 0]).rate).toBe(0);
  expect(metrics.equalErrorRate([1, 1, 1, 1], [1, 0, 1, 0]).rate).toBe(0.5);
  expect(metrics.equalErrorRate([4, 3, 2, 1], [0, 0, 1, 1]).rate).toBe(1);
  expect(metrics.equalErrorRate([5, 4, 3, 2], [1, 0, 1, 0]).rate).toBe(0.5);
  expect(() => metrics.rocAuc([1, 2], [1, 1])).toThrow('rocAuc: needs pairs of both kinds, got 2 same ones of 2');
});

test('neighbours vote', () => {
  const references = { points: [0, 1, 10, 11, 12], labels: [0, 0, 1, 1, 1] };
  expect(metrics.knnAccuracy(references, { points: [0.5, 9], labels: [0, 1] })).toBe(1);
  expect(metrics.knnAccuracy(references, { points: [0.5, 9], labels: [1, 1] }, { k: 1 })).toBe(0.5);
  expect(() => metrics.knnAccuracy(references, { points: [1], labels: [0] }, { k: 6 })).toThrow(
    'k must be a whole number from 1 to 5, got 6',
  );
});

test('safetensors come back as they went', () => {
  const bytes = serializeSafetensors(
    { '0.weight': tensor([[1, 2.5]]), n: tensor([7], { dtype: 'int32' }) },
    { note: 'x' },
  );
  const { tensors, metadata } = parseSafetensors(bytes);
  expect(tensors['0.weight']!.toArray()).toEqual([[1, 2.5]]);
  expect(tensors.n!.dtype).toBe('int32');
  expect(metadata).toEqual({ note: 'x' });
  expect(() => parseSafetensors(bytes.subarray(0, 20))).toThrow(DataError);
  expect(() => parseSafetensors(bytes.subarray(0, bytes.length - 1))).toThrow(DataError);
});

const digits = '../shared/data/optdigits';
if (existsSync(`${digits}-train.csv`)) {
  test('nearest neighbours on raw digits have the accuracy that UCI publishes', async () => {
    const [train, tested] = await Promise.all([loadTable(`${digits}-train.csv`), loadTable(`${digits}-test.csv`)]);
    expect([train.count, tested.count, train.size]).toEqual([3823, 1797, 64]);
    // Classes are numbered by first appearance: compared by name.
    const points = ({ features, labels, classes }: typeof train) => ({
      points: features,
      labels: labels.map((label) => Number(classes[label])),
    });
    const accuracy = (k: number): string => metrics.knnAccuracy(points(train), points(tested), { k }).toFixed(4);
    expect([accuracy(1), accuracy(3)]).toEqual(['0.9800', '0.9783']);
  });
}
