import { LiveSeries, type StoredSeries } from '../chart/live-series';

export interface LiveFrame {
	readonly runId: string;
	readonly attempt: number;
	readonly key: string;
	readonly steps: ArrayLike<number>;
	readonly values: ArrayLike<number>;
}

/** Growing lines of many runs, outside of React: whoever draws them is told, and reads what is new. */
export class LiveLines {
	readonly #series = new Map<string, LiveSeries>();
	readonly #listeners = new Set<() => void>();

	of(runId: string, key: string): LiveSeries | undefined {
		return this.#series.get(nameOf(runId, key));
	}

	/** What is stored of a line takes the place of what is known of it. */
	begin(runId: string, key: string, stored: StoredSeries): void {
		this.#named(runId, key).begin(stored);
	}

	/** Tells the listeners, of what was begun too. */
	add(frames: readonly LiveFrame[]): void {
		for (const { runId, attempt, key, steps, values } of frames) this.#named(runId, key).add(attempt, steps, values);
		for (const listener of this.#listeners) listener();
	}

	#named(runId: string, key: string): LiveSeries {
		const name = nameOf(runId, key);
		const series = this.#series.get(name) ?? new LiveSeries();
		this.#series.set(name, series);
		return series;
	}

	/** Forgets the metrics that nobody draws any more. */
	keepOnly(keys: ReadonlySet<string>): void {
		for (const name of this.#series.keys()) if (!keys.has(name.slice(name.indexOf('/') + 1))) this.#series.delete(name);
	}

	listen(listener: () => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}
}

const nameOf = (runId: string, key: string): string => `${runId}/${key}`;
