/** Runs steps in the reverse order of their registration, once, on SIGINT or SIGTERM or when asked. */
export interface Shutdown {
	/** Aborts when the shutdown begins. */
	readonly signal: AbortSignal;
	/** Registers a step; steps run last registered first, each awaited. */
	add(name: string, step: () => Promise<void> | void): void;
	/** Begins the shutdown; later calls wait for the same one. */
	begin(reason: string): Promise<void>;
}

export interface ShutdownOptions {
	/** The process exits with 1 when the steps take longer. */
	readonly timeoutMs: number;
	readonly onStep?: (name: string) => void;
	readonly onError?: (name: string, error: unknown) => void;
}

/** `listen: false` leaves the process's signals alone (tests, a host with its own handling). */
export function createShutdown(options: ShutdownOptions & { readonly listen?: boolean }): Shutdown {
	const steps: { name: string; step: () => Promise<void> | void }[] = [];
	const controller = new AbortController();
	let running: Promise<void> | null = null;

	async function run(): Promise<void> {
		const timer = setTimeout(() => {
			options.onError?.('shutdown', new Error(`not done after ${options.timeoutMs} ms`));
			process.exit(1);
		}, options.timeoutMs);
		timer.unref();
		for (const { name, step } of steps.reverse()) {
			options.onStep?.(name);
			try {
				await step();
			} catch (error) {
				options.onError?.(name, error);
			}
		}
		clearTimeout(timer);
	}

	const shutdown: Shutdown = {
		signal: controller.signal,
		add: (name, step) => void steps.push({ name, step }),
		begin: (reason) => {
			if (running === null) {
				controller.abort(new Error(reason));
				running = run();
			}
			return running;
		},
	};
	if (options.listen !== false) {
		for (const signal of ['SIGINT', 'SIGTERM'] as const) {
			process.on(signal, () => void shutdown.begin(signal).then(() => process.exit(signal === 'SIGINT' ? 130 : 0)));
		}
	}
	return shutdown;
}
