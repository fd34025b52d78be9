import { open } from 'node:fs/promises';
import { GraftError } from '@graft/domain/error';

/** As many pictures as the largest published collections have. */
export const MOST_ENTRIES = 2_000_000;
export const MOST_ENTRY_BYTES = 4 * 1024 ** 3;
const MOST_LEVELS = 16;
/** An archive may unpack to so many times its bytes, and to this much in any case. Pictures hardly shrink by packing. */
const MOST_RATIO = 200;
const FREE_BYTES = 64 * 1024 ** 2;

/** What an archive is refused without. */
export interface Wanted {
	readonly names: RegExp;
	readonly what: string;
}

export interface Unpacking {
	/** An empty folder of its own. */
	readonly to: string;
	/** Bytes that there is room for. */
	readonly room: number;
	/** What messages call the archive. */
	readonly name: string;
	readonly wanted: Wanted;
	readonly onProgress: (done: number, total: number) => void;
}

/** @throws GraftError DATA, always. */
export type Refuse = (what: string, cause?: unknown) => never;

export const refusing =
	(name: string): Refuse =>
	(what, cause) => {
		throw new GraftError('DATA', `The archive ${name} ${what}.`, { archive: name }, { cause });
	};

/** Bytes that an archive of this size may unpack to, and why not more. */
export function limitOf(size: number, room: number): readonly [bytes: number, why: string] {
	const honest = FREE_BYTES + MOST_RATIO * size;
	if (honest < room) return [honest, `${MOST_RATIO} times what it has packed`];
	return [room, 'the room for fetched data, GRAFT_DATA_CACHE_BYTES'];
}

/** What a folder's reader does not see stays out: hidden files and what macOS adds. */
export const isSeen = (name: string): boolean =>
	!name.split('/').some((part) => part.startsWith('.') && part !== '.' && part !== '..') &&
	!name.startsWith('__MACOSX/');

export function whatIsWrongWithName(name: string): string | null {
	if (name.includes('\0')) return 'has no name that a file can have';
	return name.split('/').length > MOST_LEVELS ? `lies more than ${MOST_LEVELS} folders deep` : null;
}

/** What has failed, in words. @throws GraftError DATA, or UNAVAILABLE where the disk is full. */
export function explain(cause: unknown, name: string, kind: string): never {
	if (cause instanceof GraftError) throw cause;
	const { code, message } = cause as NodeJS.ErrnoException;
	if (code === 'ENOSPC' || code === 'EDQUOT') {
		throw new GraftError('UNAVAILABLE', `There is no room on the disk for ${name}: ${message}.`, {}, { cause });
	}
	const refuse = refusing(name);
	if (code === 'EEXIST' || code === 'ENOTDIR' || code === 'EISDIR') return refuse('has two entries of one name', cause);
	return refuse(`cannot be unpacked as a ${kind}: ${message}`, cause);
}

/** Where `ustar` stands in the first block of an archive of that kind. */
const [USTAR_AT, START_BYTES] = [257, 512];

/** What a file is by its first bytes; what is neither a tar nor packed by gzip counts as a .zip. */
export async function kindOf(file: string): Promise<'zip' | 'tar' | 'tar.gz'> {
	const handle = await open(file);
	try {
		const { buffer, bytesRead } = await handle.read(new Uint8Array(START_BYTES), 0, START_BYTES, 0);
		const start = Buffer.from(buffer).subarray(0, bytesRead);
		if (start[0] === 0x1f && start[1] === 0x8b) return 'tar.gz';
		return start.toString('latin1', USTAR_AT, USTAR_AT + 5) === 'ustar' ? 'tar' : 'zip';
	} finally {
		await handle.close();
	}
}
