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
export type { DType, TypedArray } from './dtype.js';
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
export type { NestedArray } from './format.js';
export * from './losses/index.js';
export * as metrics from './metrics/index.js';
export * from './mining/index.js';
export * as nn from './nn/index.js';
export * from './ops/index.js';
export type { Method, TensorMethods } from './ops/methods.js';
export * as optim from './optim/index.js';
export { Generator, type GeneratorState } from './random.js';
export type { Axes, Shape } from './shape.js';
export { type GradcheckOptions, type GradcheckReport, gradcheck } from './testing/gradcheck.js';
