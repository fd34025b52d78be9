/** Resolves at the first Ctrl-C, SIGTERM or closed terminal; a second one ends the process at once. */
export function stopSignal(onStop: (signal: NodeJS.Signals) => void): { readonly stopped: Promise<NodeJS.Signals> } {
	const stopped = new Promise<NodeJS.Signals>((resolve) => {
		let count = 0;
		for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
			process.on(signal, () => {
				count += 1;
				if (count > 1) process.exit(130);
				onStop(signal);
				resolve(signal);
			});
		}
	});
	return { stopped };
}
