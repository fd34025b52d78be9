import { GraftError } from '@graft/domain/error';
import type { FreezePhase } from '@graft/domain/freeze-plan';
import type { HostWeights } from '../network/initial-weights.js';
import type { RunContext } from './run-context.js';

/** Says that the run diverged, and up to where it is sound, and returns what is to be thrown. */
export function diverged({ state, report, checkpoints }: RunContext, what: string, learningRate: number): GraftError {
	const { lastStep } = checkpoints;
	const kept = lastStep === null ? '' : ` The checkpoint of step ${lastStep} is the last good one.`;
	const message = `${what}: lower the learning rate, now ${learningRate}.${kept}`;
	report.event('DIVERGED', state.step, message, { learningRate, lastGoodStep: lastStep });
	return new GraftError('DIVERGED', message, { step: state.step, learningRate, lastGoodStep: lastStep });
}

/**
 * Weights with a NaN or an infinity in them end the run. Relu turns NaN into 0 on some back ends, so that the loss need
 * not show it.
 */
export function refuseBrokenWeights(context: RunContext, weights: HostWeights, phase: FreezePhase | undefined): void {
	for (const [name, { values }] of weights) {
		if (values.every(Number.isFinite)) continue;
		const rates = phase?.groups.map((group) => group.learningRate ?? 0) ?? [];
		const what = `Weight ${name} is no longer a number at step ${context.state.step}`;
		throw diverged(context, what, Math.max(0, ...rates));
	}
}
