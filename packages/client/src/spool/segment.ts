import { closeSync, fdatasync, fsyncSync, ftruncateSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';

/** Bytes before a record's body: its length and its CRC-32, both unsigned 32-bit little-endian. */
const HEAD_BYTES = 8;

export interface SegmentRecord {
	readonly offset: number;
	readonly bytes: number;
}

/**
 * A file that records are added to at the end. A record is either in it whole or not at all: one that was cut short by a
 * crash or by a full disk fails its length or its checksum, and everything from there on is cut off.
 */
export class Segment {
	private end: number;

	private constructor(
		readonly file: string,
		private readonly handle: number,
		readonly records: SegmentRecord[],
		end: number,
	) {
		this.end = end;
	}

	/** Opens the file, making it where it is not there; only its owner may read it. */
	static open(file: string): Segment {
		const handle = openSync(file, 'a+', 0o600);
		const content = readFileSync(handle);
		const records: SegmentRecord[] = [];
		let at = 0;
		while (at + HEAD_BYTES <= content.length) {
			const bytes = content.readUInt32LE(at);
			const body = content.subarray(at + HEAD_BYTES, at + HEAD_BYTES + bytes);
			if (body.length < bytes || crc32(body) !== content.readUInt32LE(at + 4)) break;
			records.push({ offset: at + HEAD_BYTES, bytes });
			at += HEAD_BYTES + bytes;
		}
		if (at < content.length) ftruncateSync(handle, at);
		return new Segment(file, handle, records, at);
	}

	get size(): number {
		return this.end;
	}

	/**
	 * Adds a record; it survives the process from here on, and the machine from the next `sync` on.
	 * @throws the system's error (a full disk); the file is then as it was.
	 */
	append(text: string): SegmentRecord {
		const body = Buffer.from(text);
		const record = Buffer.allocUnsafe(HEAD_BYTES + body.length);
		record.writeUInt32LE(body.length, 0);
		record.writeUInt32LE(crc32(body), 4);
		body.copy(record, HEAD_BYTES);
		try {
			for (let written = 0; written < record.length; ) written += writeSync(this.handle, record, written);
		} catch (error) {
			ftruncateSync(this.handle, this.end);
			throw error;
		}
		const added = { offset: this.end + HEAD_BYTES, bytes: body.length };
		this.records.push(added);
		this.end += record.length;
		return added;
	}

	read({ offset, bytes }: SegmentRecord): string {
		const body = Buffer.allocUnsafe(bytes);
		for (let read = 0; read < bytes; ) {
			const more = readSync(this.handle, body, read, bytes - read, offset + read);
			if (more === 0) throw new Error(`${this.file} is shorter than it was.`);
			read += more;
		}
		return body.toString();
	}

	/** Waits for the disk. */
	syncNow(): void {
		fsyncSync(this.handle);
	}

	/** Beside everything else, since a busy disk takes its time. */
	sync(done: (error: Error | null) => void): void {
		fdatasync(this.handle, done);
	}

	close(): void {
		closeSync(this.handle);
	}
}
