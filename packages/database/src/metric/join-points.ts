import type { MetricPoints } from '@graft/domain/metric';

/** Lists of points one after the other. */
export function joinPoints(parts: readonly MetricPoints[]): MetricPoints {
	const [only] = parts;
	if (parts.length === 1 && only !== undefined) return only;
	const length = parts.reduce((sum, { steps }) => sum + steps.length, 0);
	const joined = { steps: new Float64Array(length), values: new Float64Array(length), times: new Float64Array(length) };
	let at = 0;
	for (const part of parts) {
		joined.steps.set(part.steps, at);
		joined.values.set(part.values, at);
		joined.times.set(part.times, at);
		at += part.steps.length;
	}
	return joined;
}

/** The points whose step is from `from` to `to`. */
export function betweenSteps(points: MetricPoints, from: number, to: number): MetricPoints {
	const inside = (step: number) => step >= from && step <= to;
	if (points.steps.every(inside)) return points;
	const keep = [...points.steps.keys()].filter((index) => inside(points.steps[index] as number));
	const pick = (list: Float64Array) => Float64Array.from(keep, (index) => list[index] as number);
	return { steps: pick(points.steps), values: pick(points.values), times: pick(points.times) };
}

/** The points at positions `from` to `to` (left out) in order of arrival. */
export function slicePoints({ steps, values, times }: MetricPoints, from: number, to: number): MetricPoints {
	return { steps: steps.subarray(from, to), values: values.subarray(from, to), times: times.subarray(from, to) };
}
