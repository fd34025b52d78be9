import { atMost, type Benchmark, quantile, reported } from './figure.js';
import { runProgram } from './program.js';

interface Steps {
	readonly backend: string;
	readonly tensorflow: string;
	readonly graft: readonly number[];
	readonly keras: readonly number[];
}

/** What a native step costs beside the same step by Keras with the same libraries. */
export const kerasSteps: Benchmark = {
	name: 'keras-steps',
	about: 'training steps of ResNet50 at 224 on native TensorFlow, turn by turn with Keras (needs a linked TensorFlow)',
	async run(log) {
		const dataDir = process.env.GRAFT_DATA_DIR ?? '.graft';
		const steps = (await runProgram('packages/training/dist/bench/keras-steps.js', [dataDir], log)) as Steps;
		log(JSON.stringify(steps));
		const [graft, keras] = [quantile(steps.graft, 0.5), quantile(steps.keras, 0.5)];
		return [
			reported(`ResNet50 step, Keras ${steps.tensorflow}`, keras, 's'),
			reported(`ResNet50 step, Graft on ${steps.backend}`, graft, 's'),
			atMost('ResNet50 step by Keras', graft / keras, 'x', 1.25),
		];
	},
};
