/** @file Tables as people have them: columns of text, missing cells, decimal commas; and rows that hold no numbers. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  augmentRows,
  balancedPairs,
  classBatch,
  type Dataset,
  datasetOf,
  EpochSampler,
  fitStandardisation,
  gatherRows,
  imagesFromFiles,
  loadDataset,
  loadIdx,
  loadImageFolder,
  loadNpy,
  loadTable,
  noise,
  parseTable,
  splitDataset,
  standardise,
  subset,
  tripletRows,
  verificationPairs,
} from '../../src/data/index.js';
import { ArgumentError, DataError, Generator } from '../../src/index.js';
import { assertProperty } from '../support/depth.js';

const readings = [
  'reading id,taken on,temp,load,state',
  'R-1,2025-01-01,20.5,1,fine',
  'R-2,2025-01-02,,2,worn',
  'R-3,2025-01-03,21.5,N/A,worn',
  'R-4,2025-01-04,22.5,4,worn',
  'R-5,2025-01-05,nan,null,fine',
].join('\n');

describe('columns of text and missing cells', () => {
  test('are told of at once, with what can be done', () => {
    expect(() => parseTable(readings, {}, 't')).toThrow(DataError);
    expect(() => parseTable(readings, {}, 't')).toThrow(
      't: columns "reading id", "taken on" hold text, the first is "R-1" in line 2; ' +
        '4 cells are missing in 3 rows, the first in line 3, column "temp"; ' +
        'leave out columns with drop: ["reading id","taken on"]; or choose the label with label; ' +
        "leave out rows with missing cells with missing: 'drop'",
    );
  });

  test('are left out where that is asked for, by name and by position', () => {
    const data = parseTable(readings, { drop: ['reading id', 1], missing: 'drop' });
    expect([...data.features]).toEqual([20.5, 1, 22.5, 4]);
    expect([...data.labels].map((label) => data.classes[label])).toEqual(['fine', 'worn']);
    expect([data.count, data.size, data.leftOut, data.labelName]).toEqual([2, 2, 3, 'state']);
    expect(data.featureNames).toEqual(['temp', 'load']);
    expect(parseTable('a,1,x,9\nb,2,y,8', { drop: [0, -1], label: 2 }).features).toEqual(Float32Array.of(1, 2));
  });

  test('a row without a label is left out too, and gives no class and no group', () => {
    const text = 'who,x,k\nann,1,a\nbob,,b\ncid,3,NA\ndan,4,c\n';
    const data = parseTable(text, { group: 'who', missing: 'drop' });
    expect([data.count, data.classes, [...data.groups!], data.leftOut]).toEqual([2, ['a', 'c'], [0, 1], 2]);
    expect(parseTable('x,k\n1,NA\n2,a', {}).classes).toEqual(['NA', 'a']);
  });

  test('whatever is dropped, the rest is as if it had never been there', () => {
    const row = fc.tuple(
      fc.integer({ min: -99, max: 99 }),
      fc.constantFrom('', ' NA', 'n/a', 'NaN ', 'Null', '1', '-2.5'),
      fc.constantFrom('red', 'blue'),
    );
    assertProperty(
      fc.property(fc.array(row, { minLength: 1, maxLength: 20 }), (rows) => {
        const lines = rows.map(([x, y, k], i) => `row ${i},${x},${y},${k}`);
        const whole = rows.filter(([, y]) => Number.isFinite(Number(y)) && y !== '');
        fc.pre(whole.length > 0);
        const data = parseTable(['id,x,y,k', ...lines].join('\n'), { drop: ['id'], missing: 'drop' });
        const { leftOut, ...rest } = data;
        expect(leftOut).toBe(rows.length - whole.length);
        expect(rest).toEqual(parseTable(['x,y,k', ...whole.map((cells) => cells.join())].join('\n')));
      }),
      500,
    );
  });

  test.each<[string, string, object, string]>([
    [
      'one column of text',
      'id,x,k\na,1,u\nb,2,v',
      { label: 'k' },
      'column "id" holds text, the first is "a" in line 2; leave out columns with drop: ["id"]',
    ],
    [
      'few remarks',
      'note,x,k\n,1,a\nbent,2,b\n,,a',
      {},
      't: column "note" holds text, the first is "bent" in line 3; 1 cell is missing, the first in line 4, column "x"; leave',
    ],
    ['a name with a comma', '"a,b",x,k\nu,1,u\nw,2,v', {}, 'leave out columns with drop: [0]'],
    [
      'no header',
      'a,1,u\nb,2,v\n',
      {},
      'column 1 holds text, the first is "a" in line 1; leave out columns with drop: [0]',
    ],
    [
      'one missing cell',
      'x,y,k\n3,,b\n3,4,b',
      {},
      't: line 2, column "y": expected a finite number, got ""; leave out rows with missing cells with missing: \'drop\'',
    ],
    [
      'some wrong cells',
      'x,k\n1,a\nmany,a\n2,a\n3,a\nfew,b',
      {},
      't: line 3, column "x": expected a finite number, got "many", and 1 more like it',
    ],
    [
      'a decimal comma',
      'x;k\n0,59;a\n1,5;b',
      {},
      't: line 2, column "x": expected a finite number, got "0,59", and 1 more like it; numbers need a decimal point',
    ],
    [
      'only broken rows',
      'x,y,k\n1,,a\n,,b',
      { missing: 'drop' },
      't: each of its 2 rows has a missing cell, most of them in column "y"; leave out columns with drop: ["y"]',
    ],
    [
      'a label that is left out',
      'x,k\n1,a',
      { drop: ['k'] },
      't: column "k" cannot be both left out and the label; choose another label',
    ],
    ['nothing left', 'x,k\n1,a', { drop: ['x'] }, 't: has no feature left: all other columns are left out'],
    [
      'a dropped column that is not there',
      'x,y,k\n1,2,a',
      { drop: ['z'] },
      't: no column is named "z"; the columns are x, y, k',
    ],
    [
      'names that were numbers',
      '5.1,3,a\n4,2,b',
      { label: 'name' },
      'the columns are 5.1, 3, a; the first line was taken for names',
    ],
    ['another way with missing cells', 'x,k\n1,a', { missing: 'zero' }, 'missing must be \'drop\', got "zero"'],
  ])('%s is refused by name and place', (_, text, options, message) => {
    expect(() => parseTable(text, options, 't')).toThrow(message);
  });

  test('of a hundred columns of text a message names twelve', () => {
    const names = Array.from({ length: 100 }, (_, i) => `c${i}`);
    const text = `${names.join()},x,k\n${`${'t,'.repeat(100)}1,a\n`.repeat(2)}`;
    expect(() => parseTable(text)).toThrow('"c10", "c11" and 88 more hold text');
  });
});

/** What is no number to whoever reads it, but is one to a typed array. */
const noNumbers: [unknown, string][] = [
  [null, 'null'],
  ['', '""'],
  ['7', '"7"'],
  [[], 'an empty list'],
  [true, 'true'],
  [new Date(0), 'a Date'],
  [undefined, 'undefined'],
  [7n, '7'],
];

test.each(noNumbers)('a row with %o is refused by row and feature', (value, got) => {
  const rows = [
    [1, 2],
    [1, value],
  ] as number[][];
  expect(() => datasetOf(rows)).toThrow(DataError);
  expect(() => datasetOf(rows)).toThrow(`datasetOf: row 1, feature 1: expected a finite number, got ${got}`);
  const names = { featureNames: ['x', 'y'] };
  expect(() => datasetOf(rows, undefined, names)).toThrow(`row 1, feature y: expected a finite number, got ${got}`);
});

test('labels are names or numbers, groups are whole numbers', () => {
  const labels = ['a', null] as string[];
  expect(() => datasetOf([[1], [2]], labels)).toThrow('row 1: the label must be a name or a number, got null');
  const groups = [0, 0.5];
  expect(() => datasetOf([[1], [2]], undefined, { groups })).toThrow(
    'row 1: the group must be a whole number, got 0.5',
  );
});

const data = datasetOf(
  [
    [1, 2],
    [3, 4],
    [5, 6],
    [7, 8],
  ],
  ['a', 'a', 'b', 'b'],
);
const generator = new Generator(0);
const forgotten: [string, (given: Dataset) => unknown][] = [
  ['splitDataset', (given) => splitDataset(given)],
  ['fitStandardisation', (given) => fitStandardisation(given)],
  ['standardise', (given) => standardise(given, fitStandardisation(data))],
  ['gatherRows', (given) => gatherRows(given, [0])],
  ['subset', (given) => subset(given, [0])],
  ['augmentRows', (given) => augmentRows(given, [0], noise(), generator)],
];

test.each(forgotten)('%s without await, or of bare rows, is refused in words', (op, call) => {
  const refused = (given: unknown, message: string): void => {
    expect(() => call(given as Dataset)).toThrow(ArgumentError);
    expect(() => call(given as Dataset)).toThrow(message);
  };
  refused(Promise.resolve(data), `${op}: needs a data set, got a Promise; await it`);
  refused([[1, 2]], `${op}: needs a data set, got a list of 1; datasetOf makes one of rows`);
  refused(undefined, `${op}: needs a data set, got undefined`);
});

test.each<[string, (labels: Int32Array, options: never) => unknown, object]>([
  ['classBatch', classBatch, { classes: 2, perClass: 2 }],
  ['balancedPairs', balancedPairs, { count: 2 }],
  ['tripletRows', tripletRows, { count: 2 }],
  ['verificationPairs', verificationPairs, { genuine: 1, impostors: 1 }],
])('%s asks for labels and a generator', (op, call, options) => {
  const refused = (labels: unknown, given: unknown, message: string): void => {
    expect(() => call(labels as Int32Array, given as never)).toThrow(ArgumentError);
    expect(() => call(labels as Int32Array, given as never)).toThrow(message);
  };
  refused(data.labels, options, `${op}: generator must be a Generator, got undefined; pass new Generator(seed)`);
  refused(data, { ...options, generator }, `${op}: needs a list of labels, got an object; pass the data set's labels`);
  refused(data.labels, undefined, `${op}: generator must be a Generator, got undefined`);
  refused(data.labels, 3, `${op}: options must be a plain object, got 3`);
  refused(data.labels, { ...options, generator, size: 3 }, `${op}: has no option "size"; `);
  expect(() => call(data.labels, { ...options, generator } as never)).not.toThrow();
});

test('an unknown option is refused by name, with the known ones', async () => {
  const none = { lable: 'kind' } as object;
  const known = 'known are label, group, drop, missing, header, classes, shape, labels, factor, size, channels';
  expect(() => parseTable('1,a', none)).toThrow(`parseTable: has no option "lable"; did you mean label? ${known}`);
  for (const [op, load] of Object.entries({ loadTable, loadDataset, loadIdx, loadNpy, loadImageFolder })) {
    await expect(load('none', none)).rejects.toThrow(`${op}: has no option "lable"; did you mean label? ${known}`);
  }
  await expect(imagesFromFiles([], none)).rejects.toThrow('imagesFromFiles: has no option "lable"');
  expect(() => splitDataset(data, { training: 0.8 } as object)).toThrow(
    'splitDataset: has no option "training"; did you mean train? known are train, validation, test, by, generator',
  );
  expect(() => splitDataset(data, { generator: 3 } as object)).toThrow('generator must be a Generator, got 3');
  expect(() => datasetOf([[1]], [], { names: [] } as object)).toThrow('datasetOf: has no option "names"');
  expect(() => fitStandardisation(data, 'channel' as never)).toThrow('options must be a plain object, got "channel"');
  expect(() => new EpochSampler(4, { batch: 2 } as never)).toThrow('EpochSampler: generator must be a Generator');
});

test('standardise says how many features there are, and what it needs', () => {
  const three = fitStandardisation(datasetOf([[1, 2, 3]]));
  expect(() => standardise(data, three)).toThrow('standardise: rows have 2 features, but it was fitted on 3');
  expect(() => standardise(data, Promise.resolve(three) as never)).toThrow(
    'standardise: needs mean and scale, got a Promise; fitStandardisation makes it from the training rows',
  );
});
