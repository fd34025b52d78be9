export { createBarrier, race } from './barrier.js';
export { untilBlocked } from './blocked.js';
export { until } from './until.js';
