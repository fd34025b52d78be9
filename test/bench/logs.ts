import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startDurableServer } from '@graft/testing/server';
import { type BenchApi, startApi } from './api.js';
import { atMost, type Benchmark, quantile, reported } from './figure.js';
import { createExperiment, createRun, keepLeases, type LeasedRun } from './runs-to-log.js';

const LINES = 1_000_000;
/** What a trainer's half second of heavy printing makes; a chunk in the database each. */
const PER_CALL = 1_000;
const REPEATS = 20;

const LOG_LINES =
	'mutation ($lease: LeaseInput!, $sequence: Float!, $lines: [String!]!) { logLines(lease: $lease, sequence: $sequence, lines: $lines) { __typename } }';
const PAGE = `query ($id: ID!, $after: Cursor, $search: String) {
	run(id: $id) { logLines(first: 200, after: $after, search: $search) { cursor number line } } }`;
const COUNT = 'query ($id: ID!, $search: String) { run(id: $id) { logLineCount(search: $search) } }';

interface Page {
	readonly run: { readonly logLines: readonly { readonly cursor: string; readonly number: number }[] };
}

/** A run with a million lines of some 90 characters: one word that is everywhere, one in every thousandth line, one at the end. */
export const logs: Benchmark = {
	name: 'logs',
	about: 'searching 1,000,000 log lines of a run: pages at the beginning and deep, a word that is rare, the count',
	async run(log) {
		const dataDir = mkdtempSync(path.join(os.tmpdir(), 'graft-bench-logs-'));
		const server = await startDurableServer(dataDir);
		const api = await startApi(server.url, dataDir);
		try {
			const run = await createRun(api, await createExperiment(api, 'logs'));
			const stop = keepLeases(api, [run]);
			await write(api, run);
			log('written');
			const id = run.runId;
			const page = (search: string | null, after: string | null = null) => api.ask<Page>(PAGE, { id, search, after });
			const deep = await cursorAt(page, 900_000);
			const last = await page('the very end');
			if (last.run.logLines[0]?.number !== LINES) throw new Error('the last line was not found');
			const figures = [
				reported('lines', LINES, 'lines'),
				atMost('first page of a word in every line, p95', await p95(() => page('LOSS')), 'ms', 100),
				atMost('a page of it behind 900,000 lines, p95', await p95(() => page('LOSS', deep)), 'ms', 100),
				atMost('page of a word in every thousandth line, p95', await p95(() => page('Checkpoint')), 'ms', 2_500),
				atMost('a word in the last line alone, p95', await p95(() => page('the very END')), 'ms', 2_500),
				atMost('a word with É, nowhere, p95', await p95(() => page('modÉle')), 'ms', 5_000),
				atMost('count of a word, p95', await p95(() => api.ask(COUNT, { id, search: 'checkpoint' })), 'ms', 2_500),
			];
			stop();
			return figures;
		} finally {
			await api.stop();
			await server.stop();
			rmSync(dataDir, { recursive: true, force: true });
		}
	},
};

async function write(api: BenchApi, { runId, token }: LeasedRun): Promise<void> {
	for (let sequence = 1; sequence <= LINES / PER_CALL; sequence++) {
		const lines = Array.from({ length: PER_CALL }, (_, at) => lineAt((sequence - 1) * PER_CALL + at + 1));
		await api.ask(LOG_LINES, { lease: { runId, token }, sequence, lines });
	}
}

function lineAt(number: number): string {
	const said = `step ${number}: train loss ${(1 / (1 + number / 1e4)).toFixed(6)}, accuracy ${Math.random().toFixed(6)}`;
	if (number === LINES) return `${said}: the very end`;
	return number % 1_000 === 0 ? `${said}, Checkpoint ${number / 1_000} written` : `${said}, ${Math.random()} s`;
}

/** The cursor behind about this line, as somebody has who has paged that far. */
async function cursorAt(page: (search: string, after: string | null) => Promise<Page>, number: number) {
	let after: string | null = null;
	for (;;) {
		const last = (await page('checkpoint', after)).run.logLines.at(-1);
		if (last === undefined) throw new Error('the log ended too early');
		after = last.cursor;
		if (last.number >= number) return after;
	}
}

async function p95(ask: () => Promise<unknown>): Promise<number> {
	const times: number[] = [];
	for (let time = 0; time < REPEATS; time++) {
		const began = performance.now();
		await ask();
		times.push(performance.now() - began);
	}
	return quantile(times, 0.95);
}
