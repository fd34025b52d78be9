import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { type BackendPreference, releaseBackend, selectBackend } from '../backend/index.js';
import { initialWeights } from '../network/initial-weights.js';
import { buildNetwork } from '../network/network.js';
import { createObjective } from '../run/objective.js';
import { splitNetwork } from '../run/phase-network.js';
import { createRecipe } from '../run/recipe.js';
import { trainStep } from '../run/train-step.js';
import { trainingBatch } from '../run/training-batch.js';
import { createState } from '../run/training-state.js';
import { MEASURED, type MeasuredNetwork, noise, noiseRun } from './noise-run.js';

/** Steps of all weights by Adam: prints the number of weights, then for each line that comes in the seconds of a step. */
const [dataDir = '.graft', backend = 'auto', network = 'small-cnn', size = '4'] = process.argv.slice(2);
console.error((await selectBackend(backend as BackendPreference, dataDir)).reason);
const step = openSteps(network as MeasuredNetwork, Number(size));
for await (const _ of createInterface({ input: process.stdin })) console.log(await step());
releaseBackend();

function openSteps(name: MeasuredNetwork, count: number): () => Promise<number> {
	const spec = noiseRun(name, { kind: 'FROM_SCRATCH' }, 2);
	const [phase] = spec.plan.phases;
	if (phase === undefined) throw new Error('the run has no phase');
	const built = buildNetwork(spec);
	const examples = { count, shape: MEASURED[name], values: noise(name, count), labels: new Int32Array(count) };
	const objective = createObjective(spec, built.outputs, examples.labels);
	const recipe = createRecipe(spec);
	const settings = { network: splitNetwork(built, phase), trunkDone: false, objective, recipe, seed: spec.seed };
	const weights = initialWeights(built, spec.seed, null);
	console.log([...weights.values()].reduce((sum, { values }) => sum + values.length, 0));
	const state = createState(weights);
	return async () => {
		const begin = performance.now();
		const batch = trainingBatch(examples, objective, recipe.mixup, spec.seed, state.step);
		const now = recipe.at(state, { stepsPerEpoch: 1, epochs: 1 });
		const outputs = trainStep(state, batch, { ...settings, now });
		await outputs.data();
		outputs.dispose();
		return (performance.now() - begin) / 1000;
	};
}
