/** @file Layers. */

export type { Pair2d } from '../checks.js';
export { Buffer, Parameter, type StateDict } from '../state.js';
export { GELU, LeakyReLU, ReLU, Sigmoid, Softplus, Tanh } from './activations.js';
export { type ConfigOptions, fromConfig, type LayerConfig } from './config.js';
export { ModuleList, Residual, Sequential } from './containers.js';
export { Conv2d, type Conv2dOptions } from './convolution.js';
export { Dropout } from './dropout.js';
export { Flatten } from './flatten.js';
export type { LayerOptions, WeightOptions } from './initialisation.js';
export { Linear, type LinearOptions } from './linear.js';
export { type Layer, Module } from './module.js';
export {
  BatchNorm1d,
  BatchNorm2d,
  type BatchNormOptions,
  L2Normalize,
  LayerNorm,
  type LayerNormOptions,
} from './normalisation.js';
export { GlobalAvgPool2d, MaxPool2d } from './pooling.js';
export { type LayerRow, type LayerTable, layerTable, summary } from './summary.js';
