/**
 * Property-based tests for operations of your own; needs the optional peer fast-check.
 *
 * @module contragrad/testing
 */
export {
  aliased,
  anyTensor,
  broadcastableShapes,
  broadcastableTensors,
  labels,
  type Range,
  type ShapesOptions,
  shapes,
  values,
} from './arbitraries.js';
export { type CheckOptions, checkOp, opProperties, type TensorFunction } from './check-op.js';
export {
  type AllcloseOptions,
  type Comparable,
  furthest,
  type MatcherResult,
  toBeAllclose,
} from './matchers.js';
