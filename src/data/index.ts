/**
 * Data sets: loaders, splits, samplers, augmentations, and the built-in synthetic data.
 *
 * @module contragrad/data
 */

export type { Address, Contents, Source, SourceOptions } from '../source.js';
export { type ArrayOptions, type LoadArrayOptions, loadIdx, loadNpy, parseIdx, parseNpy } from './arrays.js';
export {
  type Augmentation,
  augmentRows,
  brightness,
  compose,
  contrast,
  crop,
  cutOut,
  type Fill,
  type FillOptions,
  featureDropout,
  horizontalFlip,
  noise,
  type ResizedCropOptions,
  resizedCrop,
  rotation,
  shift,
  verticalFlip,
} from './augment.js';
export type { SourceBytes } from './bytes.js';
export { type Dataset, type DatasetOptions, datasetOf, gatherRows, rowShape, subset } from './dataset.js';
export { type ImageFolderOptions, loadImageFolder } from './folder.js';
export { type ImagesOptions, imagesFromFiles, parseImage } from './images.js';
export { IRIS_ANGLES, IRIS_PIXELS, IRIS_RINGS, type IrisOptions, irisImages, irisTextures } from './iris.js';
export { type LoadOptions, loadDataset } from './load.js';
export type { ImageOptions } from './pixels.js';
export {
  addNoise,
  balancedPairs,
  type ClassBatchOptions,
  classBatch,
  type EpochOptions,
  EpochSampler,
  type EpochState,
  type PairOptions,
  type RowPairs,
  type RowTriplets,
  tripletRows,
} from './samplers.js';
export { type Split, type SplitOptions, type SplitRows, splitDataset, splitRows } from './split.js';
export {
  fitStandardisation,
  type Standardisation,
  type StandardisationOptions,
  type StandardiseOptions,
  standardise,
} from './standardisation.js';
export { loadTable, parseTable, type TableOptions } from './table.js';
export { type VerificationOptions, verificationPairs } from './verification-pairs.js';
