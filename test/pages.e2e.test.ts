import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createGraftClient, startRun } from '@graft/client/node';
import { type DurableServer, startDurableServer } from '@graft/testing/server';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ExperimentOfRunDocument } from './gql/graphql.js';
import { type ApiProcess, startApi } from './support/api-process.js';
import { chromiumPath, openBrowser, openPage } from './support/browser.js';
import { type DashboardProcess, prepareDashboard } from './support/dashboard-process.js';
import { until } from './support/until.js';

const STEPS = 20_000;

/** A run of many steps, in a real browser: what a chart shows of it, and of a part of it. */
describe.skipIf(chromiumPath === null)('a chart of a run', () => {
	const dataDir = mkdtempSync(path.join(os.tmpdir(), 'graft-charts-'));
	let server: DurableServer;
	let api: ApiProcess;
	let dashboard: DashboardProcess;
	let browser: Browser;
	let runId: string;
	let experimentId: string;

	beforeAll(async () => {
		server = await startDurableServer(path.join(dataDir, 'postgres'));
		dashboard = await prepareDashboard();
		api = await startApi({ databaseUrl: server.url, dataDir, env: { GRAFT_DASHBOARD_ORIGINS: dashboard.url } });
		await dashboard.start(api.url);
		browser = await openBrowser();
		const spoolDir = path.join(dataDir, 'spool');
		const run = await startRun({ url: api.url, experiment: 'long', metric: 'loss', direction: 'MINIMIZE', spoolDir });
		for (let step = 0; step < STEPS; step += 1) run.log({ loss: 1 + Math.sin(step / 300) / 2 }, { step });
		for (let line = 1; line <= 300; line += 1) run.line(line === 123 ? 'a needle, 100 % sharp' : `hay ${line}`);
		await run.finish();
		runId = run.id;
		const client = createGraftClient({ url: api.url });
		experimentId = (await client.request(ExperimentOfRunDocument, { id: runId })).run?.experiment.id ?? '';
		await client.close();
	});
	afterAll(async () => {
		await browser?.close();
		dashboard?.stop();
		await api?.stop();
		await server?.stop();
		rmSync(dataDir, { recursive: true, force: true });
	});

	const points = async (page: Page) => Number(await page.getByTestId('chart').first().getAttribute('data-points'));
	const rangeOf = (page: Page) => new URL(page.url()).searchParams.get('range')?.split('..').map(Number) ?? null;
	/** Steps of the table below the chart: what the chart's lines hold, from their first point to their last. */
	const tableSteps = async (page: Page) => {
		const rows = await page.locator('figure').first().locator('tbody th').allTextContents();
		return rows.map((text) => Number(text.replace(/[^\d.]/g, '')));
	};
	async function drag(page: Page, from: number, to: number): Promise<void> {
		const area = await page.locator('.u-over').first().boundingBox();
		if (area === null) throw new Error('the chart has no area');
		const y = area.y + area.height / 2;
		await page.mouse.move(area.x + from * area.width, y);
		await page.mouse.down();
		await page.mouse.move(area.x + ((from + to) / 2) * area.width, y);
		await page.mouse.move(area.x + to * area.width, y);
		await page.mouse.up();
	}
	const drawn = (page: Page) => until('the chart is drawn', async () => ((await points(page)) > 100 ? true : null));

	it('shows the part that is dragged over as finely as it is stored, keeps it in the URL, and the whole again', async () => {
		const { page, faults } = await openPage(browser, `${dashboard.url}/runs/${runId}`);
		await drawn(page);
		await page.getByText('As a table').first().click();
		const whole = await tableSteps(page);
		expect(whole[0]).toBe(0);
		expect(whole.at(-1)).toBeGreaterThan(0.9 * STEPS);

		await drag(page, 0.5, 0.52);
		const [from = 0, to = 0] = (await until('the URL has the part', async () => rangeOf(page))) ?? [];
		expect((to - from) / STEPS).toBeGreaterThan(0.015);
		expect((to - from) / STEPS).toBeLessThan(0.03);
		// Of these steps the whole had a dozen buckets.
		await until('every step of the part is there', async () => ((await points(page)) === to - from + 1 ? true : null));
		const part = await tableSteps(page);
		expect(Math.min(...part)).toBe(from);
		expect(Math.max(...part)).toBe(to);

		await page.reload();
		await until('the part is there again', async () => ((await points(page)) === to - from + 1 ? true : null));
		expect(rangeOf(page)).toEqual([from, to]);

		await page.locator('.u-over').first().dblclick();
		await until('the whole is there again', async () => (rangeOf(page) === null ? true : null));
		await drawn(page);
		expect(faults).toEqual([]);
		await page.close();
	});

	it('takes the part from the keyboard too, and forgets it with another axis', async () => {
		const { page, faults } = await openPage(browser, `${dashboard.url}/runs/${runId}`);
		await drawn(page);
		await page.getByLabel('from step').focus();
		await page.keyboard.type('100');
		await page.keyboard.press('Tab');
		await page.keyboard.type('149');
		await page.keyboard.press('Enter');
		await until('the part is there', async () => ((await points(page)) === 50 ? true : null));
		expect(rangeOf(page)).toEqual([100, 149]);
		await page.getByRole('button', { name: 'Whole axis' }).press('Enter');
		await drawn(page);
		expect(rangeOf(page)).toBeNull();

		await page.getByLabel('from step').fill('100');
		await page.getByLabel('to step').fill('149');
		await page.getByLabel('to step').press('Enter');
		await until('the part is there', async () => ((await points(page)) === 50 ? true : null));
		await page.getByText('Wall time', { exact: true }).click();
		await drawn(page);
		expect(rangeOf(page)).toBeNull();
		expect(faults).toEqual([]);
		await page.close();
	});

	it('is drawn around values that are no finite numbers, on every page of the run, and beside a metric that has no other', async () => {
		const spoolDir = path.join(dataDir, 'spool');
		const run = await startRun({ url: api.url, experiment: 'wild', metric: 'loss', direction: 'MINIMIZE', spoolDir });
		const wild: Readonly<Record<number, number>> = {
			0: Number.NEGATIVE_INFINITY,
			30: Number.NaN,
			99: Number.POSITIVE_INFINITY,
		};
		for (let step = 0; step < 100; step += 1)
			run.log({ loss: wild[step] ?? 1 / (1 + step), zzz: Number.NaN }, { step });
		await run.finish();
		const client = createGraftClient({ url: api.url });
		const experiment = (await client.request(ExperimentOfRunDocument, { id: run.id })).run?.experiment.id;
		await client.close();
		// Of an experiment the mean of the run's group is drawn as well.
		const drawnPoints: Readonly<Record<string, number>> = {
			[`/runs/${run.id}`]: 97,
			[`/experiments/${experiment}`]: 2 * 97,
		};
		for (const [where, count] of Object.entries(drawnPoints)) {
			const { page, faults } = await openPage(browser, `${dashboard.url}${where}`);
			await until('the other points are there', async () => ((await points(page)) === count ? true : null));
			expect(faults).toEqual([]);
			await page.close();
		}
		const { page, faults } = await openPage(browser, `${dashboard.url}/runs`);
		await page.locator(`a[href$="/runs/${run.id}"]`).first().waitFor();
		expect(faults).toEqual([]);
		await page.close();
	});

	it('grows while it is looked at, in a run that nobody has averaged yet and among others', async () => {
		const spoolDir = path.join(dataDir, 'spool');
		const run = await startRun({
			url: api.url,
			experiment: 'growing',
			metric: 'loss',
			direction: 'MINIMIZE',
			spoolDir,
		});
		const log = (from: number, to: number) => {
			for (let step = from; step < to; step += 1) run.log({ loss: 1 / (1 + step), epoch: step / 100 }, { step });
			return run.flush();
		};
		await log(0, 1_000);
		const client = createGraftClient({ url: api.url });
		const experiment = (await client.request(ExperimentOfRunDocument, { id: run.id })).run?.experiment.id;
		await client.close();
		const opened = [
			await openPage(browser, `${dashboard.url}/runs/${run.id}`),
			await openPage(browser, `${dashboard.url}/experiments/${experiment}`),
		];
		for (const [at, steps] of [1_000, 1_001, 3_000].entries()) {
			if (at > 0) await log(at === 1 ? 1_000 : 1_001, steps);
			// Stored as buckets before the page came, and point by point since: none is missing, and none is counted twice.
			const ofRun = async () => ((await points(opened[0]?.page as Page)) === steps ? true : null);
			await until(`${steps} points of the run are shown`, ofRun);
			// Among others it stands beside the mean of its group.
			const ofGroup = async () => ((await points(opened[1]?.page as Page)) > steps ? true : null);
			await until(`${steps} points and a mean are shown`, ofGroup);
		}
		await run.finish();
		for (const { page, faults } of opened) {
			expect(faults).toEqual([]);
			await page.close();
		}
	});

	it('has a log below it that is searched on the server, with the search in the URL', async () => {
		const { page, faults } = await openPage(browser, `${dashboard.url}/runs/${runId}`);
		await page.getByLabel('Search the log').fill('NEEDLE, 100 %');
		const match = page.getByTestId('log-match');
		await match.waitFor();
		expect(await match.allTextContents()).toEqual(['123a needle, 100 % sharp']);
		await until('the URL has the search', async () => (page.url().includes('log=NEEDLE') ? true : null));
		await page.reload();
		await match.waitFor();
		expect(await match.count()).toBe(1);
		expect(faults).toEqual([]);
		await page.close();
	});

	it('refines the means of groups as well', async () => {
		const { page, faults } = await openPage(browser, `${dashboard.url}/experiments/${experimentId}?range=5000..5039`);
		// The run's line and the mean over the one run of its group.
		await until('the part is there', async () => ((await points(page)) === 2 * 40 ? true : null));
		await page.getByText('As a table').first().click();
		const steps = await tableSteps(page);
		expect([steps[0], steps.at(-1)]).toEqual([5000, 5039]);
		expect(faults).toEqual([]);
		await page.close();
	});
});
