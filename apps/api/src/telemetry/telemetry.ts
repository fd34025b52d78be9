import type { Load, Telemetry } from '@graft/engine';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export interface PlatformTelemetry extends Telemetry {
	readonly contentType: string;
	/** The text that Prometheus reads. */
	scrape(load: Load): Promise<string>;
}

const LATENCY_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60];

/** What this process has counted since its start; what all processes share is read from the database at each scrape. */
export function createTelemetry(): PlatformTelemetry {
	const registers = [new Registry()];
	const [registry] = registers as [Registry];
	collectDefaultMetrics({ register: registry });
	const expiries = new Counter({
		name: 'graft_lease_expiries_total',
		help: 'Leases that ran out, and whose runs this process took back.',
		registers,
	});
	const points = new Counter({
		name: 'graft_points_total',
		help: 'Metric points that this process stored.',
		registers,
	});
	const batches = new Counter({
		name: 'graft_batches_total',
		help: 'Metric batches that this process stored.',
		registers,
	});
	const wait = new Histogram({
		name: 'graft_queue_wait_seconds',
		help: 'Time that runs were queued before a worker leased them from this process.',
		buckets: [...LATENCY_BUCKETS, 600, 3600],
		registers,
	});
	const lag = new Histogram({
		name: 'graft_stream_lag_seconds',
		help: 'Time that news waited until its stream took it up.',
		buckets: LATENCY_BUCKETS,
		registers,
	});
	const depth = new Gauge({ name: 'graft_queue_runs', help: 'Runs that wait for a worker.', registers });
	const age = new Gauge({
		name: 'graft_queue_oldest_seconds',
		help: 'Since when the longest waiting run waits.',
		registers,
	});
	const running = new Gauge({ name: 'graft_training_runs', help: 'Runs that a worker holds.', registers });
	const steps = new Gauge({
		name: 'graft_trainer_step',
		help: 'Step of the runs that a worker trains now; rate() of it is the throughput of the trainer.',
		labelNames: ['worker'],
		registers,
	});

	return {
		contentType: registry.contentType,
		leaseExpired: () => expiries.inc(),
		runLeased: (seconds) => wait.observe(Math.max(0, seconds)),
		pointsStored: (count) => {
			points.inc(count);
			batches.inc();
		},
		newsTaken: (seconds) => lag.observe(seconds),
		scrape: ({ queuedRuns, oldestQueuedSeconds, training }) => {
			depth.set(queuedRuns);
			age.set(oldestQueuedSeconds);
			running.set(training.length);
			// A worker that has ended is not repeated for ever.
			steps.reset();
			for (const { worker, step } of training) steps.inc({ worker }, step);
			return registry.metrics();
		},
	};
}
