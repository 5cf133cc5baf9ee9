/**
 * The backward pass, shown: what the engine did step by step, and who pulls and pushes whom.
 *
 * @module contragrad/explain
 */
export {
  type AttributableLoss,
  type Attribution,
  attribution,
  type Force,
  type InputsOf,
  type OptionsOf,
  type RowOf,
} from './attribution.js';
export { type Diagnosis, diagnose, type Finding, type Share } from './diagnose.js';
export {
  type Numbers,
  type Trace,
  type TraceFlow,
  type TraceOptions,
  type TraceStep,
  type TraceTensor,
  trace,
} from './trace.js';
