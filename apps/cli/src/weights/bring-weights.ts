import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { GraftError } from '@graft/domain/error';
import { childEnv } from '../env.js';
import { PROGRAMS } from '../platform/paths.js';

/** What is to become a backbone's weights. */
export type WeightsRequest = {
	readonly architecture: string | null;
	readonly ignore: readonly string[];
} & ({ readonly file: string } | { readonly pull: string });

/** What the trainer made of it. */
export interface BroughtWeights {
	/** A file of ours now; likewise the tokenizer. */
	readonly file: string;
	readonly tokenizer: string | null;
	readonly bytes: number;
	readonly digest: string;
	readonly format: string;
	readonly architecture: string;
	readonly tensors: number;
	readonly parameters: number;
	readonly leftOut: readonly string[];
	readonly source: string;
	readonly licence: string | null;
	readonly pulled: readonly { readonly name: string; readonly sha256: string }[];
}

export type OnStage = (stage: 'download' | 'import', done: number, total: number) => void;

type Line =
	| { readonly kind: 'progress'; readonly stage: 'download' | 'import'; readonly done: number; readonly total: number }
	| ({ readonly kind: 'imported' } & BroughtWeights);

/**
 * Asks the trainer program: reading weights is its business, and a file that breaks its reader must not break us.
 * @throws GraftError DATA with the trainer's words where the weights cannot be used.
 */
export async function bringWeights(
	request: WeightsRequest,
	dataDir: string,
	signal: AbortSignal,
	onStage: OnStage,
): Promise<BroughtWeights> {
	const child = spawn(process.execPath, [PROGRAMS.trainer, 'import-weights', '--json', JSON.stringify(request)], {
		env: childEnv({ GRAFT_DATA_DIR: dataDir }),
		stdio: ['ignore', 'pipe', 'pipe'],
		signal,
	});
	const ended = new Promise<void>((resolve) => {
		child.once('error', () => resolve());
		child.once('close', () => resolve());
	});
	let said = '';
	child.stderr.setEncoding('utf8').on('data', (text: string) => {
		said = (said + text).slice(-100_000);
	});
	let brought: BroughtWeights | null = null;
	for await (const text of createInterface({ input: child.stdout })) {
		const line = JSON.parse(text) as Line;
		if (line.kind === 'progress') onStage(line.stage, line.done, line.total);
		else brought = line;
	}
	await ended;
	if (signal.aborted)
		throw new GraftError('SHUTDOWN', 'Stopped. Nothing was registered; a download goes on where it was.');
	if (brought === null) throw new GraftError('DATA', wordsOf(said) || 'The trainer program ended without a word.');
	return brought;
}

/** HDF5's library tells the way of an error through its own functions; what our program says comes after it. */
const DIAGNOSIS = /^(HDF5-DIAG|\s+#\d{3}:|\s+(major|minor):|warning: )/;

export const wordsOf = (stderr: string): string =>
	stderr
		.split('\n')
		.filter((line) => line.trim() !== '' && !DIAGNOSIS.test(line))
		.slice(-8)
		.join('\n');
