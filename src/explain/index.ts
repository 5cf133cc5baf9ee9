/**
 * The backward pass, shown: what the engine did step by step, who pulls and pushes whom, and pictures of both.
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
export { toDot } from './dot.js';
export type { GraphOptions } from './graph.js';
export { toMarkdown } from './markdown.js';
export { type SvgOptions, toSvg } from './svg.js';
export { texToText } from './tex-text.js';
export { renderText, type TextOptions, type TextParts, textParts } from './text.js';
export {
  type Numbers,
  type Trace,
  type TraceFlow,
  type TraceOptions,
  type TraceStep,
  type TraceTensor,
  trace,
} from './trace.js';
