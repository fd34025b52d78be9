import type { BatchSpool } from '../spool/batch-spool.js';

/** Spooled batches that stay in memory as well, so that nothing is read back while the API answers. */
const RESIDENT = 8;

/** A batch with its number, until the server has acknowledged it. */
export interface Sealed<Batch> {
	readonly sequence: number;
	readonly items: number;
	/** Null: it is in the spool alone. */
	readonly batch: Batch | null;
	readonly spooled: boolean;
}

/**
 * Batches that were numbered and are not acknowledged, in order. With a spool each of them is on disk before anybody sends it,
 * for as long as the spool has room, and those of an earlier process come first.
 */
export class Outbox<Batch> {
	private readonly sealed = new Map<number, Sealed<Batch>>();
	private sequence = 0;
	/** The first number of this process where another one has sent before it. */
	readonly firstOwn: number | null = null;
	/** Items of batches that are in memory alone. */
	private unspooled = 0;

	constructor(private readonly spool: BatchSpool | undefined) {
		if (spool === undefined || spool.last === 0) return;
		for (const { sequence, items } of spool.waiting)
			this.sealed.set(sequence, { sequence, items, batch: null, spooled: true });
		this.sequence = spool.last;
		this.firstOwn = this.sequence + 1;
	}

	/** The number of the newest batch; 0 for none. */
	get last(): number {
		return this.sequence;
	}
	get isEmpty(): boolean {
		return this.sealed.size === 0;
	}
	get inMemoryAlone(): number {
		return this.unspooled;
	}
	/** Items of all batches. */
	get items(): number {
		let sum = 0;
		for (const { items } of this.sealed.values()) sum += items;
		return sum;
	}
	/** The batch that is next. */
	get head(): Sealed<Batch> | undefined {
		return this.sealed.values().next().value;
	}

	has(sequence: number): boolean {
		return this.sealed.has(sequence);
	}

	/** Gives the batch the next number, and writes it to the spool; `now`: to the disk itself. */
	seal(items: number, batch: Batch, now: boolean): void {
		this.sequence += 1;
		const spooled = this.write(items, batch);
		if (spooled && now) this.spool?.sync();
		if (!spooled) this.unspooled += items;
		const resident = !spooled || this.sealed.size < RESIDENT;
		this.sealed.set(this.sequence, { sequence: this.sequence, items, batch: resident ? batch : null, spooled });
	}

	private write(items: number, batch: Batch): boolean {
		// Behind a batch that found no room, a later one would leave a gap in the spool.
		if (this.spool === undefined || this.unspooled > 0) return false;
		return this.spool.append(this.sequence, items, batch);
	}

	read({ sequence, batch }: Sealed<Batch>): Batch {
		return batch ?? (this.spool?.read(sequence) as Batch);
	}

	acknowledge({ sequence, items, spooled }: Sealed<Batch>): void {
		this.sealed.delete(sequence);
		if (spooled) this.spool?.acknowledge(sequence);
		else this.unspooled -= items;
	}

	/** Forgets what waits; what is in the spool stays there. */
	clear(): void {
		this.sealed.clear();
		this.unspooled = 0;
	}
}
