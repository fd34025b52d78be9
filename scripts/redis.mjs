// Finds a redis-server for the tests of the fan-out: GRAFT_REDIS_SERVER, or the PATH. Where there is none and this user
// may install Debian packages, it installs Debian's.
import path from 'node:path';
import { installDebianPackage, isExecutable } from './debian-package.mjs';

export const HOW_TO_GET_REDIS =
	'Half of the fan-out tests needs Redis: `apt-get install redis-server` (Debian), `brew install redis` (macOS), or GRAFT_REDIS_SERVER=/path/to/redis-server. They are left out.';

function findRedis(env = process.env) {
	if (env.GRAFT_REDIS_SERVER) return isExecutable(env.GRAFT_REDIS_SERVER) ? env.GRAFT_REDIS_SERVER : null;
	const folders = [...(env.PATH ?? '').split(path.delimiter), '/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'];
	return folders.map((folder) => path.join(folder, 'redis-server')).find(isExecutable) ?? null;
}

/** Path of a redis-server, installed first where that is allowed; null where there is none to be had. */
export function provideRedis() {
	const found = findRedis();
	if (found !== null || process.env.GRAFT_REDIS_SERVER) return found;
	return installDebianPackage('redis-server', 'Redis', 'the tests of the fan-out') ? findRedis() : null;
}
