/**
 * Who waits for news of what. A topic names something that changed (`metric:<runId>`, `worker:<id>`), never the change
 * itself: a reader that was told comes and reads what lies after its own position. So a reader that does not come costs
 * at most one entry for each of its topics, however much happens meanwhile.
 */
export interface Hub {
	/** Marks the topics as news for everyone who listens to them. */
	announce(topics: Iterable<string>): void;
	/** After the connection to the other processes was cut, anything may have happened: everything counts as news. */
	announceAll(): void;
	/** `together`: wakes with the others at the next tick. */
	listen(topics: readonly string[], together?: boolean): News;
	/** Whether anybody listens to the topic. */
	isHeard(topic: string): boolean;
	/** Ends every listener's wait (shutdown). */
	close(): void;
	/** Listeners now; a stream that ended must not leave one behind. */
	readonly size: number;
}

export interface News {
	/** Topics with news since the last call, waiting for the first; null once closed. One caller at a time. */
	next(): Promise<ReadonlySet<string> | null>;
	close(): void;
}

/**
 * `tickMs`: listeners that wake together do so this long after the last time that any did, and at once after a rest. What happens
 * within a tick is one frame, and readers that follow the same runs read the same at the same moment, which then costs
 * little more than one of them. 0, and all other listeners: at once.
 */
export function createHub(tickMs = 0, onTaken: (waitedMs: number) => void = () => undefined): Hub {
	const byTopic = new Map<string, Set<Listener>>();
	const listeners = new Set<Listener>();
	const ticker = tickMs === 0 ? AT_ONCE : createTicker(tickMs);

	function remove(listener: Listener): void {
		listeners.delete(listener);
		for (const topic of listener.topics) {
			const waiting = byTopic.get(topic);
			waiting?.delete(listener);
			if (waiting?.size === 0) byTopic.delete(topic);
		}
	}

	return {
		announce(topics) {
			for (const topic of topics) for (const listener of byTopic.get(topic) ?? []) listener.mark([topic]);
		},
		announceAll() {
			for (const listener of listeners) listener.mark(listener.topics);
		},
		listen(topics, together = false) {
			const listener = new Listener(topics, remove, together ? ticker : AT_ONCE, onTaken);
			listeners.add(listener);
			for (const topic of topics) {
				const waiting = byTopic.get(topic) ?? new Set();
				byTopic.set(topic, waiting.add(listener));
			}
			return listener;
		},
		isHeard: (topic) => byTopic.has(topic),
		close() {
			for (const listener of [...listeners]) listener.close();
		},
		get size() {
			return listeners.size;
		},
	};
}

interface Ticker {
	wake(listener: () => void): void;
	/** A listener that was woken has read and written what there was, and waits again. */
	isBack(): void;
}
const AT_ONCE: Ticker = { wake: (listener) => listener(), isBack: () => undefined };

/** So much of a process' time is left to those who store and ask, however many readers there are. */
const OTHERS_SHARE = 1 / 4;

/**
 * Wakes what was given since the last tick, all of it in one go. Where that takes long (many readers, a busy machine) the
 * ticks come further apart, so that readers leave others their share of the process, and get larger frames instead. What
 * they take is the time until the last of them is back, without what arrived meanwhile and has its turn before the next tick.
 */
function createTicker(tickMs: number): Ticker {
	let waiting: (() => void)[] = [];
	let beganAt = Number.NEGATIVE_INFINITY;
	let tookMs = 0;
	let isTurn = false;
	const restMs = () => beganAt + Math.max(tickMs, tookMs / (1 - OTHERS_SHARE)) - performance.now();
	const tick = () => {
		// Some came back, and asked for this tick, before the last one did. A timer may be early by a part of its millisecond.
		const early = restMs();
		if (early > 1) {
			setTimeout(tick, early);
			return;
		}
		beganAt = performance.now();
		tookMs = 0;
		isTurn = true;
		const woken = waiting;
		waiting = [];
		for (const wake of woken) wake();
		// Who comes back later waited for its socket or for the database, and took nothing of the process.
		setImmediate(() => {
			isTurn = false;
		});
	};
	return {
		wake(listener) {
			waiting.push(listener);
			if (waiting.length === 1) setTimeout(tick, Math.max(0, restMs()));
		},
		isBack() {
			if (isTurn) tookMs = performance.now() - beganAt;
		},
	};
}

class Listener implements News {
	#dirty = new Set<string>();
	#take: ((news: ReadonlySet<string> | null) => void) | null = null;
	#markedAt = 0;
	#asked = false;
	#closed = false;

	constructor(
		readonly topics: readonly string[],
		private readonly onClose: (listener: Listener) => void,
		private readonly ticker: Ticker,
		private readonly onTaken: (waitedMs: number) => void,
	) {}

	mark(topics: readonly string[]): void {
		if (this.#dirty.size === 0) this.#markedAt = performance.now();
		for (const topic of topics) this.#dirty.add(topic);
		this.#ask();
	}

	next(): Promise<ReadonlySet<string> | null> {
		this.ticker.isBack();
		return new Promise((resolve) => {
			if (this.#closed) return resolve(null);
			this.#take = resolve;
			this.#ask();
		});
	}

	close(): void {
		if (this.#closed) return;
		this.#closed = true;
		this.onClose(this);
		this.#take?.(null);
		this.#take = null;
	}

	/** To be woken, where somebody waits and there is something to wake for. */
	#ask(): void {
		if (this.#take === null || this.#asked || this.#dirty.size === 0) return;
		this.#asked = true;
		this.ticker.wake(this.#give);
	}

	readonly #give = (): void => {
		this.#asked = false;
		const take = this.#take;
		if (take === null) return;
		this.#take = null;
		const news = this.#dirty;
		this.#dirty = new Set();
		this.onTaken(performance.now() - this.#markedAt);
		take(news);
	};
}
