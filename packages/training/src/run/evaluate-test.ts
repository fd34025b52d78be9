import type { Network } from '../network/network.js';
import { evaluate } from './evaluate.js';
import { splitNetwork } from './phase-network.js';
import type { RunContext } from './run-context.js';
import type { Score } from './score.js';
import { openTrunk } from './trunk-features.js';

/**
 * The one look at the test split. With a cache the trunk of the last phase, which still is as it was then, is not
 * computed again: the runs of a sweep differ above it.
 */
export async function evaluateTest(context: RunContext, network: Network): Promise<Score> {
	const { spec, splits, state, cache, objective, report, pause } = context;
	const { all } = splits.test;
	const last = spec.plan.phases.at(-1);
	if (cache !== null && last !== undefined && all.count > 0) {
		const { trunk, tail } = splitNetwork(network, last);
		const features = await openTrunk(context, trunk);
		const place = features?.placeOf(features.bytes(all.count)) ?? null;
		const found = place === null ? null : await features?.of(splits.test, place, 1);
		if (found != null) {
			report.log(`Test split: feature cache ${found.isHit ? 'hit' : 'miss'}.`);
			try {
				return await evaluate(tail, state.weights, found.source, objective, pause);
			} finally {
				await found.close();
			}
		}
	}
	return await evaluate(network.layers, state.weights, all, objective, pause);
}
