import { createWriteStream } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { GraftError } from '@graft/domain/error';
import { type Entry, openPromise, type ZipFile } from 'yauzl';

/** As many pictures as the largest published collections have. */
const MOST_ENTRIES = 2_000_000;
const MOST_ENTRY_BYTES = 4 * 1024 ** 3;
const MOST_LEVELS = 16;
/** An archive may unpack to so many times its bytes, and to this much in any case. Pictures hardly shrink by packing. */
const MOST_RATIO = 200;
const FREE_BYTES = 64 * 1024 ** 2;
const REPORT_EVERY = 64;

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

/**
 * Unpacks a .zip, counting what comes out of it whatever it claims, and answers the bytes. What a folder's reader does not
 * see stays out: hidden files and what macOS adds.
 * @throws GraftError DATA for what is no whole archive, leads out of it, is a link or encrypted, or is too much.
 */
export async function unpackZip(file: string, { to, room, name, wanted, onProgress }: Unpacking): Promise<number> {
	const refuse = (what: string, cause?: unknown): never => {
		throw new GraftError('DATA', `The archive ${name} ${what}.`, { archive: name }, { cause });
	};
	let zip: ZipFile | null = null;
	try {
		const { size } = await stat(file);
		zip = await openPromise(file);
		if (zip.entryCount > MOST_ENTRIES) refuse(`has ${zip.entryCount} entries; it may have ${MOST_ENTRIES}`);
		const [most, why] = limitOf(size, room);
		let bytes = 0;
		let packed = 0;
		let done = 0;
		let hasWanted = false;
		// The reader itself refuses names that lead out of the archive.
		for await (const entry of zip.eachEntry()) {
			packed += entry.compressedSize;
			if (packed > size) refuse('has entries that lie on top of each other');
			if (isSeen(entry.fileName)) {
				const wrong = whatIsWrong(entry);
				if (wrong !== null) refuse(`has the entry ${entry.fileName}, which ${wrong}`);
				const limit = Math.min(MOST_ENTRY_BYTES, most - bytes);
				const tooMuch = () =>
					limit === MOST_ENTRY_BYTES
						? refuse(`has the entry ${entry.fileName}, which unpacks to more than ${limit} bytes`)
						: refuse(`unpacks to more than ${most} bytes (${why})`);
				bytes += await unpackEntry(zip, entry, path.join(to, entry.fileName), limit, tooMuch);
				hasWanted ||= wanted.names.test(entry.fileName);
			}
			done++;
			if (done % REPORT_EVERY === 0 || done === zip.entryCount) onProgress(done, zip.entryCount);
		}
		if (!hasWanted) refuse(`has no ${wanted.what} in it`);
		return bytes;
	} catch (cause) {
		if (cause instanceof GraftError) throw cause;
		const { code, message } = cause as NodeJS.ErrnoException;
		if (code === 'ENOSPC' || code === 'EDQUOT') {
			throw new GraftError('UNAVAILABLE', `There is no room on the disk for ${name}: ${message}.`, {}, { cause });
		}
		if (code === 'EEXIST' || code === 'ENOTDIR' || code === 'EISDIR')
			return refuse('has two entries of one name', cause);
		return refuse(`cannot be unpacked as a .zip: ${message}`, cause);
	} finally {
		zip?.close();
	}
}

function limitOf(size: number, room: number): readonly [bytes: number, why: string] {
	const honest = FREE_BYTES + MOST_RATIO * size;
	if (honest < room) return [honest, `${MOST_RATIO} times what it has packed`];
	return [room, 'the room for fetched data, GRAFT_DATA_CACHE_BYTES'];
}

const isSeen = (name: string): boolean =>
	!name.split('/').some((part) => part.startsWith('.') && part !== '.' && part !== '..') &&
	!name.startsWith('__MACOSX/');

/** The kind of a file, in the upper half of the attributes where Unix made the archive. */
const KIND = 0o170000;
const PLAIN = [0, 0o100000, 0o040000];

function whatIsWrong(entry: Entry): string | null {
	const kind = (entry.externalFileAttributes >>> 16) & KIND;
	if (entry.isEncrypted()) return 'is encrypted';
	if (!PLAIN.includes(kind)) return 'is a link or no plain file';
	if (entry.fileName.includes('\0')) return 'has no name that a file can have';
	const levels = entry.fileName.split('/');
	return levels.length > MOST_LEVELS ? `lies more than ${MOST_LEVELS} folders deep` : null;
}

/** Answers the bytes that it had. A folder has none. */
async function unpackEntry(zip: ZipFile, entry: Entry, to: string, limit: number, tooMuch: () => never) {
	const isFolder = entry.fileName.endsWith('/');
	await mkdir(isFolder ? to : path.dirname(to), { recursive: true });
	if (isFolder) return 0;
	let bytes = 0;
	let sum = 0;
	await pipeline(
		await zip.openReadStreamPromise(entry),
		async function* (parts: AsyncIterable<Uint8Array>) {
			for await (const part of parts) {
				bytes += part.length;
				if (bytes > limit) tooMuch();
				sum = crc32(part, sum);
				yield part;
			}
		},
		createWriteStream(to, { flags: 'wx' }),
	);
	if (sum !== entry.crc32) throw new Error(`${entry.fileName} does not have its checksum`);
	return bytes;
}
