import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { Segment, type SegmentRecord } from './segment.js';

/**
 * When a batch reaches the disk itself, and not only the system's memory. `away`: while the API is away, when the spool
 * is the only place that has it (a crash of the process loses nothing in any case). `always`: before it is sent; each
 * batch then waits for the disk. `never`: the system writes when it likes.
 */
export type SyncPolicy = 'away' | 'always' | 'never';

export interface SpoolOptions {
	/** The spool is full from here on: 1 GiB. */
	readonly maxBytes?: number;
	/** Files are given up whole, so that a spool shrinks by this much at a time. */
	readonly segmentBytes?: number;
	readonly fsync?: SyncPolicy;
}

export interface WaitingBatch {
	readonly sequence: number;
	readonly items: number;
}

interface Stored extends WaitingBatch {
	readonly segment: Segment;
	readonly record: SegmentRecord;
}

const MAX_BYTES = 2 ** 30;
const SEGMENT_BYTES = 2 ** 20;

/**
 * Numbered batches on disk, from before they are sent until they are acknowledged. So a number stands for the same batch
 * in whatever process sends it, and the server stores it once. Files are called after the first number that they hold;
 * the newest stays when all of it is acknowledged, because it says which number comes next.
 */
export class BatchSpool {
	private readonly segments: Segment[];
	private readonly stored = new Map<number, Stored>();
	private readonly options: Required<SpoolOptions>;
	private lastSequence: number;
	private unsynced = false;
	/** There is a file whose name may not be on disk yet. */
	private unlisted = false;
	private why: Error | null = null;

	/** Opens the folder, making it where it is not there. What an earlier process left is in `waiting`. */
	constructor(
		readonly folder: string,
		options: SpoolOptions = {},
	) {
		this.options = { maxBytes: MAX_BYTES, segmentBytes: SEGMENT_BYTES, fsync: 'away', ...options };
		mkdirSync(folder, { recursive: true, mode: 0o700 });
		const files = readdirSync(folder).filter((name) => name.endsWith('.batches'));
		this.segments = files.sort().map((name) => Segment.open(path.join(folder, name)));
		this.lastSequence = Math.max(0, Number.parseInt(files.at(-1) ?? '1', 10) - 1);
		for (const segment of this.segments)
			for (const record of segment.records) {
				const { sequence, items } = JSON.parse(segment.read(record)) as WaitingBatch;
				this.stored.set(sequence, { sequence, items, segment, record });
				this.lastSequence = Math.max(this.lastSequence, sequence);
			}
	}

	/** The highest number that was ever given here; 0 for none. */
	get last(): number {
		return this.lastSequence;
	}
	/** Batches that are not acknowledged, in order. After a crash the first of them may be stored already. */
	get waiting(): readonly WaitingBatch[] {
		return [...this.stored.values()];
	}
	/** Why the last batch was not taken; null while there is room. */
	get refusal(): Error | null {
		return this.why;
	}

	/** False where the batch could not be written (`refusal` says why); the spool is then as it was. */
	append(sequence: number, items: number, batch: unknown): boolean {
		try {
			const text = JSON.stringify({ sequence, items, batch });
			const used = this.segments.reduce((sum, { size }) => sum + size, 0);
			if (used + text.length > this.options.maxBytes)
				throw new Error(`The spool in ${this.folder} holds ${used} bytes, and ${this.options.maxBytes} are allowed.`);
			const segment = this.segmentFor(sequence);
			const record = segment.append(text);
			if (this.options.fsync === 'always') segment.syncNow();
			this.unsynced = this.options.fsync !== 'always';
			this.stored.set(sequence, { sequence, items, segment, record });
			this.lastSequence = sequence;
			this.why = null;
			return true;
		} catch (error) {
			this.why = error instanceof Error ? error : new Error(String(error));
			return false;
		}
	}

	read(sequence: number): unknown {
		const stored = this.stored.get(sequence);
		if (stored === undefined) throw new Error(`The spool in ${this.folder} has no batch ${sequence}.`);
		return JSON.parse(stored.segment.read(stored.record)).batch;
	}

	/** The server has this batch and all before it. */
	acknowledge(sequence: number): void {
		for (const known of this.stored.keys()) {
			if (known > sequence) break;
			this.stored.delete(known);
		}
		const current = this.segments.at(-1);
		if (this.stored.size === 0 && current !== undefined && current.size >= this.options.segmentBytes)
			this.tryNext(this.lastSequence + 1);
		const oldest = this.stored.values().next().value?.segment ?? this.segments.at(-1);
		while (this.segments[0] !== undefined && this.segments[0] !== oldest) {
			const done = this.segments.shift() as Segment;
			done.close();
			rmSync(done.file, { force: true });
		}
	}

	/** What was added reaches the disk: called while the API is away. */
	sync(): void {
		if (!this.unsynced || this.options.fsync !== 'away') return;
		this.unsynced = false;
		this.segments.at(-1)?.sync((error) => {
			this.unsynced ||= error !== null;
		});
		if (this.unlisted) fsyncFolder(this.folder);
		this.unlisted = false;
	}

	close(): void {
		for (const segment of this.segments.splice(0)) segment.close();
	}

	/** Everything is with the server: leaves nothing behind. */
	remove(): void {
		this.close();
		rmSync(this.folder, { recursive: true, force: true });
	}

	private segmentFor(sequence: number): Segment {
		const current = this.segments.at(-1);
		if (current !== undefined && current.size < this.options.segmentBytes) return current;
		// What a finished segment holds is not synced again.
		if (this.unsynced && this.options.fsync === 'away') current?.syncNow();
		return this.next(sequence);
	}

	private next(first: number): Segment {
		const segment = Segment.open(path.join(this.folder, `${String(first).padStart(15, '0')}.batches`));
		this.segments.push(segment);
		this.unlisted = true;
		return segment;
	}

	/** A full disk: the segment there is goes on. */
	private tryNext(first: number): void {
		try {
			this.next(first);
		} catch (error) {
			this.why = error instanceof Error ? error : new Error(String(error));
		}
	}
}

function fsyncFolder(folder: string): void {
	const handle = openSync(folder, 'r');
	fsyncSync(handle);
	closeSync(handle);
}
