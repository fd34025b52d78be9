import { crc32, deflateRawSync } from 'node:zlib';

/** A file of an archive, and what the archive says of it where that is not so. */
export interface ZipEntry {
	readonly name: string;
	readonly content: Uint8Array | string;
	/** Unix' kind and rights, such as 0o120777 for a link. */
	readonly mode?: number;
	readonly flags?: number;
	readonly claims?: { readonly bytes?: number; readonly crc32?: number };
	/** Its content is the entry's before it. */
	readonly isOnTop?: boolean;
}

/** A .zip as any packer writes it, or as none would. */
export function zipFile(entries: readonly ZipEntry[]): Buffer {
	const parts: Buffer[] = [];
	const directory: Buffer[] = [];
	let at = 0;
	let start = 0;
	for (const { name, content, mode = 0o100644, flags = 0, claims = {}, isOnTop = false } of entries) {
		const bytes = Buffer.from(content);
		const packed = deflateRawSync(bytes);
		const called = Buffer.from(name);
		const common = Buffer.alloc(26);
		common.writeUInt16LE(20, 0);
		common.writeUInt16LE(0x800 | flags, 2);
		common.writeUInt16LE(8, 4);
		common.writeUInt32LE(claims.crc32 ?? crc32(bytes), 10);
		common.writeUInt32LE(packed.length, 14);
		common.writeUInt32LE(claims.bytes ?? bytes.length, 18);
		common.writeUInt16LE(called.length, 22);
		if (!isOnTop) {
			start = at;
			parts.push(Buffer.from('PK\x03\x04'), common, called, packed);
			at += 30 + called.length + packed.length;
		}
		const rest = Buffer.alloc(14);
		rest.writeUInt32LE((mode << 16) >>> 0, 6);
		rest.writeUInt32LE(start, 10);
		directory.push(Buffer.from('PK\x01\x02\x14\x03', 'latin1'), common, rest, called);
	}
	const end = Buffer.alloc(18);
	end.writeUInt16LE(entries.length, 4);
	end.writeUInt16LE(entries.length, 6);
	end.writeUInt32LE(Buffer.concat(directory).length, 8);
	end.writeUInt32LE(at, 12);
	return Buffer.concat([...parts, ...directory, Buffer.from('PK\x05\x06'), end]);
}
