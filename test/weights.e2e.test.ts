import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { RunToExportDocument } from '@graft/client/gql';
import { createGraftClient, type GraftClient } from '@graft/client/node';
import { type DurableServer, startDurableServer } from '@graft/testing/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ImportedBackbonesDocument, LaunchOneDocument, OneRunDocument } from './gql/graphql.js';
import { type ApiProcess, startApi } from './support/api-process.js';
import { prepareLaunch } from './support/catalogue.js';
import { graftBin, root } from './support/process.js';
import { startTrainer } from './support/trainer.js';
import { until } from './support/until.js';

const FIXTURES = path.join(root, 'packages/training/fixtures/weights');
const COMMIT = 'ab'.repeat(20);

// The command line, the trainer program and the API, with files that Keras and Hugging Face wrote.
describe('graft backbone', () => {
	const dataDir = mkdtempSync(path.join(os.tmpdir(), 'graft-weights-'));
	const model = path.join(dataDir, 'bert-of-a-user');
	let server: DurableServer;
	let api: ApiProcess;
	let client: GraftClient;
	let hub: Server;
	let trainer: ReturnType<typeof startTrainer> | undefined;
	beforeAll(async () => {
		cpSync(path.join(FIXTURES, 'bert'), model, { recursive: true });
		writeFileSync(
			path.join(model, 'vocab.txt'),
			`[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n${'abcdefghijklmno'.split('').join('\n')}\n`,
		);
		hub = createServer((request, response) => {
			const { pathname } = new URL(request.url ?? '', 'http://hub');
			const file = (name: string) => readFileSync(path.join(model, name));
			if (pathname.startsWith('/api/models/user/bert/revision/'))
				response.end(JSON.stringify({ id: 'user/bert', sha: COMMIT }));
			else if (pathname.startsWith('/api/models/user/bert/tree/')) {
				const names = readdirSync(model);
				response.end(JSON.stringify(names.map((name) => ({ type: 'file', path: name, size: file(name).length }))));
			} else response.end(file(path.basename(pathname)));
		});
		await new Promise<void>((resolve) => hub.listen(0, '127.0.0.1', resolve));
		server = await startDurableServer(path.join(dataDir, 'postgres'));
		api = await startApi({ databaseUrl: server.url, dataDir });
		client = createGraftClient({ url: api.url });
	});
	afterAll(async () => {
		await client?.close();
		trainer?.child.kill('SIGKILL');
		await api?.stop();
		await server?.stop();
		hub?.closeAllConnections();
		hub?.close();
		rmSync(dataDir, { recursive: true, force: true });
	});

	/** Runs the command line to its end. */
	function graft(command: 'import' | 'pull', ...args: string[]) {
		return run('backbone', command, ...args, '--data', dataDir);
	}
	function run(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
		const hubUrl = `http://127.0.0.1:${(hub.address() as AddressInfo).port}`;
		const child = spawn(process.execPath, [graftBin, ...args, '--api', api.url, '--json'], {
			env: { ...process.env, HF_ENDPOINT: hubUrl, NO_PROXY: '127.0.0.1' },
		});
		let [stdout, stderr] = ['', ''];
		child.stdout.on('data', (text) => (stdout += text));
		child.stderr.on('data', (text) => (stderr += text));
		return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
	}
	const backbones = async () => (await client.request(ImportedBackbonesDocument, {})).backbones.nodes;
	const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

	it('imports a folder of Hugging Face: weights, sizes, tokenizer', async () => {
		const { code, stdout, stderr } = await graft('import', model, '--name', 'tiny', '--licence', 'apache-2.0');
		expect([code, stderr]).toEqual([0, expect.stringMatching(/upload .* MB/)]);
		const said = JSON.parse(stdout);
		expect(said).toMatchObject({
			name: 'tiny',
			architecture: 'bert-L2-H8-A2-F12-V20-P8',
			tensors: 39,
			hasTokenizer: true,
		});
		expect(said.leftOut.sort()).toEqual(['classifier.bias', 'classifier.weight']);
		const [backbone] = await backbones();
		expect(backbone).toMatchObject({
			...{ name: 'tiny', weightsDigest: said.digest, source: 'bert-of-a-user', licence: 'apache-2.0' },
			...{ parameterCount: 1392, architecture: { name: said.architecture }, input: { shape: [3, 8], maxLength: 8 } },
		});
		for (const digest of [said.digest, backbone?.input.tokenizer]) {
			const stored = await fetch(`${api.url}/artifacts/${digest}`);
			expect(sha256(new Uint8Array(await stored.arrayBuffer()))).toBe(digest);
		}
		expect(readdirSync(path.join(dataDir, 'imports'))).toEqual([]);
	});

	it('pulls the same from a hub: the same weights, and where they came from', async () => {
		const { code, stdout } = await graft('pull', 'user/bert');
		expect(code).toBe(0);
		const said = JSON.parse(stdout);
		expect(said.pulled.map(({ name }: { name: string }) => name).sort()).toEqual([
			'config.json',
			'model.safetensors',
			'vocab.txt',
		]);
		const [pulled, tiny] = await backbones();
		expect(pulled).toMatchObject({ name: 'bert', weightsDigest: tiny?.weightsDigest });
		expect(pulled?.source).toMatch(new RegExp(`/user/bert/tree/${COMMIT}$`));
		expect(pulled?.input.tokenizer).toBe(tiny?.input.tokenizer);
	});

	it('texts are counted in the tokens of the newest backbone where nobody names another', async () => {
		const file = path.join(dataDir, 'reviews.csv');
		writeFileSync(file, `text,label\n${Array.from({ length: 20 }, (_, i) => `a b c,${i % 2}`).join('\n')}\n`);
		const given = ['--name', 'reviews', '--format', 'csv-text', '--option', 'label=label', '--data', dataDir];
		const { code, stdout, stderr } = await run('dataset', 'import', file, ...given);
		expect([code, stderr]).toMatchObject([0, expect.any(String)]);
		const { distributions } = JSON.parse(stdout).statistics;
		// Three letters between the first and the last token.
		expect(distributions).toContainEqual({ name: 'tokens', unit: 'tokens', min: 5, p5: 5, median: 5, p95: 5, max: 5 });
	});

	it('refuses what is none, in words, and registers nothing', async () => {
		const before = await backbones();
		const wrong = await graft('import', path.join(FIXTURES, 'legacy-weights.h5'), '--architecture', 'resnet50');
		expect([wrong.code, wrong.stderr]).toEqual([
			1,
			expect.stringMatching(/not those of resnet50: 318 missing \(conv1_conv\/kernel,/),
		]);
		const cut = path.join(dataDir, 'cut.h5');
		writeFileSync(cut, readFileSync(path.join(FIXTURES, 'legacy-weights.h5')).subarray(0, 5000));
		const broken = await graft('import', cut, '--architecture', 'resnet50');
		expect([broken.code, broken.stderr]).toEqual([
			1,
			expect.stringMatching(/It is no whole HDF5 file: .*cut.h5 cannot be imported/),
		]);
		expect(broken.stderr).not.toMatch(/HDF5-DIAG/);
		const nobody = await graft('pull', 'keras/alexnet');
		expect([nobody.code, nobody.stderr]).toEqual([1, expect.stringMatching(/no weights of alexnet/)]);
		const taken = await graft(
			'import',
			model,
			'--architecture',
			'bert-L2-H8-A2-F12-V20-P8',
			'--name',
			'tiny',
			'--input-shape',
			'3x4',
		);
		expect([taken.code, taken.stderr]).toEqual([1, expect.stringMatching(/Another backbone is called tiny/)]);
		expect(await backbones()).toEqual(before);
		expect(readdirSync(path.join(dataDir, 'imports'))).toEqual([]);
	});

	it('exports what a run has trained, and takes it back as a backbone', async () => {
		const { experimentId, backboneId, datasetId } = await prepareLaunch(client);
		const launch = async (backbone: string, kind: 'FROM_SCRATCH' | 'FEATURE_EXTRACTION') => {
			const { launchComparison } = await client.request(LaunchOneDocument, {
				input: {
					...{ experimentId, backboneIds: [backbone], datasetIds: [datasetId], strategies: [{ kind }], seeds: [1] },
					...{ head: { hidden: [8] }, epochs: 1, batchSize: 16, trainExamplesPerClass: 10 },
				},
			});
			if (launchComparison.__typename !== 'ComparisonLaunched') throw new Error(JSON.stringify(launchComparison));
			return launchComparison.runs[0]?.id ?? '';
		};
		const succeeded = (runId: string) =>
			until('the run has succeeded', async () => {
				const { run: found } = await client.request(OneRunDocument, { id: runId });
				if (found?.status === 'FAILED') throw new Error(JSON.stringify(found));
				return found?.status === 'SUCCEEDED' ? found : null;
			});
		const id = await launch(backboneId, 'FROM_SCRATCH');
		const early = await run('export', id, '--format', 'h5', '--out', path.join(dataDir, 'early'));
		expect([early.code, early.stderr]).toEqual([1, expect.stringMatching(/comes from a run that has SUCCEEDED/)]);
		trainer = startTrainer({
			apiUrl: api.url,
			name: 'one',
			dataDir: path.join(dataDir, 'one'),
			env: { GRAFT_BACKEND: 'wasm' },
		});
		await succeeded(id);
		const out = path.join(dataDir, 'exported');
		const { code, stdout, stderr } = await run('export', id, '--format', 'h5', '--out', out);
		expect([code, stderr]).toEqual([0, '']);
		expect(JSON.parse(stdout).files).toEqual([
			{ name: 'model.h5', sha256: sha256(readFileSync(path.join(out, 'model.h5'))) },
		]);
		const about = JSON.parse(readFileSync(path.join(out, 'graft.json'), 'utf8'));
		expect(about).toMatchObject({ labels: ['6', '7', '8', '9'], preprocessing: { pixels: 'x / 16' }, run: { id } });
		expect(about.metrics.test_accuracy).toBeGreaterThan(0);
		const best = await run('export', id, '--format', 'h5', '--weights', 'best', '--out', path.join(dataDir, 'best'));
		expect([best.code, best.stderr]).toEqual([0, '']);
		const { artifacts = [] } = (await client.request(RunToExportDocument, { id })).run ?? {};
		expect(JSON.parse(readFileSync(path.join(dataDir, 'best', 'graft.json'), 'utf8')).run.checkpoint).toBe(
			artifacts.find(({ name }) => name === 'best')?.digest,
		);
		const back = await graft('import', path.join(out, 'model.h5'), '--architecture', 'small-cnn', '--name', 'back');
		expect(back.code).toBe(0);
		const imported = JSON.parse(back.stdout);
		expect(imported.leftOut).toHaveLength(4);
		await succeeded(await launch(imported.id, 'FEATURE_EXTRACTION'));
	}, 90_000);
});
