import { LaunchSweepDocument, type StrategyInput } from '@graft/client/gql';
import { createGraftClient } from '@graft/client/node';
import { GraftError } from '@graft/domain/error';
import { directionOf } from '@graft/domain/experiment';
import type { Json } from '@graft/domain/json';
import { parseSweepSpace } from '@graft/domain/sweep';
import { type Command, Option } from 'commander';
import { accepted } from '../api/accepted.js';
import { drawBoards } from '../follow/draw-boards.js';
import {
	addLaunchFlags,
	decidingMetric,
	findSubjects,
	type LaunchFlags,
	parsePositive,
	placeOf,
	requireExperiment,
	trainingOf,
} from '../launch/launch-flags.js';
import { parseSpaceFlag } from '../launch/parse-space.js';
import { parseStrategyFlag } from '../launch/parse-strategy-flag.js';
import { stopSignal } from '../platform/until-stopped.js';
import { followSweep } from '../sweep/follow-sweep.js';
import { type RankedTrial, rankTrials } from '../sweep/rank-trials.js';
import { printJson, printLines } from '../terminal/output.js';
import { createScreen } from '../terminal/screen.js';
import { colorDepthOf } from '../terminal/style.js';
import { type Column, renderTable } from '../terminal/table.js';
import { parseCount, resolveApi } from './platform-flags.js';

interface SweepFlags extends LaunchFlags {
	readonly api?: string;
	readonly metric?: string;
	readonly strategy: StrategyInput;
	readonly space: ReturnType<typeof parseSpaceFlag>;
	readonly method: 'grid' | 'random';
	readonly trials: number;
	readonly searchSeed: number;
	readonly name?: string;
	readonly detach?: boolean;
	readonly json?: boolean;
}

export function addSweep(program: Command): void {
	const command = program
		.command('sweep')
		.argument('<experiment>', 'name or id; it is made where there is none')
		.description('Launch a grid or random sweep over fields of a run, follow it and rank its trials.')
		.requiredOption('--strategy <strategy>', 'strategy that the trials vary', parseStrategyFlag)
		.requiredOption('--space <path=values>', 'what varies; give one flag a field', parseSpaceFlag)
		.addOption(new Option('--method <method>', 'how trials are chosen').choices(['grid', 'random']).default('random'))
		.option('--trials <n>', 'sets of values at the most', parsePositive, 10)
		.option('--search-seed <n>', 'seed of the random choice', parseCount, 0)
		.option('--name <name>', 'name of the sweep');
	addLaunchFlags(command)
		.option(
			'--metric <key>',
			'metric that ranks (default: val_accuracy; val_mae of numbers, val_perplexity of a language model)',
		)
		.option('--detach', 'launch and do not wait')
		.option('--json', 'print the result as one JSON object on stdout')
		.option('--api <url>', 'address of the API (default: http://127.0.0.1:4620)')
		.addHelpText('after', EXAMPLES)
		.action(sweep);
}

const EXAMPLES = `
Example:
  graft sweep Rates --backbone digits-0-5 --dataset digits-6-9 --labels 5 --seeds 1..3 \\
    --strategy partial-fine-tune:block3 --trials 8 \\
    --space strategy.unfreezeFrom=block2,block3 --space strategy.learningRate=1e-4..1e-1:log
A space is path=value,value or path=min..max with :log, :integer or :5 (steps of a grid).
`;

async function sweep(experimentName: string, flags: SweepFlags): Promise<void> {
	const method = flags.method === 'grid' ? 'GRID' : 'RANDOM';
	const space = parseSweepSpace(flags.space, method);
	if ('kind' in space) throw new GraftError('CONFIGURATION', space.message);
	const client = createGraftClient({ url: resolveApi(flags.api) });
	try {
		const { task, ...subjects } = await findSubjects(client, flags, [flags.strategy]);
		const metric = flags.metric ?? decidingMetric(task, 'val');
		const place = await placeOf(client, experimentName, metric);
		const paths = Object.keys(flags.space);
		const { launchSweep } = await client.request(LaunchSweepDocument, {
			input: {
				...place,
				name: flags.name ?? `${flags.method} over ${paths.join(', ')}`,
				method,
				space: flags.space,
				trials: flags.trials,
				seed: flags.searchSeed,
				base: { ...subjects, ...trainingOf(flags), strategy: flags.strategy },
			},
		});
		const launched = accepted(launchSweep, 'SweepLaunched').sweep;
		const experiment = await requireExperiment(client, experimentName);
		const screen = createScreen(process.stderr);
		screen.say(`Launched the sweep "${launched.name}" in "${experiment.name}".`);
		if (flags.detach) {
			if (flags.json) printJson({ sweep: launched, experiment });
			return;
		}
		const stop = new AbortController();
		stopSignal(() => stop.abort());
		const draw = drawBoards(screen, colorDepthOf(process.stderr));
		const state = await followSweep(client, launched.id, metric, (board) => draw(launched.name, board), stop.signal);
		screen.rest();
		const direction = metric === experiment.metric ? experiment.direction : directionOf(metric);
		const trials = rankTrials(state.trials, paths, direction);
		if (flags.json) printJson({ sweep: { ...launched, status: state.status }, metric, direction, trials });
		else printLines(trialLines(trials, paths, metric));
	} finally {
		await client.close();
	}
}

function trialLines(trials: readonly RankedTrial[], paths: readonly string[], metric: string): string[] {
	const columns: Column[] = [
		{ title: '', align: 'right' },
		...paths.map((path) => ({ title: path, align: 'right' }) as const),
		{ title: 'n', align: 'right' },
		{ title: metric, align: 'right' },
	];
	const rows = trials.map(({ values, runs, value }, index) => [
		String(index + 1),
		...paths.map((path) => shown(values[path] ?? null)),
		String(runs.filter((run) => run.value !== null).length),
		value === null ? '' : value.toFixed(4),
	]);
	return renderTable(columns, rows);
}

/** Rates drawn at random have 17 digits; four say it. */
const shown = (value: Json): string =>
	typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)).toString() : String(value);
