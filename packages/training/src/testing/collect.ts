import type { Progress, RunSpec } from '@graft/domain/run';
import { type MetricPoint, type TrainingEvent, type TrainRequest, type TrainResult, trainRun } from '../run/index.js';

/** What a run said and how it ended. */
export interface Collected {
	readonly result: TrainResult;
	readonly points: readonly MetricPoint[];
	readonly progress: readonly Progress[];
	readonly events: readonly TrainingEvent[];
}

/** Carries out a run and keeps what it says; `extra` listens in. */
export async function collect(
	spec: RunSpec,
	weights: Uint8Array | null,
	extra: Partial<
		TrainRequest['hooks'] &
			Pick<
				TrainRequest,
				'signal' | 'tokenizer' | 'access' | 'dataset' | 'trunkBytes' | 'featureCache' | 'resume' | 'checkpoints' | 'now'
			>
	> = {},
): Promise<Collected> {
	const points: MetricPoint[] = [];
	const progress: Progress[] = [];
	const events: TrainingEvent[] = [];
	const result = await trainRun({
		spec,
		weights,
		signal: extra.signal ?? new AbortController().signal,
		dataset: extra.dataset,
		access: extra.access,
		tokenizer: extra.tokenizer,
		trunkBytes: extra.trunkBytes,
		featureCache: extra.featureCache,
		resume: extra.resume,
		now: extra.now,
		checkpoints: extra.checkpoints,
		hooks: {
			onMetrics: (given) => {
				points.push(...given);
				extra.onMetrics?.(given);
			},
			onProgress: (given) => {
				progress.push(given);
				extra.onProgress?.(given);
			},
			onEvent: (event) => {
				events.push(event);
				extra.onEvent?.(event);
			},
			onLog: (line) => extra.onLog?.(line),
		},
	});
	return { result, points, progress, events };
}
