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

	/** Every later attempt that resumed from a step hides what comes after it; one that began anew hides all. */
	visible(key: string): readonly ModelPoint[] {
		return (this.#points.get(key) ?? []).filter(({ attempt, step }) =>
			this.#resumedFrom.slice(attempt).every((from) => from !== null && step <= from),
		);
	}

	summary(key: string) {
		const points = this.visible(key);
		const finite = points.filter(({ value }) => Number.isFinite(value));
		const last = points.reduce<ModelPoint | null>((best, one) => (best && best.step > one.step ? best : one), null);
		const best = (better: (a: number, b: number) => boolean) =>
			finite.reduce<ModelPoint | null>((kept, one) => (kept && !better(one.value, kept.value) ? kept : one), null);
		return { last, min: best((a, b) => a < b), max: best((a, b) => a > b), finite: finite.length === points.length };
	}

	/** Minimum, maximum and mean of each cell of the level that the documented rule gives. */
	buckets(key: string, buckets: number, from: number | null, to: number | null) {
		const inside = this.visible(key).filter(
			({ step }) => step >= (from ?? 0) && step <= (to ?? Number.POSITIVE_INFINITY),
		);
		if (inside.length === 0) return null;
		const steps = inside.map(({ step }) => step);
		const [first, last] = [from ?? Math.min(...steps), to ?? Math.max(...steps)];
		let width = 1;
		if (inside.length > buckets) while (Math.floor(last / width) - Math.floor(first / width) + 1 > buckets) width *= 2;
		const groups = new Map<number, ModelPoint[]>();
		for (const point of inside.filter(({ value }) => Number.isFinite(value))) {
			const cell = Math.floor(point.step / width);
			const known = groups.get(cell);
			if (known === undefined) groups.set(cell, [point]);
			else known.push(point);
		}
		const cells = [...groups.entries()].sort(([a], [b]) => a - b).map(([, points]) => points);
		return {
			points: inside.length,
			steps: cells.map((points) => Math.min(...points.map(({ step }) => step))),
			min: cells.map((points) => Math.min(...points.map(({ value }) => value))),
			max: cells.map((points) => Math.max(...points.map(({ value }) => value))),
			mean: cells.map((points) => meanOf(points, width).mean),
			nonFinite: new Set(
				inside
					.filter(({ value }) => !Number.isFinite(value))
					.map(({ step, value }) => `${Math.floor(step / width)} ${value}`),
			).size,
		};
	}

	/** What a stream delivers in all: the visible points of each attempt, in order of arrival. */
	delivered(key: string): readonly number[] {
		return this.visible(key).map(({ value }) => value);
	}
}

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
