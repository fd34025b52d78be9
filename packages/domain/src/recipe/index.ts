export { AUGMENTATION, type AugmentationSpec, FILL_MODES, type FillMode, FLIPS } from './augmentation.js';
export { checkTraining, type TrainedOn } from './check-training.js';
export { parseTraining } from './parse-training.js';
export type { EarlyStoppingSpec, EmaSpec, Monitor, ScheduleSpec, TrainingSpec } from './recipe.js';
export { CONSTANT, freshInputs, isBetterHigher, MONITORS, PLAIN_TRAINING } from './recipe.js';
