import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { type Architecture, findArchitecture, kerasOrder, summarizeBackbone } from '@graft/domain/architecture';

/** Writes a Keras weight file of VGG16 with its classifier, 553 MB, and imports it in a process of its own. */
const architecture = findArchitecture('vgg16-top') as Architecture;
const [role, given = ''] = process.argv.slice(2);
if (role === 'write') await write(given);
else if (role === 'import') await importIt(given);
else await measure();

async function measure(): Promise<void> {
	const folder = mkdtempSync(path.join(tmpdir(), 'graft-bench-import-'));
	try {
		const file = path.join(folder, 'vgg16.h5');
		console.error('Writing a VGG16 as Keras would.');
		await run('write', file);
		const { size } = statSync(file);
		console.error(`Importing its ${Math.round(size / 1e6)} MB.`);
		const began = performance.now();
		const peakBytes = await run('import', file);
		const idleBytes = await run('import', '');
		const seconds = (performance.now() - began) / 1000;
		process.stdout.write(`${JSON.stringify({ fileBytes: size, peakBytes, idleBytes, seconds })}\n`);
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

/** Runs one part as a process; answers the most memory that it had at any time, as Linux counts it. */
async function run(part: 'write' | 'import', file: string): Promise<number> {
	const child = spawn(process.execPath, [import.meta.filename, part, file], { stdio: ['ignore', 'pipe', 'inherit'] });
	let printed = '';
	child.stdout.on('data', (text) => {
		printed += text;
	});
	const code = await new Promise((resolve) => child.once('close', resolve));
	if (code !== 0) throw new Error(`${part} ended with ${code}`);
	return Number(printed);
}

function tellPeak(): void {
	const status = readFileSync('/proc/self/status', 'utf8');
	process.stdout.write(String(Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024));
}

async function write(file: string): Promise<void> {
	const h5 = (await import('h5wasm/node')).default;
	await h5.ready;
	const target = new h5.File(file, 'w');
	const { layers } = summarizeBackbone(architecture, architecture.defaultInput).network;
	const ordered = kerasOrder(layers, ({ layer }) => layer.name).filter(({ weights }) => weights.length > 0);
	target.create_attribute(
		'layer_names',
		ordered.map(({ layer }) => layer.name),
	);
	for (const { layer, weights } of ordered) {
		const group = target.create_group(layer.name);
		group.create_attribute(
			'weight_names',
			weights.map(({ name }) => `${name}:0`),
		);
		const inner = group.create_group(layer.name);
		for (const { name, shape } of weights) {
			const data = new Float32Array(shape.reduce((product, size) => product * size, 1)).fill(0.01);
			inner.create_dataset({ name: `${name.split('/').at(-1)}:0`, data, shape: [...shape], dtype: '<f4' });
		}
	}
	target.close();
	tellPeak();
}

async function importIt(file: string): Promise<void> {
	const { importWeights } = await import('../weights/index.js');
	if (file !== '') {
		const to = `${file}.safetensors`;
		await importWeights({ from: file, architecture, to, scratch: path.dirname(file) });
		rmSync(to);
	}
	tellPeak();
}
