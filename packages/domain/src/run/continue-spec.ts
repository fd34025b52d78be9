import { type FreezePhase, meanCosts } from '../freeze-plan/index.js';
import type { RunSpec } from './run.js';

/**
 * The spec of a run that goes on for so many epochs after its end: with one more phase, which is as its last one. Phases
 * that were added before stay phases of their own, for each began where the one before it had ended.
 */
export function continueSpec(spec: RunSpec, epochs: number): RunSpec {
	const { phases } = spec.plan;
	const last = phases.at(-1);
	if (last === undefined) throw new RangeError('A plan without phases cannot be continued.');
	const all: FreezePhase[] = [...phases, { ...last, index: phases.length, epochs }];
	return {
		...spec,
		epochs: spec.epochs + epochs,
		plan: { ...spec.plan, phases: all, ...meanCosts(all) },
		continuations: (spec.continuations ?? 0) + 1,
	};
}

/** Strategies whose schedule spans the run from its first step to its last: what has ended by it cannot go on. */
const WHOLE_RUN_STRATEGIES: ReadonlySet<string> = new Set(['FREEZE_OUT', 'ADABN', 'DANN']);

/** Why a run of this spec cannot be continued, in words; null where it can. */
export function whyNotContinued({ strategy }: Pick<RunSpec, 'strategy'>): string | null {
	if (!WHOLE_RUN_STRATEGIES.has(strategy.kind)) return null;
	return `${strategy.kind} spans the run as a whole; launch one with more epochs`;
}

/** The spec as it was when the run was launched: what its checkpoints are known by, however often it was continued. */
export function launchedSpec({ continuations = 0, ...spec }: RunSpec): RunSpec {
	if (continuations === 0) return spec;
	const { phases } = spec.plan;
	const launched = phases.slice(0, -continuations);
	return {
		...spec,
		epochs: launched.reduce((sum, phase) => sum + phase.epochs, 0),
		plan: { ...spec.plan, phases: launched, ...meanCosts(launched) },
	};
}
