import path from 'node:path';
import { GraftError } from '@graft/domain/error';
import { type Command, InvalidArgumentError } from 'commander';
import { readEnv } from '../env.js';
import { defaultDataDir } from '../platform/paths.js';

export interface PlatformFlags {
	readonly data?: string;
	readonly port?: number;
	readonly dashboardPort?: number;
	readonly trainers: number;
}

/** Flags of the commands that start a platform. */
export function addPlatformFlags(command: Command): Command {
	return command
		.option('--data <dir>', 'database, artifacts and logs (default: .graft in the checkout)')
		.option('--port <n>', 'port of the API (default: 4620)', parsePort)
		.option('--dashboard-port <n>', 'port of the dashboard (default: the one after the API)', parsePort)
		.option('--trainers <n>', 'trainers to start, 0 for none', parseCount, 1);
}

/** Where a platform runs, from flags, then the environment, then the defaults. */
export function resolvePlatform(flags: PlatformFlags) {
	const env = readEnv();
	const port = flags.port ?? env.port;
	const dashboardPort = flags.dashboardPort ?? env.dashboardPort ?? port + 1;
	if (dashboardPort === port) {
		throw new GraftError(
			'CONFIGURATION',
			`The API and the dashboard cannot share port ${port}: change --dashboard-port.`,
		);
	}
	return {
		dataDir: path.resolve(flags.data ?? env.dataDir ?? defaultDataDir()),
		port,
		dashboardPort,
		trainers: flags.trainers,
	};
}

/** Address of the API that a command talks to. */
export function resolveApi(flag: string | undefined): string {
	const env = readEnv();
	return flag ?? env.apiUrl ?? `http://127.0.0.1:${env.port}`;
}

export function parsePort(text: string): number {
	const port = Number(text);
	if (!Number.isInteger(port) || port < 1 || port > 65_534) throw new InvalidArgumentError('A port is 1 to 65534.');
	return port;
}

export function parseCount(text: string): number {
	const count = Number(text);
	if (!/^\d+$/.test(text) || count > 1_000) throw new InvalidArgumentError('Give a whole number from 0 to 1000.');
	return count;
}
