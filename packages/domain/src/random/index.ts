export { betaDraw } from './beta.js';
export { fnv1a, fnv1aHex64 } from './fnv1a.js';
export { integerBelow, mulberry32, normal, type Random, shuffle } from './mulberry32.js';
