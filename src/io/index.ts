/**
 * Files: weights in safetensors, checkpoints, run folders, and trained encoders out of them.
 *
 * @module contragrad/io
 */
export type { Address, Contents, Source, SourceOptions } from '../source.js';
export {
  type CheckpointNotes,
  type CheckpointParts,
  loadCheckpoint,
  type PlainState,
  saveCheckpoint,
  type TensorState,
} from './checkpoint.js';
export { type EmbedOptions, Encoder, type EncoderRows, type LoadEncoderOptions, loadEncoder } from './encoder.js';
export { writeFileAtomically } from './files.js';
export type { Json, JsonObject } from './json.js';
export {
  type InputConfig,
  parseRunConfig,
  type RunConfig,
  type RunConfigParts,
  serializeRunConfig,
} from './run-config.js';
export {
  parseSafetensors,
  readSafetensors,
  type Safetensors,
  serializeSafetensors,
  writeSafetensors,
} from './safetensors.js';
