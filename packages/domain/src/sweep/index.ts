export { nextTrials, parseSweepSpace } from './next-trials.js';
export type { Sweep, SweepBudget, SweepMethod, SweepParameter, SweepSpace, TrialOverrides } from './sweep.js';
