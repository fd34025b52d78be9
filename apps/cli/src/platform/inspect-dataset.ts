import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Task } from '@graft/domain/dataset';
import { GraftError } from '@graft/domain/error';
import type { JsonObject } from '@graft/domain/json';
import type { ShownDataset } from '../dataset/dataset-lines.js';
import { childEnv, readEnv } from '../env.js';
import { lastWordsOf } from './log-file.js';
import { defaultDataDir, PROGRAMS } from './paths.js';

export interface DatasetSource {
	readonly uri: string;
	readonly format: string;
	readonly options: JsonObject;
	/** Path of a tokenizer's files, for how many tokens texts have. */
	readonly tokenizer?: string;
}

/** What the trainer says about data: version, classes, splits. */
export interface InspectedDataset extends Omit<ShownDataset, 'name'> {
	readonly modality: 'IMAGE' | 'TEXT' | 'TABULAR';
	readonly task: Task;
	readonly inputShape: readonly number[] | null;
	readonly attribution: string | null;
}

export interface DatasetProgress {
	readonly stage: string;
	readonly done: number;
	readonly total: number;
}

/**
 * Asks the trainer program: reading data is its business, and the CLI must not depend on TensorFlow.
 * `dataDir` keeps what it fetched and worked out for the trainers. @throws GraftError DATA with the trainer's words where the data cannot be used.
 */
export async function inspectDataset(
	{ uri, format, options, tokenizer }: DatasetSource,
	onProgress: (progress: DatasetProgress) => void = () => undefined,
	dataDir = readEnv().dataDir ?? defaultDataDir(),
): Promise<InspectedDataset> {
	const source = JSON.stringify({ uri, format, options, tokenizer });
	const args = [PROGRAMS.trainer, 'inspect-dataset', '--progress', '--json', source];
	const child = spawn(process.execPath, args, {
		env: childEnv({ GRAFT_DATA_DIR: dataDir }),
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	let found = '';
	child.stdout.setEncoding('utf8').on('data', (text: string) => {
		found += text;
	});
	const words: string[] = [];
	createInterface({ input: child.stderr }).on('line', (line) => {
		if (line.startsWith('{"progress":')) onProgress((JSON.parse(line) as { progress: DatasetProgress }).progress);
		else words.push(line);
	});
	const code = await new Promise<number | null>((resolve, reject) => {
		child.once('error', reject);
		child.once('close', resolve);
	});
	if (code === 0) return JSON.parse(found) as InspectedDataset;
	throw new GraftError('DATA', lastWordsOf(words.join('\n')) || `The trainer program ended with ${code}.`, { uri });
}
