import {
	type ChangedExperimentFragment,
	DeleteExperimentDocument,
	ExperimentListDocument,
	type ExperimentListQuery,
	RestoreExperimentDocument,
} from '@graft/client/gql';
import { createGraftClient, type GraftClient } from '@graft/client/node';
import type { Command } from 'commander';
import { accepted } from '../api/accepted.js';
import { parsePositive, requireExperiment } from '../launch/launch-flags.js';
import { printJson, printLines } from '../terminal/output.js';
import { renderTable } from '../terminal/table.js';
import { resolveApi } from './platform-flags.js';

interface CommonFlags {
	readonly api?: string;
	readonly json?: boolean;
}
interface ListFlags extends CommonFlags {
	readonly deleted?: boolean;
	readonly limit: number;
}

type Change = (client: GraftClient, id: string) => Promise<ChangedExperimentFragment>;

export function addExperiment(program: Command): void {
	const experiment = program.command('experiment').description('List experiments; delete and restore them.');
	common(experiment.command('list'))
		.description('The newest experiments, with how many runs they have in each status.')
		.option('--deleted', 'those in the trash instead')
		.option('--limit <n>', 'so many at the most', parsePositive, 50)
		.action(list);
	common(experiment.command('delete'))
		.argument('<experiment>', 'name or id')
		.description(
			'Put an experiment of which no run is being trained into the trash, with all its runs: it can be restored for seven days, and then its storage is freed.',
		)
		.action((nameOrId: string, flags: CommonFlags) =>
			change(async (client, id) => (await client.request(DeleteExperimentDocument, { id })).deleteExperiment, {
				nameOrId,
				flags,
			}),
		);
	common(experiment.command('restore'))
		.argument('<experiment>', 'name or id')
		.description('Take an experiment out of the trash, with the runs that went with it.')
		.action((nameOrId: string, flags: CommonFlags) =>
			change(async (client, id) => (await client.request(RestoreExperimentDocument, { id })).restoreExperiment, {
				nameOrId,
				flags,
			}),
		);
}

const common = (command: Command): Command =>
	command
		.option('--json', 'print the result as one JSON object on stdout')
		.option('--api <url>', 'address of the API (default: http://127.0.0.1:4620)');

async function list(flags: ListFlags): Promise<void> {
	await withClient(flags, async (client) => {
		const asked = { first: flags.limit, deleted: flags.deleted === true };
		const { experiments } = await client.request(ExperimentListDocument, asked);
		if (flags.json) printJson({ totalCount: experiments.totalCount, experiments: experiments.nodes });
		else printLines(experimentLines(experiments));
	});
}

function experimentLines({ nodes, totalCount }: ExperimentListQuery['experiments']): string[] {
	const rows = nodes.map(({ id, name, metric, statusCounts }) => [
		id,
		name,
		metric,
		statusCounts.map(({ status, count }) => `${count} ${status}`).join(', '),
	]);
	const columns = ['id', 'experiment', 'decided by', 'runs'].map((title) => ({ title, align: 'left' }) as const);
	const left = totalCount - nodes.length;
	return [...renderTable(columns, rows), ...(left > 0 ? [`${left} more; --limit shows them.`] : [])];
}

async function change(
	ask: Change,
	{ nameOrId, flags }: { readonly nameOrId: string; readonly flags: CommonFlags },
): Promise<void> {
	await withClient(flags, async (client) => {
		const { id } = await requireExperiment(client, nameOrId);
		const { experiment } = accepted(await ask(client, id), 'ExperimentChanged');
		if (flags.json) return printJson({ experiment });
		const restore = `\`graft experiment restore ${experiment.id}\` brings it back.`;
		printLines([
			experiment.deletedAt === null
				? `${experiment.name} is back, with its runs.`
				: `${experiment.name} is in the trash, with its runs. ${restore}`,
		]);
	});
}

async function withClient(flags: CommonFlags, action: (client: GraftClient) => Promise<void>): Promise<void> {
	const client = createGraftClient({ url: resolveApi(flags.api) });
	try {
		await action(client);
	} finally {
		await client.close();
	}
}
