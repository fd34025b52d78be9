import path from 'node:path';
import { readLinked } from '../backend/link/linked-tensorflow.js';
import { openProgram, turnByTurn } from './line-program.js';
import type { MeasuredNetwork } from './noise-run.js';

/** Prints how long training takes, beside Keras and on the back ends; null for what cannot be measured here. */
const [dataDir = '.graft'] = process.argv.slice(2);
const scripts = path.join(import.meta.dirname, '../../scripts');
const program = (name: string) => path.join(import.meta.dirname, `${name}.js`);
const linked = readLinked(dataDir);
const native = linked?.gpu ? 'tensorflow-gpu' : 'tensorflow';

const EXTRACTION = { examples: 64, epochs: 5, classes: 10, times: 3 };

const graft = (backend: string, network: MeasuredNetwork, batch: number, variables: readonly string[] = []) =>
	openProgram('env', [...variables, process.execPath, program('steps'), dataDir, backend, network, String(batch)]);

/** The same network, optimizer and batch by Keras on the same libraries. */
async function besideKeras(python: string, network: MeasuredNetwork, batch: number, count: number) {
	const ours = graft(native, network, batch);
	const keras = openProgram(python, [path.join(scripts, 'keras-steps.py'), network, String(batch)]);
	const weights = [await ours.next(), await keras.next()];
	if (weights[0] !== weights[1])
		throw new Error(`${network} has ${weights[0]} weights here and ${weights[1]} in Keras`);
	const [graftSeconds, kerasSeconds] = await turnByTurn(ours, keras, { warmUp: 3, count });
	return { batch, graft: graftSeconds, keras: kerasSeconds };
}

/** Whole runs, one after the other. */
async function extraction(python: string) {
	const { examples, epochs, classes, times } = EXTRACTION;
	const sizes = [examples, epochs, classes].map(String);
	const seconds = { graft: [] as number[], keras: [] as number[] };
	for (let time = 0; time < times; time++) {
		const ours = openProgram(process.execPath, [program('extraction'), dataDir, native, ...sizes]);
		seconds.graft.push(await ours.next());
		await ours.end();
		const keras = openProgram(python, [path.join(scripts, 'keras-extraction.py'), ...sizes]);
		seconds.keras.push(await keras.next());
		await keras.end();
	}
	return { ...EXTRACTION, ...seconds };
}

/** One thread of WebAssembly beside native TensorFlow on all cores, without a GPU. */
async function cnn() {
	const batch = 32;
	const [wasm, onCpu] = [
		graft('wasm', 'small-cnn', batch),
		graft('tensorflow', 'small-cnn', batch, ['CUDA_VISIBLE_DEVICES=']),
	];
	await Promise.all([wasm.next(), onCpu.next()]);
	const [wasmSeconds, nativeSeconds] = await turnByTurn(wasm, onCpu, { warmUp: 3, count: 30 });
	return { batch, wasm: wasmSeconds, native: nativeSeconds };
}

const measured = linked && {
	cnn: await cnn(),
	resnet50: await besideKeras(linked.python, 'resnet50', 4, 10),
	bertBase: await besideKeras(linked.python, 'bert-base', 4, 6),
	extraction: await extraction(linked.python),
};
console.log(JSON.stringify({ backend: native, tensorflow: linked?.version ?? null, measured }));
