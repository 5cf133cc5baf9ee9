/** @file Layers. */
export { Linear, type LinearOptions, ReLU, Sequential, Tanh } from './layers.js';
export { Module, Parameter, type StateDict } from './module.js';
