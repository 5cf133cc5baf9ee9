/** @file Traces of a backward pass, and what can be read off and drawn from them. */

export { texToText } from './tex-text.js';
export { renderText, type TextOptions, type TextParts, textParts } from './text.js';
export * from './trace.js';
