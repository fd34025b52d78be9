import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { PostgresBinaries } from './binaries.js';
import type { Identity } from './identity.js';
import { launchError, runProgram } from './program.js';

export const SUPERUSER = 'graft';
export const PASSWORD_FILE = 'graft.password';
/** initdb takes seconds; what is older was left by one that was killed. */
const ABANDONED_AFTER_MS = 10 * 60_000;

/**
 * Makes the data folder when there is none. initdb works in a folder of its own that is renamed at the end, so that a
 * start that was killed leaves nothing half-made, and of two starts at once one wins and both go on with its folder.
 */
export async function ensureCluster(cluster: string, binaries: PostgresBinaries, identity: Identity): Promise<boolean> {
	if (existsSync(join(cluster, 'PG_VERSION'))) return false;
	const parent = dirname(cluster);
	const draft = join(parent, `${basename(cluster)}.init-${randomBytes(6).toString('hex')}`);
	try {
		await mkdir(parent, { recursive: true });
		await removeAbandoned(parent, `${basename(cluster)}.init-`);
		await mkdir(draft, { mode: 0o700 });
		const password = await writePassword(`${draft}.password`, identity);
		await giveTo(draft, identity);
		const { code, output } = await runProgram(identity, binaries.initdb, [
			`--pgdata=${draft}`,
			`--username=${SUPERUSER}`,
			// Loopback is open to every user of the machine, and a superuser can run programs: so a password it is.
			'--auth=scram-sha-256',
			`--pwfile=${password}`,
			'--encoding=UTF8',
			// The same order of texts on every host, whatever its libc.
			'--locale-provider=builtin',
			'--builtin-locale=C.UTF-8',
			'--locale=C',
		]);
		if (code !== 0) throw launchError('PostgreSQL could not create its data folder', cluster, output);
		await rename(password, join(draft, PASSWORD_FILE));
		return await renameUnlessThere(draft, cluster);
	} catch (error) {
		if (error instanceof Error && 'code' in error && typeof (error as NodeJS.ErrnoException).syscall === 'string')
			throw launchError('The data folder could not be made', cluster, error.message, error);
		throw error;
	} finally {
		await rm(draft, { recursive: true, force: true }).catch(() => undefined);
		await rm(`${draft}.password`, { force: true }).catch(() => undefined);
	}
}

async function writePassword(path: string, identity: Identity): Promise<string> {
	await writeFile(path, randomBytes(24).toString('base64url'), { mode: 0o600 });
	await giveTo(path, identity);
	return path;
}

async function giveTo(path: string, identity: Identity): Promise<void> {
	if (identity.kind === 'user') await chown(path, identity.uid, identity.gid);
}

async function renameUnlessThere(draft: string, cluster: string): Promise<boolean> {
	try {
		await rename(draft, cluster);
		return true;
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (code === 'ENOTEMPTY' || code === 'EEXIST') return false;
		throw error;
	}
}

async function removeAbandoned(parent: string, prefix: string): Promise<void> {
	for (const name of await readdir(parent)) {
		if (!name.startsWith(prefix)) continue;
		const path = join(parent, name);
		const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
		if (Date.now() - mtimeMs > ABANDONED_AFTER_MS) await rm(path, { recursive: true, force: true });
	}
}
