import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { freePort, runGraft } from '../support/process.js';
import { atMost, type Benchmark, reported } from './figure.js';

/** A newcomer's first minutes: the whole demo on an empty data directory, timed from outside. */
export const demo: Benchmark = {
	name: 'demo',
	about: 'from the command to ready, to the first points, to the verdict',
	async run(log) {
		const dataDir = mkdtempSync(path.join(os.tmpdir(), 'graft-bench-demo-'));
		const port = await freePort();
		const flags = ['--data', dataDir, '--port', String(port), '--dashboard-port', String(await freePort())];
		const began = Date.now();
		const seconds = () => (Date.now() - began) / 1000;
		const running = runGraft(['demo', '--json', '--exit', ...flags]);
		try {
			await running.printed(/Pretraining: http/);
			const ready = seconds();
			log(`ready after ${ready.toFixed(1)} s`);
			const firstPoints = await pollFirstPoints(`http://127.0.0.1:${port}/graphql`, seconds);
			log(`first points stored after ${firstPoints.toFixed(1)} s`);
			await running.printed(/"verdict"/);
			const done = seconds();
			const { code } = await running.exited;
			if (code !== 0) throw new Error(`the demo ended with ${code}:\n${running.stderr()}`);
			const result: { groups: { label: string; mean: number; seconds: number }[] } = JSON.parse(running.stdout());
			for (const group of result.groups) log(`${group.mean.toFixed(4)}  ${group.label}`);
			return [
				atMost('command to ready', ready, 's', 10),
				atMost('ready to first points', firstPoints - ready, 's', 5),
				atMost('pretraining and 25 runs', done - ready, 's', 90),
				reported('command to the end, platform stopped', seconds(), 's'),
			];
		} finally {
			await running.stop();
			rmSync(dataDir, { recursive: true, force: true });
		}
	},
};

async function pollFirstPoints(url: string, seconds: () => number): Promise<number> {
	const query = '{ runs(first: 1) { nodes { metricKeys } } }';
	for (;;) {
		const response = await fetch(url, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({ query }),
		});
		const { data } = (await response.json()) as { data: { runs: { nodes: { metricKeys: string[] }[] } } };
		if ((data.runs.nodes[0]?.metricKeys.length ?? 0) > 0) return seconds();
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
}
