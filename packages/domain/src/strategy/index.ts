export { parseStrategy } from './parse-strategy.js';
export type { BatchNormMode, Strategy, StrategyInput, StrategyKind, SupportedStrategyKind } from './strategy.js';
export { BATCH_NORM_MODES, STRATEGY_KINDS, SUPPORTED_STRATEGY_KINDS } from './strategy.js';
export { strategyKey, strategyLabel } from './strategy-label.js';
export { STRATEGY_OPTIONS, type StrategyOption } from './strategy-options.js';
export { needsTarget, stepsOnTarget, TARGET_KINDS } from './target-kinds.js';
