import { levelFor } from '@graft/domain/metric';

/** Stretches that a growing line has at most; more of them are closer together than the pixels of a chart. */
export const MOST_STRETCHES = 400;

export interface StoredSeries {
	/** The last one of the run: what it has superseded is not among them. */
	readonly attempt: number;
	readonly points: number;
	readonly steps: ArrayLike<number>;
	readonly mean: ArrayLike<number>;
	readonly min: ArrayLike<number>;
	readonly max: ArrayLike<number>;
	readonly broken: number | null;
}

/**
 * One metric of one run as it is logged, in memory that does not grow with it: up to so many points as they are, and of more
 * the mean, minimum and maximum over stretches of the steps, as stored curves are drawn. The stretches are a power of two wide
 * and lie on one grid, so that lines of many runs meet at the same places. Ascending in x; points that are not finite are
 * counted and not drawn.
 */
export class LiveSeries {
	/** First step of each stretch, and what it holds. Replaced when stretches are merged, else they only grow. */
	x: number[] = [];
	mean: number[] = [];
	low: number[] = [];
	high: number[] = [];
	/** Stretches that have what they will ever have: all of them, or all but the last. */
	get settled(): number {
		return this.#width === 0 ? this.x.length : this.x.length - 1;
	}
	/** Finite points so far. */
	points = 0;
	/** The newest of them: where the line ends. */
	lastX = Number.NEGATIVE_INFINITY;
	lastY = Number.NaN;
	/** First step whose value is not finite. */
	broken: number | null = null;
	/** Another number: settled stretches are no longer what they were, and have to be drawn anew. */
	edition = 0;
	#attempt = 0;
	#width = 0;
	#counts: number[] = [];
	#lastStep = Number.NEGATIVE_INFINITY;

	constructor(private readonly most = MOST_STRETCHES) {}

	/**
	 * Begins with what is stored: buckets of `points` points, no more of them than `most`. They are as wide as a power of two and
	 * lie on the same grid.
	 */
	begin({ attempt, points, steps, mean, min, max, broken }: StoredSeries): void {
		this.#empty();
		const [first, last] = [steps[0] ?? 0, steps[steps.length - 1] ?? 0];
		this.#width = points > steps.length ? 2 ** levelFor(first, last, this.most) : 0;
		for (let at = 0; at < steps.length; at += 1) {
			this.x.push(steps[at] as number);
			this.mean.push(mean[at] as number);
			this.low.push(min[at] as number);
			this.high.push(max[at] as number);
			this.#counts.push(points / steps.length);
		}
		this.points = points;
		this.broken = broken;
		this.#attempt = attempt;
		this.#lastStep = Math.max(last, broken ?? 0);
		if (steps.length === 0) this.#lastStep = broken ?? Number.NEGATIVE_INFINITY;
		this.lastX = this.x.at(-1) ?? Number.NEGATIVE_INFINITY;
		this.lastY = this.mean.at(-1) ?? Number.NaN;
	}

	/**
	 * Points of an attempt, ascending. Those that came before (a stream that began anew) change nothing. A later attempt takes the
	 * place of what earlier ones logged from its first step on; what an earlier one logged is too late.
	 */
	add(attempt: number, steps: ArrayLike<number>, values: ArrayLike<number>): void {
		if (steps.length === 0 || attempt < this.#attempt) return;
		if (attempt > this.#attempt && this.#attempt > 0) this.#cut(steps[0] as number);
		this.#attempt = attempt;
		for (let at = 0; at < steps.length; at += 1) {
			const step = steps[at] as number;
			if (step <= this.#lastStep) continue;
			this.#lastStep = step;
			const value = values[at] as number;
			if (Number.isFinite(value)) this.#push(step, value);
			else this.broken ??= step;
		}
	}

	#push(step: number, value: number): void {
		this.points += 1;
		this.lastX = step;
		this.lastY = value;
		this.#join(step, value, value, value, 1);
		if (this.x.length > this.most) this.#merge();
	}

	/** Into the last stretch, or as one of its own. */
	#join(step: number, mean: number, low: number, high: number, count: number): void {
		const at = this.x.length - 1;
		const width = this.#width;
		if (at >= 0 && width > 0 && Math.floor((this.x[at] as number) / width) === Math.floor(step / width)) {
			const all = (this.#counts[at] as number) + count;
			// Not by the sum, which may overflow where no value does.
			this.mean[at] = (this.mean[at] as number) * ((all - count) / all) + mean * (count / all);
			this.low[at] = Math.min(this.low[at] as number, low);
			this.high[at] = Math.max(this.high[at] as number, high);
			this.#counts[at] = all;
			return;
		}
		this.x.push(step);
		this.mean.push(mean);
		this.low.push(low);
		this.high.push(high);
		this.#counts.push(count);
	}

	/** To half of what there may be, so that it is seldom done. */
	#merge(): void {
		const before = { x: this.x, mean: this.mean, low: this.low, high: this.high, counts: this.#counts };
		const span = this.lastX - (before.x[0] as number);
		this.#width = 2 ** Math.ceil(Math.log2(span / (this.most / 2)));
		this.#empty();
		for (const [at, step] of before.x.entries())
			this.#join(
				step,
				before.mean[at] as number,
				before.low[at] as number,
				before.high[at] as number,
				before.counts[at] as number,
			);
	}

	/** Stretches that reach over the step go whole: they cannot be told apart any more. */
	#cut(step: number): void {
		const width = this.#width;
		const endOf = (first: number) => (width === 0 ? first : (Math.floor(first / width) + 1) * width - 1);
		const keep = this.x.findIndex((first) => endOf(first) >= step);
		if (keep < 0) return;
		const before = { x: this.x, mean: this.mean, low: this.low, high: this.high, counts: this.#counts };
		this.#empty();
		this.x = before.x.slice(0, keep);
		this.mean = before.mean.slice(0, keep);
		this.low = before.low.slice(0, keep);
		this.high = before.high.slice(0, keep);
		this.#counts = before.counts.slice(0, keep);
		// What was begun with is spread evenly over its stretches.
		this.points = Math.round(this.#counts.reduce((sum, count) => sum + count, 0));
		this.lastX = this.x.at(-1) ?? Number.NEGATIVE_INFINITY;
		this.lastY = this.mean.at(-1) ?? Number.NaN;
		this.#lastStep = Math.min(this.#lastStep, step - 1);
		if (this.broken !== null && this.broken >= step) this.broken = null;
	}

	#empty(): void {
		this.x = [];
		this.mean = [];
		this.low = [];
		this.high = [];
		this.#counts = [];
		this.edition += 1;
	}
}
