import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createGraftClient } from '@graft/client/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CatalogueDocument, ExperimentRunsDocument } from './gql/graphql.js';
import { chromiumPath, openBrowser, openPage } from './support/browser.js';
import { freePort, type Running, runGraft } from './support/process.js';
import { startTrainer } from './support/trainer.js';
import { until } from './support/until.js';

interface DemoGroup {
	label: string;
	n: number;
	values: number[];
	mean: number;
	ciLow: number;
	ciHigh: number;
	trainableParameters: number;
}
interface DemoResult {
	groups: DemoGroup[];
	verdict: string;
}

// One demo, as a newcomer runs it, watched by a browser; its first trainer is killed without warning on the way.
describe('the demo', () => {
	const dataDir = mkdtempSync(path.join(os.tmpdir(), 'graft-demo-'));
	const trainers: ReturnType<typeof startTrainer>[] = [];
	let demo: Running;
	let apiUrl: string;
	let experimentId: string;
	let pageUrl: string;
	let result: DemoResult;

	beforeAll(async () => {
		const port = await freePort();
		const dashboardPort = await freePort();
		apiUrl = `http://127.0.0.1:${port}`;
		const flags = ['--data', dataDir, '--port', String(port), '--dashboard-port', String(dashboardPort)];
		demo = runGraft(['demo', '--json', '--trainers', '0', ...flags]);
		await until('the API answers', async () => (await reaches(`${apiUrl}/readyz`)) || null);
		trainers.push(startTrainer({ apiUrl, name: 'first', dataDir: path.join(dataDir, 'first') }));
		const [, url = '', id = ''] = await demo.printed(/from few labels[^\n]*(http:\S+\/experiments\/([0-9a-f-]{36}))/);
		pageUrl = url;
		experimentId = id;
	});
	afterAll(async () => {
		await demo?.stop();
		for (const { child, exited } of trainers) {
			child.kill('SIGKILL');
			await exited;
		}
		rmSync(dataDir, { recursive: true, force: true });
	});

	it.skipIf(chromiumPath === null)('shows points in the browser as they arrive', async () => {
		const browser = await openBrowser();
		try {
			const { page, faults } = await openPage(browser, pageUrl);
			const points = async () => Number(await page.getByTestId('chart').first().getAttribute('data-points'));
			const first = await until('the first points are drawn', async () => ((await points()) > 0 ? points() : null));
			const more = await until('more points are drawn', async () => ((await points()) > first ? points() : null));
			expect(more).toBeGreaterThan(first);
			expect(faults).toEqual([]);
		} finally {
			await browser.close();
		}
	});

	/** A trainer that stands still cannot finish its run between the look at it and the kill. */
	const killWhileTraining = async (child: ChildProcess) => {
		const client = createGraftClient({ url: apiUrl });
		await until('the trainer is killed within a run', async () => {
			child.kill('SIGSTOP');
			// What it had sent before arrives meanwhile.
			await new Promise((resolve) => setTimeout(resolve, 300));
			const { experiment } = await client.request(ExperimentRunsDocument, { id: experimentId });
			const isTraining = experiment?.runs.nodes.some(({ attempts }) => attempts.at(-1)?.outcome === null);
			child.kill(isTraining ? 'SIGKILL' : 'SIGCONT');
			return isTraining || null;
		});
		await client.close();
	};

	it('ends with a table and a verdict although the trainer is killed in the middle', async () => {
		const [first] = trainers;
		if (first === undefined) throw new Error('no trainer was started');
		await killWhileTraining(first.child);
		expect(await first.exited).toBe('SIGKILL');
		trainers.push(startTrainer({ apiUrl, name: 'second', dataDir: path.join(dataDir, 'second') }));

		await demo.printed(/"verdict"/);
		result = JSON.parse(demo.stdout());
		expect(result.groups).toHaveLength(5);
		for (const group of result.groups) {
			expect(group.n).toBe(5);
			expect(group.values).toHaveLength(5);
			const mean = group.values.reduce((sum, value) => sum + value, 0) / 5;
			expect(group.mean).toBeCloseTo(mean, 10);
			expect(group.ciLow).toBeLessThan(group.mean);
			expect(group.ciHigh).toBeGreaterThan(group.mean);
		}
		expect(result.verdict).toMatch(/test_accuracy|accuracy/);
	});

	it('reaches accuracies of the kind that a plain implementation reaches on this data', () => {
		const mean = (label: RegExp) => result.groups.find((group) => label.test(group.label))?.mean ?? Number.NaN;
		const frozen = mean(/feature extraction/);
		const best = Math.max(...result.groups.map((group) => group.mean));
		expect(frozen).toBeGreaterThan(0.65);
		expect(best).toBeGreaterThan(0.88);
		expect(best).toBeGreaterThan(frozen);
	});

	it('finished every run once, verified, with its weights stored', async () => {
		const client = createGraftClient({ url: apiUrl });
		try {
			const { experiment } = await client.request(ExperimentRunsDocument, { id: experimentId });
			const runs = experiment?.runs.nodes ?? [];
			expect(experiment?.statusCounts).toEqual([{ status: 'SUCCEEDED', count: 25 }]);
			expect(runs).toHaveLength(25);
			for (const run of runs) {
				expect(run.attempts.filter(({ outcome }) => outcome === 'SUCCEEDED')).toHaveLength(1);
				expect(run.verification?.ok).toBe(true);
				for (const group of run.verification?.groups ?? []) {
					if (group.planned === 'frozen') expect(group).toMatchObject({ changed: false, batchNormMoved: false });
				}
				expect(run.artifacts.filter(({ kind, name }) => kind === 'checkpoint' && name === 'final')).toHaveLength(1);
			}
			const interrupted = runs.filter(({ attempts }) => attempts.length > 1);
			expect(interrupted.map(({ attempts }) => attempts[0]?.outcome)).toEqual(['EXPIRED']);
			const artifact = runs[0]?.artifacts[0];
			const bytes = Buffer.from(await (await fetch(artifact?.downloadUrl ?? '')).arrayBuffer());
			expect(bytes.length).toBe(artifact?.bytes);
		} finally {
			await client.close();
		}
	});

	it('keeps the lineage of the backbone and the attribution of the data', async () => {
		const client = createGraftClient({ url: apiUrl });
		try {
			const { backbones, datasets, workers } = await client.request(CatalogueDocument, {});
			const pretrained = backbones.nodes.find(({ weightsDigest }) => weightsDigest !== null);
			expect(pretrained).toMatchObject({ pretrainedOn: { name: 'digits-0-5' }, producedBy: { status: 'SUCCEEDED' } });
			for (const dataset of datasets.nodes) expect(dataset.attribution).toMatch(/CC BY 4\.0/);
			expect(workers.map(({ name }) => name).sort()).toEqual(['first', 'second']);
			for (const worker of workers) expect(worker.backendReason).not.toBe('');
		} finally {
			await client.close();
		}
	});

	it('stays up until Ctrl-C, and then ends in order', async () => {
		expect(await reaches(`${apiUrl}/readyz`)).toBe(true);
		expect(await demo.stop()).toEqual({ code: 0, signal: null });
		expect(await reaches(`${apiUrl}/readyz`)).toBe(false);
	});
});

const reaches = (url: string): Promise<boolean> =>
	fetch(url).then(
		(response) => response.ok,
		() => false,
	);
