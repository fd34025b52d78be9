import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { readLinked } from '../backend/link/linked-tensorflow.js';
import type { SweepSeconds } from './head-sweep.js';

const run = promisify(execFile);

/**
 * Prints the seconds of a sweep of heads: on WebAssembly beside TensorFlow.js' own `model.fit`, and on native TensorFlow
 * beside that of Keras on the same libraries; null where none is linked.
 */
const [dataDir = '.graft'] = process.argv.slice(2);
const linked = readLinked(dataDir);

const wasm = await sweep('wasm', 'fit');
const native = linked && (await besideKeras(linked.python, await sweep(linked.gpu ? 'tensorflow-gpu' : 'tensorflow')));
console.log(JSON.stringify({ wasm, native }));

async function sweep(backend: string, ...fit: string[]): Promise<SweepSeconds> {
	const program = path.join(import.meta.dirname, 'head-sweep.js');
	const { stdout, stderr } = await run(process.execPath, [program, dataDir, backend, ...fit]);
	console.error(stderr.trimEnd());
	return JSON.parse(stdout) as SweepSeconds;
}

/** The same heads, data and epochs by a plain script; the numbers of the pictures change no cost. */
async function besideKeras(python: string, ours: SweepSeconds): Promise<SweepSeconds> {
	const script = path.join(import.meta.dirname, '../../scripts/keras-sweep.py');
	const { stdout } = await run(python, [script, JSON.stringify(ours.sweep)]);
	return { ...ours, fitSeconds: Number(stdout) };
}
