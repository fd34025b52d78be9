import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { RunSpec } from '@graft/domain/run';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backendsHere, patience, useBackend } from '../testing/backends-here.js';
import { collect } from '../testing/collect.js';
import { registered, runSpec } from '../testing/run-spec.js';
import { temporaryFile } from '../testing/tiny-dataset.js';

const SIDE = 96;
/** Room for steps of about 50 images, at 1.2 MB a layer of the first block. */
const ROOM_BYTES = 1.5e9;

/** Lets this process have so many bytes of address space more than it has; null: as many as there are. */
function limitMemory(more: number | null): void {
	const kilobytes = Number(/VmSize:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
	const soft = more === null ? 'unlimited' : String(kilobytes * 1024 + more);
	execFileSync('prlimit', ['--pid', String(process.pid), `--as=${soft}:`]);
}

describe.skipIf(!backendsHere().includes('tensorflow'))('native TensorFlow without room for a step', () => {
	let dataset: RunSpec['dataset'];
	let remove = () => {};
	beforeAll(async () => {
		// oneDNN's kernels, not TensorFlow's own, now and then end the process where they find no room.
		process.env.TF_ENABLE_ONEDNN_OPTS = '0';
		await useBackend('tensorflow');
		const row = (index: number) =>
			[...Array.from({ length: SIDE ** 2 }, (_, cell) => (cell * 7 + index) % 10), index % 2 ? 'odd' : 'even'].join();
		const header = [...Array.from({ length: SIDE ** 2 }, (_, cell) => `p${cell}`), 'label'].join();
		const file = temporaryFile(
			'large.csv',
			[header, ...Array.from({ length: 800 }, (_, index) => row(index))].join('\n'),
		);
		remove = file.remove;
		const options = { shape: [SIDE, SIDE, 1], scale: 10 };
		dataset = await registered({ uri: file.uri, format: 'csv-image', options }, 'large');
	});
	afterAll(() => remove());

	it(
		'names batches that fit, which train',
		async () => {
			const train = async (batchSize: number) => {
				limitMemory(ROOM_BYTES);
				try {
					return await collect(runSpec({ dataset, strategy: { kind: 'FROM_SCRATCH' }, batchSize }), null).then(
						() => null,
						(error: unknown) => error,
					);
				} finally {
					limitMemory(null);
				}
			};
			const refused = await train(400);
			expect(refused).toMatchObject({
				code: 'OUT_OF_MEMORY',
				message: expect.stringMatching(/batches of 400; batches of \d+ fit/),
			});
			const fits = Number((refused as { details: { fits: number } }).details.fits);
			expect(fits).toBeLessThan(400);
			expect(await train(fits)).toBeNull();
		},
		patience(60_000),
	);
});
