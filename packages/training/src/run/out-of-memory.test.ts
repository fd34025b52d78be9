import { GraftError } from '@graft/domain/error';
import type { RunSpec } from '@graft/domain/run';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { selectBackend } from '../backend/index.js';
import { collect } from '../testing/collect.js';
import { digits, runSpec } from '../testing/run-spec.js';

interface WasmMemory {
	_malloc: (bytes: number) => number;
}

let dataset: RunSpec['dataset'];
let wasm: WasmMemory;
let allocate: WasmMemory['_malloc'];

beforeAll(async () => {
	await selectBackend('wasm');
	dataset = await digits(['6', '7']);
	({ wasm } = tf.backend() as unknown as { wasm: WasmMemory });
	allocate = wasm._malloc;
});
afterEach(() => {
	wasm._malloc = allocate;
});

/** A machine whose memory ends here, in place of one with 4 GiB to fill. */
function limitMemory(limit: number): void {
	wasm._malloc = (bytes) => {
		if (tf.memory().numBytes + bytes <= limit) return allocate(bytes);
		throw new GraftError('OUT_OF_MEMORY', `WebAssembly has no room for a tensor of ${bytes} bytes.`, { bytes });
	};
}

/** How a run ends that has so many bytes to itself; null: well. */
const train = (batchSize: number, bytes: number) => {
	limitMemory(tf.memory().numBytes + bytes);
	return collect(runSpec({ dataset, strategy: { kind: 'FROM_SCRATCH' }, batchSize }), null).then(
		() => null,
		(error: GraftError) => error,
	);
};

it('names the batches that fit: they train, and twice as large ones do not', async () => {
	const found: number[] = [];
	for (const bytes of [5e6, 8e6]) {
		const refused = await train(128, bytes);
		expect(refused).toMatchObject({
			code: 'OUT_OF_MEMORY',
			message: expect.stringMatching(/batches of 128; batches of \d+ fit/),
		});
		const size = Number(refused?.details.fits);
		expect(await train(size, bytes)).toBeNull();
		expect(await train(2 * size, bytes)).toMatchObject({ code: 'OUT_OF_MEMORY' });
		found.push(size);
	}
	expect(found[1]).toBeGreaterThan(found[0] ?? 0);
});

it('says so where not even one example fits', async () => {
	expect(await train(4, 5e5)).toMatchObject({
		code: 'OUT_OF_MEMORY',
		message: expect.stringContaining('not even one'),
	});
});
