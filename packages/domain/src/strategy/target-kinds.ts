import type { StrategyKind } from './strategy.js';

/** Kinds that learn from unlabelled data of a second data set, the target. */
export const TARGET_KINDS = ['ADABN', 'DEEP_CORAL', 'MMD', 'DANN'] as const satisfies readonly StrategyKind[];

export const needsTarget = (kind: StrategyKind): boolean => (TARGET_KINDS as readonly StrategyKind[]).includes(kind);

/** Kinds whose every step sees as many target examples as labelled ones. */
export const stepsOnTarget = (kind: StrategyKind): boolean => needsTarget(kind) && kind !== 'ADABN';
