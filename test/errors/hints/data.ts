/** @file What errors of data sets, tables and samplers advise, followed. */
import { expect } from 'vitest';
import {
  augmentRows,
  balancedPairs,
  type Dataset,
  type DatasetOptions,
  datasetOf,
  EpochSampler,
  fitStandardisation,
  loadTable,
  parseTable,
  rotation,
  rowShape,
  splitDataset,
  standardise,
  type TableOptions,
} from '../../../src/data/index.js';
import { Generator } from '../../../src/index.js';
import type { Hints } from './table.js';

const generator = new Generator(1);
const flat = [
  [1, 2, 3, 4],
  [5, 6, 7, 8],
];
const set = (options: DatasetOptions = {}): Dataset => datasetOf(flat, ['a', 'b'], options);
const many = 'x,y,kind\n1,2,cat\n3,4,dog\n5,6,cat\n7,8,dog\n';
const read = (text: string, options?: TableOptions): Dataset => parseTable(text, options);
const texts = 'id,x,note,kind\nR-1,1,big,cat\nR-2,2,small,dog\n';
const gaps = 'x,y,kind\n1,NA,cat\n3,4,dog\n5,6,cat\n';
const inGroups = (groups: number[]): Dataset => set({ groups });
/** As many rows as classes, in a column of names that are no classes. */
const named = (rows: number): string =>
  `name,x\n${Array.from({ length: rows }, (_, row) => `c${row},${row % 2}\n`).join('')}`;

export const dataHints: Hints = {
  'data/arguments.ts': {
    'await it': {
      wrong: () => rowShape(loadTable(new Blob([many])) as never),
      right: async () => rowShape(await loadTable(new Blob([many]))),
    },
    'datasetOf makes one of rows': {
      wrong: () => rowShape(flat as never),
      right: () => expect(rowShape(datasetOf(flat))).toEqual([4]),
    },
    "pass the data set's labels": {
      wrong: () => balancedPairs(read(many) as never, { count: 2, generator }),
      right: () => balancedPairs(read(many).labels, { count: 2, generator }),
    },
  },
  'data/augment.ts': {
    'load the data with a shape': {
      wrong: () => augmentRows(set(), [0], rotation(), generator),
      right: () => augmentRows(set({ shape: [1, 2, 2] }), [0], rotation(), generator),
    },
  },
  'data/cells.ts': {
    'numbers need a decimal point': {
      wrong: () => read('x;y;kind\n"1,5",2,cat\n'.replaceAll(';', ',')),
      right: () => expect(read('x,y,kind\n1.5,2,cat\n').features[0]).toBe(1.5),
    },
    'leave out columns with drop: …': {
      wrong: () => read(texts),
      right: () => expect(read(texts, { drop: ['id', 'note'] }).featureNames).toEqual(['x']),
    },
    'or choose the label with label': {
      wrong: () => read('kind,x,y\ncat,1,2\ndog,3,4\n'),
      right: () => expect(read('kind,x,y\ncat,1,2\ndog,3,4\n', { label: 'kind' }).classes).toEqual(['cat', 'dog']),
    },
    "leave out rows with missing cells with missing: 'drop'": {
      wrong: () => read(gaps),
      right: () => expect(read(gaps, { missing: 'drop' }).leftOut).toBe(1),
    },
  },
  'data/classes.ts': {
    'are the labels in another column?': {
      wrong: () => read(named(2 ** 20 + 1), { label: 'name' }),
      right: () => read('name,x,y\nc0,0,1\nc1,1,2\n', { label: 'x', drop: ['name'] }),
    },
    'known are …': {
      wrong: () => read(many, { classes: ['cat'] }),
      right: () => read(many, { classes: ['cat', 'dog'] }),
    },
  },
  'data/dataset.ts': {
    'groups go from -2^31 to 2^31 - 1': {
      wrong: () => set({ groups: [0, 2 ** 31] }),
      right: () => set({ groups: [-(2 ** 31), 2 ** 31 - 1] }),
    },
    'a shape is that of one row': {
      wrong: () => set({ shape: [2, 2, 2] }),
      right: () => set({ shape: [1, 2, 2] }),
    },
  },
  'data/samplers.ts': {
    'lower batch': {
      wrong: () => new EpochSampler(4, { batch: 5, generator }),
      right: () => new EpochSampler(4, { batch: 4, generator }),
    },
  },
  'data/split.ts': {
    'give it a larger share, or pass more …': [
      {
        wrong: () => splitDataset(set(), { train: 0.99, validation: 0.01, generator }),
        right: () => {
          splitDataset(set(), { train: 0.5, validation: 0.5, generator });
          splitDataset(read(many + '1,2,cat\n'.repeat(200)), { train: 0.98, validation: 0.02, generator });
        },
      },
      {
        wrong: () => splitDataset(inGroups([1, 1]), { by: 'group', train: 0.5, validation: 0.5, generator }),
        right: () => splitDataset(inGroups([1, 2]), { by: 'group', train: 0.5, validation: 0.5, generator }),
      },
    ],
    "pass by: 'class'": {
      wrong: () => splitDataset(read(many), { by: 'group', generator }),
      right: () => splitDataset(read(many), { by: 'class', train: 0.5, validation: 0.5, generator }),
    },
  },
  'data/standardisation.ts': {
    'load the data with a shape': {
      wrong: () => fitStandardisation(set(), { per: 'channel' }),
      right: () => fitStandardisation(set({ shape: [1, 2, 2] }), { per: 'channel' }),
    },
    'fitStandardisation makes it from the training rows': {
      wrong: () => standardise(set(), undefined as never),
      right: () => standardise(set(), fitStandardisation(set())),
    },
  },
  'data/file-format.ts': {
    'pass a CSV or TSV file': {
      wrong: () => loadTable(Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)),
      right: () => loadTable(new TextEncoder().encode(many)),
    },
  },
  'data/table-rows.ts': {
    'pass a CSV or TSV file': { wrong: () => read('x\0,1'), right: () => read(many) },
    'is a quote not closed?': {
      wrong: () => read(`x,y,kind\n1,2,"a${'\n1,2,b'.repeat(2 ** 23)}`),
      right: () => read('x,y,kind\n1,2,"a"\n1,2,b\n'),
    },
  },
  'data/table.ts': {
    'pass a CSV or TSV file': {
      wrong: () => loadTable(Uint8Array.of(0x31, 0xff, 0xfe)),
      right: () => loadTable(new TextEncoder().encode(many)),
    },
    'all labels are missing': {
      wrong: () => read('x,kind\n1,NA\n2,\n', { missing: 'drop' }),
      right: () => read('x,kind\n1,cat\n2,\n', { missing: 'drop' }),
    },
  },
  'data/table-layout.ts': {
    'separate cells by commas or tabs': {
      wrong: () => read('x|kind\n1|cat\n'),
      right: () => {
        for (const between of [',', '\t']) read('x;kind\n1;cat\n'.replaceAll(';', between));
      },
    },
    'choose another label or group': [
      {
        wrong: () => read('x,kind,who\n1,cat,1\n', { group: 'who' }),
        right: () => read('x,kind,who\n1,cat,1\n', { group: 'who', label: 'kind' }),
      },
      {
        wrong: () => read('x,kind,who\n1,cat,1\n', { label: 'who', group: 'who' }),
        right: () => read('x,kind,who\n1,cat,1\n', { label: 'kind', group: 'who' }),
      },
    ],
    'choose another …': [
      {
        wrong: () => read(many, { drop: ['kind'] }),
        right: () => read(many, { drop: ['kind'], label: 'y' }),
      },
      {
        wrong: () => read('who,x,kind\n1,2,cat\n', { group: 'who', drop: ['who'] }),
        right: () => read('who,also,x,kind\n1,3,2,cat\n', { group: 'also', drop: ['who'] }),
      },
    ],
    'the columns are ……': {
      wrong: () => read(many, { label: 'Kind' }),
      right: () => read(many, { label: 'kind' }),
    },
    'the table has no header': {
      wrong: () => read('1,2,3\n4,5,6\n', { label: 'kind', header: false }),
      right: () => read('1,2,3\n4,5,6\n', { label: 2, header: false }),
    },
  },
};
