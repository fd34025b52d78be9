/** Bytes that grow as they are written: varints (whole numbers from 0), doubles, and runs of bytes with their length. */
export class ByteWriter {
	#bytes = Buffer.allocUnsafe(1024);
	#length = 0;

	varint(value: number): void {
		this.#reserve(8);
		let rest = value;
		while (rest >= 128) {
			this.#bytes[this.#length++] = (rest % 128) + 128;
			rest = Math.floor(rest / 128);
		}
		this.#bytes[this.#length++] = rest;
	}

	double(value: number): void {
		this.#reserve(8);
		this.#length = this.#bytes.writeDoubleLE(value, this.#length);
	}

	raw(bytes: Buffer): void {
		this.#reserve(bytes.length);
		bytes.copy(this.#bytes, this.#length);
		this.#length += bytes.length;
	}

	run(bytes: Buffer): void {
		this.varint(bytes.length);
		this.raw(bytes);
	}

	finish(): Buffer {
		return this.#bytes.subarray(0, this.#length);
	}

	#reserve(more: number): void {
		if (this.#length + more <= this.#bytes.length) return;
		const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length + more));
		this.#bytes.copy(larger, 0, 0, this.#length);
		this.#bytes = larger;
	}
}

/** @throws Error where bytes end before what they say they hold: a row was damaged, or read as what it is not. */
export class ByteReader {
	#at: number;
	constructor(
		private readonly bytes: Buffer,
		at = 0,
	) {
		this.#at = at;
	}

	/** Where the next byte is. */
	get at(): number {
		return this.#at;
	}

	get done(): boolean {
		return this.#at >= this.bytes.length;
	}

	varint(): number {
		let value = 0;
		for (let weight = 1; ; weight *= 128) {
			const byte = this.bytes[this.#at++];
			if (byte === undefined) throw endsEarly(this.bytes);
			value += (byte & 127) * weight;
			if (byte < 128) return value;
		}
	}

	double(): number {
		if (this.#at + 8 > this.bytes.length) throw endsEarly(this.bytes);
		this.#at += 8;
		return this.bytes.readDoubleLE(this.#at - 8);
	}

	raw(length: number): Buffer {
		if (this.#at + length > this.bytes.length) throw endsEarly(this.bytes);
		this.#at += length;
		return this.bytes.subarray(this.#at - length, this.#at);
	}

	/** As raw, into memory that is there already. */
	copy(length: number, to: Uint8Array, start: number): void {
		if (this.#at + length > this.bytes.length) throw endsEarly(this.bytes);
		this.bytes.copy(to, start, this.#at, this.#at + length);
		this.#at += length;
	}

	run(): Buffer {
		return this.raw(this.varint());
	}
}

export const endsEarly = ({ length }: Buffer): Error =>
	new Error(`Stored points are damaged: ${length} bytes end too early.`);
