export { parseStrategy } from './parse-strategy.js';
export type { BatchNormMode, Strategy, StrategyInput, StrategyKind, SupportedStrategyKind } from './strategy.js';
export { BATCH_NORM_MODES, STRATEGY_KINDS, SUPPORTED_STRATEGY_KINDS } from './strategy.js';
export { strategyKey, strategyLabel } from './strategy-label.js';
