/** @file What the properties need of the project: the methods joined, and the operations by name. */
import '../../src/ops/methods.js';

export { grad, gradcheck, type Tensor, tensor } from '../../src/index.js';
export * as ops from '../../src/ops/index.js';
