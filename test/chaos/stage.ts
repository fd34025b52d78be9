import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createGraftClient, type GraftClient } from '@graft/client/node';
import { ask } from '@graft/testing/chaos';
import { startApp } from '../support/app.js';
import { freePort, root } from '../support/process.js';
import { startTrainer } from '../support/trainer.js';
import { type Meddler, startMeddler } from './meddler.js';
import { appPart, databasePart, type Part } from './parts.js';
import { createRecord, type WireRecord } from './record.js';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.js';

/**
 * Trainers -> meddler -> proxy -> two API processes -> proxy -> PostgreSQL, each a process of its own that can be killed,
 * stopped and started again. The API processes share the folder of artifacts, a small disk of its own where that is allowed.
 */
export interface Stage {
	readonly dataDir: string;
	readonly record: WireRecord;
	readonly meddler: Meddler;
	readonly apiProxy: TcpProxy;
	readonly databaseProxy: TcpProxy;
	/** Null where this user may not mount one: the fault of a full disk is left out then. */
	readonly smallDisk: string | null;
	/** Not through the proxies, so that the oracle sees what is, and tries until an API answers. */
	readonly client: GraftClient;
	sql<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]>;
	readonly apis: readonly Part[];
	readonly trainers: readonly Part[];
	readonly database: Part;
	/** Ends of processes that nobody asked for. */
	readonly fallen: readonly string[];
	/** Ends everything in order; answers the processes that did not end by themselves. */
	stop(): Promise<readonly string[]>;
}

/** A run leaves about 1.5 MB. A disk that really is full holds up every run, as it should, and no storm ends. */
const DISK_MB = 512;

export async function startStage(trainers: number, random: () => number): Promise<Stage> {
	const dataDir = mkdtempSync(path.join(os.tmpdir(), 'graft-chaos-'));
	const smallDisk = mountSmallDisk(path.join(dataDir, 'api/artifacts'));
	const database = await databasePart(path.join(dataDir, 'database'));
	const databaseProxy = await startTcpProxy(() => hostOf(database.url()));
	const through = new URL(database.url());
	through.host = `127.0.0.1:${databaseProxy.port}`;
	const fallen: string[] = [];
	const onFall = (what: string) => void fallen.push(what);
	const ports = [await freePort(), await freePort()];
	const apis = await Promise.all(
		ports.map((port, index) =>
			appPart(
				`api-${index + 1}`,
				() =>
					startApp('api', {
						GRAFT_PORT: String(port),
						GRAFT_DATA_DIR: path.join(dataDir, 'api'),
						DATABASE_URL: through.href,
						GRAFT_ORPHAN_SECONDS: '5',
					}),
				onFall,
			),
		),
	);
	let turn = 0;
	const apiProxy = await startTcpProxy(() => ({ host: '127.0.0.1', port: ports[turn++ % ports.length] ?? 0 }));
	const record = createRecord();
	const meddler = await startMeddler(apiProxy.port, record, random);
	const preload = path.join(root, 'test/chaos/jumping-clock.mjs');
	const workers = await Promise.all(
		Array.from({ length: trainers }, (_, index) =>
			appPart(
				`trainer-${index + 1}`,
				() =>
					startTrainer({
						apiUrl: meddler.url,
						name: `trainer-${index + 1}`,
						dataDir: path.join(dataDir, `trainer-${index + 1}`),
						env: { NODE_OPTIONS: `--import ${preload}`, GRAFT_BACKEND: 'wasm', GRAFT_CHECKPOINT_STEPS: '20' },
					}),
				onFall,
			),
		),
	);
	const client = createGraftClient({ url: `http://127.0.0.1:${ports[0]}` });
	return {
		...{
			dataDir,
			record,
			meddler,
			apiProxy,
			databaseProxy,
			smallDisk,
			client,
			apis,
			database,
			trainers: workers,
			fallen,
		},
		sql: (text, values) => ask(database.url(), text, values),
		async stop() {
			await client.close();
			const left: string[] = [];
			// Trainers first: they hand back what they train.
			for (const parts of [workers, apis]) {
				const inTime = await Promise.all(parts.map((part) => part.end()));
				left.push(...parts.filter((_, index) => !inTime[index]).map(({ name }) => `${name} did not end by itself`));
			}
			await meddler.close();
			await apiProxy.close();
			await databaseProxy.close();
			await database.stop();
			left.push(
				...processesOf(dataDir)
					.filter(signalled)
					.map((pid) => `process ${pid} is left`),
			);
			if (smallDisk !== null) spawnSync('umount', ['-l', smallDisk]);
			rmSync(dataDir, { recursive: true, force: true });
			return left;
		},
	};
}

function hostOf(url: string): { host: string; port: number } {
	const { hostname, port } = new URL(url);
	return { host: hostname, port: Number(port) };
}

function mountSmallDisk(folder: string): string | null {
	mkdirSync(folder, { recursive: true });
	const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MB}m`, 'graft-chaos', folder]);
	return status === 0 ? folder : null;
}

/** Ends what should have ended by itself; false: it has, in the meantime. */
function signalled(pid: number): boolean {
	try {
		return process.kill(pid, 'SIGKILL');
	} catch {
		return false;
	}
}

/** Processes that were started with this data directory, in whatever way they have got lost. */
function processesOf(dataDir: string): number[] {
	const { stdout } = spawnSync(
		'sh',
		['-c', 'grep -lz -e "$0" /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null', dataDir],
		{
			encoding: 'utf8',
		},
	);
	const pids = stdout.split('\n').flatMap((file) => /^\/proc\/(\d+)\//.exec(file)?.[1] ?? []);
	return [...new Set(pids.map(Number))].filter((pid) => pid !== process.pid);
}
