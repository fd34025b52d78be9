import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createGraftClient } from '@graft/client/node';
import { GraftError } from '@graft/domain/error';
import type { Command } from 'commander';
import { drawBoards } from '../follow/draw-boards.js';
import { followRuns } from '../follow/follow-runs.js';
import { stopSignal } from '../platform/until-stopped.js';
import { courseLines, readCourse } from '../run-file/epoch-course.js';
import { launchRun } from '../run-file/launch-run.js';
import { type Override, parseOverride, readRunFile } from '../run-file/read-run-file.js';
import { printJson, printLines } from '../terminal/output.js';
import { createScreen } from '../terminal/screen.js';
import { colorDepthOf } from '../terminal/style.js';
import { resolveApi } from './platform-flags.js';

interface RunFlags {
	readonly dataset: string;
	readonly backbone: string;
	readonly set?: readonly Override[];
	readonly api?: string;
	readonly detach?: boolean;
	readonly json?: boolean;
}

export function addRun(program: Command): void {
	program
		.command('run')
		.argument('<file>', 'YAML file that says how to train (see examples/)')
		.description('Train as a file says, follow it, and show each epoch.')
		.requiredOption(
			'--dataset <name or path>',
			'registered data, or where they are: then they are registered as the file says',
		)
		.requiredOption('--backbone <name>', 'registered backbone of the architecture that the file names')
		.option('--set <path=value>', 'another value for a field of the file; may be given several times', collect)
		.option('--detach', 'launch and do not wait')
		.option('--json', 'print the result as one JSON object on stdout')
		.option('--api <url>', 'address of the API (default: http://127.0.0.1:4620)')
		.addHelpText('after', EXAMPLES)
		.action(run);
}

const EXAMPLES = `
Examples:
  graft run examples/resnet50-dog-breeds.yaml --dataset ~/pictures/dogs --backbone resnet50
  graft run examples/bert-sentiment.yaml --dataset reviews --backbone bert-base-uncased --set epochs=1
`;

const collect = (text: string, before: readonly Override[] = []): readonly Override[] => [
	...before,
	parseOverride(text),
];

async function run(name: string, flags: RunFlags): Promise<void> {
	const read = readRunFile(await textOf(name), path.basename(name), flags.set);
	const client = createGraftClient({ url: resolveApi(flags.api) });
	const screen = createScreen(process.stderr);
	try {
		const { experiment, runs } = await launchRun(client, read, flags, screen.say);
		screen.say(`Launched ${runs.map((one) => one.name).join(', ')} in "${experiment.name}".`);
		if (flags.detach) {
			if (flags.json) printJson({ experiment, runs: runs.map(({ id }) => ({ id })) });
			return;
		}
		const stop = new AbortController();
		stopSignal(() => stop.abort());
		const draw = drawBoards(screen, colorDepthOf(process.stderr));
		await followRuns(client, experiment.id, runs, (board) => draw(experiment.name, board), stop.signal);
		screen.rest();
		if (stop.signal.aborted) {
			screen.say('The run goes on; cancel it on the dashboard.');
			return;
		}
		const courses = await Promise.all(runs.map(({ id }) => readCourse(client, id)));
		if (flags.json) printJson({ experiment, runs: courses });
		else printLines(courses.flatMap(courseLines));
		const failed = courses.find(({ status }) => status !== 'SUCCEEDED');
		if (failed !== undefined) {
			throw new GraftError(
				'DATA',
				`${failed.name} has ${failed.status}: ${failed.failure?.message ?? 'nobody says why'}`,
			);
		}
	} finally {
		screen.rest();
		await client.close();
	}
}

async function textOf(name: string): Promise<string> {
	try {
		return await readFile(name, 'utf8');
	} catch (cause) {
		throw new GraftError('CONFIGURATION', `${name} cannot be read: ${(cause as Error).message}.`, {}, { cause });
	}
}
