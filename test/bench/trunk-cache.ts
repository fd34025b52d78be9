import { atLeast, atMost, type Benchmark, type Figure, notMeasured, reported } from './figure.js';
import { runProgram } from './program.js';

interface SweepSeconds {
	readonly backend: string;
	readonly trunkPassSeconds: number;
	readonly tailsSeconds: number;
	readonly cachedSeconds: number;
	readonly fromDiskSeconds: number;
	readonly uncachedSeconds: number;
	readonly fitSeconds: number | null;
}
interface Sweeps {
	readonly wasm: SweepSeconds;
	/** Null where no TensorFlow is linked. */
	readonly native: SweepSeconds | null;
}

/** A sweep of heads on one backbone: what the feature cache saves, and what it leaves. */
export const trunkCache: Benchmark = {
	name: 'trunk-cache',
	about: 'a sweep of 20 heads with the feature cache, without it, and by a plain model.fit',
	async run(log) {
		const dataDir = process.env.GRAFT_DATA_DIR ?? '.graft';
		const found = (await runProgram('packages/training/dist/bench/trunk-cache.js', [dataDir], log)) as Sweeps;
		log(JSON.stringify(found));
		const { wasm, native } = found;
		const keras = "Keras' fit";
		if (native === null) {
			const why = `${dataDir} has no TensorFlow: graft tensorflow link`;
			return [
				...figures(wasm, "TensorFlow.js' fit"),
				notMeasured(`tensorflow: faster than ${keras}`, 'x', '>= 4', why),
			];
		}
		return [...figures(wasm, "TensorFlow.js' fit"), ...figures(native, keras)];
	},
};

function figures({ backend, ...seconds }: SweepSeconds, fit: string): Figure[] {
	const { trunkPassSeconds, tailsSeconds, cachedSeconds, fromDiskSeconds, uncachedSeconds, fitSeconds } = seconds;
	return [
		reported(`${backend}: one pass of the trunk`, trunkPassSeconds, 's'),
		reported(`${backend}: 20 tails alone`, tailsSeconds, 's'),
		reported(`${backend}: 20 runs, feature cache`, cachedSeconds, 's'),
		reported(`${backend}: 20 runs, activations on disk`, fromDiskSeconds, 's'),
		reported(`${backend}: 20 runs, no cache`, uncachedSeconds, 's'),
		reported(`${backend}: 20 runs, ${fit}`, fitSeconds ?? Number.NaN, 's'),
		atMost(`${backend}: 20 runs by one pass and 20 tails`, cachedSeconds / (trunkPassSeconds + tailsSeconds), 'x', 1.3),
		atMost(`${backend}: activations on disk by in memory`, fromDiskSeconds / cachedSeconds, 'x', 1.25),
		atLeast(`${backend}: faster than without the cache`, uncachedSeconds / cachedSeconds, 'x', 4),
		atLeast(`${backend}: faster than ${fit}`, (fitSeconds ?? Number.NaN) / cachedSeconds, 'x', 4),
	];
}
