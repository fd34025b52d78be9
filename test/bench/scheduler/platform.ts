import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createGraftClient, type GraftClient } from '@graft/client/node';
import { LaunchOneDocument } from '../../gql/graphql.js';
import { startApp } from '../../support/app.js';
import { prepareLaunch } from '../../support/catalogue.js';
import { cpuSeconds } from '../../support/cpu.js';

/** An API with its database on an empty folder, and something to launch. */
export interface BenchPlatform {
	readonly url: string;
	readonly client: GraftClient;
	/** Queues so many runs; answers when each was queued (epoch milliseconds, the database's clock) by its id. */
	launch(runs: number, requires?: { readonly labels: Readonly<Record<string, string>> }): Promise<string[]>;
	/** Processor seconds of the API and of PostgreSQL so far. */
	cpu(): number;
	stop(): Promise<void>;
}

export async function startBenchPlatform(): Promise<BenchPlatform> {
	const dataDir = mkdtempSync(path.join(os.tmpdir(), 'graft-bench-scheduler-'));
	const api = startApp('api', { GRAFT_PORT: '0', GRAFT_DATA_DIR: dataDir, GRAFT_LOG_LEVEL: 'error', DATABASE_URL: '' });
	const { url } = await api.ready;
	const client = createGraftClient({ url });
	const subject = await prepareLaunch(client);
	const [postmaster] = readFileSync(path.join(dataDir, 'postgres/postmaster.pid'), 'utf8').split('\n');
	let seed = 0;
	return {
		url,
		client,
		cpu: () => cpuSeconds(api.child.pid ?? 0) + cpuSeconds(Number(postmaster)),
		async launch(runs, requires) {
			const seeds = Array.from({ length: runs }, () => seed++);
			const { launchComparison } = await client.request(
				LaunchOneDocument,
				{
					input: {
						experimentId: subject.experimentId,
						backboneIds: [subject.backboneId],
						datasetIds: [subject.datasetId],
						strategies: [{ kind: 'FROM_SCRATCH' }],
						seeds,
						epochs: 1,
						batchSize: 32,
						requires,
					},
				},
				{ timeoutMs: 120_000 },
			);
			if (launchComparison.__typename !== 'ComparisonLaunched') throw new Error(JSON.stringify(launchComparison));
			return launchComparison.runs.map(({ id }) => id);
		},
		async stop() {
			await client.close();
			api.child.kill('SIGTERM');
			await api.exited;
			rmSync(dataDir, { recursive: true, force: true });
		},
	};
}
