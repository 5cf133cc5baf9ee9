/**
 * Files of weights.
 *
 * @module contragrad/io
 */
export { writeFileAtomically } from './files.js';
export { parseSafetensors, type Safetensors, serializeSafetensors } from './safetensors.js';
