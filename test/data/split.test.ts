/** @file Parts of data sets, their rows, and shift and scale. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Dataset,
  datasetOf,
  EpochSampler,
  fitStandardisation,
  gatherRows,
  parseTable,
  splitDataset,
  splitRows,
  standardise,
  subset,
  tripletRows,
} from '../../src/data/index.js';
import { ArgumentError, DataError, Generator } from '../../src/index.js';
import { assertProperty } from '../support/depth.js';

/** Rows that hold their own number. */
const numbered = (labels: readonly number[], groups?: readonly number[]): Dataset =>
  datasetOf(
    labels.map((_, row) => [row]),
    labels,
    groups === undefined ? {} : { groups },
  );

const labelLists = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 30, maxLength: 120 });
const ways = fc.constantFrom('class', 'group', 'row' as const);

test('the parts of a split hold every row once, are repeated by their seed, and are as large as asked', () => {
  assertProperty(
    fc.property(labelLists, ways, fc.nat(), (labels, by, seed) => {
      const groups = labels.map((_, row) => Math.floor(row / 2));
      const data = numbered(labels, groups);
      const shares = { train: 0.6, validation: 0.2, test: 0.2 };
      const split = (): { train: number[]; validation: number[]; test: number[] } =>
        splitRows(data, { ...shares, by, generator: new Generator(seed) });
      const { train, validation, test: tested } = split();
      expect([...train, ...validation, ...tested].sort((a, b) => a - b)).toEqual(labels.map((_, row) => row));
      expect(split()).toEqual({ train, validation, test: tested });
      const slack = by === 'group' ? 3 : 1.5;
      for (const [rows, share] of [
        [train, 0.6],
        [validation, 0.2],
        [tested, 0.2],
      ] as const) {
        expect(Math.abs(rows.length - share * labels.length)).toBeLessThan(slack);
        // Rising.
        expect(rows.every((row, i) => i === 0 || row > rows[i - 1]!)).toBe(true);
      }
      if (by === 'group') {
        const partOf = new Map<number, number>();
        [train, validation, tested].forEach((rows, part) => {
          for (const row of rows) {
            expect(partOf.get(groups[row]!) ?? part).toBe(part);
            partOf.set(groups[row]!, part);
          }
        });
      }
      if (by === 'class') {
        for (const label of new Set(labels)) {
          const all = labels.filter((other) => other === label).length;
          const here = train.filter((row) => labels[row] === label).length;
          expect(Math.abs(here - 0.6 * all)).toBeLessThan(2);
        }
      }
    }),
    500,
  );
});

test('another seed gives another split', () => {
  const data = numbered(Array.from({ length: 100 }, (_, row) => row % 2));
  const rows = (seed: number): number[] => splitRows(data, { generator: new Generator(seed) }).test;
  expect(rows(1)).not.toEqual(rows(2));
  expect(rows(1)).toHaveLength(10);
});

test('a split that cannot be is refused', () => {
  const data = numbered([0, 0, 1, 1]);
  expect(() => splitRows(data, { train: 0.9, test: 0.05, validation: 0.05 })).toThrow(
    'splitDataset: the validation part would be empty: 0.05 of 4 rows by class',
  );
  expect(() => splitRows(data, { train: 0.5 })).toThrow('that sum to 1, got 0.5, 0, 0');
  expect(() => splitRows(data, { train: 1.5, test: -0.5 })).toThrow(ArgumentError);
  expect(() => splitRows(data, { by: 'group' })).toThrow('needs groups to split by group');
  expect(() => splitRows(numbered([0, 1], [7, 7]), { train: 0.5, test: 0.5 })).toThrow('the test part would be empty');
  const { train, test: tested, validation } = splitDataset(data, { train: 0.5, test: 0.5 });
  expect([train.count, validation.count, tested.count]).toEqual([2, 0, 2]);
});

test('a part keeps all that belongs to its rows', () => {
  const data = datasetOf(
    [
      [1, 2],
      [3, 4],
      [5, 6],
    ],
    ['a', 'b', 'a'],
    {
      groups: [7, 8, 9],
      sampleNames: ['x', 'y', 'z'],
      featureNames: ['p', 'q'],
      shape: [1, 2],
    },
  );
  expect(subset(data, [2, 0])).toEqual({
    ...data,
    count: 2,
    features: Float32Array.of(5, 6, 1, 2),
    labels: Int32Array.of(0, 0),
    groups: Int32Array.of(9, 7),
    sampleNames: ['z', 'x'],
  });
  expect(() => gatherRows(data, [3])).toThrow('gatherRows: rows must be whole numbers from 0 to 2, got 3');
  expect(() => subset(data, [-1])).toThrow(ArgumentError);
});

test('rows at hand are checked', () => {
  expect(() => datasetOf([])).toThrow('datasetOf: needs at least one row');
  expect(() => datasetOf([[1, 2], [3]])).toThrow('datasetOf: row 1: expected 2 features, got 1');
  expect(() =>
    datasetOf([
      [1, 2],
      [3, Number.NaN],
    ]),
  ).toThrow('datasetOf: row 1, feature 1: expected a finite number, got NaN');
  expect(() => datasetOf([[1]], ['a', 'b'])).toThrow('needs one of labels for each row, got 2 for 1 rows');
  expect(() => datasetOf([[1]], ['b'], { classes: ['a'] })).toThrow('datasetOf: row 0: unknown class "b"; known are a');
  expect(() => datasetOf([[1]], ['a'], { shape: [2] })).toThrow(DataError);
  expect(() => datasetOf([[1]], undefined, { featureNames: [] })).toThrow(ArgumentError);
  expect([...datasetOf([[1], [2]]).labels]).toEqual([-1, -1]);
});

test('a table may have groups, names, pixels, or no labels at all', () => {
  const text = 'who,a,b,kind\nann,1,2,x\nbob,3,4,y\nann,5,6,x\n';
  const data = parseTable(text, { group: 'who', shape: [1, 1, 2] });
  expect([...data.groups!]).toEqual([0, 1, 0]);
  expect([data.featureNames, data.shape, [...data.features]]).toEqual([
    ['a', 'b'],
    [1, 1, 2],
    [1, 2, 3, 4, 5, 6],
  ]);
  const plain = parseTable('1,2\n3,4', { label: null });
  expect([[...plain.features], [...plain.labels], plain.classes]).toEqual([[1, 2, 3, 4], [-1, -1], []]);
  expect(parseTable('1\n2', { label: null }).size).toBe(1);
  expect(() => parseTable('1,2,3\n4,5', { shape: [2] }, 't')).toThrow('t: line 2: expected 3 cells, got 2');
  expect(() => parseTable('1,2,3', { shape: [1, 3] }, 't')).toThrow('t: has 2 features, but shape [1, 3] needs 3');
  expect(() => parseTable('a,b\n1,x', { group: 1 }, 't')).toThrow(DataError);
  expect(() => parseTable(text, { group: 'nobody' }, 't')).toThrow(
    't: no column is named "nobody"; the columns are who',
  );
  expect(() => parseTable('1,2,3\n'.repeat(2000), { maxBytes: 10_000 }, 't')).toThrow(/^t: has /);
});

test('features have mean 0 and deviation 1 where they were fitted; channels share their numbers', () => {
  const rows = fc.array(fc.array(fc.float({ min: -100, max: 100, noNaN: true }), { minLength: 6, maxLength: 6 }), {
    minLength: 2,
    maxLength: 20,
  });
  assertProperty(
    fc.property(rows, fc.constantFrom('feature', 'channel' as const), (list, per) => {
      const data = datasetOf(list, undefined, { shape: [2, 1, 3] });
      const fitted = fitStandardisation(data, { per });
      const copy = standardise(data, fitted);
      const kinds =
        per === 'feature'
          ? [0, 1, 2, 3, 4, 5].map((at) => [at])
          : [
              [0, 1, 2],
              [3, 4, 5],
            ];
      for (const places of kinds) {
        const values = list.flatMap((_, row) => places.map((at) => copy.features[row * 6 + at]!));
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
        const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
        expect(new Set(places.map((at) => fitted.mean[at])).size).toBe(1);
        const raw = list.flatMap((row) => places.map((at) => Math.fround(row[at]!)));
        const spread = Math.max(...raw) - Math.min(...raw);
        if (spread > 1e-2) {
          expect(Math.abs(mean)).toBeLessThan(1e-3);
          expect(Math.abs(variance - 1)).toBeLessThan(1e-3);
        }
      }
      const before = data.features;
      expect(standardise(data, fitted, { inPlace: true }).features).toBe(before);
      expect(before).toEqual(copy.features);
    }),
    500,
  );
  expect(() => fitStandardisation(datasetOf([[1]]), { per: 'channel' })).toThrow(
    'channels need rows of shape [C, H, W], got [1]',
  );
});

test('triplets are of two rows of one class and one of another; rows without a class are in none', () => {
  assertProperty(
    fc.property(fc.array(fc.integer({ min: -1, max: 3 }), { minLength: 12, maxLength: 40 }), fc.nat(), (list, seed) => {
      const counts = [0, 1, 2, 3].map((label) => list.filter((other) => other === label).length);
      fc.pre(counts.some((count) => count > 1) && counts.filter((count) => count > 0).length > 1);
      const labels = Int32Array.from(list);
      const { anchor, positive, negative } = tripletRows(labels, { count: 10, generator: new Generator(seed) });
      expect([anchor.length, positive.length, negative.length]).toEqual([10, 10, 10]);
      anchor.forEach((row, i) => {
        expect(positive[i]).not.toBe(row);
        expect(labels[positive[i]!]).toBe(labels[row]);
        expect(labels[negative[i]!]).not.toBe(labels[row]);
        expect(Math.min(labels[row]!, labels[negative[i]!]!)).toBeGreaterThanOrEqual(0);
      });
    }),
    500,
  );
  expect(() => tripletRows(Int32Array.of(0, 0), { count: 1, generator: new Generator() })).toThrow(ArgumentError);
});

test('an epoch gives each row once; a saved state goes on with the same batches, a foreign one is refused', () => {
  const sizes = fc.record({
    count: fc.integer({ min: 1, max: 30 }),
    batch: fc.integer({ min: 1, max: 9 }),
    dropLast: fc.boolean(),
  });
  assertProperty(
    fc.property(sizes, fc.nat(50), fc.nat(), ({ count, batch, dropLast }, steps, seed) => {
      fc.pre(!dropLast || batch <= count);
      const generator = new Generator(seed);
      const sampler = new EpochSampler(count, { batch, generator, dropLast });
      const rows = Array.from({ length: sampler.batches }, () => sampler.next()).flat();
      expect(new Set(rows).size).toBe(rows.length);
      expect(rows).toHaveLength(dropLast ? sampler.batches * batch : count);
      for (let i = 0; i < steps; i++) sampler.next();
      const saved = JSON.parse(JSON.stringify([sampler.state, generator.state])) as [
        typeof sampler.state,
        typeof generator.state,
      ];
      const onward = Array.from({ length: 12 }, () => sampler.next());
      const later = new Generator();
      const resumed = new EpochSampler(count, { batch, generator: later, dropLast });
      [resumed.state, later.state] = saved;
      expect(Array.from({ length: 12 }, () => resumed.next())).toEqual(onward);
    }),
    500,
  );
  const sampler = new EpochSampler(3, { batch: 1, generator: new Generator() });
  expect(() => {
    sampler.state = { epoch: 1, position: 4, shuffle: { seed: 0, counter: 0 } };
  }).toThrow('EpochSampler: no state of 3 rows: epoch 1, position 4');
  expect(() => new EpochSampler(3, { batch: 4, generator: new Generator() })).toThrow(
    'a batch of 4 needs as many rows, got 3',
  );
});
