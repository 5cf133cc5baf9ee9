/** @file The values that the calls of the table name, each an expression in TypeScript; every call gets them anew. */

/** Values by name; one may name those above it. */
export const NAMES: Readonly<Record<string, string>> = {
  x: 'tensor([[0.5, 1, 2], [3, 4, 5.5]])',
  y: 'tensor([[1, 2, 3], [0.5, 1.5, 2.5]])',
  m: 'tensor([[1, 2], [3, 4]])',
  v: 'tensor([1, 2, 3])',
  w: 'tensor([3, 2, 1])',
  g: 'tensor([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]])',
  one: 'tensor(1)',
  narrow: 'ones([1, 2])',
  narrow3: 'ones([1, 3])',
  mask: "tensor([[1, 0, 1], [1, 1, 1]], { dtype: 'int32' })",
  index: "tensor([0, 1], { dtype: 'int32' })",
  places: "tensor([[0, 1, 1]], { dtype: 'int32' })",
  image: 'ones([2, 1, 8, 8])',
  columns: 'ones([2, 9, 4])',
  leaf: 'tensor([[0.5, 1, 2], [3, 4, 5.5]], { requiresGrad: true })',
  loss: 'leaf.square().sum()',
  generator: 'new Generator(7)',

  q: 'tensor([[1, 2, 0.5], [0.25, 1, 1], [2, 1, 1], [1, 3, 2]])',
  k: 'tensor([[1, 1.5, 0.5], [0.5, 1, 1], [2, 1.5, 1], [1, 2, 2]])',
  n: 'tensor([[0, 1, 2], [2, 1, 0], [1, 0, 0], [0, 0, 1]])',
  d: 'tensor([0.5, 1.5, 0.25, 2])',
  pairLabels: "tensor([1, 0, 1, 0], { dtype: 'int32' })",
  classLabels: "tensor([0, 0, 1, 1], { dtype: 'int32' })",
  bank: '(() => { const b = memoryBank({ size: 4, dim: 3 }); b.push(n); return b; })()',
  temperature: 'tensor(0.1)',

  layer: 'new nn.Linear(3, 2)',
  body: 'new nn.Linear(3, 3)',
  encoder: 'new nn.Sequential(new nn.Linear(3, 4), new nn.ReLU(), new nn.Linear(4, 2))',
  list: 'new nn.ModuleList([new nn.Linear(3, 2)])',
  channels: 'ones([2, 4, 3, 3])',
  rows: 'tensor([[1, 2, 3, 4], [2, 1, 0, 3]])',
  state: 'layer.stateDict()',
  Doubling: 'class extends nn.Module { override forward = ((x: Tensor) => x.mul(2)) as nn.Module["forward"] }',

  trained: '(() => { const p = new nn.Parameter(x); p.square().sum().backward(); return p; })()',
  adam: 'new optim.Adam([trained], { lr: 0.01 })',
  adamW: 'new optim.AdamW([trained], { lr: 0.01 })',
  sgd: 'new optim.SGD([trained], { lr: 0.01, momentum: 0.5 })',
  adamState: 'adam.stateDict()',
  sgdState: 'sgd.stateDict()',
  schedule: 'new optim.StepLR(adam, { stepSize: 2 })',
  constant: 'new optim.ConstantLR(adam)',
  cosine: 'new optim.CosineAnnealingLR(adam, { tMax: 5 })',
  Descent: 'class extends optim.Optimizer { override updated(p: Tensor, g: Tensor): Tensor { return p.sub(g); } }',
  Halving: 'class extends optim.Schedule { override at(t: number, lr: number): number { return lr / 2 ** t; } }',

  points: 'Float64Array.of(0, 0, 1, 1, 2, 2, 9, 9)',
  labelled: '{ points, labels: [0, 0, 1, 1] }',
  others: '{ points, labels: [1, 0, 1, 0] }',
  scores: '[0.9, 0.4, 0.6, 0.1]',
  same: '[1, 0, 1, 0]',

  step: 'compile((a: Tensor) => sum(square(a)))',
  both: 'valueAndGrad((a: Tensor) => sum(square(a)))',
  cube:
    "defineOp<readonly [Tensor], undefined>({ name: 'cube', formula: 'y = x^3', localDerivative: ['3x^2'], " +
    'forward: ([a]) => mul(mul(a, a), a), pullBack: [(h, { inputs: [a] }) => h.mul(a.square().mul(3))] })',
  shapeError: "new ShapeError('op', 'problem')",

  table: "'a,b,c,label\\n1,2,3,one\\n3,4,5,two\\n5,6,7,one\\n7,8,9,two\\n'",
  tableBytes: 'new TextEncoder().encode(table)',
  npy: `Uint8Array.from([147, 78, 85, 77, 80, 89, 1, 0, 118, 0, ...new TextEncoder().encode("{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }".padEnd(117) + '\\n'), 1, 2, 3, 4, 5, 6])`,
  npyLabels: `Uint8Array.from([147, 78, 85, 77, 80, 89, 1, 0, 118, 0, ...new TextEncoder().encode("{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }".padEnd(117) + '\\n'), 0, 1])`,
  idx: 'Uint8Array.of(0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6)',
  idxLabels: 'Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 0, 1)',
  png:
    "Uint8Array.from(atob('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==')" +
    ', (letter) => letter.charCodeAt(0))',
  images: "[new File([png], 'one/a.png'), new File([png], 'two/b.png')]",
  dataset: 'data.parseTable(table)',
  pictures: 'data.irisImages({ subjects: 3, imagesPerSubject: 4, seed: 1 })',
  ids: 'Int32Array.of(0, 0, 1, 1, 2, 2, 2, 3, 3)',
  sampler: 'new data.EpochSampler(9, { batch: 4, generator })',
  augmentation: 'data.noise(0.1)',
  pixels: 'new Float32Array(16).fill(0.5)',
  scaling: 'data.fitStandardisation(dataset)',

  config:
    "{ format: 'contragrad-run' as const, version: 1 as const, input: { shape: [3], features: ['a', 'b', 'c'], mean: [0], scale: [1] }, " +
    "architecture: [{ type: 'Linear' as const, outFeatures: 2 }], classes: ['a', 'b'], metric: 'euclidean' as const, settings: { epochs: 3 } }",
  planned: 'nn.fromConfig(config.architecture, { input: [3], generator })',
  ready: 'new io.Encoder(planned, config, cpu)',
  weights: '{ weight: x, bias: v }',
  tensorsFile: 'io.serializeSafetensors(weights)',

  traced: 'explain.trace(() => leaf.square().sum(), { names: { leaf } })',
  arbitrary: 'testing.values([2, 2])',
  inputs: 'testing.anyTensor()',
};
