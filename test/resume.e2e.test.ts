import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createGraftClient, decodeList, type GraftClient } from '@graft/client/node';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LaunchOneDocument, RunRecordDocument, StoredSeriesDocument } from './gql/graphql.js';
import { prepareLaunch } from './support/catalogue.js';
import { freePort, type Running, runGraft } from './support/process.js';
import { startTrainer } from './support/trainer.js';
import { until } from './support/until.js';

const EPOCHS = 24;
const SEED = 20_261;
/** Parts of the run at which its trainer goes: two are killed in the middle of a step, the third is told to stop. */
const ENDS = ['SIGKILL', 'SIGKILL', 'SIGTERM'] as const;

const home = mkdtempSync(path.join(os.tmpdir(), 'graft-resume-'));
let api: string;
let up: Running;
let client: GraftClient;
let subject: Awaited<ReturnType<typeof prepareLaunch>>;
const trainers: ReturnType<typeof startTrainer>[] = [];

beforeAll(async () => {
	const [port, dashboardPort] = [await freePort(), await freePort()];
	api = `http://127.0.0.1:${port}`;
	const ports = ['--port', String(port), '--dashboard-port', String(dashboardPort)];
	up = runGraft(['up', '--json', '--trainers', '0', '--data', path.join(home, 'platform'), ...ports]);
	await up.printed(/"ready":true/);
	client = createGraftClient({ url: api });
	subject = await prepareLaunch(client);
});
afterAll(async () => {
	await client?.close();
	for (const { child } of trainers) child.kill('SIGKILL');
	await up?.stop();
	rmSync(home, { recursive: true, force: true });
});

/** A trainer of its own machine: what it keeps is nobody else's. */
function trainer(name: string) {
	const env = { GRAFT_CHECKPOINT_STEPS: '5', GRAFT_BACKEND: 'wasm' };
	const started = startTrainer({ apiUrl: api, name, dataDir: path.join(home, name), env });
	trainers.push(started);
	return started;
}

async function launch(): Promise<string> {
	const { launchComparison } = await client.request(LaunchOneDocument, {
		input: {
			experimentId: subject.experimentId,
			backboneIds: [subject.backboneId],
			datasetIds: [subject.datasetId],
			strategies: [{ kind: 'FROM_SCRATCH' }],
			seeds: [5],
			head: { pooling: 'average', hidden: [8], dropout: 0.3 },
			epochs: EPOCHS,
			batchSize: 16,
			trainExamplesPerClass: 25,
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
const succeeded = (id: string) =>
	until(`run ${id} succeeds`, async () => {
		const run = await record(id);
		if (run.status === 'FAILED') throw new Error(run.failure?.message);
		return run.status === 'SUCCEEDED' ? run : null;
	});

/** Every stored point of a run, as any reader sees them. */
async function seriesOf(id: string, keys: readonly string[]) {
	const all: Record<string, unknown> = {};
	for (const key of keys) {
		const { metricSeries } = await client.request(StoredSeriesDocument, { runId: id, key });
		const [series] = metricSeries;
		all[key] = {
			points: series?.points,
			steps: decodeList(series?.steps ?? []),
			values: decodeList(series?.mean ?? []),
		};
	}
	return all;
}

it('a run whose trainers are killed at random ends with the bits of one that was left alone', async () => {
	const part = fc.double({ min: 0.1, max: 0.8, noNaN: true });
	const [moments = []] = fc.sample(fc.array(part, { minLength: ENDS.length, maxLength: ENDS.length }), {
		seed: SEED,
		numRuns: 1,
	});
	const calm = await launch();
	const steady = trainer('steady');
	const undisturbed = await succeeded(calm);
	steady.child.kill('SIGTERM');
	await steady.exited;

	const id = await launch();
	const steps = EPOCHS * Math.ceil((4 * 25) / 16);
	for (const [index, signal] of ENDS.entries()) {
		const at = Math.floor(((index + (moments[index] ?? 0)) / (ENDS.length + 0.5)) * steps);
		const victim = trainer(`victim-${index + 1}`);
		await until(`attempt ${index + 1} makes step ${at}`, async () => {
			const run = await record(id);
			return run.attempts.length > index && (run.progress?.step ?? 0) >= at ? run : null;
		});
		const asked = performance.now();
		victim.child.kill(signal);
		expect(await victim.exited).toBe(signal === 'SIGKILL' ? signal : 0);
		if (signal === 'SIGTERM') expect(performance.now() - asked).toBeLessThan(10_000);
	}
	trainer('last');
	const disturbed = await succeeded(id);

	expect(disturbed.attempts.map(({ outcome }) => outcome)).toEqual(['EXPIRED', 'EXPIRED', 'RELEASED', 'SUCCEEDED']);
	const from = disturbed.attempts.map(({ resumedFromStep }) => resumedFromStep);
	expect(from[0]).toBeNull();
	// Each attempt goes on from no earlier than the one before it.
	expect(from.slice(1)).toEqual([...from.slice(1)].sort((one, other) => Number(one) - Number(other)));
	// One that was told to stop leaves a checkpoint in any case; one that was killed early may not have had one yet.
	expect(from.at(-1)).toBeGreaterThan(0);

	const weights = (run: typeof disturbed) => run.artifacts.filter(({ kind }) => kind === 'checkpoint');
	expect(weights(disturbed)).toEqual(weights(undisturbed));
	expect(disturbed.metricKeys).toEqual(undisturbed.metricKeys);
	const points = await seriesOf(id, disturbed.metricKeys);
	expect(points).toEqual(await seriesOf(calm, undisturbed.metricKeys));
	expect(points.train_loss).toMatchObject({ points: EPOCHS });
});
