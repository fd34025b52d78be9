import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createGraftClient, type GraftClient } from '@graft/client/node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LaunchOneDocument, RunRecordDocument } from './gql/graphql.js';
import { prepareLaunch } from './support/catalogue.js';
import { freePort, type Running, runGraft } from './support/process.js';
import { startTrainer } from './support/trainer.js';
import { until } from './support/until.js';

const home = mkdtempSync(path.join(os.tmpdir(), 'graft-lifecycle-'));
let api: string;
let up: Running;
let client: GraftClient;
let subject: Awaited<ReturnType<typeof prepareLaunch>>;
let trainer: ReturnType<typeof startTrainer>;

beforeAll(async () => {
	const [port, dashboardPort] = [await freePort(), await freePort()];
	api = `http://127.0.0.1:${port}`;
	const ports = ['--port', String(port), '--dashboard-port', String(dashboardPort)];
	up = runGraft(['up', '--json', '--trainers', '0', '--data', path.join(home, 'platform'), ...ports]);
	await up.printed(/"ready":true/);
	client = createGraftClient({ url: api });
	subject = await prepareLaunch(client);
	const env = { GRAFT_SLOTS: '2', GRAFT_BACKEND: 'wasm', GRAFT_CHECKPOINT_STEPS: '20' };
	trainer = startTrainer({ apiUrl: api, name: 'two-slots', dataDir: path.join(home, 'trainer'), env });
});
afterAll(async () => {
	await client?.close();
	trainer?.child.kill('SIGKILL');
	await up?.stop();
	rmSync(home, { recursive: true, force: true });
});

const ENDLESS = 50_000;
async function launch(seed: number, epochs: number): Promise<string> {
	const { launchComparison } = await client.request(LaunchOneDocument, {
		input: {
			experimentId: subject.experimentId,
			backboneIds: [subject.backboneId],
			datasetIds: [subject.datasetId],
			strategies: [{ kind: 'FROM_SCRATCH' }],
			seeds: [seed],
			epochs,
			batchSize: 16,
			trainExamplesPerClass: 4,
		},
	});
	if (launchComparison.__typename !== 'ComparisonLaunched') throw new Error(JSON.stringify(launchComparison));
	return launchComparison.runs[0]?.id ?? '';
}

const record = async (id: string) => {
	const { run } = await client.request(RunRecordDocument, { id });
	if (run === null) throw new Error(`run ${id} is gone`);
	return run;
};
type Found = Awaited<ReturnType<typeof record>>;
const reach = (what: string, id: string, wanted: (run: Found) => boolean) =>
	until(what, async () => {
		const run = await record(id);
		return wanted(run) ? run : null;
	});
const trains = (run: Found) => run.status === 'RUNNING' && (run.progress?.step ?? 0) > 20;
const checkpoints = (run: Found) => run.artifacts.filter(({ kind }) => kind === 'resume').length;

/** A command that must do its work. */
async function graft(...args: string[]): Promise<string> {
	const command = runGraft([...args, '--api', api]);
	const { code } = await command.exited;
	expect({ args, code, stderr: command.stderr() }).toMatchObject({ code: 0 });
	return command.stdout();
}

it('trains two runs at once, frees a slot by a pause, and goes on from where it was', async () => {
	const [first, second] = [await launch(1, ENDLESS), await launch(2, ENDLESS)];
	await reach('the first run trains', first, trains);
	await reach('the second run trains beside it', second, trains);
	const short = await launch(3, 2);
	expect((await record(short)).status).toBe('QUEUED');

	await graft('runs', 'pause', first);
	expect(
		checkpoints(await reach('the first run is paused', first, ({ status }) => status === 'PAUSED')),
	).toBeGreaterThan(0);
	await reach('the third run has its slot', short, ({ status }) => status === 'SUCCEEDED');

	await graft('runs', 'continue', short, '--epochs', '3');
	const longer = await reach(
		'it is continued',
		short,
		(run) => run.status === 'SUCCEEDED' && run.attempts.length === 2,
	);
	expect(longer.attempts[1]).toMatchObject({ outcome: 'SUCCEEDED', resumedFromStep: 2 });

	await graft('runs', 'resume', first);
	const resumed = await reach(
		'the first run goes on',
		first,
		(run) => run.status === 'RUNNING' && run.attempts.length === 2,
	);
	expect(resumed.attempts[1]?.resumedFromStep).toBeGreaterThan(20);
	expect(await graft('runs', 'list', '--status', 'RUNNING')).toContain(second);
});

/** The JSON lines of a log that are about a run. */
const linesAbout = (log: string, runId: string) =>
	log
		.split('\n')
		.filter((line) => line.startsWith('{') && line.includes(runId))
		.map((line) => JSON.parse(line) as { msg: string; runId: string; attempt: number });

it('tells operators what it does: figures for Prometheus, and logs that name run and attempt', async () => {
	const text = await (await fetch(`${api}/metrics`)).text();
	const figure = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
	expect(figure('graft_training_runs')).toBe(2);
	expect(figure('graft_queue_runs')).toBe(0);
	expect(figure('graft_points_total')).toBeGreaterThan(10);
	expect(figure('graft_batches_total')).toBeGreaterThan(1);
	expect(figure('graft_lease_expiries_total')).toBe(0);
	expect(figure('graft_stream_lag_seconds_count')).toBeGreaterThan(0);
	expect(figure('graft_queue_wait_seconds_count')).toBe(3);
	expect(figure('graft_trainer_step{worker="two-slots"}'.replace(/[{}]/g, '\\$&'))).toBeGreaterThan(20);

	const { runs } = JSON.parse(await graft('runs', 'list', '--status', 'SUCCEEDED', '--json'));
	const id = runs[0].id;
	const folder = path.join(home, 'platform', 'logs');
	const kept = readdirSync(folder).map((name) => readFileSync(path.join(folder, name), 'utf8'));
	const said = linesAbout(kept.join('\n'), id).map(({ msg, attempt }) => [msg, attempt]);
	expect(said).toEqual([
		['handed a run out', 1],
		['an attempt ended', 1],
		['handed a run out', 2],
		['an attempt ended', 2],
	]);
	const trained = linesAbout(trainer.log(), id).map(({ msg, attempt }) => [msg, attempt]);
	for (const attempt of [1, 2]) {
		expect(trained).toContainEqual(['Run begins.', attempt]);
		expect(trained).toContainEqual(['Run succeeded.', attempt]);
	}
});

/** Ids of the runs that train now. */
async function running(): Promise<string[]> {
	const { runs } = JSON.parse(await graft('runs', 'list', '--status', 'RUNNING', '--json'));
	return runs.map(({ id }: { id: string }) => id);
}

// Which processes are a trainer's own is asked of /proc.
it.runIf(process.platform === 'linux')(
	'hands a run on at once whose process is killed, and leaves the other one alone',
	async () => {
		const children = `/proc/${trainer.child.pid}/task/${trainer.child.pid}/children`;
		const ids = await running();
		const before = new Map(await Promise.all(ids.map(async (id) => [id, (await record(id)).attempts.length] as const)));
		const [seat] = readFileSync(children, 'utf8').trim().split(' ');
		process.kill(Number(seat), 'SIGKILL');
		const killed = await until('a killed run trains again', async () => {
			for (const id of ids) {
				const run = await record(id);
				if (run.attempts.length > (before.get(id) ?? 0) && run.status === 'RUNNING') return id;
			}
			return null;
		});
		const others = ids.filter((id) => id !== killed);
		for (const id of others) expect((await record(id)).attempts.length).toBe(before.get(id));
	},
);

it('is drained: it finishes what it trains, takes nothing more, and ends', async () => {
	const endless = await running();
	await graft('runs', 'cancel', ...endless);
	for (const id of endless) await reach('it is cancelled', id, ({ status }) => status === 'CANCELLED');
	const last = await launch(9, 60);
	await reach('a run trains', last, ({ status }) => status === 'RUNNING');
	expect(await graft('worker', 'drain', 'two-slots')).toContain('two-slots takes no more runs');
	const late = await launch(10, 1);
	// 3 tells a supervisor not to start it again.
	expect(await trainer.exited).toBe(3);
	expect((await record(last)).status).toBe('SUCCEEDED');
	expect((await record(late)).status).toBe('QUEUED');
});

it('puts an experiment into the trash, where nothing is handed out, and takes it back', async () => {
	const { experimentId } = subject;
	expect(await graft('experiment', 'list')).toMatch(/A question .*1 QUEUED/);
	expect(await graft('experiment', 'delete', 'A question')).toContain('A question is in the trash');
	expect(JSON.parse(await graft('experiment', 'list', '--json'))).toMatchObject({ totalCount: 0, experiments: [] });
	const deleted = JSON.parse(await graft('experiment', 'list', '--deleted', '--json'));
	expect(deleted.experiments).toMatchObject([{ id: experimentId, deletedAt: expect.any(String) }]);
	expect(await graft('runs', 'list')).not.toContain(experimentId);
	expect(await graft('experiment', 'restore', experimentId)).toContain('A question is back');
	expect(JSON.parse(await graft('experiment', 'list', '--json')).totalCount).toBe(1);
	const unknown = runGraft(['experiment', 'delete', 'Another', '--api', api]);
	expect(await unknown.exited).toMatchObject({ code: 1 });
	expect(unknown.stderr()).toContain('There is no experiment "Another"');
});
