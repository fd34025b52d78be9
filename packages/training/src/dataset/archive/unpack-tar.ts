import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract, type Header } from 'tar-stream';
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

/** What the reader gives for each file, one after the other. */
type Entry = Readable & { readonly header: Header };

/** Two empty blocks end a tar: without them something may be missing. */
const END_BYTES = 1024;

/**
 * Unpacks a .tar, or one packed by gzip, counting what comes out of it whatever it claims, and answers the bytes.
 * @throws GraftError DATA for what is no whole archive, leads out of it, is a link, or is too much.
 */
export async function unpackTar(
	file: string,
	isPacked: boolean,
	{ to, room, name, wanted, onProgress }: Unpacking,
): Promise<number> {
	const refuse = refusing(name);
	try {
		const { size } = await stat(file);
		const [most, why] = limitOf(size, room);
		const reader = extract();
		let read = 0;
		let out = 0;
		let ending: Uint8Array = new Uint8Array(0);
		const feeding = pipeline(
			createReadStream(file).on('data', (part) => {
				read += part.length;
			}),
			isPacked ? createGunzip() : new PassThrough(),
			async function* (parts: AsyncIterable<Uint8Array>) {
				for await (const part of parts) {
					// Headers count, too: a million of them take nothing packed.
					out += part.length;
					if (out > most + FRAME_BYTES) refuse(`unpacks to more than ${most} bytes (${why})`);
					ending =
						part.length >= END_BYTES ? part.subarray(-END_BYTES) : Buffer.concat([ending, part]).subarray(-END_BYTES);
					yield part;
				}
				if (ending.length < END_BYTES || ending.some((byte) => byte !== 0)) throw new Error('it has no end');
			},
			reader,
		);
		// What fails there ends the loop below with the same error.
		feeding.catch(() => undefined);
		let [bytes, entries] = [0, 0];
		let hasWanted = false;
		for await (const entry of reader as unknown as AsyncIterable<Entry>) {
			entries++;
			if (entries > MOST_ENTRIES) refuse(`has more than ${MOST_ENTRIES} entries`);
			const { name: given } = entry.header;
			const inside = path.posix.normalize(given);
			if (isSeen(inside) && inside !== './') {
				const wrong = whatIsWrong(entry, inside);
				if (wrong !== null) refuse(`has the entry ${given}, which ${wrong}`);
				const limit = Math.min(MOST_ENTRY_BYTES, most - bytes);
				const tooMuch = () =>
					limit === MOST_ENTRY_BYTES
						? refuse(`has the entry ${given}, which unpacks to more than ${limit} bytes`)
						: refuse(`unpacks to more than ${most} bytes (${why})`);
				bytes += await unpackEntry(entry, path.join(to, inside), limit, tooMuch);
				hasWanted ||= entry.header.type !== 'directory' && wanted.names.test(inside);
			} else entry.resume();
			onProgress(read, size);
		}
		await feeding;
		if (!hasWanted) refuse(`has no ${wanted.what} in it`);
		return bytes;
	} catch (cause) {
		return explain(cause, name, isPacked ? '.tar.gz' : '.tar');
	}
}

/** Of headers and of what fills up blocks, beside what the files hold. */
const FRAME_BYTES = 3 * 512 * MOST_ENTRIES;

/** A hard link's or a special file's content is somewhere else; sparse files are kept by a few programs only. */
const PLAIN: ReadonlySet<string> = new Set(['file', 'contiguous-file', 'directory']);

function whatIsWrong({ header: { type, name } }: Entry, inside: string): string | null {
	if (!PLAIN.has(type ?? 'file')) return 'is a link or no plain file';
	const leadsOut = name.startsWith('/') || inside.split('/').includes('..') || /^[a-z]:|\\/i.test(name);
	return leadsOut ? 'leads out of it' : whatIsWrongWithName(inside);
}

/** Answers the bytes that it had. A folder has none. */
async function unpackEntry(entry: Entry, to: string, limit: number, tooMuch: () => never): Promise<number> {
	const isFolder = entry.header.type === 'directory';
	await mkdir(isFolder ? to : path.dirname(to), { recursive: true });
	if (isFolder) {
		entry.resume();
		return 0;
	}
	let bytes = 0;
	await pipeline(
		entry,
		async function* (parts: AsyncIterable<Uint8Array>) {
			for await (const part of parts) {
				bytes += part.length;
				if (bytes > limit) tooMuch();
				yield part;
			}
		},
		createWriteStream(to, { flags: 'wx' }),
	);
	return bytes;
}
