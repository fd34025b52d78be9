/** What was answered, for as long as nothing has changed: `version` is a text that changes with every point. */
export interface BucketCache<T> {
	get(key: string, version: string): T | undefined;
	/** Whether it holds an answer of any version. */
	has(key: string): boolean;
	/** `numbers`: how many the value holds; old values leave when all together exceed the limit. */
	set(key: string, version: string, value: T, numbers: number): void;
}

export function createBucketCache<T>(limit: number): BucketCache<T> {
	const entries = new Map<string, { version: string; value: T; numbers: number }>();
	let held = 0;
	const drop = (key: string) => {
		held -= entries.get(key)?.numbers ?? 0;
		entries.delete(key);
	};
	return {
		get(key, version) {
			const entry = entries.get(key);
			if (entry === undefined || entry.version !== version) return undefined;
			// Behind the others again: what is used stays.
			entries.delete(key);
			entries.set(key, entry);
			return entry.value;
		},
		has: (key) => entries.has(key),
		set(key, version, value, numbers) {
			drop(key);
			if (numbers > limit) return;
			entries.set(key, { version, value, numbers });
			held += numbers;
			for (const oldest of entries.keys()) {
				if (held <= limit) break;
				drop(oldest);
			}
		},
	};
}
