export { parseStrategy } from './parse-strategy.js';
export type { BatchNormMode, Strategy, StrategyInput, StrategyKind } from './strategy.js';
export { STRATEGY_KINDS, SUPPORTED_STRATEGY_KINDS } from './strategy.js';
export { strategyKey, strategyLabel } from './strategy-label.js';
