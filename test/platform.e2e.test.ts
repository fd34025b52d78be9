import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createGraftClient, decodeList, type GraftClient } from '@graft/client/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
	CancelDocument,
	CatalogueDocument,
	LaunchOneDocument,
	NewExperimentDocument,
	OneRunDocument,
	PointsDocument,
	RegisterDataDocument,
	StoredSeriesDocument,
	type StrategyInput,
} from './gql/graphql.js';
import { chromiumPath, openBrowser, openPage } from './support/browser.js';
import { freePort, type Running, runGraft } from './support/process.js';
import { until } from './support/until.js';

// One platform, started as `npm start` does, used from the command line, from scripts and from a browser.
describe('the platform', () => {
	const dataDir = mkdtempSync(path.join(os.tmpdir(), 'graft-up-'));
	let port: number;
	let dashboardUrl: string;
	let api: string;
	let up: Running;
	let client: GraftClient;
	let flags: string[];

	beforeAll(async () => {
		port = await freePort();
		const dashboardPort = await freePort();
		flags = ['--data', dataDir, '--port', String(port), '--dashboard-port', String(dashboardPort)];
		api = `http://127.0.0.1:${port}`;
		dashboardUrl = `http://127.0.0.1:${dashboardPort}`;
		up = runGraft(['up', '--json', ...flags]);
		await up.printed(/"ready":true/);
		client = createGraftClient({ url: api });
		await graft('compare', 'Warm-up', '--register-demo-data');
	});
	afterAll(async () => {
		await client?.close();
		await up?.stop();
		rmSync(dataDir, { recursive: true, force: true });
	});
