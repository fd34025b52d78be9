import type { FileHandle } from 'node:fs/promises';

const BLOCK = 512;

/** One file of an archive: `bytes` of them follow its head, filled up to a whole block. */
export interface TarEntry {
	readonly name: string;
	readonly bytes: number;
}

const padding = (bytes: number): number => (BLOCK - (bytes % BLOCK)) % BLOCK;

/** The ustar head of a file (POSIX.1-1988); a length beyond 8 GiB in the base-256 form that GNU tar and libarchive read. */
function headOf({ name, bytes }: TarEntry, modifiedAt: Date): Buffer {
	const head = Buffer.alloc(BLOCK);
	const octal = (value: number, at: number, digits: number) =>
		head.write(`${value.toString(8).padStart(digits, '0')}\0`, at, 'ascii');
	if (Buffer.byteLength(name) > 100) throw new Error(`${name} is too long for an archive`);
	head.write(name, 0);
	octal(0o644, 100, 7);
	octal(0, 108, 7);
	octal(0, 116, 7);
	if (bytes < 8 ** 11) octal(bytes, 124, 11);
	else {
		head.writeUInt8(0x80, 124);
		head.writeBigUInt64BE(BigInt(bytes), 128);
	}
	octal(Math.floor(modifiedAt.getTime() / 1000), 136, 11);
	head.write('        0', 148, 'ascii');
	head.write('ustar\x0000', 257, 'latin1');
	octal(sumOf(head), 148, 6);
	return head;
}

const sumOf = (head: Buffer): number => head.reduce((sum, byte) => sum + byte, 0);

/** Appends one file; `content` has exactly the announced length, or nothing is right any more and it throws. */
export async function writeEntry(
	to: FileHandle,
	entry: TarEntry,
	content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
	modifiedAt: Date,
): Promise<void> {
	await to.appendFile(headOf(entry, modifiedAt));
	let written = 0;
	for await (const chunk of content) {
		await to.appendFile(chunk);
		written += chunk.byteLength;
	}
	if (written !== entry.bytes) throw new Error(`${entry.name} has ${written} bytes and should have ${entry.bytes}`);
	await to.appendFile(Buffer.alloc(padding(entry.bytes)));
}

/** Two empty blocks end an archive. */
export const writeEnd = (to: FileHandle): Promise<void> => to.appendFile(Buffer.alloc(2 * BLOCK));

const CHUNK = 1024 * 1024;

/**
 * The files of an archive in their order. Each content is to be read to its end before the next file is asked for.
 * @throws Error where it is no archive or is cut off.
 */
export async function* readEntries(
	from: FileHandle,
): AsyncGenerator<TarEntry & { readonly content: AsyncIterable<Uint8Array> }> {
	let at = 0;
	const take = async (length: number): Promise<Buffer> => {
		const buffer = Buffer.alloc(length);
		const { bytesRead } = await from.read(buffer, 0, length, at);
		if (bytesRead < length) throw new Error('it is cut off');
		at += length;
		return buffer;
	};
	for (;;) {
		const head = await take(BLOCK);
		if (head.every((byte) => byte === 0)) return;
		const sum = Number.parseInt(head.toString('ascii', 148, 156), 8);
		head.fill(' ', 148, 156);
		if (sum !== sumOf(head)) throw new Error('it is no archive, or it is damaged');
		const name = head.toString('utf8', 0, 100).replace(/\0.*$/s, '');
		const bytes =
			(head[124] ?? 0) & 0x80
				? Number(head.readBigUInt64BE(128))
				: Number.parseInt(head.toString('ascii', 124, 136), 8);
		let left = bytes;
		yield {
			name,
			bytes,
			content: (async function* () {
				while (left > 0) {
					const chunk = await take(Math.min(CHUNK, left));
					left -= chunk.length;
					yield chunk;
				}
			})(),
		};
		if (left > 0) throw new Error(`${name} was not read to its end`);
		at += padding(bytes);
	}
}
