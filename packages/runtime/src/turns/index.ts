export interface TurnOptions {
	/** Pieces of work under way at once. */
	readonly most: number;
	/** Work that takes longer than this waits for something itself: it goes on, and the next one begins beside it. */
	readonly patienceMs: number;
}

/** Does the work when its turn comes, and answers as it does. */
export type Turns = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * Work that is asked for at the same moment is done in the order in which it came, and not all at once: then the first is done
 * early and only the last as late as all would be, for they share the same processors.
 */
export function inTurns({ most, patienceMs }: TurnOptions): Turns {
	const waiting: (() => void)[] = [];
	let underWay = 0;

	function beginNext(): void {
		if (underWay >= most) return;
		const begin = waiting.shift();
		if (begin === undefined) return;
		underWay += 1;
		begin();
	}

	return (work) =>
		new Promise((resolve, reject) => {
			waiting.push(() => {
				let hasPlace = true;
				const leave = () => {
					clearTimeout(timer);
					if (!hasPlace) return;
					hasPlace = false;
					underWay -= 1;
					beginNext();
				};
				const timer = setTimeout(leave, patienceMs);
				// A `work` that throws at once must not end the process.
				Promise.resolve().then(work).then(resolve, reject).finally(leave);
			});
			beginNext();
		});
}
