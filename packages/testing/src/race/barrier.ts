/** Lets nobody through before `parties` have arrived, so that what follows really runs at the same time. */
export function createBarrier(parties: number): () => Promise<void> {
	let open: () => void = () => undefined;
	const opened = new Promise<void>((resolve) => {
		open = resolve;
	});
	let arrived = 0;
	return () => {
		arrived += 1;
		if (arrived >= parties) open();
		return opened;
	};
}

/** Starts all tasks at the same moment; answers what each one came to, in their order. */
export async function race<T>(tasks: readonly (() => Promise<T>)[]): Promise<PromiseSettledResult<T>[]> {
	const arrive = createBarrier(tasks.length);
	return Promise.allSettled(
		tasks.map(async (task) => {
			await arrive();
			return task();
		}),
	);
}
