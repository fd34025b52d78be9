import { type App, startApp } from './app.js';

/** A trainer process itself, without the command line around it, so that a signal meets the process that trains. */
export function startTrainer(options: {
	readonly apiUrl: string;
	readonly name: string;
	readonly dataDir: string;
	readonly env?: Readonly<Record<string, string>>;
}): App {
	return startApp('trainer', {
		GRAFT_API_URL: options.apiUrl,
		GRAFT_WORKER_NAME: options.name,
		GRAFT_DATA_DIR: options.dataDir,
		...options.env,
	});
}
