import type { LiveStep } from './live-metrics.js';

/** The steps of streams that were made a moment ago, by scope and cursor, for everybody who stands at the same place. */
export interface FrameMemo {
	/** The step that somebody made from here, or what `make` gives; one that found nothing is not kept. */
	step(key: string, make: () => Promise<LiveStep>): LiveStep | Promise<LiveStep>;
}

/** Readers in step come within a tick or two; one that comes later gets a frame of its own, with all that is new. */
const KEPT_MS = 100;

export function createFrameMemo(now: () => number = () => performance.now()): FrameMemo {
	const steps = new Map<string, { readonly madeAt: number; step: LiveStep | Promise<LiveStep> }>();

	function forgetOld(): void {
		for (const [key, { madeAt }] of steps) {
			if (now() - madeAt < KEPT_MS) return;
			steps.delete(key);
		}
	}

	return {
		step(key, make) {
			forgetOld();
			const known = steps.get(key);
			if (known !== undefined) return known.step;
			const making = make();
			const entry: { readonly madeAt: number; step: LiveStep | Promise<LiveStep> } = { madeAt: now(), step: making };
			steps.set(key, entry);
			const forget = () => {
				if (steps.get(key) === entry) steps.delete(key);
			};
			making.then((step) => {
				if (step.frame === null) forget();
				else entry.step = step;
			}, forget);
			return making;
		},
	};
}
