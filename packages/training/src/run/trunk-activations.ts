import { infer } from './evaluate.js';
import type { ExampleSource } from './example-source.js';
import type { PhaseNetwork } from './phase-network.js';
import type { RunContext } from './run-context.js';

/** Default of `RunContext.trunkBytes`: room for 20,000 images' last ResNet50 activations after pooling, many times over. */
export const TRUNK_BYTES = 512 * 1024 * 1024;

/** What the tail of a phase trains and is judged on. */
export interface TailSources {
	/** The sources hold the trunk's activations instead of the data set's inputs. */
	readonly trunkDone: boolean;
	readonly train: ExampleSource;
	readonly validation: ExampleSource;
}

/**
 * Computes the trunk's activations of every example once for a phase. That is the same as computing them in each step:
 * the trunk neither learns nor draws, and an example enters it the same way each time.
 */
export async function prepareSources(context: RunContext, network: PhaseNetwork): Promise<TailSources> {
	const { train, validation, report, state } = context;
	const shape = network.trunk.at(-1)?.outputShape;
	if (shape === undefined) return { trunkDone: false, train, validation };
	const examples = train.count + validation.count;
	const bytes = examples * shape.reduce((product, size) => product * size, 4);
	const layers = `${network.trunk.length} of ${network.trunk.length + network.tail.length} layers`;
	if (bytes > context.trunkBytes) {
		report.log(`The trunk (${layers}) is computed in each step: its activations would take ${bytes} bytes.`);
		return { trunkDone: false, train, validation };
	}
	const through = async (source: ExampleSource): Promise<ExampleSource> => ({
		...source,
		shape,
		values: await infer(network.trunk, state.weights, source, context.pause),
	});
	const prepared = { trunkDone: true, train: await through(train), validation: await through(validation) };
	const message = `The trunk (${layers}) cannot change: its activations of ${examples} examples were computed once.`;
	report.event('TRUNK_CACHED', state.step, message, { layers: network.trunk.length, examples, bytes });
	return prepared;
}
