import { atLeast, atMost, type Benchmark, type Figure, notMeasured, quantile, reported } from './figure.js';
import { runProgram } from './program.js';

type Seconds = readonly number[];
interface BesideKeras {
	readonly batch: number;
	readonly graft: Seconds;
	readonly keras: Seconds;
}
interface Training {
	readonly backend: string;
	readonly tensorflow: string | null;
	readonly measured: {
		readonly cnn: { readonly batch: number; readonly wasm: Seconds; readonly native: Seconds };
		readonly resnet50: BesideKeras;
		readonly bertBase: BesideKeras;
		readonly extraction: BesideKeras & { readonly examples: number; readonly epochs: number };
	} | null;
}

const median = (sample: Seconds) => quantile(sample, 0.5);
const CNN = 'small-cnn step, WebAssembly by native';
const RESNET = 'ResNet50 step at 224 by Keras';
const BERT = 'BERT-base step at 128 tokens by Keras';
const EXTRACTION = 'feature extraction faster than Keras fit';

/** What training costs beside Keras with the same libraries, and on WebAssembly beside native TensorFlow. */
export const training: Benchmark = {
	name: 'training',
	about: 'steps and feature extraction beside Keras, WebAssembly beside native (needs a linked TensorFlow)',
	async run(log) {
		const dataDir = process.env.GRAFT_DATA_DIR ?? '.graft';
		const found = (await runProgram('packages/training/dist/bench/training.js', [dataDir], log)) as Training;
		log(JSON.stringify(found));
		const { measured, backend, tensorflow } = found;
		if (measured === null) {
			const why = `${dataDir} has no TensorFlow: graft tensorflow link`;
			return [
				notMeasured(CNN, 'x', '<= 8', why),
				notMeasured(RESNET, 'x', '<= 1.25', why),
				notMeasured(BERT, 'x', '<= 1.25', why),
				notMeasured(EXTRACTION, 'x', '>= 4', why),
			];
		}
		const { cnn, resnet50, bertBase, extraction } = measured;
		const pair = (what: string, { graft, keras }: BesideKeras): Figure[] => [
			reported(`${what}, Keras ${tensorflow}`, median(keras), 's'),
			reported(`${what}, Graft on ${backend}`, median(graft), 's'),
		];
		const slower = ({ graft, keras }: BesideKeras) => median(graft) / median(keras);
		return [
			reported('small-cnn step, native', median(cnn.native), 's'),
			reported('small-cnn step, WebAssembly', median(cnn.wasm), 's'),
			atMost(CNN, median(cnn.wasm) / median(cnn.native), 'x', 8),
			...pair('ResNet50 step', resnet50),
			atMost(RESNET, slower(resnet50), 'x', 1.25),
			...pair('BERT-base step', bertBase),
			atMost(BERT, slower(bertBase), 'x', 1.25),
			...pair(`extraction, ${extraction.epochs} epochs`, extraction),
			atLeast(EXTRACTION, 1 / slower(extraction), 'x', 4),
		];
	},
};
