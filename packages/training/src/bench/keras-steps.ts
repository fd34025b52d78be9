import { spawn } from 'node:child_process';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { mulberry32 } from '@graft/domain/random';
import { releaseBackend, selectBackend } from '../backend/index.js';
import { readLinked } from '../backend/link/linked-tensorflow.js';
import { initialWeights } from '../network/initial-weights.js';
import { buildNetwork } from '../network/network.js';
import { createObjective } from '../run/objective.js';
import { splitNetwork } from '../run/phase-network.js';
import { createRecipe } from '../run/recipe.js';
import { trainStep } from '../run/train-step.js';
import { trainingBatch } from '../run/training-batch.js';
import { createState } from '../run/training-state.js';
import { runSpec } from '../testing/run-spec.js';

const SHAPE = [224, 224, 3];
const CLASSES = ['0', '1'];
const BATCH = 4;
const STEPS = 10;
/** The first steps make both ready: Keras compiles its graph, TensorFlow lays out its memory. */
const WARM_UP = 3;
const SCRIPT = path.join(import.meta.dirname, '../../scripts/keras-steps.py');

const [dataDir = '.graft'] = process.argv.slice(2);
const linked = readLinked(dataDir);
if (linked === null) throw new Error(`${dataDir} has no TensorFlow: run \`graft tensorflow link\` first`);
const { name: backend, reason } = await selectBackend(linked.gpu ? 'tensorflow-gpu' : 'tensorflow', dataDir);
console.error(reason);
const keras = openKeras(linked.python);
const graft = openGraft();
const seconds = { graft: [] as number[], keras: [] as number[] };
// Turn by turn: whatever else the machine does meets both.
for (let step = 0; step < WARM_UP + STEPS; step++) {
	const pair = { graft: await graft(), keras: await keras.step() };
	if (step < WARM_UP) continue;
	seconds.graft.push(pair.graft);
	seconds.keras.push(pair.keras);
}
keras.end();
console.log(JSON.stringify({ backend, tensorflow: linked.version, batch: BATCH, ...seconds }));
releaseBackend();

/** One step of all weights of a ResNet50 by Adam, in seconds. */
function openGraft(): () => Promise<number> {
	const input = { shape: SHAPE, preprocessing: null, tokenizer: null, maxLength: null };
	const noun = { id: 'noise', name: 'noise', version: 'noise', task: 'CLASSIFICATION', classes: CLASSES } as const;
	const spec = runSpec({
		dataset: { ...noun, splits: [], uri: 'memory:', format: 'images', options: {}, input },
		architecture: 'resnet50',
		strategy: { kind: 'FROM_SCRATCH' },
	});
	const [phase] = spec.plan.phases;
	if (phase === undefined) throw new Error('the run has no phase');
	const network = buildNetwork(spec);
	const random = mulberry32(1);
	const values = Float32Array.from({ length: BATCH * SHAPE.reduce((product, one) => product * one, 1) }, random);
	const images = { count: BATCH, shape: SHAPE, values, labels: new Int32Array(BATCH) };
	const objective = createObjective(spec, network.outputs, images.labels);
	const recipe = createRecipe(spec);
	const settings = { network: splitNetwork(network, phase), trunkDone: false, objective, recipe, seed: spec.seed };
	const state = createState(initialWeights(network, spec.seed, null));
	return async () => {
		const begin = performance.now();
		const batch = trainingBatch(images, objective, recipe.mixup, spec.seed, state.step);
		const now = recipe.at(state, { stepsPerEpoch: 1, epochs: WARM_UP + STEPS });
		const outputs = trainStep(state, batch, { ...settings, now });
		await outputs.data();
		outputs.dispose();
		return (performance.now() - begin) / 1000;
	};
}

/** The same network, optimizer and batch by Keras, in a process of its own. */
function openKeras(python: string): { step: () => Promise<number>; end: () => void } {
	const child = spawn(python, [SCRIPT, String(BATCH)], { stdio: ['pipe', 'pipe', 'inherit'] });
	const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
	const step = async () => {
		child.stdin.write('\n');
		const { value, done } = await lines.next();
		if (done) throw new Error(`${SCRIPT} ended with ${child.exitCode}`);
		return Number(value);
	};
	return { step, end: () => void child.stdin.end() };
}
