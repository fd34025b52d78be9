import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { GraftError } from '@graft/domain/error';
import type { JsonObject } from '@graft/domain/json';
import { childEnv } from '../env.js';
import { lastWordsOf } from './log-file.js';
import { PROGRAMS } from './paths.js';

export interface DatasetSource {
	readonly uri: string;
	readonly format: string;
	readonly options: JsonObject;
}

/** What the trainer says about data: version, classes, splits. */
export interface InspectedDataset {
	readonly version: string;
	readonly modality: 'IMAGE' | 'TEXT' | 'TABULAR';
	readonly task: 'CLASSIFICATION' | 'REGRESSION';
	readonly classes: readonly string[] | null;
	readonly splits: readonly {
		readonly name: string;
		readonly examples: number;
		readonly classCounts: readonly number[] | null;
	}[];
	readonly inputShape: readonly number[] | null;
	readonly attribution: string | null;
}

const run = promisify(execFile);

/**
 * Asks the trainer program: reading data is its business, and the CLI must not depend on TensorFlow.
 * @throws GraftError DATA with the trainer's words where the data cannot be used.
 */
export async function inspectDataset({ uri, format, options }: DatasetSource): Promise<InspectedDataset> {
	const args = [PROGRAMS.trainer, 'inspect-dataset', '--json', JSON.stringify({ uri, format, options })];
	try {
		const { stdout } = await run(process.execPath, args, { env: childEnv({}), maxBuffer: 64 * 1024 * 1024 });
		return JSON.parse(stdout) as InspectedDataset;
	} catch (error) {
		const { stderr = '', message } = error as { stderr?: string; message: string };
		throw new GraftError('DATA', lastWordsOf(stderr) || message, { uri });
	}
}
