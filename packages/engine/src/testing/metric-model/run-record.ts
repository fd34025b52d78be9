import type { MetricBatch } from '@graft/domain/metric';

/** One point as the oracle keeps it, in order of arrival. */
export interface ModelPoint {
	readonly attempt: number;
	readonly sequence: number;
	readonly step: number;
	readonly value: number;
	readonly time: number;
}

/** Everything that was ever acknowledged of one run, in plain lists, and what follows from it the slow and plain way. */
export class RunRecord {
	readonly #points = new Map<string, ModelPoint[]>();
	readonly #resumedFrom: (number | null)[] = [];
	readonly #checkpoints: { readonly id: string; readonly step: number; readonly attempt: number }[] = [];
	readonly #states: { readonly step: number; readonly attempt: number }[] = [];
	/** What `visible` has answered, until something else counts: it is asked for again and again. */
	readonly #seen = new Map<string, readonly ModelPoint[]>();
	readonly lines: string[] = [];
	readonly tags = new Set<string>();
	/** The last batch that was stored. */
	last = { attempt: 0, sequence: 0 };
	/** How it ended; null while an attempt is under way. */
	outcome: 'SUCCEEDED' | 'FAILED' | 'CANCELLED' | null = null;
	/** The step that the trainer told at its end. */
	lastStep: number | null = null;

	beginAttempt(): void {
		this.#resumedFrom.push(this.resumesFrom);
		this.#seen.clear();
		this.outcome = null;
		this.lastStep = null;
	}

	/** Of the last attempt that has left a state, the furthest. */
	get resumesFrom(): number | null {
		const attempt = this.#states.at(-1)?.attempt;
		const steps = this.#states.filter((state) => state.attempt === attempt).map(({ step }) => step);
		return steps.length === 0 ? null : Math.max(...steps);
	}

	saveState(step: number): void {
		this.#states.push({ step, attempt: this.attempts });
	}

	store({ sequence, series }: MetricBatch): void {
		this.#seen.clear();
		this.last = { attempt: this.attempts, sequence };
		for (const { key, steps, values, times } of series) {
			const known = this.#points.get(key) ?? [];
			this.#points.set(key, known);
			steps.forEach((step, at) => {
				const [value, time] = [values[at] as number, times[at] as number];
				known.push({ attempt: this.attempts, sequence, step, value, time });
			});
		}
	}

	get attempts(): number {
		return this.#resumedFrom.length;
	}

	/** Keys with a point that counts. */
	get keys(): readonly string[] {
		return [...this.#points.keys()].filter((key) => this.visible(key).length > 0).sort();
	}

	/**
	 * Every later attempt that resumed from a step hides what comes after it; one that began anew hides all. `asOf`: when this
	 * attempt was the last one.
	 */
	visible(key: string, asOf = this.attempts): readonly ModelPoint[] {
		const id = `${asOf} ${key}`;
		const seen = this.#seen.get(id) ?? (this.#points.get(key) ?? []).filter((point) => this.#counts(point, asOf));
		this.#seen.set(id, seen);
		return seen;
	}

	#counts({ attempt, step }: { readonly attempt: number; readonly step: number }, asOf: number): boolean {
		return attempt <= asOf && this.#resumedFrom.slice(attempt, asOf).every((from) => from !== null && step <= from);
	}

	commitWeights(id: string, step: number): void {
		this.#checkpoints.push({ id, step, attempt: this.attempts });
	}

	/** The newest checkpoint of a step that counts. */
	checkpointOf(step: number | null): string | null {
		const counting = this.#checkpoints.filter((one) => one.step === step && this.#counts(one, this.attempts));
		return counting.at(-1)?.id ?? null;
	}

	summary(key: string) {
		const points = this.visible(key);
		const finite = points.filter(({ value }) => Number.isFinite(value));
		const last = points.reduce<ModelPoint | null>((best, one) => (best && best.step > one.step ? best : one), null);
		const best = (better: (a: number, b: number) => boolean) =>
			finite.reduce<ModelPoint | null>((kept, one) => (kept && !better(one.value, kept.value) ? kept : one), null);
		return { last, min: best((a, b) => a < b), max: best((a, b) => a > b), finite: finite.length === points.length };
	}
}
