/**
 * contragrad: a small reverse-mode autograd engine with the contrastive losses written on top.
 *
 * @module contragrad
 */
import './devices/cpu/accelerated.js';
import './ops/methods.js';

export {
  type BackwardOptions,
  type GradOptions,
  grad,
  type ValueAndGrad,
  valueAndGrad,
} from './autograd/backward.js';
export { detectAnomaly, group, manualSeed, noGrad, useDevice } from './autograd/context.js';
export {
  arange,
  eye,
  full,
  ones,
  type RandomOptions,
  rand,
  randn,
  type TensorOptions,
  tensor,
  zeros,
} from './autograd/create.js';
export { defineOp, type Op } from './autograd/op.js';
export { scope } from './autograd/scope.js';
export {
  type AnyRule,
  type Call,
  type GraphNode,
  nonDifferentiable,
  type PullBack,
  type Rule,
  Tensor,
  type TensorParts,
} from './autograd/tensor.js';
export * from './closed-forms/index.js';
export { type Block, type CompiledStep, compile, type Plan } from './compile/index.js';
export { cpu } from './devices/cpu/index.js';
export type {
  ArithmeticOp,
  ComparisonOp,
  Device,
  KernelName,
  KernelSpecs,
  MapOp,
  ReduceOp,
  Storage,
} from './devices/device.js';
export type { DType, NumberArray, TypedArray } from './dtype.js';
export {
  ArgumentError,
  CompileError,
  ContragradError,
  DataError,
  DeviceError,
  DTypeError,
  type ErrorCode,
  GraphError,
  ShapeError,
} from './errors.js';
export type { NestedArray, NestedInput } from './format.js';
export * from './losses/index.js';
/**
 * What an embedding is worth: retrieval, verification, clusters, and how far its points spread. Plain numbers in and out.
 *
 * @example
 * ```ts
 * import { metrics } from 'contragrad';
 *
 * console.log(metrics.rocAuc([0.9, 0.4, 0.6], [1, 0, 1])); // 1
 * ```
 */
export * as metrics from './metrics/index.js';
export * from './mining/index.js';
/**
 * Layers: modules that hold parameters and call one another, named as in `torch.nn`.
 *
 * @example
 * ```ts
 * import { nn, randn } from 'contragrad';
 *
 * const layers = [new nn.Linear(2, 16), new nn.Tanh(), new nn.Linear(16, 3)];
 * const encoder = new nn.Sequential(...layers);
 * console.log(encoder.forward(randn([5, 2])).shape); // [ 5, 3 ]
 * ```
 */
export * as nn from './nn/index.js';
export * from './ops/index.js';
export type { Method, TensorMethods } from './ops/methods.js';
/**
 * Optimizers, schedules of their learning rate, and bounds for gradients, named as in `torch.optim`.
 *
 * @example
 * ```ts
 * import { optim, tensor } from 'contragrad';
 *
 * const x = tensor([3], { requiresGrad: true });
 * const optimizer = new optim.SGD([x], { lr: 0.1 });
 * x.square().sum().backward();
 * optimizer.step();
 * console.log(x.item().toFixed(1)); // 2.4
 * ```
 */
export * as optim from './optim/index.js';
export { Generator, type GeneratorState } from './random.js';
export type { Axes, Shape } from './shape.js';
export { type GradcheckOptions, type GradcheckReport, gradcheck } from './testing/gradcheck.js';
