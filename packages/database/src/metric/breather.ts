/** What a query of many series may take of the process in one go, when others wait for their next frame. */
const AT_ONCE_MS = 4;

/** To be awaited between the steps of a long computation: lets others have their turn when it has taken long enough. */
export function breather(atOnceMs = AT_ONCE_MS): () => Promise<void> | undefined {
	let since = performance.now();
	return () => {
		if (performance.now() - since < atOnceMs) return undefined;
		return new Promise((resolve) =>
			setImmediate(() => {
				since = performance.now();
				resolve();
			}),
		);
	};
}
