import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { freePort, root } from './process.js';

export interface DashboardProcess {
	readonly url: string;
	start(apiUrl: string): Promise<void>;
	stop(): void;
}

/** The dashboard as it is built. Its address is known before it starts, because the API has to list it. */
export async function prepareDashboard(): Promise<DashboardProcess> {
	const port = await freePort();
	const url = `http://127.0.0.1:${port}`;
	let child: ChildProcess | null = null;
	return {
		url,
		async start(apiUrl) {
			const server = path.join(root, 'apps/dashboard/.next/standalone/apps/dashboard/server.js');
			child = spawn(process.execPath, [server], {
				stdio: 'ignore',
				env: { ...process.env, GRAFT_API_URL: apiUrl, PORT: String(port), HOSTNAME: '127.0.0.1' },
			});
			for (let tries = 0; tries < 300; tries += 1) {
				if ((await fetch(url).catch(() => null)) !== null) return;
				await new Promise((resolve) => setTimeout(resolve, 100));
			}
			throw new Error(`the dashboard did not start at ${url}`);
		},
		stop: () => void child?.kill('SIGTERM'),
	};
}
