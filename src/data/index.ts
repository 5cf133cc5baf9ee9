/**
 * Data sets, loaders, samplers and the built-in synthetic textures.
 *
 * @module contragrad/data
 */
export {
  type Dataset,
  fitStandardisation,
  gatherRows,
  type Standardisation,
  standardise,
} from './dataset.js';
export { IRIS_ANGLES, IRIS_RINGS, type IrisOptions, irisTextures } from './iris.js';
export {
  addNoise,
  balancedPairs,
  type ClassBatchOptions,
  classBatch,
  type PairOptions,
  type RowPairs,
} from './samplers.js';
export { loadTable, parseTable, type TableOptions } from './table.js';
