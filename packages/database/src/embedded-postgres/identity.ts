import { execFileSync, spawnSync } from 'node:child_process';
import { userInfo } from 'node:os';
import { GraftError } from '@graft/domain/error';

/** As whom PostgreSQL's programs run: it refuses to run as root. */
export type Identity =
	| { readonly kind: 'self' }
	/** Root, inside a user namespace where root's files belong to `nobody`: nothing on the host changes. */
	| { readonly kind: 'namespace' }
	/** Root gives the data folder away and steps down. */
	| { readonly kind: 'user'; readonly uid: number; readonly gid: number };

/** `nobody` on Debian, Fedora, Arch and macOS' Linux guests; initdb needs a number that /etc/passwd knows. */
const NOBODY = 65534;
const UNSHARE = ['--user', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`];

/**
 * The first identity under which `program --version` runs.
 * @throws GraftError UNAVAILABLE where no identity can run it.
 */
export function chooseIdentity(program: string): Identity {
	const root = process.getuid?.() === 0;
	if (!root && hasName()) return { kind: 'self' };
	const tried: string[] = [];
	for (const identity of [{ kind: 'namespace' } as const, root ? nobody() : null]) {
		if (identity === null) continue;
		const { command, args, options } = commandAs(identity, program, ['--version']);
		const { status, stderr, error } = spawnSync(command, args, { ...options, encoding: 'utf8', timeout: 10_000 });
		if (status === 0) return identity;
		tried.push(`${identity.kind}: ${(error?.message ?? stderr ?? '').trim() || `exit code ${status}`}`);
	}
	throw new GraftError(
		'UNAVAILABLE',
		`PostgreSQL does not run as root or as a user without a name, and neither a user namespace nor the user "nobody" could start ${program}. ` +
			`Start Graft as an ordinary user, or name a running PostgreSQL in DATABASE_URL. (${tried.join('; ')})`,
	);
}

/** Containers are often started with a bare number, which initdb refuses. */
function hasName(): boolean {
	try {
		return userInfo().username !== '';
	} catch {
		return false;
	}
}

function nobody(): Identity | null {
	try {
		const number = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
		return { kind: 'user', uid: number('-u'), gid: number('-g') };
	} catch {
		return null;
	}
}

export interface Command {
	readonly command: string;
	readonly args: string[];
	readonly options: { uid?: number; gid?: number; cwd: string };
}

/** How to start `program` under the identity. The working folder is one that every user may enter. */
export function commandAs(identity: Identity, program: string, args: readonly string[]): Command {
	if (identity.kind === 'namespace')
		return { command: 'unshare', args: [...UNSHARE, program, ...args], options: { cwd: '/' } };
	const options = identity.kind === 'user' ? { uid: identity.uid, gid: identity.gid, cwd: '/' } : { cwd: '/' };
	return { command: program, args: [...args], options };
}
