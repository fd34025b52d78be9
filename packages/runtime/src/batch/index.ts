export interface BatchOptions {
	/** Batches begin this far apart at least. What is asked after a rest waits for the end of the present turn only. */
	readonly everyMs: number;
	/** Items of one batch at the most. */
	readonly most: number;
}

interface Asked<Item, Answer> {
	readonly item: Item;
	readonly resolve: (answer: Answer) => void;
	readonly reject: (error: unknown) => void;
}

/**
 * Does together what is asked within a moment. `work` answers as many values as it is given, in their order; what it throws
 * is thrown at each who asked.
 */
export function inBatches<Item, Answer>(
	work: (items: readonly Item[]) => Promise<readonly Answer[]>,
	{ everyMs, most }: BatchOptions,
): (item: Item) => Promise<Answer> {
	const waiting: Asked<Item, Answer>[] = [];
	let nextAt = Number.NEGATIVE_INFINITY;
	let isSet = false;

	function begin(): void {
		isSet = false;
		nextAt = performance.now() + everyMs;
		const batch = waiting.splice(0, most);
		if (waiting.length > 0) set();
		// A `work` that throws at once must not end the process.
		Promise.resolve(batch.map(({ item }) => item))
			.then(work)
			.then(
				(answers) => batch.forEach(({ resolve }, index) => void resolve(answers[index] as Answer)),
				(error: unknown) => batch.forEach(({ reject }) => void reject(error)),
			);
	}
	function set(): void {
		isSet = true;
		const wait = nextAt - performance.now();
		if (wait > 0) setTimeout(begin, wait);
		else setImmediate(begin);
	}

	return (item) =>
		new Promise((resolve, reject) => {
			waiting.push({ item, resolve, reject });
			if (!isSet) set();
		});
}
