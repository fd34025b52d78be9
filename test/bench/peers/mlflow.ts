import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { freePort, root } from '../../support/process.js';
import { call } from './post.js';
import type { Batch, Tracker } from './tracker.js';

/** A Python that has MLflow, or why there is none. */
export type PythonWithMlflow = { readonly python: string; readonly version: string } | { readonly reason: string };

/**
 * GRAFT_BENCH_PYTHON, or an environment of our own below `.graft/bench`, made once where Python and its packages can be
 * had.
 */
export function findMlflow(log: (line: string) => void): PythonWithMlflow {
	const given = process.env.GRAFT_BENCH_PYTHON;
	const folder = path.join(root, '.graft/bench/mlflow');
	const python = given ?? path.join(folder, 'bin/python');
	const version = versionOf(python);
	if (version !== null) return { python, version };
	if (given !== undefined) return { reason: `GRAFT_BENCH_PYTHON is ${given}, which has no MLflow.` };
	if (spawnSync('python3', ['--version']).status !== 0) return { reason: 'There is no python3 here.' };
	log('Installing MLflow into .graft/bench/mlflow …');
	mkdirSync(path.dirname(folder), { recursive: true });
	const made = existsSync(python) || spawnSync('python3', ['-m', 'venv', folder]).status === 0;
	const packages = ['-m', 'pip', 'install', '--quiet', 'mlflow', 'psycopg2-binary'];
	const { status, stderr } = made
		? spawnSync(python, packages, { encoding: 'utf8', timeout: 600_000 })
		: { status: 1, stderr: 'python3 -m venv failed' };
	const installed = versionOf(python);
	if (status === 0 && installed !== null) return { python, version: installed };
	return { reason: `MLflow could not be installed: ${stderr?.trim().split('\n').at(-1)}` };
}

function versionOf(python: string): string | null {
	const code = 'import mlflow, psycopg2; print(mlflow.__version__)';
	const { status, stdout } = spawnSync(python, ['-c', code], { encoding: 'utf8', timeout: 120_000 });
	return status === 0 ? stdout.trim() : null;
}

/** MLflow's tracking server as its own command starts it for a team, over its REST interface. */
export async function startMlflow(python: string, databaseUrl: string, dataDir: string): Promise<Tracker> {
	const port = await freePort();
	const url = `http://127.0.0.1:${port}/api/2.0/mlflow`;
	// The driver that is installed beside it: a bare address means another one in newer versions of SQLAlchemy.
	const uri = databaseUrl.replace(/^postgres(ql)?:/, 'postgresql+psycopg2:');
	const place = [
		'--host',
		'127.0.0.1',
		'--port',
		String(port),
		'--default-artifact-root',
		path.join(dataDir, 'mlflow'),
	];
	const child = spawn(python, ['-m', 'mlflow', 'server', '--backend-store-uri', uri, ...place], {
		stdio: ['ignore', 'pipe', 'pipe'],
		// Its workers are processes of their own: the group is what has to end.
		detached: true,
		env: {
			...process.env,
			MLFLOW_DISABLE_TELEMETRY: 'true',
			DO_NOT_TRACK: 'true',
			// As many connections a worker as there are clients: with the default of 15 some batches wait 30 s and are refused.
			MLFLOW_SQLALCHEMYSTORE_POOL_SIZE: '20',
			MLFLOW_SQLALCHEMYSTORE_MAX_OVERFLOW: '0',
		},
	});
	let said = '';
	for (const stream of [child.stdout, child.stderr])
		stream.setEncoding('utf8').on('data', (text: string) => {
			said = (said + text).slice(-4_000);
		});
	await untilHealthy(child, `http://127.0.0.1:${port}/health`, () => said);
	const { experiment_id } = await call<{ experiment_id: string }>('POST', `${url}/experiments/create`, {
		name: 'peers',
	});
	return {
		name: 'MLflow',
		async createRun(lr) {
			const { run } = await call<{ run: { info: { run_id: string } } }>('POST', `${url}/runs/create`, {
				experiment_id,
				start_time: Date.now(),
			});
			const run_id = run.info.run_id;
			await call('POST', `${url}/runs/log-parameter`, { run_id, key: 'lr', value: String(lr) });
			// Its search compares parameters as texts; a number to compare by has to be a metric.
			await call('POST', `${url}/runs/log-metric`, { run_id, key: 'lr', value: lr, timestamp: Date.now(), step: 0 });
			return run_id;
		},
		async logBatch(run_id, { keys, firstStep, values }: Batch) {
			const each = values.length / keys;
			const timestamp = Date.now();
			const metrics = values.map((value, at) => {
				return { key: `metric_${Math.floor(at / each)}`, value, timestamp, step: firstStep + (at % each) };
			});
			await call('POST', `${url}/runs/log-batch`, { run_id, metrics });
		},
		async readSeries(run) {
			let points = 0;
			for (let token = ''; ; ) {
				const page = `&max_results=25000${token && `&page_token=${encodeURIComponent(token)}`}`;
				const { metrics = [], next_page_token } = await call<{ metrics?: unknown[]; next_page_token?: string }>(
					'GET',
					`${url}/metrics/get-history?run_id=${run}&metric_key=metric_0${page}`,
				);
				points += metrics.length;
				if (!next_page_token) return points;
				token = next_page_token;
			}
		},
		async searchRuns() {
			const { runs = [] } = await call<{ runs?: unknown[] }>('POST', `${url}/runs/search`, {
				experiment_ids: [experiment_id],
				filter: 'metrics.lr > 0.5',
				order_by: ['metrics.metric_0 DESC'],
				max_results: 50,
			});
			return runs.length;
		},
		stop: () =>
			new Promise((resolve) => {
				child.once('close', () => resolve());
				// Group 0 would be our own.
				if (child.pid === undefined) resolve();
				else process.kill(-child.pid, 'SIGTERM');
			}),
	};
}

async function untilHealthy(child: ChildProcess, url: string, said: () => string): Promise<void> {
	for (let tries = 0; tries < 1_800; tries += 1) {
		if (child.exitCode !== null) break;
		if ((await fetch(url).catch(() => null))?.ok) return;
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
	throw new Error(`MLflow did not start:\n${said()}`);
}
