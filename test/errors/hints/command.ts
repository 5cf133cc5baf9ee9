/** @file What the command advises where it refuses, followed. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { IRIS_ANGLES, IRIS_RINGS } from '../../../src/data/index.js';
import { run } from '../../support/command.js';
import { command, type Hints, Refused } from './table.js';

const folder = mkdtempSync(join(tmpdir(), 'contragrad-hints-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);

const line = (row: number): string =>
  `${(row % 3) + row / 50},${(row * 7) % 11},${(row % 5) / 2},${['a', 'b', 'c'][row % 3]}`;
const lines = Array.from({ length: 48 }, (_, row) => line(row));
const table = (header = 'x,y,z,kind', rows: readonly string[] = lines): string => `${[header, ...rows].join('\n')}\n`;
/** A file of the folder. */
const file = (name: string, contents: string | Uint8Array): string => {
  writeFileSync(at(name), contents);
  return at(name);
};
const FAST = ['--epochs', '1', '--hidden', '4', '--dim', '2', '--quiet', '--batch', '12', '--loss', 'infonce'];
const train = (...words: string[]): Promise<string> => command(['train', ...words], { cwd: folder });
let count = 0;
/** A folder for a run that is not there yet. */
const fresh = (): string => at(`run-${count++}`);
/** Trains on rows, and returns the folder. */
async function trained(data = file('rows.csv', table()), ...more: string[]): Promise<string> {
  const out = fresh();
  await train(data, ...FAST, '--out', out, ...more);
  return out;
}
let first: Promise<string> | undefined;
/** A run that all may read. */
const kept = (): Promise<string> => (first ??= trained());
/** A copy of it, whose config is another. */
const changed = async (change: (config: Record<string, unknown>) => void): Promise<string> => {
  const out = fresh();
  cpSync(await kept(), out, { recursive: true });
  const config = JSON.parse(readFileSync(join(out, 'config.json'), 'utf8'));
  change(config);
  writeFileSync(join(out, 'config.json'), JSON.stringify(config));
  return out;
};
const embed = async (data: string, ...words: string[]): Promise<string> =>
  command(['embed', await kept(), data, ...words], { cwd: folder });
/** Embeds what comes on stdin. */
const piped = async (input: string, ...words: string[]): Promise<string> =>
  command(['embed', await kept(), '-', ...words], { input });
const model = (layers: unknown): string => file('layers.json', JSON.stringify(layers));
const withText = table(
  'x,y,z,note,kind',
  lines.map((each) => each.replace(/,(\w)$/, ',big,$1')),
);
const labelFirst = table(
  'kind,x,y,z',
  lines.map((each) => each.replace(/^(.*),(\w)$/, '$2,$1')),
);
const pixels = Array.from({ length: 24 }, (_, row) => `${[1, 2, 3, 4].map((x) => (x * row) % 7)},${row % 3}`);

export const commandHints: Hints = {
  'cli/architecture.ts': {
    'add Flatten': {
      wrong: () =>
        train(
          file('pixels.csv', table('a,b,c,d,kind', pixels)),
          '--image',
          '1x2x2',
          '--model',
          model([{ type: 'ReLU' }]),
          '--out',
          fresh(),
        ),
      right: () =>
        train(
          file('pixels.csv', table('a,b,c,d,kind', pixels)),
          '--image',
          '1x2x2',
          '--model',
          model([{ type: 'ReLU' }, { type: 'Flatten' }, { type: 'Linear', outFeatures: 2 }]),
          '--epochs',
          '1',
          '--loss',
          'infonce',
          '--batch',
          '6',
          '--out',
          fresh(),
        ),
    },
    'add --image 1x28x28, for example': {
      wrong: () => trained(file('pixels.csv', table('a,b,c,d,kind', pixels)), '--conv', '2'),
      right: () =>
        trained(file('pixels.csv', table('a,b,c,d,kind', pixels)), '--conv', '2', '--image', '1x2x2', '--batch', '6'),
    },
    'for example [{ "type": "Linear", "outFeatures": 16 }]': {
      wrong: () => train(file('rows.csv', table()), '--model', model({ type: 'Linear' }), '--out', fresh()),
      right: () =>
        train(
          file('rows.csv', table()),
          '--model',
          model([{ type: 'Linear', outFeatures: 16 }]),
          '--epochs',
          '1',
          '--out',
          fresh(),
        ),
    },
  },
  'cli/course.ts': {
    '… kept; try …': {
      wrong: () => trained(undefined, '--lr', '1e30', '--epochs', '9'),
      right: async () => {
        await trained(undefined, '--lr', '1e-3', '--epochs', '9');
      },
    },
  },
  'cli/embed.ts': {
    'pass -o <file>': {
      wrong: () => embed(file('rows.csv', table()), '--format', 'npy'),
      right: () => embed(file('rows.csv', table()), '--format', 'npy', '-o', at('rows.npy')),
    },
    'pass a CSV or TSV file': {
      wrong: () => embed(file('bytes.csv', Uint8Array.of(0x31, 0x2c, 0xff, 0xfe))),
      right: () => embed(file('rows.csv', table())),
    },
  },
  'cli/evaluate.ts': {
    'name a file of labelled rows': {
      wrong: async () => command(['evaluate', await changed((config) => (config.settings = {}))]),
      right: async () =>
        command(['evaluate', await changed((config) => (config.settings = {})), file('test.csv', table())]),
    },
    'the split would differ, and rows that were trained on be tested': {
      wrong: () => evaluated(false),
      right: () => evaluated(true),
    },
    // A note, where other rows take their place.
    'its rows are not known': {
      wrong: async () => {
        const words = ['evaluate', await changed((config) => (config.settings = {})), file('test.csv', table())];
        throw new Refused((await run(words)).err);
      },
      right: async () => command(['evaluate', await kept(), file('test.csv', table())]),
    },
    'name a file of test rows': { wrong: () => evaluated(false), right: () => evaluated(true) },
  },
  'cli/folder.ts': {
    'pass --resume to go on with it, --force to replace it, or another folder': {
      wrong: async () => train(at('rows.csv'), ...FAST, '--out', await trained()),
      right: async () => {
        await train('--resume', '--quiet', '--out', await trained());
        await train(at('rows.csv'), ...FAST, '--force', '--out', await trained());
        await train(at('rows.csv'), ...FAST, '--out', fresh());
      },
    },
    'is it the folder of a run?': {
      wrong: () => command(['evaluate', folder]),
      right: async () => command(['evaluate', await kept()]),
    },
  },
  'cli/formats.ts': {
    'or pass --format': {
      wrong: () => embed(file('rows.csv', table()), '-o', at('rows.txt')),
      right: () => embed(file('rows.csv', table()), '-o', at('rows.txt'), '--format', 'csv'),
    },
  },
  'cli/program.ts': {
    'numbers of one option have commas between them: --hidden 64,32': {
      wrong: () => trained(undefined, '--hidden', '4', '3'),
      right: () => trained(undefined, '--hidden', '4,3'),
    },
    'a name with a space needs quotes: --label "machine state"': {
      wrong: () => trained(file('rows.csv', table('x,y,z,the kind')), '--label', 'the', 'kind'),
      right: () => trained(file('rows.csv', table('x,y,z,the kind')), '--label', 'the kind'),
    },
  },
  'cli/run.ts': {
    'a run goes on with the rows that it began with; begin anew with --force': {
      wrong: () => goneOn({ rows: lines.slice(3) }),
      right: async () => {
        await goneOn({});
        await goneOn({ rows: lines.slice(3), words: [at('going.csv'), ...FAST, '--force'] });
      },
    },
    'pass the data that it began with': {
      wrong: async () => {
        const out = await changed((config) => Object.assign(config.input as object, { mean: [9, 9, 9] }));
        return train('--resume', '--out', out);
      },
      right: async () => train('--resume', '--out', await changed(() => {})),
    },
    'pass the layers that it began with': {
      wrong: () => goneOn({ layers: [{ type: 'Linear', outFeatures: 3 }] }),
      right: () => goneOn({ layers: LAYERS }),
    },
  },
  'cli/settings.ts': {
    'it is for …': {
      wrong: () => trained(undefined, '--margin', '1'),
      right: async () => {
        for (const loss of ['contrastive', 'triplet']) {
          await train(file('rows.csv', table()), '--loss', loss, '--margin', '1', '--epochs', '1', '--out', fresh());
        }
      },
    },
    'it takes no notice of classes; use --batch': {
      wrong: () => trained(undefined, '--loss', 'contrastive', '--views', 'augmented', '--classes', '3'),
      right: () => trained(undefined, '--loss', 'contrastive', '--views', 'augmented', '--batch', '6'),
    },
    'name it before the options': {
      wrong: () => train('--label', 'kind', '--out', fresh()),
      right: () => trained(undefined, '--label', 'kind'),
    },
  },
  'cli/sources.ts': {
    'the strips are 1x…x…': {
      wrong: () => train('--image', '1x2x2', '--out', fresh()),
      right: () => train('--image', `1x${IRIS_RINGS}x${IRIS_ANGLES}`, ...FAST, '--out', fresh()),
    },
    'leave … out with --drop …': {
      wrong: () => trained(file('texts.csv', withText)),
      right: () => trained(file('texts.csv', withText), '--drop', 'note'),
    },
    'or choose the label with --label': {
      wrong: () => trained(file('first.csv', labelFirst)),
      right: () => trained(file('first.csv', labelFirst), '--label', 'kind'),
    },
    'leave out rows with missing cells with --missing drop': {
      wrong: () => trained(file('gaps.csv', table(undefined, ['NA,1,2,a', ...lines]))),
      right: () => trained(file('gaps.csv', table(undefined, ['NA,1,2,a', ...lines])), '--missing', 'drop'),
    },
    'pass known classes only, or new ones only': {
      wrong: () =>
        trained(undefined, '--test', file('mixed.csv', table(undefined, [...lines, '1,2,3,new', '3,2,1,new']))),
      right: async () => {
        await trained(undefined, '--test', file('known.csv', table()));
        await trained(undefined, '--test', file('new.csv', table().replace(/,([abc])\n/g, ',new $1\n')));
      },
    },
  },
  'cli/stored.ts': {
    'a run that goes on keeps its settings; leave it out, or begin anew with --force': {
      wrong: () => goneOn({ words: ['--resume', '--dim', '3'] }),
      right: async () => {
        await goneOn({ words: ['--resume'] });
        await goneOn({ words: [at('going.csv'), ...FAST, '--dim', '3', '--force'] });
      },
    },
  },
  'cli/table-stream.ts': {
    'a row with a missing cell has no embedding: leave it out': {
      wrong: () => piped('1,NA,3\n1,2,3\n'),
      right: () => piped('1,2,3\n'),
    },
    'pass its features, with or without a label': {
      wrong: () => piped('1,2,3,4,5\n'),
      right: async () => {
        await piped('1,2,3\n');
        await piped('1,2,3,a\n');
      },
    },
    'the columns are …': {
      wrong: () => piped('x,y,w\n1,2,3\n'),
      right: () => piped('z,y,x\n1,2,3\n'),
    },
  },
  'cli/train.ts': {
    'only what contragrad train began goes on': {
      wrong: async () => train('--resume', '--out', await changed((config) => (config.settings = {}))),
      right: async () => train('--resume', '--out', await changed(() => {})),
    },
    'try a smaller --lr': {
      wrong: () => compares('1e30'),
      right: () => compares('1e-3'),
    },
  },
};

/** Evaluates a run whose rows have changed since. */
async function evaluated(withFile: boolean): Promise<string> {
  const out = await trained(file('changing.csv', table()));
  file('changing.csv', table(undefined, lines.slice(3)));
  return command(['evaluate', out, ...(withFile ? [file('test.csv', table())] : [])]);
}

const LAYERS = [{ type: 'Linear', outFeatures: 2 }];

/** Goes on with a run of which something has changed. */
async function goneOn(changes: {
  rows?: readonly string[];
  layers?: unknown;
  words?: readonly string[];
}): Promise<string> {
  const { rows = lines, layers, words = ['--resume'] } = changes;
  const data = file('going.csv', table());
  const out = fresh();
  const own = layers === undefined ? FAST : ['--epochs', '1', '--loss', 'infonce', '--model', model(LAYERS)];
  await train(data, ...own, '--out', out);
  file('going.csv', table(undefined, rows));
  if (layers !== undefined) model(layers);
  return train(...words, '--out', out);
}

/** Trains for a step, and compares fifty. */
function compares(lr: string): Promise<string> {
  const words = ['--epochs', '1', '--batch', '36', '--loss', 'mi', '--optimizer', 'sgd', '--lr', lr];
  return train(file('rows.csv', table()), ...words, '--compare', 'gpu:cpu', '--out', fresh());
}
