import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createGraftClient, decodeList, type GraftClient } from '@graft/client/node';
import { type DurableServer, startDurableServer } from '@graft/testing/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ScriptRecordDocument } from './gql/graphql.js';
import { type ApiProcess, startApi } from './support/api-process.js';
import type { LoggingScript } from './support/logging-script.js';
import { root } from './support/process.js';

// Scripts that train by themselves, as processes, with an API that goes away and comes back.
describe('a script with the client library', () => {
	const dataDir = mkdtempSync(path.join(os.tmpdir(), 'graft-scripts-'));
	let server: DurableServer;
	let api: ApiProcess;
	let client: GraftClient;
	beforeAll(async () => {
		server = await startDurableServer(path.join(dataDir, 'postgres'));
		api = await startApi({ databaseUrl: server.url, dataDir });
		client = createGraftClient({ url: api.url });
	});
	afterAll(async () => {
		await client?.close();
		await api?.stop();
		await server?.stop();
		rmSync(dataDir, { recursive: true, force: true });
	});

	const record = async (runId: string) => {
		const { run, metricSeries } = await client.request(ScriptRecordDocument, { runId });
		const steps = metricSeries.map(({ key, steps }) => ({ key, steps: [...decodeList(steps)] }));
		return { run, steps: steps.find(({ key }) => key === 'a/b')?.steps ?? [], nonFinite: metricSeries[0]?.nonFinite };
	};
	const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

	it('loses and doubles nothing while the API is killed and comes back', async () => {
		const spoolDir = path.join(dataDir, 'spool-api');
		const script = runScript({ url: api.url, spoolDir, resume: false, from: 1, to: 900, everyMs: 5 });
		const [, runId = ''] = await script.printed(/run (\S+)/);
		await script.printed(/logged 200/);
		await api.kill();
		// Two more seconds of points go to the disk alone.
		await script.printed(/logged 500/);
		await api.restart();
		await script.printed(/finished/);
		const { run, steps, nonFinite } = await record(runId);
		expect(run?.status).toBe('SUCCEEDED');
		expect(steps).toEqual(upTo(900));
		expect(nonFinite).toEqual([{ step: 13, value: 'NaN' }]);
		const hundreds = run?.events.filter(({ kind }) => kind === 'HUNDRED').map(({ step }) => step);
		expect(hundreds).toEqual(upTo(9).map((at) => at * 100));
		expect(run?.logLines.flatMap(({ line }) => line)).toEqual(upTo(9).map((at) => `step ${at * 100}`));
		expect(readdirSync(spoolDir)).toEqual([]);
	});

	it('goes on in another process after a crash, with what the first one left on disk', async () => {
		const spoolDir = path.join(dataDir, 'spool-crash');
		const first = runScript({ url: api.url, spoolDir, resume: false, from: 1, to: 100_000, everyMs: 1 });
		const [, runId = ''] = await first.printed(/run (\S+)/);
		await first.printed(/logged 200/);
		await api.kill();
		await first.printed(/logged 1200/);
		await first.kill();
		expect(existsSync(path.join(spoolDir, runId))).toBe(true);
		await api.restart();
		const died = 100 * (first.output().match(/logged/g)?.length ?? 0);
		const second = runScript({
			url: api.url,
			spoolDir,
			resume: true,
			from: died + 1_000,
			to: died + 1_100,
			everyMs: 1,
		});
		await second.printed(/finished/);
		const { run, steps } = await record(runId);
		expect(run?.attempts).toHaveLength(1);
		// What the dead process had told is there, but for the last moment before its death; nothing is there twice.
		const told = steps.filter((step) => step < died + 1_000);
		expect(told).toEqual(upTo(told.length));
		expect(told.length).toBeGreaterThan(died - 700);
		expect(told.length).toBeGreaterThan(300);
		expect(steps.slice(told.length)).toEqual(upTo(101).map((at) => died + 999 + at));
	});

	it.skipIf(spawnSync('python3', ['--version']).status !== 0)(
		'has a page whose Python works as it stands',
		async () => {
			const [, python = ''] = readFileSync(path.join(root, 'docs/http.md'), 'utf8').match(/```python\n(.*?)```/s) ?? [];
			const input = python.replace('http://127.0.0.1:4620', api.url);
			const { stdout, stderr } = spawnSync('python3', ['-'], { input, encoding: 'utf8', timeout: 60_000 });
			expect(stderr).toBe('');
			const { run } = await record(stdout.match(/run (\S+)/)?.[1] ?? '');
			expect(run?.status).toBe('SUCCEEDED');
		},
	);
});

function runScript(wanted: LoggingScript) {
	const script = path.join(root, 'test/dist/support/logging-script.js');
	const child = spawn(process.execPath, [script, JSON.stringify(wanted)], { stdio: ['ignore', 'pipe', 'pipe'] });
	let output = '';
	const looks = new Set<() => void>();
	const add = (text: string) => {
		output += text;
		for (const look of looks) look();
	};
	child.stdout.setEncoding('utf8').on('data', add);
	child.stderr.setEncoding('utf8').on('data', add);
	const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
	return {
		output: () => output,
		printed: (pattern: RegExp) =>
			new Promise<RegExpMatchArray>((resolve, reject) => {
				const look = () => {
					const match = output.match(pattern);
					if (match !== null) resolve(match);
				};
				looks.add(look);
				look();
				void closed.then(() => reject(new Error(`the script ended without ${pattern}:\n${output}`)));
			}),
		kill: () => {
			child.kill('SIGKILL');
			return closed;
		},
	};
}
