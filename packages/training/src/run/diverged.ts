import { GraftError } from '@graft/domain/error';
import type { HostWeights } from '../network/initial-weights.js';
import type { RunContext } from './run-context.js';

/** Says that the run diverged, and returns what is to be thrown. */
export function diverged({ state, report }: RunContext, what: string, learningRate: number): GraftError {
	const message = `${what}: lower the learning rate, now ${learningRate}.`;
	report.event('DIVERGED', state.step, message, { learningRate });
	return new GraftError('DIVERGED', message, { step: state.step, learningRate });
}

/** A weight with a NaN or an infinity in it. Relu turns NaN into 0 on some back ends, so that the loss need not show it. */
export function brokenWeight(weights: HostWeights): string | null {
	for (const [name, { values }] of weights) {
		if (!values.every(Number.isFinite)) return name;
	}
	return null;
}
