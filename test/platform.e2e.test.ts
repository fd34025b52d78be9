import { copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createGraftClient, decodeList, type GraftClient } from '@graft/client/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
	CancelDocument,
	LaunchOneDocument,
	NewExperimentDocument,
	OneRunDocument,
	PointsDocument,
	RegisterDataDocument,
	StoredSeriesDocument,
	type StrategyInput,
} from './gql/graphql.js';
import { accessibilityFaults } from './support/axe.js';
import { chromiumPath, openBrowser, openPage } from './support/browser.js';
import { inspectDigits, prepareLaunch } from './support/catalogue.js';
import { writePictures } from './support/pictures.js';
import { freePort, type Running, runGraft } from './support/process.js';
import { until } from './support/until.js';

// One platform, started as `npm start` does, used from scripts, from the command line and from a browser.
describe('the platform', () => {
	const dataDir = mkdtempSync(path.join(os.tmpdir(), 'graft-up-'));
	let port: number;
	let dashboardPort: number;
	let api: string;
	let up: Running;
	let client: GraftClient;
	/** A run on pictures. */
	let pictured = '';
	let subject: { datasetId: string; backboneId: string; experimentId: string };

	beforeAll(async () => {
		port = await freePort();
		dashboardPort = await freePort();
		api = `http://127.0.0.1:${port}`;
		up = runGraft(['up', '--json', ...platformFlags(dataDir, port, dashboardPort)]);
		await up.printed(/"ready":true/);
		client = createGraftClient({ url: api });
		subject = await prepareLaunch(client);
	});
	afterAll(async () => {
		await client?.close();
		await up?.stop();
		rmSync(dataDir, { recursive: true, force: true });
	});

	type More = { epochs?: number; seeds?: number[]; datasetId?: string; training?: object };
	const launch = async (strategy: StrategyInput, more: More = {}) => {
		const { launchComparison } = await client.request(LaunchOneDocument, {
			input: {
				experimentId: subject.experimentId,
				backboneIds: [subject.backboneId],
				datasetIds: [more.datasetId ?? subject.datasetId],
				strategies: [strategy],
				training: more.training,
				seeds: more.seeds ?? [1],
				epochs: more.epochs ?? 3,
				batchSize: 32,
			},
		});
		return launchComparison;
	};
	const launched = async (...args: Parameters<typeof launch>) => {
		const result = await launch(...args);
		if (result.__typename !== 'ComparisonLaunched') throw new Error(JSON.stringify(result));
		return result.runs;
	};
	const statusOf = async (id: string) => (await client.request(OneRunDocument, { id })).run;
	const ended = (id: string) =>
		until(`run ${id} ends`, async () => {
			const run = await statusOf(id);
			return run && !['QUEUED', 'RUNNING'].includes(run.status) ? run : null;
		});

	it('streams points that continue after a cut, and equal what is stored', async () => {
		const [run] = await launched({ kind: 'FROM_SCRATCH' }, { epochs: 6 });
		const id = run?.id ?? '';
		const steps: number[] = [];
		let after: string | null = null;
		while (steps.length < 6) {
			// One frame, then the subscription is dropped: the cursor alone must bring the next one.
			for await (const { metricStream } of client.subscribe(PointsDocument, {
				runIds: [id],
				keys: ['val_accuracy'],
				after,
			})) {
				steps.push(...decodeList(metricStream.steps));
				after = metricStream.cursor;
				break;
			}
		}
		expect((await ended(id)).status).toBe('SUCCEEDED');
		const { metricSeries } = await client.request(StoredSeriesDocument, { runId: id, key: 'val_accuracy' });
		expect(metricSeries[0]?.points).toBe(6);
		expect(steps).toEqual([...decodeList(metricSeries[0]?.steps ?? [])]);
		expect(new Set(steps).size).toBe(6);
	});

	it('cancels a run while it trains', async () => {
		const [run] = await launched({ kind: 'FROM_SCRATCH' }, { epochs: 5000 });
		const id = run?.id ?? '';
		await until('the run trains', async () => ((await statusOf(id))?.progress?.epoch ?? 0) > 1 || null);
		await client.request(CancelDocument, { ids: [id] });
		const asked = Date.now();
		expect(await ended(id)).toMatchObject({ status: 'CANCELLED', attempts: [{ number: 1, outcome: 'CANCELLED' }] });
		expect(Date.now() - asked).toBeLessThan(5_000);
	});

	it('refuses what cannot be, by name, and stores nothing of it', async () => {
		const before = (await client.request(LaunchOneDocument, { input: impossible(subject) })).launchComparison;
		expect(before).toMatchObject({ __typename: 'NotFound' });
		expect(await launch({ kind: 'PARTIAL_FINE_TUNE', unfreezeFrom: 'block9' })).toMatchObject({
			__typename: 'InvalidInput',
			field: expect.stringContaining('unfreezeFrom'),
			message: expect.stringMatching(/block9.*block1.*block2.*block3.*block4/s),
		});
		expect(await launch({ kind: 'FULL_FINE_TUNE', options: { learningrate: 1 } })).toMatchObject({
			__typename: 'InvalidInput',
			message: expect.stringContaining('learningrate'),
		});
		const [only] = inspectDigits('x').splits;
		const oneClass = {
			...inspectDigits('one class'),
			classes: ['6'],
			splits: [{ ...only, examples: 3, classCounts: [3] }],
		};
		const { registerDataset } = await client.request(RegisterDataDocument, { input: oneClass });
		expect(registerDataset).toMatchObject({ __typename: 'InvalidInput', message: expect.stringMatching(/class/) });
	});

	it('sweeps from the command line and ranks the trials', async () => {
		const sweep = runGraft([
			...['sweep', 'Which depth', '--api', api, '--backbone', 'random-cnn', '--dataset', 'digits', '--json'],
			...['--strategy', 'from-scratch', '--method', 'grid', '--seeds', '1', '--epochs', '2', '--labels', '5'],
			...['--space', 'batchSize=16,32', '--space', 'strategy.learningRate=0.001,0.01'],
		]);
		const { code } = await sweep.exited;
		expect({ code, stderr: sweep.stderr() }).toMatchObject({ code: 0 });
		const { trials } = JSON.parse(sweep.stdout());
		expect(trials).toHaveLength(4);
		const values = trials.map(({ value }: { value: number }) => value);
		expect(values).toEqual([...values].sort((a: number, b: number) => b - a));
	});

	it('imports a folder of pictures, says what is in it, and trains on it', async () => {
		const folder = path.join(dataDir, 'pictures');
		await writePictures(folder, ['6', '9'], 60);
		const given = [
			'--name',
			'pictures',
			'--option',
			'size=[8,8]',
			'--option',
			'color=grayscale',
			'--data',
			dataDir,
			'--api',
			api,
		];
		const bring = async (...more: string[]) => {
			const command = runGraft(['dataset', 'import', folder, ...given, ...more]);
			return { ...(await command.exited), stdout: command.stdout(), stderr: command.stderr() };
		};
		writeFileSync(path.join(folder, '6', 'broken.png'), 'no picture');
		const refused = await bring();
		expect(refused.code).toBe(1);
		expect(refused.stderr).toMatch(/1 of 121 images .*6\/broken.png/s);
		copyFileSync(path.join(folder, '6', '0.png'), path.join(folder, '6', 'again.png'));
		const imported = await bring('--option', 'skipBroken=true', '--json');
		expect({ code: imported.code, stderr: imported.stderr }).toMatchObject({ code: 0 });
		const data = JSON.parse(imported.stdout);
		expect(data).toMatchObject({
			classes: ['6', '9'],
			statistics: { duplicates: { examples: 1 }, broken: { count: 1, named: [{ name: '6/broken.png' }] } },
		});
		const show = runGraft(['dataset', 'show', 'pictures', '--api', api]);
		expect((await show.exited).code).toBe(0);
		expect(show.stdout()).toMatch(/class +train +validation +test\n6 +\d+/);
		const training = { augmentation: { shift: 0.1, rotation: 0.03 } };
		const [run] = await launched({ kind: 'FROM_SCRATCH' }, { datasetId: data.id, training, epochs: 8 });
		const done = await ended(run?.id ?? '');
		expect(done).toMatchObject({ status: 'SUCCEEDED' });
		const tested = { runId: run?.id ?? '', key: 'test_accuracy' };
		expect((await client.request(StoredSeriesDocument, tested)).metricSeries).toHaveLength(1);
		pictured = run?.id ?? '';
	});

	it('says that it runs already, and that a port is taken, and leaves nothing behind', async () => {
		const second = runGraft(['up', ...platformFlags(dataDir, await freePort(), await freePort())]);
		expect((await second.exited).code).toBe(1);
		expect(second.stderr()).toMatch(/already running/i);
		const other = mkdtempSync(path.join(os.tmpdir(), 'graft-other-'));
		const taken = runGraft(['up', ...platformFlags(other, port, await freePort())]);
		expect((await taken.exited).code).toBe(1);
		expect(taken.stderr()).toMatch(new RegExp(`${port}.*--port`, 's'));
		expect(readdirSync(other)).toEqual([]);
		rmSync(other, { recursive: true });
	});

	it('says what works here', async () => {
		const doctor = runGraft(['doctor', '--json', '--data', dataDir]);
		expect((await doctor.exited).code).toBe(0);
		expect(doctor.stdout()).toMatch(/wasm/);
	});

	/** A run, and an experiment, that were deleted. */
	async function inTrash(): Promise<{ runId: string; experimentId: string }> {
		const [run] = await launched({ kind: 'FROM_SCRATCH' }, { seeds: [77] });
		const runId = run?.id ?? '';
		await ended(runId);
		const { createExperiment } = await client.request(NewExperimentDocument, { name: 'Asked too early' });
		if (createExperiment.__typename !== 'ExperimentCreated') throw new Error(JSON.stringify(createExperiment));
		const experimentId = createExperiment.experiment.id;
		for (const args of [
			['runs', 'delete', runId],
			['experiment', 'delete', experimentId],
		])
			expect(await runGraft([...args, '--api', api]).exited).toMatchObject({ code: 0 });
		return { runId, experimentId };
	}

	it.skipIf(chromiumPath === null)('a deleted experiment is found in the trash and restored there', async () => {
		const { createExperiment } = await client.request(NewExperimentDocument, { name: 'Restored by hand' });
		if (createExperiment.__typename !== 'ExperimentCreated') throw new Error(JSON.stringify(createExperiment));
		const { id } = createExperiment.experiment;
		const browser = await openBrowser();
		try {
			const { page, faults } = await openPage(browser, `http://127.0.0.1:${dashboardPort}/experiments/${id}`);
			await page.getByRole('button', { name: 'Delete' }).click();
			await page.getByRole('button', { name: 'Yes, delete it with its runs' }).click();
			await page.getByText('is in the trash').waitFor();
			await page.goto(`http://127.0.0.1:${dashboardPort}/experiments`);
			const row = page.getByRole('listitem').filter({ hasText: 'Restored by hand' });
			await row.getByRole('button', { name: 'Restore' }).click();
			await row.waitFor({ state: 'detached' });
			await page.getByRole('link', { name: 'Restored by hand' }).waitFor();
			expect(faults).toEqual([]);
			await runGraft(['experiment', 'delete', id, '--api', api]).exited;
		} finally {
			await browser.close();
		}
	});

	it.skipIf(chromiumPath === null)('shows every place in the browser without a fault, light and dark', async () => {
		const browser = await openBrowser();
		try {
			const [run] = await launched({ kind: 'FROM_SCRATCH' });
			const id = run?.id ?? '';
			await ended(id);
			const lost = await inTrash();
			const lists = ['', 'experiments', 'runs', 'runs?status=trash', 'sweeps', 'backbones', 'datasets', 'workers'];
			const pages = [`experiments/${subject.experimentId}`, `runs/${id}`, `runs/${pictured}`];
			const places = [...lists, ...pages, `experiments/${lost.experimentId}`, `runs/${lost.runId}`];
			const inaccessible: string[] = [];
			for (const place of places) {
				const { page, faults } = await openPage(browser, `http://127.0.0.1:${dashboardPort}/${place}`);
				await page.getByTestId('connection-state').waitFor();
				await page.getByRole('heading', { level: 1 }).first().waitFor();
				await page.waitForFunction(() => document.querySelector('[data-skeleton]') === null);
				const grounds = [];
				for (const colorScheme of ['light', 'dark'] as const) {
					await page.emulateMedia({ colorScheme });
					grounds.push(await page.evaluate(() => getComputedStyle(document.body).backgroundColor));
					for (const fault of await accessibilityFaults(page)) inaccessible.push(`/${place} ${colorScheme}: ${fault}`);
				}
				expect(grounds[0]).not.toBe(grounds[1]);
				expect(faults).toEqual([]);
				await page.close();
			}
			expect(inaccessible.join('\n')).toBe('');
		} finally {
			await browser.close();
		}
	});

	it('is backed up while it runs, and restored into an empty platform, once', async () => {
		const file = path.join(dataDir, 'backup.tar');
		const other = mkdtempSync(path.join(os.tmpdir(), 'graft-restored-'));
		try {
			const backup = runGraft(['backup', file, '--data', dataDir]);
			expect((await backup.exited).code).toBe(0);
			const [counts] = backup.stderr().match(/\d+ rows and [1-9]\d* files/) ?? [];
			expect(counts).toBeDefined();
			const restore = runGraft(['restore', file, '--data', other]);
			expect((await restore.exited).code).toBe(0);
			expect(restore.stderr()).toContain(`Restored: ${counts}`);
			const again = runGraft(['restore', file, '--data', other]);
			expect((await again.exited).code).toBe(1);
			expect(again.stderr()).toContain('holds something already');
		} finally {
			rmSync(other, { recursive: true, force: true });
		}
	});
});

const platformFlags = (dataDir: string, port: number, dashboardPort: number) => [
	...['--data', dataDir, '--port', String(port), '--dashboard-port', String(dashboardPort)],
];

const impossible = (subject: { datasetId: string; experimentId: string }) => ({
	experimentId: subject.experimentId,
	backboneIds: ['00000000-0000-7000-8000-000000000000'],
	datasetIds: [subject.datasetId],
	strategies: [{ kind: 'FULL_FINE_TUNE' as const }],
	seeds: [1],
	epochs: 1,
	batchSize: 8,
});
