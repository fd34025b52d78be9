import { createWriteStream } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import {
	explain,
	isSeen,
	limitOf,
	MOST_ENTRIES,
	MOST_ENTRY_BYTES,
	refusing,
	type Unpacking,
	whatIsWrongWithName,
} from './unpacking.js';

const REPORT_EVERY = 64;

/**
 * Unpacks a .zip, counting what comes out of it whatever it claims, and answers the bytes.
 * @throws GraftError DATA for what is no whole archive, leads out of it, is a link or encrypted, or is too much.
 */
export async function unpackZip(file: string, { to, room, name, wanted, onProgress }: Unpacking): Promise<number> {
	const refuse = refusing(name);
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
		return explain(cause, name, '.zip');
	} finally {
		zip?.close();
	}
}

/** The kind of a file, in the upper half of the attributes where Unix made the archive. */
const KIND = 0o170000;
const PLAIN = [0, 0o100000, 0o040000];

function whatIsWrong(entry: Entry): string | null {
	const kind = (entry.externalFileAttributes >>> 16) & KIND;
	if (entry.isEncrypted()) return 'is encrypted';
	if (!PLAIN.includes(kind)) return 'is a link or no plain file';
	return whatIsWrongWithName(entry.fileName);
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
