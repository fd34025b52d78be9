export { type Interval, mean, sampleSd, tInterval } from './describe.js';
export { holm } from './holm.js';
export { seedsNeeded } from './power.js';
export { studentTCdf, studentTQuantile } from './student-t.js';
export { pairedT, signFlip, type TestResult, welchT } from './tests.js';
