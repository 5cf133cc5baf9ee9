/** @file Calls that ran on as if an argument had not been passed, or answered a plain value with an error of the engine. */
import { expect, test } from 'vitest';
import * as cg from '../../src/index.js';

const { nn, optim, tensor } = cg;
const a = tensor([[0, 0]]);
const b = tensor([[3, 4]]);
const x = tensor([[1, 2]]);
const rows = tensor([
  [1, 0],
  [0, 1],
]);
const p = (): cg.Tensor[] => [tensor([1, 2], { requiresGrad: true })];
const cyclic: unknown[] = [];
cyclic.push(cyclic);

/** What plain JavaScript passes. */
const any = (value: unknown): never => value as never;

test.each<[string, () => unknown, string]>([
  [
    'a slip',
    () => cg.contrastiveLoss(a, b, [1], any({ mragin: 10 })),
    'contrastiveLoss: has no option "mragin"; did you mean margin?',
  ],
  [
    'another name',
    () => new optim.Adam(p(), any({ learningRate: 0.5 })),
    'Adam: has no option "learningRate"; did you mean lr?',
  ],
  ['a rate', () => new optim.Adam(p(), any(0.5)), 'Adam: options must be a plain object, got 0.5'],
  ['an axis', () => cg.sum(x, any(1)), 'sum: options must be a plain object, got 1; known are axis, keepDims'],
  ['an axis of a method', () => x.sum(any(1)), 'sum: options must be a plain object, got 1'],
  ["PyTorch's word", () => cg.softmax(x, any({ dim: 0 })), 'softmax: has no option "dim"; did you mean axis?'],
  ['an axis of concat', () => cg.concat([a, b], any(1)), 'concat: options must be a plain object, got 1'],
  [
    'places',
    () => (x as never as { slice(a: number, b: number): void }).slice(0, 1),
    'slice: arguments: takes 1, got 2',
  ],
  ['a flag', () => new nn.Linear(2, 3, any(false)), 'Linear: options must be a plain object, got false'],
  [
    'tau',
    () => cg.infoNCELoss(rows, rows, any({ tau: 0.1 })),
    'infoNCELoss: has no option "tau"; did you mean temperature?',
  ],
  ['a share', () => new nn.Dropout(any(0.1)), 'Dropout: options must be a plain object, got 0.1'],
  ['an end', () => cg.arange(2, any(5)), 'arange: options must be a plain object, got 5'],
  [
    'a convention',
    () => (cg.conventions.contrastive as never as { kerass: object }).kerass,
    'conventions: has no convention "kerass"; did you mean keras?',
  ],
  [
    'a group',
    () => (cg.conventions as never as { tripletts: object }).tripletts,
    'conventions: has no convention "tripletts"; did you mean triplet?',
  ],
  ['too many', () => (x as never as { relu(a: number): void }).relu(0.1), 'relu: arguments: takes 0, got 1'],
  ['a layer without options', () => new (nn.ReLU as new (x: number) => object)(1), 'Module: takes no arguments, got 1'],
])('%s is refused', (_, act, message) => {
  expect(act).toThrow(cg.ContragradError);
  expect(act).toThrow(message);
});

test.each<[string, () => unknown, string]>([
  ['sizes one by one', () => cg.randn(any(2), any(3)), 'randn: options must be a plain object, got 3'],
  [
    'a list in place of a tensor',
    () => cg.exp(any([1, 2])),
    'exp: input 0 must be a tensor, got [1, 2]; make one by tensor(…)',
  ],
  [
    'a loss of lists',
    () => cg.infoNCELoss(any([[1]]), any([[1]])),
    'infoNCELoss: input 0 must be a tensor, got a list of 1',
  ],
  ['no options', () => new optim.SGD(p(), any(undefined)), 'SGD: lr must be a finite number, 0 or more, got undefined'],
  [
    'a list of layers',
    () => new nn.Sequential(any([new nn.ReLU()])),
    'Sequential: needs modules, got a list of 1; spread the list',
  ],
  [
    'sizes beyond all memory',
    () => cg.zeros([1e9, 1e9]),
    'zeros: a tensor has at most 2^28 elements, got 1000000000000000000',
  ],
  ['a device by name', () => x.to(any('webgpu')), 'to: a device must be cpu or what gpu() resolves to, got "webgpu"'],
  ['a tensor in place of a list', () => cg.grad(x, any(x)), 'grad: needs a list of tensors, got a Tensor'],
  ['a large integer', () => cg.full([1], any(1n)), 'full: value must be a number, got 1n'],
  ['nothing', () => cg.sum(any(null)), 'sum: input 0 must be a tensor, got null'],
  ['a list that holds itself', () => tensor(any(cyclic)), 'tensor: arrays are nested to at most 32 axes'],
  [
    'scores in words',
    () => cg.metrics.rocAuc(any(['a', 'b']), [1, 0]),
    'rocAuc: scores must be numbers, got "a" at element 0',
  ],
  [
    'a Proxy of a tensor',
    () => cg.exp(new Proxy(x, {})),
    'exp: input 0 must be a tensor, got a Proxy of one; unwrap it',
  ],
])('%s is told in words', (_, act, message) => {
  expect(act).toThrow(cg.ContragradError);
  expect(act).toThrow(message);
});

test('an array that was handed to another thread is no empty one', () => {
  const array = new Float32Array([1, 2]);
  structuredClone(array, { transfer: [array.buffer] });
  expect(() => tensor(array)).toThrow('tensor: the array is empty: its buffer was transferred; copy it before');
  expect(tensor(new Float32Array(0)).shape).toEqual([0]);
  const step = cg.compile((_: unknown) => x.sum());
  expect(() => step(new Map([[1, array]]))).toThrow(
    'compile: the array is empty: its buffer was transferred; copy it before',
  );
});

test('no message is longer than 400 characters, and its end is kept', () => {
  const { message } = new cg.ArgumentError('op', 'x'.repeat(1000), 'do this');
  expect(message).toHaveLength(400);
  expect(message).toMatch(/^op: x+…; do this$/);
  const act = (): unknown =>
    cg.group('inner', () => cg.reshape(tensor(new Uint8ClampedArray(16384)), Array(3000).fill(2)));
  expect(act).toThrow(/^reshape: .{300,} \[in inner\]$/);
});

test('options may stand where a gradient would', () => {
  const leaf = tensor([3], { requiresGrad: true });
  const y = leaf.square().sum();
  y.backward({ retainGraph: true });
  y.backward();
  expect(leaf.grad!.toArray()).toEqual([12]);
  expect(() => y.backward(any({ retain: true }))).toThrow(
    'backward: has no option "retain"; did you mean retainGraph?',
  );
  expect(() => y.backward(any(null))).toThrow('backward: options must be a plain object, got null');
});

test('conventions are printed, compared and spread as before', () => {
  const { keras } = cg.conventions.contrastive;
  expect({ ...keras }).toEqual({ labelMeans: 'different', half: false, floor: 1e-7 });
  expect(Object.keys(cg.conventions)).toEqual(['contrastive', 'triplet', 'infoNCE', 'supCon']);
  expect(JSON.parse(JSON.stringify(cg.conventions.infoNCE))).toEqual({
    articleFormula: { temperature: 1, normalize: false },
  });
  expect(String(cg.conventions)).toBe('[object Object]');
  expect(cg.conventions.supCon).toEqual({ articleCode: { baseTemperature: 0.07 } });
});

test('a list too long to write down is refused before it is made', () => {
  const labels = new Uint8ClampedArray(16384);
  expect(() => cg.allPairs(labels)).toThrow('allPairs: lists at most 2^24 pairs, got 134209536; take a smaller batch');
  expect(cg.allTriplets(labels).counts.triplets).toBe(0);
  expect(() => cg.allTriplets(labels.map((_, i) => i % 2))).toThrow('allTriplets: lists at most 2^24 triplets, got ');
});

test('the rank of few points of many numbers is that of many points of few', () => {
  const points = cg.randn([3, 40]);
  const flat = (t: cg.Tensor): number[] => [...t.dataSync()];
  const wide = cg.metrics.effectiveRank({ points: flat(points), count: 3 });
  expect(wide).toBeCloseTo(cg.metrics.effectiveRank({ points: flat(points.transpose()), count: 40 }), 9);
});
