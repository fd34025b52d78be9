import { LaunchComparisonDocument, type StrategyInput, type SummaryPoint } from '@graft/client/gql';
import { createGraftClient, type GraftClient } from '@graft/client/node';
import { type Command, Option } from 'commander';
import { accepted } from '../api/accepted.js';
import { comparisonJson, comparisonLines } from '../compare/comparison-table.js';
import { readComparison } from '../compare/read-comparison.js';
import { drawBoards } from '../follow/draw-boards.js';
import { followRuns } from '../follow/follow-runs.js';
import {
	addLaunchFlags,
	decidingMetric,
	findSubjects,
	type LaunchFlags,
	placeOf,
	requireExperiment,
	trainingOf,
} from '../launch/launch-flags.js';
import { collectStrategy } from '../launch/parse-strategy-flag.js';
import { stopSignal } from '../platform/until-stopped.js';
import { printJson, printLines } from '../terminal/output.js';
import { createScreen } from '../terminal/screen.js';
import { colorDepthOf } from '../terminal/style.js';
import { resolveApi } from './platform-flags.js';

interface CompareFlags extends LaunchFlags {
	readonly api?: string;
	readonly metric?: string;
	readonly at?: SummaryPoint;
	readonly strategy?: readonly StrategyInput[];
	readonly detach?: boolean;
	readonly json?: boolean;
}

export function addCompare(program: Command): void {
	const command = program
		.command('compare')
		.argument('<experiment>', 'name or id; with --strategy it is made where there is none')
		.description('Show the comparison of an experiment, or launch one with --strategy and follow it.')
		.option('--strategy <strategy>', 'strategy to launch; give one flag each', collectStrategy);
	addLaunchFlags(command)
		.option(
			'--metric <key>',
			'metric that decides (default: the experiment’s own, for a new one test_accuracy, test_mae of numbers, test_perplexity of a language model)',
		)
		.addOption(new Option('--at <point>', 'which point of a run counts').choices(['BEST', 'LAST', 'MAX', 'MIN']))
		.option('--detach', 'launch and do not wait')
		.option('--json', 'print the result as one JSON object on stdout')
		.option('--api <url>', 'address of the API (default: http://127.0.0.1:4620)')
		.addHelpText('after', EXAMPLES)
		.action(compare);
}

const EXAMPLES = `
Examples:
  graft compare "Digits 6 to 9 from few labels"
  graft compare Depths --backbone digits-0-5 --dataset digits-6-9 --labels 5 --seeds 1..5 \\
    --strategy feature-extraction --strategy partial-fine-tune:block3,learningRate=2e-3 --strategy full-fine-tune
`;

async function compare(name: string, flags: CompareFlags): Promise<void> {
	const client = createGraftClient({ url: resolveApi(flags.api) });
	try {
		const id = flags.strategy
			? await launch(client, name, flags, flags.strategy)
			: (await requireExperiment(client, name)).id;
		const view = await readComparison(client, id, flags);
		if (flags.json) printJson(comparisonJson(view));
		else printLines(comparisonLines(view, colorDepthOf(process.stdout)));
	} finally {
		await client.close();
	}
}

async function launch(client: GraftClient, name: string, flags: CompareFlags, strategies: readonly StrategyInput[]) {
	const { backboneId, datasetId, targetDatasetId, task } = await findSubjects(client, flags, strategies);
	const place = await placeOf(client, name, flags.metric ?? decidingMetric(task));
	const { launchComparison } = await client.request(LaunchComparisonDocument, {
		input: {
			...trainingOf(flags),
			...place,
			backboneIds: [backboneId],
			datasetIds: [datasetId],
			targetDatasetId,
			strategies: [...strategies],
		},
	});
	const { runs } = accepted(launchComparison, 'ComparisonLaunched');
	const experiment = await requireExperiment(client, name);
	const screen = createScreen(process.stderr);
	screen.say(`Launched ${runs.length} runs in "${experiment.name}".`);
	if (flags.detach) return experiment.id;
	const stop = new AbortController();
	stopSignal(() => stop.abort());
	const draw = drawBoards(screen, colorDepthOf(process.stderr));
	await followRuns(client, experiment.id, runs, (board) => draw(experiment.name, board), stop.signal);
	screen.rest();
	if (stop.signal.aborted) screen.say('The runs go on; cancel them on the dashboard.');
	return experiment.id;
}
