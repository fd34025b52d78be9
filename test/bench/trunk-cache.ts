import { atLeast, atMost, type Benchmark, reported } from './figure.js';
import { runProgram } from './program.js';

interface Seconds {
	readonly backend: string;
	readonly runs: number;
	readonly trunkPassSeconds: number;
	readonly tailsSeconds: number;
	readonly cachedSeconds: number;
	readonly uncachedSeconds: number;
	readonly recomputedSeconds: number;
}

/** A sweep of heads on one backbone: what the feature cache saves, and what it leaves. */
export const trunkCache: Benchmark = {
	name: 'trunk-cache',
	about: 'a sweep of 20 heads with the feature cache, without it, and recomputing the trunk',
	async run(log) {
		const seconds = (await runProgram('packages/training/dist/bench/trunk-cache.js', [], log)) as Seconds;
		log(JSON.stringify(seconds));
		const least = seconds.trunkPassSeconds + seconds.tailsSeconds;
		return [
			reported('one pass of the trunk', seconds.trunkPassSeconds, 's'),
			reported('20 tails alone', seconds.tailsSeconds, 's'),
			reported('20 runs, feature cache', seconds.cachedSeconds, 's'),
			atMost('20 runs by one pass and 20 tails', seconds.cachedSeconds / least, 'x', 1.3),
			atLeast('faster than without the cache', seconds.uncachedSeconds / seconds.cachedSeconds, 'x', 4),
			atLeast('faster than the trunk in each step', seconds.recomputedSeconds / seconds.cachedSeconds, 'x', 4),
		];
	},
};
