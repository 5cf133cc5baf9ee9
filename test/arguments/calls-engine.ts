/** @file Calls of the engine: tensors, graphs, contexts, compiled steps, generators, errors. */
import type { Calls } from './calls.js';

const ERRORS = ['ArgumentError', 'CompileError', 'DataError', 'DeviceError', 'DTypeError', 'GraphError', 'ShapeError'];
const MADE = "{ dtype: 'float32', device: cpu, requiresGrad: false }";
const DRAWN = "{ dtype: 'float32', device: cpu, requiresGrad: false, generator }";

/** Calls by name. */
export const ENGINE_CALLS: Calls = {
  grad: ['grad(loss, [leaf], { gradient: one, allowUnused: true, retainGraph: false, createGraph: false })'],
  valueAndGrad: ['valueAndGrad((a: Tensor) => a.square().sum())'],
  'ValueAndGrad()': ['both(x)'],
  detectAnomaly: ['detectAnomaly(() => x.square())'],
  group: ["group('name', () => x.square())"],
  manualSeed: ['manualSeed(3)'],
  noGrad: ['noGrad(() => x.square())'],
  useDevice: ['useDevice(cpu, () => x.square())'],
  scope: ['scope(() => x.square())'],
  arange: [`arange(3, ${MADE})`],
  eye: [`eye(3, ${MADE})`],
  full: [`full([2, 3], 1.5, ${MADE})`],
  ones: [`ones([2, 3], ${MADE})`],
  zeros: [`zeros([2, 3], ${MADE})`],
  rand: [`rand([2, 3], ${DRAWN})`],
  randn: [`randn([2, 3], ${DRAWN})`],
  tensor: [
    "tensor([[1, 2], [3, 4]], { dtype: 'float32', device: cpu, requiresGrad: false, shape: [2, 2] })",
    'tensor(Float32Array.of(1, 2))',
  ],
  defineOp: [
    "defineOp<readonly [Tensor], undefined>({ name: 'twice', formula: 'y = 2x', localDerivative: ['2'], broadcasts: false, forward: ([a]) => mul(a, 2), pullBack: [(h) => mul(h, 2)] })",
  ],
  'Op()': ['cube([x])'],
  compile: ['compile((a: Tensor) => a.square())'],
  'CompiledStep()': ['step(x)'],
  'CompiledStep#dispose': ['step.dispose()'],
  gradcheck: [
    "gradcheck((a) => square(a), [x.cast('float64')], { tolerance: 1e-4, step: 1e-4, order: 1, directions: 1, name: 'square', seed: 3 })",
  ],

  'Tensor#grad=': ['leaf.grad = g', 'leaf.grad = null'],
  'Tensor#requiresGrad=': ['x.requiresGrad = true'],
  'Tensor#detach': ['x.detach()'],
  'Tensor#assign': ['leaf.assign(y)'],
  'Tensor#data': ['x.data()'],
  'Tensor#dataSync': ['x.dataSync()'],
  'Tensor#item': ['one.item()'],
  'Tensor#toArray': ['x.toArray()'],
  'Tensor#toJSON': ['x.toJSON()'],
  'Tensor#toString': ['x.toString()'],
  'Tensor#backward': ['loss.backward(one, { retainGraph: true, createGraph: false })'],
  'Tensor#concat': ['x.concat([y], { axis: 0 })'],
  'Tensor#stack': ['x.stack([y], { axis: 0 })'],
  'Tensor#where': ['x.where(mask, y)', 'x.where(mask, 0)'],

  Generator: ['new Generator(7)'],
  'Generator#state=': ['generator.state = { seed: 7, counter: 0 }'],
  'Generator#skip': ['generator.skip(3)'],
  'Generator#bits': ['generator.bits()'],
  'Generator#uniform': ['generator.uniform()'],
  'Generator#normal': ['generator.normal()'],
  'Generator#integer': ['generator.integer(10)'],
  'Generator#permutation': ['generator.permutation(10)'],

  ...Object.fromEntries(ERRORS.map((name) => [name, [`new ${name}('op', 'problem', 'hint')`]])),
  ContragradError: ["new DataError('op', 'problem', 'hint')"],
  'ContragradError#leaving': ["shapeError.leaving('encoder')"],
};
