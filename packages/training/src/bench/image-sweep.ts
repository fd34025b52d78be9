import { mulberry32, normal } from '@graft/domain/random';
import type { RunSpec } from '@graft/domain/run';
import { initialWeights } from '../network/initial-weights.js';
import { buildNetwork } from '../network/network.js';
import { writeSafetensors } from '../safetensors/index.js';
import { registered, runSpec } from '../testing/run-spec.js';
import { temporaryFile } from '../testing/tiny-dataset.js';

/** Large enough that the trunk is nearly all of the work, as it is with real images. */
const SIDE = 64;
const CLASSES = 4;
const EXAMPLES = 320;
const EPOCHS = 5;

/** A sweep of heads on one backbone. */
export interface Sweep {
	readonly runs: readonly RunSpec[];
	/** The backbone's weights. */
	readonly weights: Uint8Array;
	readonly remove: () => void;
}

/** Five rates for each of four heads, by feature extraction. The weights are drawn: what they know changes no cost. */
export async function imageSweep(): Promise<Sweep> {
	const { uri, remove } = temporaryFile('images.csv', imagesCsv());
	const options = { shape: [SIDE, SIDE, 1], scale: 255 };
	const dataset = await registered({ uri, format: 'csv-image', options }, 'images');
	const drawn = initialWeights(buildNetwork(runSpec({ dataset, strategy: { kind: 'FROM_SCRATCH' } })), 0, null);
	const runs = [[], [16], [32], [64]].flatMap((hidden) =>
		[3e-3, 1e-2, 3e-2, 1e-1, 3e-1].map((learningRate, seed) =>
			runSpec({
				dataset,
				strategy: { kind: 'FEATURE_EXTRACTION', learningRate },
				optimizer: { kind: 'sgd', momentum: 0.9, nesterov: false },
				head: { pooling: 'average', hidden, dropout: 0.2 },
				pretrained: true,
				epochs: EPOCHS,
				seed,
			}),
		),
	);
	return { runs, weights: writeSafetensors(drawn, {}), remove };
}

/** Noisy images whose brightest quarter is the class. */
function imagesCsv(): string {
	const random = mulberry32(1);
	const header = Array.from({ length: SIDE * SIDE }, (_, pixel) => `p${pixel}`);
	const rows = Array.from({ length: EXAMPLES }, (_, index) => {
		const label = index % CLASSES;
		const pixels = header.map((_, pixel) => {
			const quarter = (pixel % SIDE < SIDE / 2 ? 0 : 1) + (pixel < (SIDE * SIDE) / 2 ? 0 : 2);
			const bright = 100 + (quarter === label ? 30 : 0) + 40 * normal(random);
			return Math.max(0, Math.min(255, Math.round(bright)));
		});
		return [...pixels, `c${label}`].join(',');
	});
	return [[...header, 'label'].join(','), ...rows].join('\n');
}
