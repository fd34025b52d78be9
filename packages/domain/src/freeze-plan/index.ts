export { adapterScale, adapterWeights } from './adapters.js';
export { annealedTo } from './freeze-out.js';
export type { FreezePhase, FreezePlan, GroupPlan, GroupTraining } from './freeze-plan.js';
export { learns } from './group-plan.js';
export { meanCosts } from './mean-costs.js';
export { checkEpochs, type PlanRequest, planFreeze } from './plan-freeze.js';
