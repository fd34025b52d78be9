import { DrainWorkerDocument, WorkerListDocument, type WorkerListQuery } from '@graft/client/gql';
import { createGraftClient, type GraftClient } from '@graft/client/node';
import { GraftError } from '@graft/domain/error';
import type { Command } from 'commander';
import { accepted } from '../api/accepted.js';
import { printJson, printLines } from '../terminal/output.js';
import { renderTable } from '../terminal/table.js';
import { resolveApi } from './platform-flags.js';

interface WorkerFlags {
	readonly api?: string;
	readonly json?: boolean;
}

export function addWorker(program: Command): void {
	const worker = program.command('worker').description('List workers, and have one finish its runs and end.');
	common(worker.command('list')).description('Workers of the last day.').action(list);
	common(worker.command('drain'))
		.argument('<worker>', 'name or id')
		.description('The worker finishes the runs that it holds, takes no more, and ends.')
		.action(drain);
}

const common = (command: Command): Command =>
	command
		.option('--json', 'print the result as one JSON object on stdout')
		.option('--api <url>', 'address of the API (default: http://127.0.0.1:4620)');

type Worker = WorkerListQuery['workers'][number];

async function list(flags: WorkerFlags): Promise<void> {
	await withClient(flags, async (client) => {
		const { workers } = await client.request(WorkerListDocument, {});
		if (flags.json) return printJson({ workers });
		const columns = ['id', 'name', '', 'back end', 'runs'].map((title) => ({ title, align: 'left' }) as const);
		const rows = workers.map((one) => [
			one.id,
			one.name,
			one.draining ? `${one.status}, draining` : one.status,
			one.backend,
			`${one.currentRuns.length} of ${one.slots}`,
		]);
		printLines(renderTable(columns, rows));
	});
}

async function drain(nameOrId: string, flags: WorkerFlags): Promise<void> {
	await withClient(flags, async (client) => {
		const { id } = pick((await client.request(WorkerListDocument, {})).workers, nameOrId);
		const { worker } = accepted((await client.request(DrainWorkerDocument, { id })).drainWorker, 'WorkerDraining');
		if (flags.json) return printJson({ worker });
		const held = worker.currentRuns.length;
		const left = held === 0 ? 'it holds no run' : `it finishes ${held} ${held === 1 ? 'run' : 'runs'} first`;
		printLines([`${worker.name} takes no more runs and ends; ${left}.`]);
	});
}

/** A name may be that of many processes, one after the other: the one that is online is meant. */
function pick(workers: readonly Worker[], nameOrId: string): Worker {
	const named = workers.filter((one) => one.id === nameOrId || (one.name === nameOrId && one.status === 'ONLINE'));
	const [found, other] = named;
	if (found === undefined)
		throw new GraftError('CONFIGURATION', `No worker "${nameOrId}" is online. \`graft worker list\` shows them all.`);
	if (other !== undefined)
		throw new GraftError(
			'CONFIGURATION',
			`Several workers are called "${nameOrId}"; give an id of \`graft worker list\`.`,
		);
	return found;
}

async function withClient(flags: WorkerFlags, action: (client: GraftClient) => Promise<void>): Promise<void> {
	const client = createGraftClient({ url: resolveApi(flags.api) });
	try {
		await action(client);
	} finally {
		await client.close();
	}
}
