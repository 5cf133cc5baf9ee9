/** @file Architectures as data: what they become, and what is refused, whoever wrote it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ArgumentError, Generator, nn, randn, zeros } from '../../src/index.js';
import { assertProperty, cases } from '../support/depth.js';

const IMAGE: readonly nn.LayerConfig[] = [
  { type: 'Conv2d', outChannels: 4, kernelSize: 3, padding: 1 },
  { type: 'BatchNorm2d' },
  { type: 'LeakyReLU', slope: 0.1 },
  { type: 'MaxPool2d', kernelSize: 2 },
  {
    type: 'Residual',
    layers: [{ type: 'Conv2d', outChannels: 6, kernelSize: [3, 1], stride: 2, padding: [1, 0] }, { type: 'GELU' }],
    projection: [{ type: 'Conv2d', outChannels: 6, kernelSize: 1, stride: [2, 2], bias: false }],
  },
  { type: 'Flatten' },
  { type: 'LayerNorm' },
  { type: 'Linear', outFeatures: 8 },
  { type: 'BatchNorm1d', momentum: 0.2 },
  { type: 'Softplus' },
  { type: 'Dropout', p: 0.1 },
  { type: 'Linear', outFeatures: 2, bias: false },
  { type: 'L2Normalize' },
];

test('sizes follow from the input, through images, residuals and rows', () => {
  const module = nn.fromConfig(JSON.parse(JSON.stringify(IMAGE)), { input: [3, 9, 8] });
  expect(nn.layerTable(module, [3, 9, 8]).rows.filter(({ name }) => !name.includes('.'))).toEqual([
    { name: '0', type: 'Conv2d', output: [4, 9, 8], parameters: 112 },
    { name: '1', type: 'BatchNorm2d', output: [4, 9, 8], parameters: 8 },
    { name: '2', type: 'LeakyReLU', output: [4, 9, 8], parameters: 0 },
    { name: '3', type: 'MaxPool2d', output: [4, 4, 4], parameters: 0 },
    { name: '4', type: 'Residual', output: [6, 2, 2], parameters: 0 },
    { name: '5', type: 'Flatten', output: [24], parameters: 0 },
    { name: '6', type: 'LayerNorm', output: [24], parameters: 48 },
    { name: '7', type: 'Linear', output: [8], parameters: 200 },
    { name: '8', type: 'BatchNorm1d', output: [8], parameters: 16 },
    { name: '9', type: 'Softplus', output: [8], parameters: 0 },
    { name: '10', type: 'Dropout', output: [8], parameters: 0 },
    { name: '11', type: 'Linear', output: [2], parameters: 16 },
    { name: '12', type: 'L2Normalize', output: [2], parameters: 0 },
  ]);
  expect(module.forward(randn([5, 3, 9, 8])).shape).toEqual([5, 2]);
  expect((module.layers[8] as nn.BatchNorm1d).momentum).toBe(0.2);
  expect((module.layers[2] as nn.LeakyReLU).slope).toBe(0.1);
});

test('every layer that is no container of modules can be asked for', () => {
  const made = ['GlobalAvgPool2d', 'ReLU', 'Sigmoid', 'Tanh'] as const;
  for (const type of made)
    expect(nn.fromConfig([{ type }], { input: [2, 3, 3] }).layers[0]!.constructor.name).toBe(type);
  expect(nn.fromConfig([], { input: [3] }).forward(zeros([2, 3])).shape).toEqual([2, 3]);
  expect(nn.fromConfig([{ type: 'BatchNorm1d' }], { input: [2, 3] }).forward(randn([4, 2, 3])).shape).toEqual([
    4, 2, 3,
  ]);
});

test('the generator decides on weights and dropout', () => {
  const run = (seed: number): unknown => {
    const module = nn.fromConfig(IMAGE, { input: [1, 8, 8], generator: new Generator(seed) });
    return module.forward(randn([3, 1, 8, 8], { generator: new Generator(1) })).toArray();
  };
  expect(run(3)).toEqual(run(3));
  expect(run(4)).not.toEqual(run(3));
});

const refused: [string, unknown, string][] = [
  ['no list', { type: 'ReLU' }, 'fromConfig: needs a list of layers, got an object'],
  ['no object', ['ReLU'], 'fromConfig: layer 0 must be an object { type, … }, got "ReLU"'],
  ['a list in a list', [[]], 'fromConfig: layer 0 must be an object { type, … }, got an empty list'],
  ['no type', [{}], 'fromConfig: layer 0: there is no type undefined; the types are Linear, Conv2d, MaxPool2d'],
  ['an inherited type', [{ type: 'constructor' }], 'fromConfig: layer 0: there is no type "constructor"'],
  [
    'an unknown option',
    [{ type: 'ReLU' }, { type: 'Linear', outFeatures: 3, inFeatures: 4 }],
    'fromConfig: layer 1 (Linear): has no option "inFeatures"; did you mean outFeatures? known are outFeatures, bias',
  ],
  ['an inherited option', [{ type: 'ReLU', toString: 1 }], 'layer 0 (ReLU): has no option "toString"; it takes none'],
  [
    'a prototype',
    JSON.parse('[{"type":"ReLU","__proto__":{"type":"Tanh"}}]'),
    'fromConfig: layer 0 (ReLU): has no option "__proto__"; it takes none',
  ],
  ['a missing option', [{ type: 'Linear' }], 'fromConfig: layer 0 (Linear): needs outFeatures'],
  [
    'a size in words',
    [{ type: 'Linear', outFeatures: '4' }],
    'fromConfig: layer 0 (Linear): outFeatures must be a whole number, 1 or more, got "4"',
  ],
  [
    'a broken size',
    [{ type: 'Linear', outFeatures: 1.5 }],
    'layer 0 (Linear): outFeatures must be a whole number, 1 or more, got 1.5',
  ],
  ['a bias', [{ type: 'Linear', outFeatures: 1, bias: 1 }], 'layer 0 (Linear): bias must be a boolean, got 1'],
  ['a share', [{ type: 'Dropout', p: 1 }], 'fromConfig: layer 0 (Dropout): p must be in [0, 1), got 1'],
  ['a share in words', [{ type: 'Dropout', p: null }], 'layer 0 (Dropout): p must be a number, got null'],
  [
    'an image for a linear layer',
    [{ type: 'Reshape' }].slice(1).concat([{ type: 'Flatten' }, { type: 'BatchNorm2d' }]),
    'fromConfig: layer 1 (BatchNorm2d): needs rows [channels, height, width], got [64]',
  ],
  [
    'rows for a convolution',
    [{ type: 'Conv2d', outChannels: 1, kernelSize: 3 }],
    'fromConfig: layer 0 (Conv2d): needs rows [channels, height, width], got [64]',
  ],
  [
    'two shapes',
    [{ type: 'Residual', layers: [{ type: 'Linear', outFeatures: 3 }] }],
    'fromConfig: layer 0 (Residual): both parts must make rows of one shape, got [3] and [64]; change projection',
  ],
  ['no layers inside', [{ type: 'Residual' }], 'fromConfig: layer 0 (Residual): needs layers'],
  [
    'what is wrong deep inside',
    [{ type: 'ReLU' }, { type: 'Residual', layers: [{ type: 'Residual', layers: [{ type: 'Linear' }] }] }],
    'fromConfig: layer 1.layers.0.layers.0 (Linear): needs outFeatures',
  ],
  [
    'what is wrong in a projection',
    [{ type: 'Residual', layers: [], projection: [{ type: 'Nothing' }] }],
    'fromConfig: layer 0.projection.0: there is no type "Nothing"',
  ],
  [
    'more weights than anybody has',
    [{ type: 'Linear', outFeatures: 1e9 }],
    'fromConfig: layer 0 (Linear): would be more than 268435456 weights in all',
  ],
  [
    'many layers that are too much together',
    Array.from({ length: 1000 }, () => ({ type: 'Linear', outFeatures: 16_000 })),
    'fromConfig: layer 2 (Linear): would be more than 268435456 weights in all',
  ],
];

describe('what is refused', () => {
  test.each(refused)('%s', (_, layers, message) => {
    const build = (): unknown => nn.fromConfig(layers as nn.LayerConfig[], { input: [64] });
    expect(build).toThrow(ArgumentError);
    expect(build).toThrow(message);
  });

  test('an image where rows are needed, with the way out', () => {
    expect(() => nn.fromConfig([{ type: 'Linear', outFeatures: 2 }], { input: [1, 8, 8] })).toThrow(
      'fromConfig: layer 0 (Linear): needs rows [features], got [1, 8, 8]; put a Flatten before it',
    );
    expect(() => nn.fromConfig([{ type: 'Conv2d', outChannels: 2, kernelSize: 9 }], { input: [1, 8, 8] })).toThrow(
      'fromConfig: layer 0 (Conv2d): windows [9, 9] do not fit into images [8, 8]',
    );
    expect(() =>
      nn.fromConfig([{ type: 'Conv2d', outChannels: 2, kernelSize: 3, padding: 1e6 }], { input: [1, 8, 8] }),
    ).toThrow('layer 0 (Conv2d): would make rows [2, 2000006, 2000006], more than 268435456 numbers');
  });

  test.each([[[]], [[0]], [[1.5]], [64], [undefined], ['64']])('an input %j', (input) => {
    expect(() => nn.fromConfig([], { input: input as number[] })).toThrow(
      /^fromConfig: input(, the shape of one row,)? must be .*, got /,
    );
  });

  test('layers without end', () => {
    let layers: nn.LayerConfig[] = [];
    for (let i = 0; i < 5000; i++) layers = [{ type: 'Residual', layers }];
    expect(() => nn.fromConfig(layers, { input: [2] })).toThrow('nested more than 16 deep');
  });

  test('anything else that JSON can say: an ArgumentError, or a module that takes its input', () => {
    const key = fc.constantFrom('outFeatures', 'outChannels', 'kernelSize', 'stride', 'padding', 'bias', 'p', 'layers');
    const type = fc.constantFrom('Linear', 'Conv2d', 'MaxPool2d', 'Flatten', 'Dropout', 'Residual', 'BatchNorm2d', 'x');
    const value = fc.oneof(fc.integer({ min: -1, max: 3 }), fc.constant([2, 1]), fc.jsonValue({ maxDepth: 2 }));
    const layer = fc
      .tuple(type, fc.dictionary(key, value, { maxKeys: 3 }))
      .map(([name, options]) => ({ type: name, ...options }));
    let built = 0;
    assertProperty(
      fc.property(fc.array(layer, { maxLength: 3 }), (layers) => {
        let module: nn.Sequential;
        try {
          module = nn.fromConfig(layers as unknown as nn.LayerConfig[], { input: [2, 5, 5] });
        } catch (error) {
          expect(error).toBeInstanceOf(ArgumentError);
          return;
        }
        built++;
        expect(module.eval().forward(zeros([1, 2, 5, 5])).shape[0]).toBe(1);
      }),
      5000,
    );
    expect(built).toBeGreaterThan(cases(5000) / 10);
  });
});
