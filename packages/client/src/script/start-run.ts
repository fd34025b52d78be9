import path from 'node:path';
import { GraftError } from '@graft/domain/error';
import { CreateExperimentDocument, CreateRunDocument, type Direction, ExperimentNamesDocument } from '../gql/index.js';
import type { SpoolOptions } from '../spool/batch-spool.js';
import type { GraftClient } from '../transport/client.js';
import { makeRunFolder, openRunFolder } from './run-folder.js';
import { ScriptRun, type ScriptRunOptions } from './script-run.js';

export interface StartRun extends SpoolOptions, Pick<ScriptRunOptions, 'onRetry'> {
	/** Name of the experiment that the run belongs to. It is made where it is not there, and then needs its `metric`. */
	readonly experiment: string;
	/** The metric that decides, and whether more of it is better. */
	readonly metric?: string;
	readonly direction?: Direction;
	readonly name?: string;
	readonly config?: Readonly<Record<string, unknown>>;
	readonly seed?: number;
	readonly tags?: readonly string[];
	/** Folder for what waits for the API; null: memory alone. */
	readonly spoolDir?: string | null;
}

export interface ResumeRun extends SpoolOptions, Pick<ScriptRunOptions, 'onRetry'> {
	/** Default: the only one that is in the spool. */
	readonly runId?: string;
	readonly spoolDir?: string;
}

/** Below the folder of the script, as the platform's own data. */
export const SPOOL_DIR = path.join('.graft', 'spool');
const PAGE = 200;

/**
 * Creates a run and holds its lease.
 * @throws GraftError UNAVAILABLE where the API is away (a run needs its id), DATA for what the API refuses.
 */
export async function startRunWith(client: GraftClient, options: StartRun): Promise<ScriptRun> {
	const experimentId = await experimentCalled(client, options);
	const { name, config = {}, seed, tags = [], spoolDir = SPOOL_DIR, onRetry } = options;
	const input = { experimentId, name, config, seed, tags: [...tags] };
	const { createRun } = await client.request(CreateRunDocument, { input });
	if (createRun.__typename !== 'RunCreated') throw new GraftError('DATA', createRun.message);
	const { runId, token } = createRun.lease;
	const folder = spoolDir === null ? null : makeRunFolder(spoolDir, { url: client.url, runId, token }, options);
	return new ScriptRun({ client, folder, lease: { runId, token }, countsSteps: true, onRetry });
}

/**
 * Goes on with a run whose process has ended, in the same attempt: first with what that process left in the spool.
 * Where the lease ran out meanwhile the first answer says so, and the spool stays.
 */
export function resumeRunWith(connect: (url: string) => GraftClient, options: ResumeRun = {}): ScriptRun {
	const { runId = null, spoolDir = SPOOL_DIR, onRetry } = options;
	const folder = openRunFolder(spoolDir, runId, options);
	const { url, ...lease } = folder.ticket;
	return new ScriptRun({ client: connect(url), folder, lease, countsSteps: false, onRetry });
}

async function experimentCalled(client: GraftClient, options: StartRun): Promise<string> {
	const known = await findExperiment(client, options.experiment);
	if (known !== null) return known;
	const { experiment: name, metric, direction } = options;
	if (metric === undefined) {
		const message = `There is no experiment called ${name}. To make it, say which metric decides: metric: 'val_loss', direction: 'MINIMIZE'.`;
		throw new GraftError('DATA', message);
	}
	const { createExperiment } = await client.request(CreateExperimentDocument, { input: { name, metric, direction } });
	if (createExperiment.__typename === 'ExperimentCreated') return createExperiment.experiment.id;
	// Another script has made it in between.
	const made = createExperiment.__typename === 'Conflict' ? await findExperiment(client, name) : null;
	if (made === null) throw new GraftError('DATA', createExperiment.message);
	return made;
}

async function findExperiment(client: GraftClient, name: string): Promise<string | null> {
	for (let after: string | null = null; ; ) {
		const variables: { first: number; after: string | null } = { first: PAGE, after };
		const { experiments } = await client.request(ExperimentNamesDocument, variables);
		const found = experiments.nodes.find((experiment) => experiment.name === name);
		if (found !== undefined) return found.id;
		if (!experiments.pageInfo.hasNextPage) return null;
		after = experiments.pageInfo.endCursor ?? null;
	}
}
