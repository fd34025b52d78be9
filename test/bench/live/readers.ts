import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createGraftClient, decodeList } from '@graft/client/node';
import { FollowRunsDocument } from '../../gql/graphql.js';
import { Spread } from './spread.js';

/** Subscribers in one process, each with a socket of its own, as a browser tab has. */
export interface ReadersJob {
	readonly url: string;
	/** Runs of each subscriber. */
	readonly readers: readonly (readonly string[])[];
}
export interface ReadersStats {
	readonly points: number;
	readonly frames: number;
	/** Milliseconds from the log call to this process. */
	readonly p50: number;
	readonly p95: number;
	readonly p99: number;
	readonly slowest: number;
	/** How late this process itself was: what its socket held meanwhile counts as late too. */
	readonly ownDelayP99: number;
	/** Since the beginning: steps that never came, and that came again. */
	readonly missing: number;
	readonly repeated: number;
}

const OWN_TICK_MS = 5;

// A benchmark that is stopped takes its processes with it.
process.once('disconnect', () => process.exit());
const job = await new Promise<ReadersJob>((resolve) => process.once('message', resolve as (job: unknown) => void));
const latencies = new Spread();
const ownDelay = monitorEventLoopDelay({ resolution: OWN_TICK_MS });
ownDelay.enable();
let frames = 0;
let missing = 0;
let repeated = 0;
let following = 0;

async function follow(runIds: readonly string[]): Promise<void> {
	const client = createGraftClient({ url: job.url });
	const next = new Map<string, number>();
	const stream = client.streamWithCursor(
		FollowRunsDocument,
		{ runIds: [...runIds] },
		({ liveMetrics }) => liveMetrics.cursor,
	);
	let first = true;
	for await (const { liveMetrics } of stream) {
		const now = performance.timeOrigin + performance.now();
		frames += 1;
		if (first) following += 1;
		for (const { runId, steps, values } of liveMetrics.series) {
			const logged = decodeList(values);
			for (const [index, step] of decodeList(steps).entries()) {
				const expected = next.get(runId) ?? 0;
				if (step < expected) repeated += 1;
				else missing += step - expected;
				next.set(runId, Math.max(expected, step + 1));
				// The first frame brings what was logged before anybody listened.
				if (!first) latencies.add(now - (logged[index] as number));
			}
		}
		first = false;
	}
}

for (const runIds of job.readers) void follow(runIds);
const timer = setInterval(() => {
	if (following < job.readers.length) return;
	clearInterval(timer);
	process.send?.('following');
}, 50);
process.on('message', (message) => {
	if (message === 'stop') process.exit(0);
	process.send?.({
		points: latencies.count,
		frames,
		p50: latencies.quantile(0.5),
		p95: latencies.quantile(0.95),
		p99: latencies.quantile(0.99),
		slowest: latencies.quantile(1),
		ownDelayP99: Math.max(0, ownDelay.percentile(99) / 1e6 - OWN_TICK_MS),
		missing,
		repeated,
	} satisfies ReadersStats);
	latencies.clear();
	ownDelay.reset();
	frames = 0;
});
