/**
 * Files of weights.
 *
 * @packageDocumentation
 */
export { writeFileAtomically } from './files.js';
export { parseSafetensors, type Safetensors, serializeSafetensors } from './safetensors.js';
