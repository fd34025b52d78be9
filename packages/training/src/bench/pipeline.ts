import { linkSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { mulberry32 } from '@graft/domain/random';
import sharp from 'sharp';
import { type BackendPreference, selectBackend } from '../backend/index.js';
import { loadDataset } from '../dataset/index.js';
import { defaultThreads } from '../pipeline/index.js';
import { readAhead } from '../pipeline/read-ahead.js';
import { batchesAhead, pick, sourceOf } from '../run/example-source.js';
import { collect } from '../testing/collect.js';
import { registered, runSpec } from '../testing/run-spec.js';

/** A photograph's worth of JPEG each. */
const WIDTH = 320;
const HEIGHT = 240;
const PHOTOS = 160;
/** Of the data set that would not fit: 1,600 images of 224 x 224 are 963 MB as the network takes them. */
const LARGE = 1600;
const BATCH = 32;

const [preference = 'auto'] = process.argv.slice(2);
const { name: backend, reason } = await selectBackend(preference as BackendPreference);
console.error(reason);
const folder = mkdtempSync(path.join(tmpdir(), 'graft-bench-pipeline-'));
try {
	await writePhotos();
	const threads = defaultThreads();
	const training = await train(threads);
	console.log(JSON.stringify({ backend, threads, ...training, ...(await passThrough(threads)) }));
} finally {
	rmSync(folder, { recursive: true });
}

/** Smooth noise, so that a file is as large as a photograph's. */
async function writePhotos(): Promise<void> {
	const random = mulberry32(1);
	for (let index = 0; index < PHOTOS; index++) {
		const coarse = Buffer.from(Array.from({ length: 40 * 30 * 3 }, () => Math.floor(random() * 256)));
		const photo = sharp(coarse, { raw: { width: 40, height: 30, channels: 3 } }).resize(WIDTH, HEIGHT);
		const name = path.join('small', `class${index % 4}`, `${index}.jpg`);
		mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
		writeFileSync(path.join(folder, name), await photo.jpeg({ quality: 90 }).toBuffer());
	}
	for (let index = 0; index < LARGE; index++) {
		const name = path.join(folder, 'large', `class${index % 4}`, `${index}.jpg`);
		mkdirSync(path.dirname(name), { recursive: true });
		linkSync(path.join(folder, 'small', `class${index % 4}`, `${index % PHOTOS}.jpg`), name);
	}
}

function describe(name: string, side: number) {
	const split = { kind: 'stratified', fractions: { train: 1, validation: 0, test: 0 } };
	const uri = pathToFileURL(path.join(folder, name)).href;
	return registered({ uri, format: 'image-folder', options: { size: [side, side], split } }, name);
}

/** Two epochs of a small CNN on augmented photographs: how long its steps waited for them. */
async function train(threads: number) {
	const spec = runSpec({
		dataset: await describe('small', 64),
		strategy: { kind: 'FROM_SCRATCH' },
		training: { augmentation: { flip: 'horizontal', rotation: 0.05, zoom: 0.1, crop: 0.2 } },
		epochs: 2,
		batchSize: BATCH,
	});
	const lines: string[] = [];
	await collect(spec, null, { access: { threads }, onLog: (line) => lines.push(line) });
	const [, waited, all] = /waited ([\d.]+) s of ([\d.]+) s for data/.exec(lines.join('\n')) ?? [];
	return { steps: Math.ceil(PHOTOS / BATCH) * 2, waitedSeconds: Number(waited), trainedSeconds: Number(all) };
}

/** All images of a large data set, decoded and dropped: how much memory that ever took, and how fast it went. */
async function passThrough(threads: number) {
	const dataset = await describe('large', 224);
	const { splits, inputShape } = await loadDataset(dataset, { threads });
	const source = sourceOf(splits.train, inputShape);
	const before = process.memoryUsage.rss();
	const began = performance.now();
	let most = before;
	const batches = Math.ceil(source.count / BATCH);
	const read = (index: number) => {
		const begin = index * BATCH;
		const count = Math.min(BATCH, source.count - begin);
		return pick(
			source,
			Array.from({ length: count }, (_, at) => begin + at),
		);
	};
	let bytes = 0;
	for await (const { values } of readAhead(batches, batchesAhead(source, BATCH), read)) {
		bytes += values.byteLength;
		most = Math.max(most, process.memoryUsage.rss());
	}
	const imagesPerSecond = source.count / ((performance.now() - began) / 1000);
	return { largeBytes: bytes, grownBytes: most - before, imagesPerSecond };
}
