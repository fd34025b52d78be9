import type { Run } from '@graft/domain/run';

/** What streams wait for. ASCII without spaces: they travel in NOTIFY payloads. */
export const topics = {
	run: (id: string) => `run:${id}`,
	experiment: (id: string) => `experiment:${id}`,
	everyRun: 'runs',
	sweep: (id: string) => `sweep:${id}`,
	metrics: (runId: string) => `metric:${runId}`,
	log: (runId: string) => `log:${runId}`,
	/** The run is gone for good. */
	purged: (runId: string) => `purged:${runId}`,
	/** Something is in the queue. */
	queue: 'queue',
	/** There may be a run for this worker. */
	offer: (workerId: string) => `offer:${workerId}`,
	/** The list of workers may look different. */
	workers: 'workers',
	/** Something is asked of this worker. */
	worker: (id: string) => `worker:${id}`,
} as const;

/** Everybody who may care that these runs changed. */
export function topicsOfRuns(runs: readonly Pick<Run, 'id' | 'experimentId' | 'sweepId'>[]): string[] {
	if (runs.length === 0) return [];
	const all = new Set<string>([topics.everyRun]);
	for (const { id, experimentId, sweepId } of runs) {
		all.add(topics.run(id)).add(topics.experiment(experimentId));
		if (sweepId !== null) all.add(topics.sweep(sweepId));
	}
	return [...all];
}
