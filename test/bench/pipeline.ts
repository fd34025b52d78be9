import { atMost, type Benchmark, reported } from './figure.js';
import { runProgram } from './program.js';

interface Measured {
	readonly backend: string;
	readonly threads: number;
	readonly steps: number;
	readonly waitedSeconds: number;
	readonly trainedSeconds: number;
	readonly largeBytes: number;
	readonly grownBytes: number;
	readonly imagesPerSecond: number;
}

const MB = 1e6;

/** Photographs that are decoded and augmented beside training: what training waits for them, and what memory they take. */
export const pipeline: Benchmark = {
	name: 'pipeline',
	about: 'training on a folder of JPEGs: waiting for data, and memory for more images than it holds',
	async run(log) {
		const measured = (await runProgram('packages/training/dist/bench/pipeline.js', [], log)) as Measured;
		log(JSON.stringify(measured));
		const { waitedSeconds, trainedSeconds, steps, largeBytes, grownBytes, imagesPerSecond } = measured;
		return [
			reported('a step of 32 images', trainedSeconds / steps, 's'),
			atMost('share of it that waits for data', waitedSeconds / trainedSeconds, '', 0.05),
			reported('images decoded and resized', imagesPerSecond, '/s'),
			reported('a data set of', largeBytes / MB, 'MB'),
			atMost('passes through memory of', grownBytes / MB, 'MB', 400),
		];
	},
};
