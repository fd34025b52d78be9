import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { childEnv } from '../env.js';
import { lastWordsOf } from '../platform/log-file.js';
import { PROGRAMS } from '../platform/paths.js';
import { type Finding, failed, found, noted } from './check.js';

interface BackendTry {
	readonly name: string;
	readonly loaded: boolean;
	readonly reason: string;
}

const run = promisify(execFile);
const PROBE_TIMEOUT_MS = 120_000;

/** What each back end says on this machine, asked of the trainer program. */
export async function checkBackends(dataDir: string): Promise<Finding[]> {
	try {
		const options = { env: childEnv({ GRAFT_DATA_DIR: dataDir }), timeout: PROBE_TIMEOUT_MS };
		const { stdout } = await run(process.execPath, [PROGRAMS.trainer, 'probe', '--json'], options);
		return judgeBackends(JSON.parse(stdout) as BackendTry[]);
	} catch (error) {
		const { stderr = '', message } = error as { stderr?: string; message: string };
		return [failed('back ends', lastWordsOf(stderr) || message, 'The trainer program does not run: `npm run build`.')];
	}
}

/** One that works is enough; plain JavaScript does not count, nobody trains on it. */
export function judgeBackends(tries: readonly BackendTry[]): Finding[] {
	const useful = tries.filter(({ name }) => name !== 'cpu');
	const findings = useful.map(({ name, loaded, reason }) =>
		loaded ? found(`back end ${name}`, `works: ${reason}`) : noted(`back end ${name}`, `does not work here: ${reason}`),
	);
	if (useful.some(({ loaded }) => loaded)) return findings;
	return [...findings, failed('back ends', 'none works here', 'Run `npm ci` again; WebAssembly comes with it.')];
}
