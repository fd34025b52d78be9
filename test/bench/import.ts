import { atMost, type Benchmark, reported } from './figure.js';
import { runProgram } from './program.js';

interface Measured {
	readonly fileBytes: number;
	readonly peakBytes: number;
	/** Of the same process without a file. */
	readonly idleBytes: number;
	readonly seconds: number;
}

/** What it takes to make a backbone of a large Keras file. */
export const importing: Benchmark = {
	name: 'import',
	about: 'memory and time of importing a VGG16 with its classifier (553 MB) from Keras',
	async run(log) {
		const { fileBytes, peakBytes, idleBytes, seconds } = (await runProgram(
			'packages/training/dist/bench/import-memory.js',
			[],
			log,
		)) as Measured;
		return [
			reported('the file', fileBytes / 1e6, 'MB'),
			atMost('most memory at any time, by the file', peakBytes / fileBytes, 'x', 1.5),
			reported('most memory at any time', peakBytes / 1e6, 'MB'),
			reported('the same process without a file', idleBytes / 1e6, 'MB'),
			reported('seconds', seconds, 's'),
		];
	},
};
