export { applyOverrides } from './apply-overrides.js';
export { gridSize } from './grid.js';
export { nextTrials } from './next-trials.js';
export { parseSweepSpace } from './parse-sweep-space.js';
export type { Sweep, SweepBudget, SweepMethod, SweepParameter, SweepSpace, TrialOverrides } from './sweep.js';
