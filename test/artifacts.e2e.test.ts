import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createGraftClient, type GraftClient } from '@graft/client/node';
import { startTestBucket, type TestBucket } from '@graft/testing/s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LaunchOneDocument, RunFilesDocument } from './gql/graphql.js';
import { prepareLaunch } from './support/catalogue.js';
import { freePort, type Running, runGraft } from './support/process.js';
import { type RecordingProxy, startCountingProxy, startRecordingProxy } from './support/recording-proxy.js';
import { startTrainer } from './support/trainer.js';
import { until } from './support/until.js';

const home = mkdtempSync(path.join(os.tmpdir(), 'graft-artifacts-'));
let bucket: TestBucket;
/** Between everybody and the bucket. */
let door: RecordingProxy;
/** Between trainers and scripts and the API. */
let line: Awaited<ReturnType<typeof startCountingProxy>>;
let up: Running;
let client: GraftClient;
const trainers: ReturnType<typeof startTrainer>[] = [];

beforeAll(async () => {
	bucket = await startTestBucket();
	await bucket.clear();
	door = await startRecordingProxy(bucket.endpoint);
	const [port, dashboardPort] = [await freePort(), await freePort()];
	const ports = ['--port', String(port), '--dashboard-port', String(dashboardPort)];
	up = runGraft(['up', '--json', '--trainers', '0', '--data', path.join(home, 'platform'), ...ports], {
		...store('e2e'),
		// So that what is abandoned goes within the test.
		GRAFT_ORPHAN_SECONDS: '3',
	});
	await up.printed(/"ready":true/);
	line = await startCountingProxy(`http://127.0.0.1:${port}`);
	client = createGraftClient({ url: line.url });
});
/** The environment of a platform whose artifacts lie in the bucket, under a prefix of its own. */
const store = (prefix: string) => ({
	GRAFT_S3_BUCKET: bucket.bucket,
	GRAFT_S3_ENDPOINT: door.url,
	GRAFT_S3_PREFIX: prefix,
	AWS_ACCESS_KEY_ID: bucket.account.accessKeyId,
	AWS_SECRET_ACCESS_KEY: bucket.account.secretAccessKey,
});
afterAll(async () => {
	await client?.close();
	for (const { child } of trainers) child.kill('SIGKILL');
	await up?.stop();
	line?.close();
	await door?.close();
	await bucket?.close();
	rmSync(home, { recursive: true, force: true });
});

function trainer(name: string) {
	const env = { GRAFT_CHECKPOINT_STEPS: '7', GRAFT_BACKEND: 'wasm' };
	const started = startTrainer({ apiUrl: line.url, name, dataDir: path.join(home, name), env });
	trainers.push(started);
	return started;
}

/** A head so wide that a checkpoint (weights and both moments of Adam) has several parts. */
async function launch(): Promise<string> {
	const { experimentId, backboneId, datasetId } = await prepareLaunch(client);
	const { launchComparison } = await client.request(LaunchOneDocument, {
		input: {
			...{ experimentId, backboneIds: [backboneId], datasetIds: [datasetId] },
			...{ strategies: [{ kind: 'FROM_SCRATCH' }], seeds: [5], epochs: 4, batchSize: 16, trainExamplesPerClass: 25 },
			head: { pooling: 'average', hidden: [1400, 1400], dropout: 0 },
		},
	});
	if (launchComparison.__typename !== 'ComparisonLaunched') throw new Error(JSON.stringify(launchComparison));
	return launchComparison.runs[0]?.id ?? '';
}
const record = async (id: string) => {
	const { run } = await client.request(RunFilesDocument, { id });
	if (run === null) throw new Error(`run ${id} is gone`);
	return run;
};
/** `incoming/<sha256>` and the number of a part that is being sent. */
const partOf = (method: string, url: string) => {
	const [, key, number] = /^\/[^/]+\/(e2e\/incoming\/[^?]+)\?.*partNumber=(\d+)/.exec(url) ?? [];
	return method === 'PUT' && key !== undefined ? { key, number: Number(number) } : null;
};

it('a trainer is killed while it uploads to S3; another one goes on from the checkpoint before, and no bytes pass through the API', async () => {
	const id = await launch();
	const victim = trainer('victim');
	const first = await until('a checkpoint is stored', async () => {
		return (await record(id)).artifacts.find(({ kind }) => kind === 'resume') ?? null;
	});
	// Of what it uploads next only the first part gets through.
	let cut: string | null = null;
	door.holds = (method, url) => {
		const part = partOf(method, url);
		if (part === null || (cut !== null && part.key !== cut)) return false;
		cut = part.key;
		return part.number > 1;
	};
	await until('the first part of the next one is stored', async () => {
		const stored = door.seen.some(({ method, url, status }) => status === 200 && partOf(method, url)?.key === cut);
		return (cut !== null && stored) || null;
	});
	victim.child.kill('SIGKILL');
	await victim.exited;
	expect(await bucket.left()).toContain(`${cut} (under way)`);
	door.holds = () => false;

	trainer('heir');
	const run = await until('the run succeeds', async () => {
		const found = await record(id);
		if (found.status === 'FAILED') throw new Error(found.failure?.message);
		return found.status === 'SUCCEEDED' ? found : null;
	});
	expect(run.attempts.map(({ outcome }) => outcome)).toEqual(['EXPIRED', 'SUCCEEDED']);
	expect(run.attempts[1]?.resumedFromStep).toBeGreaterThanOrEqual(first.step ?? 1);

	// Whoever follows a link of the API gets the bytes, from the bucket.
	for (const { downloadUrl, digest } of run.artifacts) {
		expect((await fetch(downloadUrl, { redirect: 'manual' })).status).toBe(302);
		const bytes = Buffer.from(await (await fetch(downloadUrl)).arrayBuffer());
		expect(createHash('sha256').update(bytes).digest('hex')).toBe(digest);
	}
	const out = path.join(home, 'model');
	const exported = runGraft(['export', id, '--format', 'safetensors', '--out', out, '--api', line.url]);
	expect(await exported.exited).toMatchObject({ code: 0 });
	expect(readdirSync(out)).toContain('model.safetensors');
	// Weights come in the same way.
	const file = path.join(out, 'model.safetensors');
	const args = ['backbone', 'import', file, '--architecture', 'small-cnn', '--name', 'back', '--api', line.url];
	const imported = runGraft(args);
	expect(await imported.exited, imported.stderr()).toMatchObject({ code: 0 });

	const sent = door.seen.filter(({ method }) => method === 'PUT').reduce((sum, { sent }) => sum + sent, 0);
	const stored = run.artifacts.reduce((sum, { bytes }) => sum + bytes, 0);
	expect(sent).toBeGreaterThan(stored);
	expect(stored).toBeGreaterThan(30e6);
	// All that trainers, the command line and this test asked of the API, uploads and downloads among it.
	expect(line.bytes()).toBeLessThan(5e6);

	await until('the store is well', async () => {
		return (await (await fetch(`${line.url}/readyz`)).text()) === 'ok\n' || null;
	});
	const left = await until('what was abandoned is gone', async () => {
		const keys = await bucket.left();
		return keys.every((key) => key.startsWith('e2e/artifacts/')) ? keys : null;
	});
	const named = new Set(run.artifacts.map(({ digest }) => `e2e/artifacts/${digest}`));
	for (const key of named) expect(left).toContain(key);
	// Of what the run has no more use for nothing is left; the backbone has its own.
	expect(left).toHaveLength(named.size + 1);

	const folder = path.join(home, 'platform', 'logs');
	const logs = readdirSync(folder).map((name) => readFileSync(path.join(folder, name), 'utf8'));
	const said = [...logs, ...trainers.map(({ log }) => log()), up.stderr(), up.stdout()].join('\n');
	expect(said).not.toMatch(/X-Amz-Signature|X-Amz-Credential/i);
	expect(said.replaceAll(bucket.bucket, '')).not.toContain(bucket.account.secretAccessKey);
});

it('the command line looks at the bucket, backs it up while it is used, and restores it into another', async () => {
	const platform = path.join(home, 'platform');
	const ask = async (args: readonly string[], env: Readonly<Record<string, string>>) => {
		const command = runGraft(args, env);
		const { code } = await command.exited;
		return { code, said: command.stdout() + command.stderr() };
	};
	const well = await ask(['doctor', '--json', '--data', platform], store('e2e'));
	expect(JSON.parse(well.said).findings).toContainEqual(
		expect.objectContaining({ name: 'artifact store', state: 'ok', says: expect.stringContaining(bucket.bucket) }),
	);
	const wrong = { ...store('e2e'), AWS_SECRET_ACCESS_KEY: 'another' };
	const refused = await ask(['doctor', '--json', '--data', platform], wrong);
	expect(refused.code).toBe(1);
	expect(JSON.parse(refused.said).findings).toContainEqual(
		expect.objectContaining({ name: 'artifact store', state: 'fail', advice: expect.stringContaining('GRAFT_S3_') }),
	);

	const file = path.join(home, 'backup.tar');
	const backup = await ask(['backup', file, '--data', platform], store('e2e'));
	expect(backup).toMatchObject({ code: 0, said: expect.stringMatching(/\d+ rows and [1-9]\d* files/) });
	const [counts] = /\d+ rows and \d+ files/.exec(backup.said) ?? [];
	const empty = path.join(home, 'restored');
	const restored = await ask(['restore', file, '--data', empty], store('copy'));
	expect(restored).toMatchObject({ code: 0, said: expect.stringContaining(`Restored: ${counts}`) });
	const under = (keys: readonly string[], prefix: string) =>
		keys.flatMap((key) => (key.startsWith(`${prefix}/artifacts/`) ? [key.slice(prefix.length)] : [])).sort();
	const keys = await bucket.left();
	expect(under(keys, 'copy')).toEqual(under(keys, 'e2e'));
	expect(under(keys, 'copy')).not.toEqual([]);
	// And from the bucket to a disk.
	const onDisk = await ask(['restore', file, '--data', path.join(home, 'on-disk')], {});
	expect(onDisk).toMatchObject({ code: 0, said: expect.stringContaining(`Restored: ${counts}`) });
	expect(readdirSync(path.join(home, 'on-disk', 'artifacts'), { recursive: true }).length).toBeGreaterThan(0);
	const again = await ask(['restore', file, '--data', empty], store('copy'));
	expect(again).toMatchObject({ code: 1, said: expect.stringContaining('holds something already') });
});
