/** @file Every argument that counts, sizes or places something is a whole number in its range, or refused in the house's words. */
import { describe, expect, test } from 'vitest';
import * as data from '../../src/data/index.js';
import * as cg from '../../src/index.js';
import { Generator, metrics, nn, type Tensor, tensor } from '../../src/index.js';
import * as ops from '../../src/ops/index.js';

const WRONG: readonly unknown[] = [1.5, Number.NaN, -1, 3e9, Number.POSITIVE_INFINITY, '2', null];

interface Position {
  readonly use: (value: number) => unknown;
  /** Those of {@link WRONG} that are right here: -1 is the last axis. */
  readonly legal: readonly unknown[];
  /** Those that are right, and too much to try. */
  readonly endless: readonly unknown[];
  /** One that is right, so that the refusals are of the value. */
  readonly right: number;
}

const at = (use: Position['use'], options: Partial<Position> = {}): Position => ({
  use,
  legal: [],
  endless: [],
  right: 1,
  ...options,
});
/** An axis: counted from the end where negative. */
const axis = (use: Position['use']): Position => at(use, { legal: [-1], right: 0 });

const x = (): Tensor => tensor([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], { shape: [4, 3] });
const whole = (): Tensor => tensor([0, 1, 2], { dtype: 'int32' });
const places = (): Tensor => cg.zeros([4, 3], { dtype: 'int32' });
const image = (): Tensor => cg.ones([1, 1, 6, 6]);
const generator = (): Generator => new Generator(1);
const points = { points: [1, 2, 3, 4], labels: [0, 0, 1, 1] };
const labels = Int32Array.of(0, 0, 1, 1);
const rows = (): data.Dataset => data.datasetOf([[1], [2], [3], [4]], ['a', 'a', 'b', 'b']);

/** Each is named after the export that it belongs to; behind a space, which of its arguments it is. */
const positions: Readonly<Record<string, Position>> = {
  zeros: at((n) => cg.zeros([2, n])),
  'zeros shape': at((n) => cg.zeros(n as never), { right: [2] as never }),
  ones: at((n) => cg.ones([n])),
  full: at((n) => cg.full([n], 1)),
  eye: at((n) => cg.eye(n)),
  arange: at((n) => cg.arange(n)),
  rand: at((n) => cg.rand([n])),
  randn: at((n) => cg.randn([n])),
  tensor: at((n) => tensor([1, 2, 3, 4], { shape: [2, n] }), { legal: [-1], right: 2 }),
  manualSeed: at((n) => cg.manualSeed(n), { legal: [3e9] }),
  memoryBank: at((n) => cg.memoryBank({ size: n, dim: 2 })),
  'memoryBank dim': at((n) => cg.memoryBank({ size: 2, dim: n })),

  reshape: at((n) => x().reshape([n, 3]), { legal: [-1], right: 4 }),
  'reshape shape': at((n) => x().reshape(n as never), { right: [12] as never }),
  broadcastTo: at((n) => cg.broadcastTo(tensor([1]), [n])),
  'broadcastTo before': at((n) => cg.broadcastTo(tensor([1, 2]), [n, 2])),
  expandDims: axis((n) => x().expandDims(n)),
  squeeze: axis((n) => cg.ones([1, 1]).squeeze({ axis: n })),
  permute: axis((n) => cg.ones([2, 2]).permute([n === 0 ? 0 : n, n === 0 ? 1 : 0])),
  transpose: axis((n) => x().transpose({ axes: [n, 1] })),
  'transpose second': axis((n) => x().transpose({ axes: [1, n] })),
  flip: axis((n) => x().flip({ axis: n })),
  'slice starts': at((n) => x().slice({ starts: [0, n] }), { legal: [-1, 3e9] }),
  'slice ends': at((n) => x().slice({ ends: [n] }), { legal: [-1, 3e9] }),
  'slice steps': at((n) => x().slice({ steps: [n] }), { legal: [3e9] }),
  'slice list': at((n) => x().slice({ starts: n as never }), { right: [1] as never }),
  split: at((n) => x().split(n), { legal: [3e9] }),
  'split sizes': at((n) => x().split([n, 4 - n])),
  'split axis': axis((n) => x().split(1, { axis: n })),
  concat: axis((n) => cg.concat([x(), x()], { axis: n })),
  stack: axis((n) => cg.stack([x(), x()], { axis: n })),
  pad: at((n) =>
    x().pad([
      [n, 0],
      [0, 0],
    ]),
  ),
  'pad after': at((n) =>
    x().pad([
      [0, 0],
      [0, n],
    ]),
  ),
  'pad pair': at((n) => tensor([1]).pad([n as never]), { right: [1, 1] as never }),

  sum: axis((n) => x().sum({ axis: n })),
  'sum axes': axis((n) => x().sum({ axis: [n] })),
  mean: axis((n) => x().mean({ axis: n })),
  variance: axis((n) => x().variance({ axis: n })),
  max: axis((n) => x().max({ axis: n })),
  min: axis((n) => x().min({ axis: n })),
  argmax: axis((n) => x().argmax({ axis: n })),
  argmin: axis((n) => x().argmin({ axis: n })),
  norm: axis((n) => x().norm({ axis: n })),
  logSumExp: axis((n) => x().logSumExp({ axis: n })),
  logSoftmax: axis((n) => x().logSoftmax({ axis: n })),
  softmax: axis((n) => x().softmax({ axis: n })),
  normalize: axis((n) => x().normalize({ axis: n })),
  cosineSimilarity: axis((n) => cg.cosineSimilarity(x(), x(), { axis: n })),
  gather: axis((n) => x().gather(places(), { axis: n })),
  takeAlongAxis: axis((n) => x().takeAlongAxis(places(), { axis: n })),
  scatterAdd: axis((n) => x().scatterAdd(places(), x(), { axis: n })),
  oneHot: at((n) => whole().oneHot(n), { right: 3 }),
  unfold: at((n) => image().unfold({ kernelSize: n })),
  'unfold stride': at((n) => image().unfold({ kernelSize: 2, stride: n }), { legal: [3e9] }),
  'unfold padding': at((n) => image().unfold({ kernelSize: 2, padding: n })),
  fold: at((n) => cg.fold(cg.ones([1, 1, n === 2 ? 4 : 1]), { kernelSize: 1, outputSize: n })),

  'Linear in': at((n) => new nn.Linear(n, 2)),
  'Linear out': at((n) => new nn.Linear(2, n)),
  'Conv2d in': at((n) => new nn.Conv2d(n, 1, { kernelSize: 1 })),
  'Conv2d out': at((n) => new nn.Conv2d(1, n, { kernelSize: 1 })),
  'Conv2d kernel': at((n) => new nn.Conv2d(1, 1, { kernelSize: n })),
  BatchNorm1d: at((n) => new nn.BatchNorm1d(n)),
  BatchNorm2d: at((n) => new nn.BatchNorm2d(n)),
  LayerNorm: at((n) => new nn.LayerNorm(n)),
  'LayerNorm shape': at((n) => new nn.LayerNorm([2, n])),
  MaxPool2d: at((n) => new nn.MaxPool2d({ kernelSize: n }), { legal: [3e9] }),
  'MaxPool2d stride': at((n) => new nn.MaxPool2d({ kernelSize: 2, stride: n }), { legal: [3e9] }),
  summary: at((n) => nn.summary(new nn.ReLU(), [n])),

  Generator: at((n) => new Generator(n), { legal: [3e9] }),
  'Generator integer': at((n) => generator().integer(n), { legal: [3e9] }),
  'Generator permutation': at((n) => generator().permutation(n), { endless: [3e9] }),

  knnAccuracy: at((n) => metrics.knnAccuracy(points, points, { k: n })),
  recallAtK: at((n) => metrics.recallAtK({ references: points }, { k: n }), { legal: [3e9] }),
  kMeans: at((n) => metrics.kMeans({ ...points, count: 4 }, { k: n, generator: generator() })),
  'kMeans count': at((n) => metrics.kMeans({ ...points, count: n }, { k: 1, generator: generator() })),
  uniformity: at((n) => metrics.uniformity({ ...points, count: n }), { right: 4 }),
  alignment: at((n) => metrics.alignment({ ...points, count: n }, { ...points, count: n })),
  effectiveRank: at((n) => metrics.effectiveRank({ ...points, count: n })),
  featureDeviation: at((n) => metrics.featureDeviation({ ...points, count: n })),

  classBatch: at((n) => data.classBatch(labels, { classes: n, perClass: 2, generator: generator() }), { legal: [3e9] }),
  'classBatch each': at((n) => data.classBatch(labels, { classes: 2, perClass: n, generator: generator() }), {
    legal: [3e9],
  }),
  balancedPairs: at((n) => data.balancedPairs(labels, { count: n, generator: generator() }), { endless: [3e9] }),
  tripletRows: at((n) => data.tripletRows(labels, { count: n, generator: generator() }), { endless: [3e9] }),
  verificationPairs: at((n) => data.verificationPairs(labels, { genuine: n, impostors: 1, generator: generator() })),
  'verificationPairs impostors': at((n) =>
    data.verificationPairs(labels, { genuine: 1, impostors: n, generator: generator() }),
  ),
  EpochSampler: at((n) => new data.EpochSampler(n, { batch: 1, generator: generator() }), { legal: [3e9] }),
  'EpochSampler batch': at((n) => new data.EpochSampler(4, { batch: n, generator: generator() })),
  gatherRows: at((n) => data.gatherRows(rows(), [n])),
  subset: at((n) => data.subset(rows(), [n])),
  augmentRows: at((n) => data.augmentRows(rows(), [n], data.noise(), generator())),
  datasetOf: at((n) => data.datasetOf([[1]], ['a'], { shape: [n] })),
  'datasetOf groups': at((n) => data.datasetOf([[1]], ['a'], { groups: [n] }), { legal: [-1] }),
  irisTextures: at((n) => data.irisTextures({ subjects: n, imagesPerSubject: 1 })),
  'irisTextures each': at((n) => data.irisTextures({ subjects: 1, imagesPerSubject: n })),
  'irisTextures first': at((n) => data.irisTextures({ subjects: 1, imagesPerSubject: 1, firstSubject: n })),
  shift: at((n) => data.shift(n), { legal: [3e9] }),
  'shift right': at((n) => data.shift([1, n]), { legal: [3e9] }),
  crop: at((n) => data.crop(n), { legal: [3e9] }),
  cutOut: at((n) => data.cutOut(n), { legal: [3e9] }),
};

/** What takes no number that counts, sizes or places. */
const WITHOUT: ReadonlySet<string> = new Set([
  ...['add', 'sub', 'mul', 'div', 'neg', 'square', 'abs', 'sign', 'pow', 'reciprocal', 'sqrt', 'safeSqrt', 'cast'],
  ...['exp', 'expm1', 'log', 'log1p', 'erf', 'relu', 'leakyRelu', 'gelu', 'sigmoid', 'softplus', 'tanh', 'dropout'],
  ...['equal', 'notEqual', 'greater', 'greaterEqual', 'less', 'lessEqual', 'maximum', 'minimum', 'where', 'clamp'],
  ...['cdist', 'squaredCdist', 'pairwiseDistance', 'matmul', 'dot', 'outer', 'to'],
]);

test('every operation has its row, or takes no such number', () => {
  const covered = new Set(Object.keys(positions).map((title) => title.split(' ')[0]!));
  const missing = Object.keys(ops).filter((name) => !covered.has(name) && !WITHOUT.has(name));
  expect(missing).toEqual([]);
  expect([...WITHOUT].filter((name) => !(name in ops) || covered.has(name))).toEqual([]);
});

describe.each(Object.entries(positions))('%s', (_, { use, legal, endless, right }) => {
  test('takes what is right, and refuses all else by an error of its own', () => {
    for (const value of [right, ...legal]) expect(() => use(value as number), String(value)).not.toThrow();
    for (const value of WRONG) {
      if (legal.includes(value) || endless.includes(value)) continue;
      expect(() => use(value as number), String(value)).toThrow(cg.ContragradError);
    }
  });
});

test('the refusals say what is wanted', () => {
  const y = x();
  expect(() => y.slice({ starts: [0.5] })).toThrow('slice: starts must be a list of whole numbers, got [0.5]');
  expect(() => y.slice({ ends: [Number.NaN] })).toThrow('slice: ends must be a list of whole numbers, got [NaN]');
  expect(() => y.slice({ steps: [0] })).toThrow('slice: steps must be a list of whole numbers, 1 or more, got [0]');
  expect(() => y.split([1.5, 2.5])).toThrow('split: sizes must be a list of whole numbers, 0 or more, got [1.5, 2.5]');
  expect(() => y.split(0)).toThrow('split: size must be a whole number, 1 or more, got 0');
  expect(() => y.split([1, 2])).toThrow('split: sizes must add up to 4, got [1, 2]');
  expect(() => cg.broadcastTo(tensor([1]), [1.5])).toThrow(
    'sizes must be a list of whole numbers, 0 or more, got [1.5]',
  );
  expect(() => cg.zeros(3 as never)).toThrow('zeros: a shape must be a list of sizes, got 3');
  expect(() => cg.zeros([2 ** 16, 2 ** 15])).toThrow(
    'zeros: a tensor has at most 2^28 elements, got 2147483648 in [65536, 32768]',
  );
  expect(() => cg.zeros([2 ** 16, 1]).add(cg.zeros([2 ** 15]))).toThrow('add: a tensor has at most 2^28 elements');
});

test('a start or an end of nothing, and one beyond the axis, are what they were', () => {
  expect(x().slice({ starts: [], ends: [], steps: [] }).shape).toEqual([4, 3]);
  expect(x().slice({ starts: [-9], ends: [9, -1] }).shape).toEqual([4, 2]);
  expect(x().split([0, 4])[0]!.shape).toEqual([0, 3]);
});
