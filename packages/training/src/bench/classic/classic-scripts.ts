import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { RunSpec } from '@graft/domain/run';
import { releaseBackend, selectBackend } from '../../backend/index.js';
import { loadDataset } from '../../dataset/index.js';
import { initialWeights } from '../../network/initial-weights.js';
import { buildNetwork } from '../../network/network.js';
import { accessOf } from '../../run/dataset-access.js';
import { drawOrder } from '../../run/draws.js';
import { writeSafetensors } from '../../safetensors/index.js';
import { collect } from '../../testing/collect.js';
import { registered, runSpec } from '../../testing/run-spec.js';
import { writeStandIn, writeTokenizer } from './stand-ins.js';
import { writePictures, writeReviews } from './write-inputs.js';

/** The scripts of examples/, as small as a machine without a GPU needs them. */
const SIZE = [64, 64];
const PER_CLASS = 16;
const BERT = 'bert-L2-H128-A2-F512-V30522-P512';
const LENGTH = 64;
const SCRIPT = path.join(import.meta.dirname, '../../../scripts/classic-scripts.py');

/** What both are given, and what becomes of it after each epoch. */
interface Course {
	readonly train_loss: readonly number[];
	readonly val_loss: readonly number[];
}

const [command, folder = '', python = 'python3'] = process.argv.slice(2);
await mkdir(folder, { recursive: true });
const places = await prepare();
if (command === 'compare') console.log(JSON.stringify(await compare()));
else console.log(JSON.stringify(places));

async function prepare() {
	const at = (name: string) => path.join(folder, name);
	const [resnet50, bert, tokenizer] = [at('resnet50.safetensors'), at('bert.safetensors'), at('tokenizer.json')];
	await writeStandIn(resnet50, 'resnet50', [...SIZE, 3]);
	await writeStandIn(bert, BERT, [3, LENGTH]);
	await writeTokenizer(tokenizer);
	const pictures = await writePictures(at('pictures'), PER_CLASS);
	const reviews = await writeReviews(at('reviews'));
	return { resnet50, bert, tokenizer, pictures, reviews };
}

async function compare() {
	const { name: backend } = await selectBackend('auto');
	const graft = { resnet50: await resnet50(), bert: await bert() };
	releaseBackend();
	try {
		const { stdout } = await promisify(execFile)(python, [SCRIPT, folder], { maxBuffer: 2 ** 24 });
		return { backend, graft, keras: JSON.parse(stdout.trim().split('\n').at(-1) ?? ''), reason: null };
	} catch (error) {
		const { stderr, message } = error as { stderr?: string; message: string };
		return { backend, graft, keras: null, reason: stderr?.trim().split('\n').at(-1) || message };
	}
}

async function resnet50(): Promise<Course> {
	const options = {
		...{ size: SIZE, preprocessing: 'unit', interpolation: 'nearest' },
		split: { kind: 'flow_from_directory', validation: 0.2 },
	};
	const dataset = await registered({ uri: places.pictures, format: 'image-folder', options }, 'pictures');
	const spec = runSpec({
		...{ dataset, architecture: 'resnet50', pretrained: true, epochs: 5, batchSize: 32 },
		strategy: { kind: 'FEATURE_EXTRACTION', learningRate: 1e-3 },
		head: { pooling: 'average', hidden: [256], dropout: 0 },
	});
	return follow('resnet50', spec, null);
}

async function bert(): Promise<Course> {
	const options = {
		...{ label: 'label', length: LENGTH },
		split: { files: { train: 'train.csv', validation: 'validation.csv' } },
	};
	const dataset = await registered({ uri: places.reviews, format: 'csv-text', options }, 'reviews');
	const spec = runSpec({
		...{ dataset, architecture: BERT, pretrained: true, epochs: 3, batchSize: 16 },
		strategy: { kind: 'FULL_FINE_TUNE', learningRate: 2e-5 },
		head: { pooling: 'average', hidden: [], dropout: 0.1 },
	});
	return follow('bert', spec, await readFile(places.tokenizer));
}

/** Trains, and leaves beside the weights what Python needs to do the same: the start, the order and the tokens. */
async function follow(name: 'resnet50' | 'bert', spec: RunSpec, tokenizer: Uint8Array | null): Promise<Course> {
	const weights = new Uint8Array(await readFile(places[name]));
	const network = buildNetwork(spec);
	const start = writeSafetensors(initialWeights(network, spec.seed, weights), {});
	await writeFile(path.join(folder, `${name}-start.safetensors`), start);
	const signal = new AbortController().signal;
	const hooks = { onMetrics: () => {}, onProgress: () => {}, onEvent: () => {}, onLog: () => {} };
	const access = accessOf({ spec, weights, tokenizer, signal, hooks }, network);
	const { splits } = await loadDataset(spec.dataset, access);
	const orders = Array.from({ length: spec.epochs }, (_, epoch) => drawOrder(splits.train.count, spec.seed, epoch + 1));
	const shared = { seed: spec.seed, batchSize: spec.batchSize, orders };
	await writeFile(path.join(folder, `${name}.json`), JSON.stringify({ ...shared, size: SIZE, length: LENGTH }));
	const { points } = await collect(spec, weights, { tokenizer });
	const of = (key: string) => points.filter((point) => point.key === key).map(({ value }) => value);
	return { train_loss: of('train_loss'), val_loss: of('val_loss') };
}
