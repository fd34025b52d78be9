import type { Command } from 'commander';
import { type Platform, startPlatform } from '../platform/start-platform.js';
import { stopSignal } from '../platform/until-stopped.js';
import { printReady, tell } from '../terminal/output.js';
import { colorDepthOf, styleFor } from '../terminal/style.js';
import { addPlatformFlags, type PlatformFlags, resolvePlatform } from './platform-flags.js';

export function addUp(program: Command): void {
	addPlatformFlags(program.command('up'))
		.description('Start the platform: database, API, dashboard and a trainer, until Ctrl-C.')
		.option('--json', 'print one line of JSON on stdout when it is up')
		.addHelpText('after', EXAMPLES)
		.action(up);
}

const EXAMPLES = `
Examples:
  graft up                                  API on 4620, dashboard on 4621, data in .graft
  graft up --trainers 0                     without a trainer; start them elsewhere with \`graft trainer\`
  graft up --port 5000 --data /tmp/second   a second platform beside the first
`;

async function up(flags: PlatformFlags & { readonly json?: boolean }): Promise<void> {
	const stop = new AbortController();
	const { stopped } = stopSignal(() => stop.abort());
	const platform = await startPlatform({ ...resolvePlatform(flags), say: tell, signal: stop.signal });
	if (flags.json) {
		const { apiUrl, dashboardUrl, dataDir } = platform;
		printReady({ url: dashboardUrl, apiUrl, dashboardUrl, dataDir, pid: process.pid });
	}
	for (const line of await introduction(platform)) tell(line);
	tell('Ctrl-C stops it.');
	await stopped;
	tell('Stopping: trainers hand back their runs, then the API and its database end …');
	await platform.stop();
}

/** What runs where, for a person. */
export async function introduction({ apiUrl, dashboardUrl, dataDir, trainers }: Platform): Promise<string[]> {
	const { bold, dim } = styleFor(colorDepthOf(process.stderr));
	const told = await Promise.all(trainers.map(async ({ name, ready }) => `${name}  ${(await ready).backend ?? ''}`));
	return [
		`${bold('Graft is up.')}`,
		`  dashboard  ${bold(dashboardUrl)}`,
		`  API        ${apiUrl}/graphql`,
		`  trainers   ${told.length > 0 ? told.join(', ') : 'none'}`,
		`  data       ${dim(dataDir)}`,
	];
}
