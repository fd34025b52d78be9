export { NOTHING_SEEN, nextStopping, type StoppingState, type StoppingStep } from './early-stopping.js';
export { emaDecay } from './ema-decay.js';
export { oneCycleFactor, oneCycleMomentum } from './one-cycle.js';
export { improves, NO_PLATEAU, nextPlateau, type PlateauState } from './plateau.js';
export { type SchedulePosition, scheduleFactor } from './schedule-factor.js';
