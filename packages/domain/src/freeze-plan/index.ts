export type { FreezePhase, FreezePlan, GroupPlan, GroupTraining } from './freeze-plan.js';
export { planFreeze } from './plan-freeze.js';
