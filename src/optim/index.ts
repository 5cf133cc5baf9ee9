/** @file Optimizers, schedules of their learning rate, and bounds for gradients. */
export { Adam, type AdamOptions, AdamW } from './adam.js';
export { clipGradNorm, clipGradValue } from './clip.js';
export { Optimizer } from './optimizer.js';
export {
  ConstantLR,
  CosineAnnealingLR,
  type CosineAnnealingOptions,
  type HasLearningRate,
  Schedule,
  type ScheduleOptions,
  type ScheduleState,
  StepLR,
  type StepLROptions,
} from './schedules.js';
export { SGD, type SGDOptions } from './sgd.js';
