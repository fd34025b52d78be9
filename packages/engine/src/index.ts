export type { Engine } from './contract/engine.js';
export type * from './contract/inputs.js';
