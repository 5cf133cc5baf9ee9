/** @file Encoders out of run folders, and the configurations in them. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { afterAll, expect, test, vi } from 'vitest';
import { fitStandardisation, standardise } from '../../src/data/index.js';
import { gpu } from '../../src/devices/gpu/index.js';
import { ArgumentError, DataError, Generator, nn, noGrad, randn, type Tensor, tensor } from '../../src/index.js';
import {
  loadEncoder,
  parseRunConfig,
  type RunConfig,
  serializeRunConfig,
  serializeSafetensors,
  writeSafetensors,
} from '../../src/io/index.js';
import { assertProperty, cases } from '../support/depth.js';

const folder = mkdtempSync(join(tmpdir(), 'contragrad-encoder-'));
afterAll(() => rmSync(folder, { recursive: true }));

const architecture: nn.LayerConfig[] = [
  { type: 'Linear', outFeatures: 8 },
  { type: 'BatchNorm1d' },
  { type: 'ReLU' },
  { type: 'Dropout', p: 0.5 },
  { type: 'Linear', outFeatures: 3 },
];
const rows = Array.from({ length: 600 }, (_, i) => [i % 7, 100 + (i % 5), Math.sin(i)]);
const features = Float32Array.from(rows.flat());
const data = { features, count: 600, size: 3, labels: new Int32Array(600), classes: ['a'] };
const { mean, scale } = fitStandardisation(data);

const config: RunConfig = {
  format: 'contragrad-run',
  version: 1,
  input: { shape: [3], features: ['x', 'y', 'z'], mean: [...mean], scale: [...scale] },
  architecture,
  classes: ['a', '</script>'],
  metric: 'euclidean',
  settings: { loss: 'triplet', lr: 1e-3 },
};

const model = nn.fromConfig(architecture, { input: [3], generator: new Generator(4) });
// Running statistics that differ from those of a new module.
noGrad(() => model.forward(randn([32, 3], { generator: new Generator(5) }).mul(3)));

/** A run's folder; parts of it replaced. */
async function runFolder(
  name: string,
  change: Partial<RunConfig> = {},
  weights: nn.StateDict = model.stateDict(),
): Promise<string> {
  const path = join(folder, name);
  mkdirSync(path);
  writeFileSync(join(path, 'config.json'), JSON.stringify({ ...config, ...change }));
  await writeSafetensors(join(path, 'model.safetensors'), weights);
  return path;
}
const run = await runFolder('run');

const wanted = (): number[][] => {
  const x = tensor(standardise(data, { mean, scale }).features, { shape: [600, 3] });
  return model.eval().forward(x).toArray() as number[][];
};

const close = (actual: number[][], expected: number[][]): void => {
  expect(actual.length).toBe(expected.length);
  const errors = actual.flatMap((row, i) => row.map((value, j) => Math.abs(value - expected[i]![j]!)));
  expect(Math.max(...errors)).toBeLessThanOrEqual(1e-5);
};

test('an encoder gives what the trained one gives to standardised rows, in evaluation mode', async () => {
  const {
    embed,
    encoder,
    config: read,
  } = await loadEncoder(run).then((loaded) => ({
    embed: loaded.embed.bind(loaded),
    encoder: loaded.encoder,
    config: loaded.config,
  }));
  expect(read).toEqual(config);
  expect(encoder.training).toBe(false);
  const all = await embed(rows);
  close(all, wanted());
  close(await embed(features), wanted());
  close(await embed(tensor(features, { shape: [600, 3] })), wanted());
  close(await embed([new Float64Array(rows[7]!)], { features: ['x', 'y', 'z'] }), [all[7]!]);
  expect(await embed([])).toEqual([]);
  expect(all[0]).toHaveLength(3);
});

test('loading draws nothing from the default generator', async () => {
  const { manualSeed, rand } = await import('../../src/index.js');
  manualSeed(1);
  const first = rand([]).item();
  manualSeed(1);
  await loadEncoder(run);
  expect(rand([]).item()).toBe(first);
});

test('loading draws no random weights, which would be replaced at once', async () => {
  const drawn = vi.spyOn(Generator.prototype, 'skip');
  close(await (await loadEncoder(run)).embed(rows), wanted());
  expect(drawn).not.toHaveBeenCalled();
  drawn.mockRestore();
});

test('on another device it gives the same', async () => {
  const device = await gpu({ mode: 'webasm' });
  close(await (await loadEncoder(run, { device })).embed(rows), wanted());
});

test('a folder is found by its path and by its address, with and without a slash', async () => {
  const server = createServer((request, response) => {
    const [path] = request.url!.split('?') as [string];
    if (path.startsWith('/a/page/')) response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html>');
    else if (!path.startsWith('/a/run/')) response.writeHead(404).end();
    else response.end(readFileSync(join(run, path.slice('/a/run/'.length))));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a`;
  try {
    for (const place of [`${run}/`, pathToFileURL(run), `${base}/run`, `${base}/run/`, new URL(`${base}/run?v=1#x`)]) {
      close(await (await loadEncoder(place)).embed(rows), wanted());
    }
    await expect(loadEncoder(`${base}/none`)).rejects.toThrow(
      `${base}/none/config.json: the server answered 404 Not Found`,
    );
    // As bundlers' servers do where a file is missing.
    await expect(loadEncoder(`${base}/page`)).rejects.toThrow(
      /page\/(config.json|model.safetensors): the server answered with a web page; is there such a file/,
    );
  } finally {
    server.close();
  }
  await expect(loadEncoder(join(folder, 'none'))).rejects.toThrow(
    /none\/(config.json|model.safetensors): cannot be read \(ENOENT\); there is no such file/,
  );
  await expect(loadEncoder(run, { maxBytes: 100 })).rejects.toThrow('model.safetensors: must have at most 100 bytes');
});

test('rows that are not those of the training are refused by the names of the features', async () => {
  const encoder = await loadEncoder(run);
  const refusals: [Promise<unknown>, string][] = [
    [
      encoder.embed([
        [1, 2, 3],
        [1, 2],
      ]),
      'embed: row 1 must have 3 features (x, y, z), got 2',
    ],
    [encoder.embed(new Float32Array(4)), 'embed: rows must have 3 features (x, y, z), got 4 numbers in all'],
    [encoder.embed(tensor([1, 2, 3])), 'embed: rows must have 3 features (x, y, z), got shape [3]'],
    [encoder.embed([[1, Number.NaN, 3]]), 'embed: row 0, feature y: must be a finite number, got NaN'],
    [encoder.embed([[null, 2, 3] as number[]]), 'embed: row 0, feature x: must be a finite number, got null'],
    [encoder.embed([[1, '', 3] as number[]]), 'embed: row 0, feature y: must be a finite number, got ""'],
    [encoder.embed([[1, 2, []] as never]), 'embed: row 0, feature z: must be a finite number, got an empty list'],
    [encoder.embed([[1, new Date(), 3] as never]), 'embed: row 0, feature y: must be a finite number, got a Date'],
    [encoder.embed([[1, undefined, 3] as never]), 'embed: row 0, feature y: must be a finite number, got undefined'],
    [
      encoder.embed([], { feature: ['x'] } as object),
      'embed: has no option "feature"; did you mean features? known are features',
    ],
    [encoder.embed([undefined as unknown as number[]]), 'embed: row 0 must have 3 features (x, y, z), got undefined'],
    [encoder.embed(3 as unknown as Tensor), 'embed: rows must be a list of rows, got 3'],
    [
      encoder.embed([], { features: ['y', 'x', 'z'] }),
      'embed: the columns must be x, y, z, got y, x, z; their order differs',
    ],
    [encoder.embed([], { features: ['x', 'y'] }), 'embed: the columns must be x, y, z, got x, y; missing are z'],
    [
      encoder.embed([], { features: ['x', 'y', 'w'] }),
      'embed: the columns must be x, y, z, got x, y, w; missing are z, unknown are w',
    ],
  ];
  for (const [refusal, message] of refusals) {
    await expect(refusal).rejects.toThrow(ArgumentError);
    await expect(refusal).rejects.toThrow(message);
  }
});

test.each([
  ['config.json', './encoder/config.json', 'got its file config.json; name the folder: ./encoder/'],
  ['model.safetensors', 'model.safetensors', 'got its file model.safetensors; name the folder: .'],
  ['an address', new URL('https://example.org/run/config.json'), 'name the folder: https://example.org/run/'],
  ['a promise', Promise.resolve('run') as never, 'needs the folder of a run, got a Promise; pass a path or an address'],
])('%s is no folder of a run', async (_, place, message) => {
  await expect(loadEncoder(place)).rejects.toThrow(ArgumentError);
  await expect(loadEncoder(place)).rejects.toThrow(message);
  await expect(loadEncoder(place, { devise: 'gpu' } as object)).rejects.toThrow('loadEncoder: has no option "devise"');
});

test('what fitStandardisation gives goes into a configuration as it is', () => {
  const input = { shape: [2], mean: Float64Array.of(1, 2.5), scale: Float64Array.of(0.1, 3) };
  const rest = { format: 'contragrad-run', version: 1, architecture: [], metric: 'cosine', settings: {} } as const;
  const config = parseRunConfig(serializeRunConfig({ ...rest, input }));
  expect(config.input).toEqual({ shape: [2], mean: [1, 2.5], scale: [0.1, 3] });
  const wrong = { ...input, scale: Float64Array.of(1, 0) };
  expect(() => serializeRunConfig({ ...rest, input: wrong })).toThrow(
    'input.scale must be a list of 2 numbers above 0',
  );
});

test('one mean for each channel, or for all, standardises as one for each feature', async () => {
  const layers: nn.LayerConfig[] = [{ type: 'Flatten' }, { type: 'Linear', outFeatures: 2 }];
  const image = nn.fromConfig(layers, { input: [2, 1, 3] });
  const embedded = async (name: string, m: number[], s: number[]): Promise<number[][]> => {
    const input = { shape: [2, 1, 3], mean: m, scale: s };
    return (await loadEncoder(await runFolder(name, { input, architecture: layers }, image.stateDict()))).embed([
      [1, 2, 3, 4, 5, 6],
    ]);
  };
  const each = await embedded('each', [1, 1, 1, 3, 3, 3], [2, 2, 2, 4, 4, 4]);
  expect(await embedded('channels', [1, 3], [2, 4])).toEqual(each);
  expect(await embedded('same', [1, 1], [2, 2])).toEqual(await embedded('all', [1], [2]));
  expect(each).not.toEqual(await embedded('others', [1, 2], [2, 4]));
});

test('weights that do not fit the architecture are refused', async () => {
  const place = await runFolder('unfit', { architecture: [{ type: 'Linear', outFeatures: 9 }] });
  await expect(loadEncoder(place)).rejects.toThrow(DataError);
  await expect(loadEncoder(place)).rejects.toThrow(
    'unfit/model.safetensors: loadStateDict: names differ: missing [], unknown [1.weight, 1.bias, ',
  );
  const wrong = await runFolder('wrong', {
    architecture: [{ type: 'Linear', outFeatures: 9 }, ...architecture.slice(1)],
  });
  await expect(loadEncoder(wrong)).rejects.toThrow(
    'wrong/model.safetensors: loadStateDict: 0.weight must have shape [9, 3], got [8, 3]',
  );
  const unknown = await runFolder('unknown', { architecture: [{ type: 'Eval' } as unknown as nn.LayerConfig] });
  await expect(loadEncoder(unknown)).rejects.toThrow(
    'unknown/config.json: fromConfig: layer 0: there is no type "Eval"',
  );
});

test.each(['table', 'image'])("PyTorch's weights give PyTorch's embeddings: %s", async (name) => {
  const place = `test/golden/pytorch/${name}`;
  const { versions, rows, embeddings } = JSON.parse(readFileSync(`${place}/embeddings.json`, 'utf8')) as {
    versions: { torch: string };
    rows: number[][];
    embeddings: number[][];
  };
  expect(versions.torch).toMatch(/^\d/);
  close(await (await loadEncoder(place)).embed(rows), embeddings);
  expect(Math.max(...embeddings.flat().map(Math.abs))).toBeGreaterThan(0.1);
});

test('a configuration comes back as it went, a line for each key', () => {
  const text = serializeRunConfig(config);
  expect(parseRunConfig(text)).toEqual(config);
  expect(text.split('\n').length).toBe(Object.keys(config).length + 3);
  expect(() => serializeRunConfig({ ...config, metric: 'dot' as 'cosine' })).toThrow(
    'serializeRunConfig: config: metric must be "euclidean" or "cosine", got "dot"',
  );
});

test.each<[string, unknown, string]>([
  ['no JSON', '<!doctype html>', 'it is not JSON; it starts with "<!doctype html>"'],
  ['a list', '[]', 'it must be a JSON object, got []'],
  ['another format', { ...config, format: 'x' }, 'format must be "contragrad-run", got "x"'],
  ['a later version', { ...config, version: 2 }, 'version must be 1, got 2'],
  ['an unknown key', { ...config, script: 'x' }, 'has the unknown key "script"'],
  ['no input', { ...config, input: null }, 'input must be an object, got null'],
  ['an empty shape', { ...config, input: { ...config.input, shape: [] } }, 'input.shape must be'],
  [
    'a huge shape',
    { ...config, input: { ...config.input, shape: [2 ** 20, 2 ** 20] } },
    'of at most 268435456 features',
  ],
  [
    'too few names',
    { ...config, input: { ...config.input, features: ['x'] } },
    'input.features must be a list of 3 names, got ["x"]',
  ],
  ['names that are none', { ...config, input: { ...config.input, features: [1, 2, 3] } }, 'input.features must be'],
  ['two means', { ...config, input: { ...config.input, mean: [1, 2] } }, 'input.mean must be a list of 3 numbers'],
  [
    'a mean beyond numbers',
    JSON.stringify(config).replace(/"mean":\[[^,]*/, '"mean":[1e999'),
    'input.mean must be a list',
  ],
  [
    'a scale of 0',
    { ...config, input: { ...config.input, scale: [1, 0, 1] } },
    'input.scale must be a list of 3 numbers above 0',
  ],
  ['another scale', { ...config, input: { ...config.input, scale: [1] } }, 'input.scale must be a list of 3 numbers'],
  ['no layers', { ...config, architecture: 'x' }, 'architecture must be a list of layers, got "x"'],
  ['layers that are text', { ...config, architecture: ['x'] }, 'architecture must be a list of layers, got ["x"]'],
  ['classes that are numbers', { ...config, classes: [1] }, 'classes must be a list of names, got [1]'],
  ['no settings', { ...config, settings: [] }, 'settings must be an object, got []'],
  ['a prototype', JSON.stringify(config).replace('"loss"', '"__proto__"'), 'has the key "__proto__", which is refused'],
  [
    'a constructor',
    { ...config, settings: { a: [{ constructor: 1 }] } },
    'has the key "constructor", which is refused',
  ],
])('a configuration with %s is refused', (_, value, message) => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  expect(() => parseRunConfig(text, 'run/config.json')).toThrow(DataError);
  expect(() => parseRunConfig(text, 'run/config.json')).toThrow('run/config.json: ');
  expect(() => parseRunConfig(text, 'run/config.json')).toThrow(message);
});

test('whatever JSON says, a folder is an encoder or a DataError', async () => {
  const place = await runFolder('damaged');
  const paths = (value: unknown, path: string[] = []): string[][] =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, item]) => [[...path, key], ...paths(item, [...path, key])])
      : [];
  const every = paths(config);
  let refused = 0;
  await assertProperty(
    fc.asyncProperty(fc.constantFrom(...every), fc.jsonValue({ maxDepth: 2 }), async (path, value) => {
      const copy = structuredClone(config) as unknown as Record<string, unknown>;
      const parent = path.slice(0, -1).reduce((node, key) => node[key] as Record<string, unknown>, copy);
      parent[path.at(-1)!] = value;
      writeFileSync(join(place, 'config.json'), JSON.stringify(copy));
      try {
        await loadEncoder(place);
      } catch (error) {
        expect(error).toBeInstanceOf(DataError);
        refused++;
      }
    }),
    400,
  );
  expect(refused).toBeGreaterThan(cases(100));
  writeFileSync(join(place, 'config.json'), serializeRunConfig(config));
  writeFileSync(join(place, 'model.safetensors'), serializeSafetensors(model.stateDict()).subarray(0, 300));
  await expect(loadEncoder(place)).rejects.toThrow(DataError);
});
