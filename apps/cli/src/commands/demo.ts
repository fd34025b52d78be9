import { createGraftClient } from '@graft/client/node';
import { GraftError } from '@graft/domain/error';
import type { Command } from 'commander';
import { comparisonJson, comparisonLines } from '../compare/comparison-table.js';
import { RECIPE } from '../demo/recipe.js';
import { runDemo } from '../demo/run-demo.js';
import { drawBoards } from '../follow/draw-boards.js';
import { inspectDataset } from '../platform/inspect-dataset.js';
import { type Platform, startPlatform } from '../platform/start-platform.js';
import { stopSignal } from '../platform/until-stopped.js';
import { printJson, printLines } from '../terminal/output.js';
import { createScreen, type Screen } from '../terminal/screen.js';
import { colorDepthOf } from '../terminal/style.js';
import { addPlatformFlags, type PlatformFlags, resolvePlatform } from './platform-flags.js';
import { introduction } from './up.js';

interface DemoFlags extends PlatformFlags {
	readonly json?: boolean;
	readonly exit?: boolean;
	readonly api?: string;
}

export function addDemo(program: Command): void {
	addPlatformFlags(program.command('demo'))
		.description('Start the platform and answer a real question on it: how much of a backbone should learn anew?')
		.option('--exit', 'end when the comparison is done')
		.option('--json', 'print the result as one JSON object on stdout')
		.option('--api <url>', 'use a platform that runs already')
		.addHelpText('after', EXAMPLES)
		.action(demo);
}

const EXAMPLES = `
Examples:
  graft demo                      live in the terminal and in the browser; stays up until Ctrl-C
  graft demo --json --exit        for a script
  graft demo --api http://127.0.0.1:4620
`;

async function demo(flags: DemoFlags): Promise<void> {
	const stop = new AbortController();
	const { stopped } = stopSignal((signal) => stop.abort(new GraftError('SHUTDOWN', `Stopped by ${signal}.`)));
	const screen = createScreen(process.stderr);
	// The trainer program reads the data while the platform starts.
	const inspecting = Promise.all([inspectDataset(RECIPE.source), inspectDataset(RECIPE.target)]);
	inspecting.catch(() => undefined);
	const platform = flags.api === undefined ? await start(flags, screen, stop.signal) : null;
	const apiUrl = flags.api ?? platform?.apiUrl ?? '';
	const client = createGraftClient({ url: apiUrl });
	try {
		const [source, target] = await inspecting;
		const view = await runDemo({
			client,
			source,
			target,
			onProgress: drawBoards(screen, colorDepthOf(process.stderr)),
			say: screen.say,
			pageOf: ({ id }) => (platform === null ? id : `${platform.dashboardUrl}/experiments/${id}`),
			signal: stop.signal,
		});
		screen.rest();
		if (flags.json) printJson(comparisonJson(view));
		else printLines(['', ...comparisonLines(view, colorDepthOf(process.stdout)), '']);
		if (platform !== null && !flags.exit) {
			screen.say(`Graft stays up at ${platform.dashboardUrl}. Ctrl-C stops it.`);
			await stopped;
		}
	} finally {
		screen.rest();
		await client.close();
		if (platform !== null) {
			screen.say('Stopping …');
			await platform.stop();
		}
	}
}

async function start(flags: DemoFlags, screen: Screen, signal: AbortSignal): Promise<Platform> {
	screen.say('Starting the platform …');
	const platform = await startPlatform({ ...resolvePlatform(flags), say: screen.say, signal });
	for (const line of await introduction(platform)) screen.say(line);
	return platform;
}
