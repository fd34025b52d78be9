import type { MetricBatch } from '@graft/domain/metric';

/** One point as the oracle keeps it, in order of arrival. */
export interface ModelPoint {
	readonly attempt: number;
	readonly sequence: number;
	readonly step: number;
	readonly value: number;
	readonly time: number;
}

/** What the store has to answer, computed the slow and plain way from everything that was ever acknowledged. */
export class MetricModel {
	readonly #points = new Map<string, ModelPoint[]>();
	readonly #resumedFrom: (number | null)[] = [];
	readonly #checkpoints: { readonly id: string; readonly step: number; readonly attempt: number }[] = [];

	beginAttempt(resumedFrom: number | null): void {
		this.#resumedFrom.push(resumedFrom);
	}

	store({ sequence, series }: MetricBatch): void {
		for (const { key, steps, values, times } of series) {
			const known = this.#points.get(key) ?? [];
			this.#points.set(key, known);
			steps.forEach((step, at) => {
				const [value, time] = [values[at] as number, times[at] as number];
				known.push({ attempt: this.#resumedFrom.length, sequence, step, value, time });
			});
		}
	}

	get keys(): string[] {
		return [...this.#points.keys()].sort();
	}

	get attempts(): number {
		return this.#resumedFrom.length;
	}

	/**
	 * Every later attempt that resumed from a step hides what comes after it; one that began anew hides all. `asOf`: when this
	 * attempt was the last one.
	 */
	visible(key: string, asOf = this.attempts): readonly ModelPoint[] {
		return (this.#points.get(key) ?? []).filter((point) => this.#counts(point, asOf));
	}

	#counts({ attempt, step }: { readonly attempt: number; readonly step: number }, asOf: number): boolean {
		return attempt <= asOf && this.#resumedFrom.slice(attempt, asOf).every((from) => from !== null && step <= from);
	}

	commit(id: string, step: number): void {
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

	/**
	 * Minimum, maximum and mean of each cell of the level that the documented rule gives, for the steps `from` to `to`; a cell is
	 * at the place of its first point.
	 */
	buckets(
		key: string,
		buckets: number,
		from: number | null,
		to: number | null,
		place: Place = ({ step }) => step,
		asOf = this.attempts,
	) {
		const inside = this.visible(key, asOf).filter(
			({ step }) => step >= (from ?? 0) && step <= (to ?? Number.POSITIVE_INFINITY),
		);
		if (inside.length === 0) return null;
		const steps = inside.map(({ step }) => step);
		const width =
			inside.length <= buckets ? 1 : widthFor(from ?? Math.min(...steps), to ?? Math.max(...steps), buckets);
		const cells = [...cellsOf(inside, (step) => Math.floor(step / width)).values()];
		const events = firstOf(
			inside.filter(({ value }) => !Number.isFinite(value)),
			({ step, value }) => `${Math.floor(step / width)} ${value}`,
		);
		return {
			points: inside.length,
			steps: cells.map((points) => place(points[0] as ModelPoint)),
			min: cells.map((points) => Math.min(...points.map(({ value }) => value))),
			max: cells.map((points) => Math.max(...points.map(({ value }) => value))),
			mean: cells.map((points) => meanOf(points, width).mean),
			nonFinite: events
				.map((point) => ({ step: place(point), value: String(point.value) }))
				.sort((a, b) => a.step - b.step || (a.value < b.value ? -1 : 1)),
		};
	}

	/** What a stream delivers in all: the visible points of each attempt, in order of arrival. */
	delivered(key: string): readonly number[] {
		return this.visible(key).map(({ value }) => value);
	}
}

/** Where a point is on an axis. */
export type Place = (point: ModelPoint) => number;

/** The smallest power of two of steps of which `first` to `last` lie in at most `buckets`. */
function widthFor(first: number, last: number, buckets: number): number {
	let width = 1;
	while (Math.floor(last / width) - Math.floor(first / width) + 1 > buckets) width *= 2;
	return width;
}

/** Finite points by cell, in order of steps; of equal steps, of arrival. */
function cellsOf(points: readonly ModelPoint[], cellOf: (step: number) => number): ReadonlyMap<number, ModelPoint[]> {
	const cells = new Map<number, ModelPoint[]>();
	const finite = points.filter(({ value }) => Number.isFinite(value));
	for (const point of finite.toSorted((a, b) => a.step - b.step)) {
		const known = cells.get(cellOf(point.step));
		if (known === undefined) cells.set(cellOf(point.step), [point]);
		else known.push(point);
	}
	return cells;
}

function firstOf(points: readonly ModelPoint[], key: (point: ModelPoint) => string): readonly ModelPoint[] {
	const first = new Map<string, ModelPoint>();
	for (const point of points.toSorted((a, b) => a.step - b.step))
		if (!first.has(key(point))) first.set(key(point), point);
	return [...first.values()];
}

/**
 * The documented band over the steps of several runs: step by step where none has more points than buckets (in equal widths
 * where their steps together are more), else in cells of one width. Plain means: equal but for rounding.
 */
export function bandOf(runs: readonly (readonly ModelPoint[])[], buckets: number) {
	const filled = runs.filter((points) => points.length > 0);
	const all = filled.flat().map(({ step }) => step);
	const drawn = new Set(filled.flatMap((points) => points.filter(isFinitePoint).map(({ step }) => step)));
	const [low, high] = [Math.min(...drawn), Math.max(...drawn)];
	const width = widthFor(Math.min(...all), Math.max(...all), buckets);
	const cellOf = (step: number) => {
		if (filled.some(({ length }) => length > buckets)) return Math.floor(step / width);
		if (drawn.size <= buckets) return step;
		return Math.min(buckets - 1, Math.floor(((step - low) / (high - low)) * buckets));
	};
	const cells = filled.map((points) => cellsOf(points, cellOf));
	const indices = [...new Set(cells.flatMap((ofRun) => [...ofRun.keys()]))].sort((a, b) => a - b);
	return indices.map((index) => {
		const here = cells.flatMap((ofRun) => (ofRun.has(index) ? [ofRun.get(index) as ModelPoint[]] : []));
		const means = here.map((points) => points.reduce((sum, { value }) => sum + value / points.length, 0));
		const mean = means.reduce((sum, value) => sum + value / means.length, 0);
		const squares = means.reduce((sum, value) => sum + (value - mean) ** 2, 0);
		return {
			x: Math.min(...here.map((points) => (points[0] as ModelPoint).step)),
			mean,
			sd: means.length < 2 ? Number.NaN : Math.sqrt(squares / (means.length - 1)),
			runs: means.length,
			largest: Math.max(...here.flat().map(({ value }) => Math.abs(value))),
		};
	});
}
const isFinitePoint = ({ value }: ModelPoint): boolean => Number.isFinite(value);

/** The mean of a cell by the halves of its steps, down to single steps, where it is in order of arrival. */
function meanOf(points: readonly ModelPoint[], width: number): { mean: number; count: number } {
	if (width === 1) {
		let [mean, count] = [0, 0];
		for (const { value } of points) {
			count += 1;
			mean = count === 1 ? value : mean * ((count - 1) / count) + value / count;
		}
		return { mean, count };
	}
	const half = width / 2;
	const isLeft = ({ step }: ModelPoint) => Math.floor(step / half) % 2 === 0;
	const [left, right] = [points.filter(isLeft), points.filter((point) => !isLeft(point))];
	if (left.length === 0) return meanOf(right, half);
	if (right.length === 0) return meanOf(left, half);
	const [a, b] = [meanOf(left, half), meanOf(right, half)];
	const count = a.count + b.count;
	return { mean: a.mean * (a.count / count) + b.mean * (b.count / count), count };
}
