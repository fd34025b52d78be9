// Installs a Debian package that a test needs, where this user may.
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';

export function isExecutable(file) {
	try {
		accessSync(file, constants.X_OK);
		return true;
	} catch {
		return false;
	}
}

/** Whether it is installed now. */
export function installDebianPackage(name, what, purpose) {
	const mayInstall = process.getuid?.() === 0 && isExecutable('/usr/bin/apt-get');
	if (!mayInstall) return false;
	console.error(`No ${what} here: installing the Debian package for ${purpose} …`);
	const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
	for (const args of [
		['update', '-qq'],
		['install', '-y', '-qq', '--no-install-recommends', name],
	]) {
		const { status, stderr } = spawnSync('apt-get', args, { env, encoding: 'utf8' });
		if (status !== 0) {
			console.error(`apt-get ${args.join(' ')} failed: ${stderr.trim().split('\n').at(-1)}`);
			return false;
		}
	}
	return true;
}
