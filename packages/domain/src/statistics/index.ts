export { type Interval, mean, sampleSd, tInterval } from './describe.js';
export { holm } from './holm.js';
export { normalCdf } from './normal.js';
export { type PowerSettings, pairedTPower, seedsNeeded } from './power.js';
export { studentTCdf, studentTQuantile, studentTTwoSided } from './student-t.js';
export { differenceInterval, MAX_SIGN_FLIP_PAIRS, pairedT, signFlip, type TestResult, welchT } from './tests.js';
