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
	const wakeNow = (wake: () => void) => wake();
	const wakeSoon = tickMs === 0 ? wakeNow : createTicker(tickMs);

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
			const listener = new Listener(topics, remove, together ? wakeSoon : wakeNow, onTaken);
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

/**
 * Runs what was given since the last tick, all of it in one go. Where that takes long (many readers, a busy machine) the
 * ticks come further apart, so that readers never take more than half of the process, and get larger frames instead.
 */
function createTicker(tickMs: number): (wake: () => void) => void {
	let waiting: (() => void)[] = [];
	let nextAt = Number.NEGATIVE_INFINITY;
	const tick = () => {
		const beganAt = performance.now();
		nextAt = beganAt + tickMs;
		const woken = waiting;
		waiting = [];
		for (const wake of woken) wake();
		// By then they have all read and written.
		setImmediate(() => {
			const tookMs = performance.now() - beganAt;
			nextAt = beganAt + Math.max(tickMs, 2 * tookMs);
		});
	};
	return (wake) => {
		waiting.push(wake);
		if (waiting.length === 1) setTimeout(tick, Math.max(0, nextAt - performance.now()));
	};
}

class Listener implements News {
	#dirty = new Set<string>();
	#wake: (() => void) | null = null;
	#markedAt = 0;
	#asked = false;
	#closed = false;

	constructor(
		readonly topics: readonly string[],
		private readonly onClose: (listener: Listener) => void,
		private readonly wakeSoon: (wake: () => void) => void,
		private readonly onTaken: (waitedMs: number) => void,
	) {}

	mark(topics: readonly string[]): void {
		if (this.#dirty.size === 0) this.#markedAt = performance.now();
		for (const topic of topics) this.#dirty.add(topic);
		this.#ask();
	}

	async next(): Promise<ReadonlySet<string> | null> {
		if (!this.#closed) {
			await new Promise<void>((resolve) => {
				this.#wake = resolve;
				this.#ask();
			});
			this.#wake = null;
		}
		if (this.#closed) return null;
		const news = this.#dirty;
		this.onTaken(performance.now() - this.#markedAt);
		this.#dirty = new Set();
		return news;
	}

	close(): void {
		if (this.#closed) return;
		this.#closed = true;
		this.onClose(this);
		this.#wake?.();
	}

	/** To be woken, where somebody waits and there is something to wake for. */
	#ask(): void {
		if (this.#wake === null || this.#asked || this.#dirty.size === 0) return;
		this.#asked = true;
		this.wakeSoon(() => {
			this.#asked = false;
			this.#wake?.();
		});
	}
}
