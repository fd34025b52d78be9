import { setTimeout as sleep } from 'node:timers/promises';
import type { LeaseInput } from '@graft/client/gql';
import { OneRunDocument } from '../../gql/graphql.js';
import { atMost, type Benchmark, type Figure, quantile, reported } from '../figure.js';
import { type BenchPlatform, startBenchPlatform } from './platform.js';
import { createSimulatedWorker, type SimulatedWorker } from './simulated-worker.js';

const SLOTS = 16;
const WAITING = 64;
const HEARTS = 200;
const HEARTBEAT_MS = 4_000;
/**
 * `--full` takes eleven minutes; the short form is its first 90 rounds of 16 trials. A faster clock would ask more of the platform a
 * second.
 */
const FULL = { trials: 10_000, trialMs: 1_000 };
const SHORT = { ...FULL, trials: 90 * SLOTS };
/** The first rounds find a platform that has just begun, the last one empties it: what lies between is the steady state. */
const START_ROUNDS = 10;

export const scheduler: Benchmark = {
	name: 'scheduler',
	about: '10,000 one-second trials on 16 slots, dispatch and heartbeats (--full: all of them, 11 minutes)',
	async run(log, { full }) {
		const platform = await startBenchPlatform();
		try {
			return [
				...(await heartbeats(platform, `heartbeats of ${HEARTS} workers, API and database`, log)),
				...(await trials(platform, full ? FULL : SHORT, log)),
				...(await heartbeats(platform, 'the same right after the trials', log)),
				...(await dispatch(platform, log)),
			];
		} finally {
			await platform.stop();
		}
	},
};

async function withWorkers<T>(
	{ url }: BenchPlatform,
	count: number,
	use: (workers: readonly SimulatedWorker[]) => Promise<T>,
): Promise<T> {
	const names = Array.from({ length: count }, (_, index) => `simulated-${index}`);
	const workers = await Promise.all(names.map((name) => createSimulatedWorker(url, name)));
	try {
		return await use(workers);
	} finally {
		await Promise.all(workers.map((worker) => worker.close()));
	}
}

/** As many trials as slots take, one after another, with leases that are durable before they are handed out. */
async function trials(
	platform: BenchPlatform,
	{ trials: count, trialMs }: typeof FULL,
	log: (line: string) => void,
): Promise<Figure[]> {
	await platform.launch(count);
	return withWorkers(platform, SLOTS, async (workers) => {
		const asked: number[] = [];
		const ends: number[] = [];
		const [began, cpu] = [performance.now(), platform.cpu()];
		await Promise.all(
			workers.map(async (worker) => {
				for (let lease = await worker.lease(); lease !== null; ) {
					await worker.train(lease, trialMs);
					const asking = performance.now();
					lease = await worker.finishForNext(lease);
					asked.push(performance.now() - asking);
					ends.push(performance.now() - began);
					if (ends.length % 500 === 0) log(`${ends.length} trials in ${((ends.at(-1) ?? 0) / 1000).toFixed(1)} s`);
				}
			}),
		);
		const seconds = (performance.now() - began) / 1000;
		if (ends.length !== count) throw new Error(`${ends.length} of ${count} trials were trained`);
		const trialSeconds = steadySeconds(ends);
		const projected = seconds + (FULL.trials - count) * trialSeconds;
		return [
			reported(`${count} trials of ${trialMs} ms on ${SLOTS} slots`, seconds, 's'),
			reported('what a trial takes beside its training', trialSeconds * SLOTS * 1000 - trialMs, 'ms'),
			atMost('10,000 one-second trials on 16 slots', projected, 's', 640),
			reported('processor time of a trial, API and database', ((platform.cpu() - cpu) / count) * 1000, 'ms'),
			reported('end of a trial with the lease of the next, p95', quantile(asked, 0.95), 'ms'),
		];
	});
}

/**
 * Seconds between the ends of two trials, over all slots, from the tenth round's last end to that of the last round but one. Whole
 * rounds: the slots end their trials in bunches, and each in its turn.
 */
function steadySeconds(ends: readonly number[]): number {
	const first = START_ROUNDS * SLOTS;
	const last = (Math.floor(ends.length / SLOTS) - 1) * SLOTS;
	return ((ends[last - 1] ?? 0) - (ends[first - 1] ?? 0)) / (last - first) / 1000;
}

/** From a run's place in the queue (the database's clock, which is this machine's) to the hands of a worker that waits. */
async function dispatch(platform: BenchPlatform, log: (line: string) => void): Promise<Figure[]> {
	const measure = (workers: readonly SimulatedWorker[]) => dispatchOnce(platform, workers);
	return withWorkers(platform, WAITING, async (workers) => {
		const few: number[] = [];
		for (let run = 0; run < 100; run += 1) few.push(await measure(workers));
		log(`dispatch with an empty queue: p50 ${quantile(few, 0.5).toFixed(1)} ms`);
		for (let part = 0; part < 10; part += 1) await platform.launch(10_000, { labels: { gpu: 'none-has-it' } });
		const many: number[] = [];
		for (let run = 0; run < 100; run += 1) many.push(await measure(workers));
		log(`dispatch behind 100,000 runs for other workers: p50 ${quantile(many, 0.5).toFixed(1)} ms`);
		return [
			atMost(`dispatch with ${WAITING} workers waiting, p95`, quantile(few, 0.95), 'ms', 50),
			atMost('the same behind a queue of 100,000, p95', quantile(many, 0.95), 'ms', 50),
		];
	});
}

async function dispatchOnce({ client, launch }: BenchPlatform, workers: readonly SimulatedWorker[]): Promise<number> {
	const taken = new Promise<{ worker: SimulatedWorker; lease: LeaseInput; at: number }>((resolve, reject) => {
		for (const worker of workers) {
			worker.onWork(() => {
				worker.lease().then((lease) => lease && resolve({ worker, lease, at: Date.now() }), reject);
			});
		}
	});
	const [id = ''] = await launch(1);
	const { worker, lease, at } = await taken;
	if (lease.runId !== id) throw new Error(`a worker got run ${lease.runId} instead of ${id}`);
	await worker.finish(lease);
	const { run } = await client.request(OneRunDocument, { id });
	return at - Date.parse(run?.queuedAt ?? '');
}

/**
 * 200 workers that hold a run each and the streams that they listen on: all that API and database take while heartbeats come,
 * with whatever else they do then.
 */
async function heartbeats(platform: BenchPlatform, name: string, log: (line: string) => void): Promise<Figure[]> {
	await platform.launch(HEARTS);
	return withWorkers(platform, HEARTS, async (workers) => {
		const leases = await Promise.all(workers.map((worker) => worker.lease()));
		const held = workers.map((worker, index) => {
			const lease = leases[index];
			if (lease == null) throw new Error('a worker has no run');
			return { worker, lease };
		});
		const renewed = () => Promise.all(held.map(({ worker, lease }) => worker.renew(lease, null)));
		for (let warm = 0; warm < 3; warm += 1) await renewed();
		const beats = 5;
		const share = await shareDuring(platform, () =>
			Promise.all(
				held.map(async ({ worker, lease }, index) => {
					await sleep((index / HEARTS) * HEARTBEAT_MS);
					for (let beat = 1; beat <= beats; beat += 1) {
						await worker.renew(lease, null);
						await sleep(HEARTBEAT_MS);
					}
				}),
			),
		);
		log(`${HEARTS * beats} heartbeats: ${share.toFixed(2)} % of a core`);
		await Promise.all(held.map(({ worker, lease }) => worker.finish(lease)));
		return [atMost(name, share, '% of a core', 5)];
	});
}

/** Per cent of a core that API and database take while this goes on. */
async function shareDuring(platform: BenchPlatform, work: () => Promise<unknown>): Promise<number> {
	const before = platform.cpu();
	const began = performance.now();
	await work();
	return ((platform.cpu() - before) / ((performance.now() - began) / 1000)) * 100;
}
