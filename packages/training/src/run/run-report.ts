import type { Json } from '@graft/domain/json';
import type { TrainingHooks } from './train-request.js';

/** Progress is told at most this often: ten times a second is smooth to the eye. */
const PROGRESS_INTERVAL_MS = 100;

export interface Position {
	readonly phase: number;
	/** Epochs begun, over the whole run. */
	readonly epoch: number;
	readonly step: number;
}

/** Tells the hooks what happens, with time stamps and an estimate of what is left. */
export interface RunReport {
	metrics(step: number, values: Readonly<Record<string, number>>): void;
	progress(position: Position, always?: boolean): void;
	event(kind: string, step: number | null, message: string, data?: Json): void;
	log(line: string): void;
	/** Leaves out epochs and steps that were planned and will not be done. */
	skip(epochs: number, steps: number): void;
	/** Seconds that the run has trained, those of earlier attempts that it goes on from included. */
	elapsed(): number;
}

export function createReport(
	hooks: TrainingHooks,
	now: () => number,
	planned: { readonly epochs: number; readonly steps: number },
	secondsBefore = 0,
): RunReport {
	const startedAt = now();
	const total = { ...planned };
	let toldAt = Number.NEGATIVE_INFINITY;
	const elapsed = () => secondsBefore + (now() - startedAt) / 1000;
	return {
		elapsed,
		skip: (epochs, steps) => {
			total.epochs -= epochs;
			total.steps -= steps;
		},
		metrics: (step, values) => {
			const time = now();
			hooks.onMetrics(Object.entries(values).map(([key, value]) => ({ key, step, value, time })));
		},
		progress: ({ phase, epoch, step }, always = false) => {
			if (!always && now() - toldAt < PROGRESS_INTERVAL_MS) return;
			toldAt = now();
			const etaSeconds = step === 0 ? null : (elapsed() / step) * (total.steps - step);
			hooks.onProgress({ phase, epoch, epochs: total.epochs, step, steps: total.steps, etaSeconds });
		},
		event: (kind, step, message, data = null) => hooks.onEvent({ kind, step, message, data }),
		log: hooks.onLog,
	};
}
