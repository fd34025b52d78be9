import {
	CancelRunsDocument,
	type ChangedRunsFragment,
	ContinueRunsDocument,
	DeleteRunsDocument,
	PauseRunsDocument,
	RestoreRunsDocument,
	ResumeRunsDocument,
	RetryRunsDocument,
	RunListDocument,
	type RunListQuery,
	type RunListQueryVariables,
} from '@graft/client/gql';
import { createGraftClient, type GraftClient } from '@graft/client/node';
import { RUN_STATUSES, type RunStatus } from '@graft/domain/run';
import { type Command, Option } from 'commander';
import { accepted } from '../api/accepted.js';
import { parsePositive, requireExperiment } from '../launch/launch-flags.js';
import { printJson, printLines } from '../terminal/output.js';
import { renderTable } from '../terminal/table.js';
import { resolveApi } from './platform-flags.js';
import { printLog } from './print-log.js';

interface CommonFlags {
	readonly api?: string;
	readonly json?: boolean;
}
interface ListFlags extends CommonFlags {
	readonly experiment?: string;
	readonly status?: RunStatus;
	readonly limit: number;
}

type Change = (client: GraftClient, ids: string[], flags: { readonly epochs: number }) => Promise<ChangedRunsFragment>;

/** What can be asked of runs, in the words of the run's state machine. */
const CHANGES: Readonly<Record<string, { readonly says: string; readonly ask: Change }>> = {
	pause: {
		says: 'Take a checkpoint and free the worker; a queued run only waits.',
		ask: async (client, ids) => (await client.request(PauseRunsDocument, { ids })).pauseRuns,
	},
	resume: {
		says: 'Queue paused runs again; they go on from their checkpoint.',
		ask: async (client, ids) => (await client.request(ResumeRunsDocument, { ids })).resumeRuns,
	},
	retry: {
		says: 'Queue failed or cancelled runs again, from their last checkpoint where they have one.',
		ask: async (client, ids) => (await client.request(RetryRunsDocument, { ids })).retryRuns,
	},
	cancel: {
		says: 'End runs that have not ended.',
		ask: async (client, ids) => (await client.request(CancelRunsDocument, { ids })).cancelRuns,
	},
	delete: {
		says: 'Put runs that do not train into the trash: they can be restored for seven days, and then their storage is freed.',
		ask: async (client, ids) => (await client.request(DeleteRunsDocument, { ids })).deleteRuns,
	},
	restore: {
		says: 'Take runs out of the trash.',
		ask: async (client, ids) => (await client.request(RestoreRunsDocument, { ids })).restoreRuns,
	},
	continue: {
		says: 'Train runs that have succeeded for --epochs more, from the checkpoint of their end.',
		ask: async (client, ids, { epochs }) => (await client.request(ContinueRunsDocument, { ids, epochs })).continueRuns,
	},
};

export function addRuns(program: Command): void {
	const runs = program
		.command('runs')
		.description('List runs, read their logs; pause, resume, retry, cancel, continue, delete and restore them.');
	common(runs.command('list'))
		.description('The newest runs.')
		.option('--experiment <name>', 'of one experiment: its name or id')
		.addOption(new Option('--status <status>', 'in one status').choices(RUN_STATUSES))
		.option('--limit <n>', 'so many at the most', parsePositive, 50)
		.action(list);
	common(runs.command('logs'))
		.argument('<id>', 'id of a run')
		.description('What the run has printed so far, under the numbers of its lines.')
		.option('--search <text>', 'only lines that contain this, in either case')
		.action(printLog);
	for (const [name, { says, ask }] of Object.entries(CHANGES)) {
		const command = common(runs.command(name)).argument('<ids...>', 'ids of runs').description(says);
		if (name === 'continue') command.requiredOption('--epochs <n>', 'epochs to add', parsePositive);
		command.action((ids: string[], flags: CommonFlags & { readonly epochs: number }) => change(ask, ids, flags));
	}
}

const common = (command: Command): Command =>
	command
		.option('--json', 'print the result as one JSON object on stdout')
		.option('--api <url>', 'address of the API (default: http://127.0.0.1:4620)');

async function list(flags: ListFlags): Promise<void> {
	const client = createGraftClient({ url: resolveApi(flags.api) });
	try {
		const experiment = flags.experiment === undefined ? null : await requireExperiment(client, flags.experiment);
		const filter = { experimentId: experiment?.id ?? null, status: flags.status === undefined ? null : [flags.status] };
		const runs = await readRuns(client, filter, flags.limit);
		if (flags.json) printJson({ totalCount: runs.totalCount, runs: runs.nodes });
		else printLines(runLines(runs));
	} finally {
		await client.close();
	}
}

/** A page that the API ended before it was full goes on where its search ended. */
async function readRuns(
	client: GraftClient,
	filter: RunListQueryVariables['filter'],
	first: number,
): Promise<RunListQuery['runs']> {
	let { runs } = await client.request(RunListDocument, { filter, first });
	while (runs.isPartial) {
		const after = runs.pageInfo.endCursor;
		const next = await client.request(RunListDocument, { filter, first: first - runs.nodes.length, after });
		runs = { ...runs, ...next.runs, nodes: [...runs.nodes, ...next.runs.nodes] };
	}
	return runs;
}

function runLines({ nodes, totalCount, totalCountIsLeast }: RunListQuery['runs']): string[] {
	const rows = nodes.map((run) => [run.id, run.status, run.experiment.name, run.name, whereItIs(run)]);
	const columns = ['id', 'status', 'experiment', 'run', ''].map((title) => ({ title, align: 'left' }) as const);
	const rest = Math.min(totalCount, 10_000) - nodes.length;
	const more = rest > 0 ? [`${totalCountIsLeast ? 'At least ' : ''}${rest} more; --limit shows them.`] : [];
	return [...renderTable(columns, rows), ...more];
}

/** How far it is, or what stopped it. */
function whereItIs({ failure, progress, retryAt }: RunListQuery['runs']['nodes'][number]): string {
	if (retryAt !== null) return `waits until ${new Date(retryAt).toISOString()}`;
	if (failure !== null) return failure.kind;
	return progress?.epoch == null ? '' : `epoch ${progress.epoch} of ${progress.epochs}`;
}

async function change(ask: Change, ids: string[], flags: CommonFlags & { readonly epochs: number }): Promise<void> {
	const client = createGraftClient({ url: resolveApi(flags.api) });
	try {
		const { runs } = accepted(await ask(client, ids, flags), 'RunsChanged');
		if (flags.json) printJson({ runs });
		else printLines(runs.map((run) => `${run.id}  ${run.name}: ${told(run)}`));
	} finally {
		await client.close();
	}
}

/** A running run is its trainer's: what is asked of it takes effect when that has heard of it. */
function told(run: {
	readonly status: string;
	readonly cancelRequested: boolean;
	readonly pauseRequested: boolean;
}): string {
	if (run.status !== 'RUNNING') return run.status;
	return run.cancelRequested
		? 'its trainer was asked to stop'
		: run.pauseRequested
			? 'its trainer was asked to pause'
			: run.status;
}
