import { startRun } from '@graft/client/node';
import { Spread } from './spread.js';

/** Scripts that train: so many runs, each logging a value ten times a second. A value is the moment of its log call. */
export interface WriterJob {
	readonly url: string;
	readonly experiment: string;
	readonly runs: number;
	readonly perSecond: number;
	readonly spoolDir: string;
}
export interface WriterStats {
	/** Microseconds that one log call took. */
	readonly calls: number;
	readonly medianUs: number;
	readonly p99Us: number;
	readonly slowestUs: number;
	readonly waiting: number;
}

// A benchmark that is stopped takes its processes with it.
process.once('disconnect', () => process.exit());
const job = await new Promise<WriterJob>((resolve) => process.once('message', resolve as (job: unknown) => void));
const runs = await Promise.all(
	Array.from({ length: job.runs }, (_, index) =>
		startRun({ ...job, metric: 'loss', direction: 'MINIMIZE', name: `run ${index}`, seed: index }),
	),
);
const calls = new Spread();
let stopped = false;
for (const [index, run] of runs.entries()) {
	let step = 0;
	const log = () => {
		const began = performance.now();
		run.log({ loss: performance.timeOrigin + began }, { step });
		calls.add((performance.now() - began) * 1_000);
		step += 1;
	};
	const everyMs = 1_000 / job.perSecond;
	setTimeout(
		() => {
			const timer = setInterval(() => (stopped ? clearInterval(timer) : log()), everyMs);
		},
		(index / runs.length) * everyMs,
	);
}
process.on('message', async (message) => {
	if (message === 'mark') {
		process.send?.({
			calls: calls.count,
			medianUs: calls.quantile(0.5),
			p99Us: calls.quantile(0.99),
			slowestUs: calls.quantile(1),
			waiting: runs.reduce((sum, run) => sum + run.waiting, 0),
		} satisfies WriterStats);
		calls.clear();
	}
	if (message === 'stop') {
		stopped = true;
		await Promise.all(runs.map((run) => run.finish()));
		process.send?.('stopped');
		process.exit(0);
	}
});
process.send?.(runs.map(({ id }) => id));
