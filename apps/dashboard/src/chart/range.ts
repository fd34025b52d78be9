export type Range = readonly [number, number];

/**
 * The range of an axis for these data: as before where that still holds them, else the next step outward. Ranges never
 * shrink and never follow the data point by point, so a live chart does not twitch.
 */
export function stepOutward(before: Range | null, data: Range | null): Range | null {
	if (data === null) return before;
	const [low, high] = data;
	if (before !== null && low >= before[0] && high <= before[1]) return before;
	const reach: Range = before === null ? data : [Math.min(low, before[0]), Math.max(high, before[1])];
	const size = Math.max(Math.abs(reach[0]), Math.abs(reach[1]));
	// Below this a span is rounding noise: a flat line, which gets air around it.
	const flat = reach[1] - reach[0] <= Math.max(size * 1e-9, 1e-30);
	const step = niceStep((flat ? (size > 1e-30 ? size * 0.2 : 2) : reach[1] - reach[0]) / 4);
	const down = Math.floor(reach[0] / step + 1e-9) * step;
	const up = Math.ceil(reach[1] / step - 1e-9) * step;
	return [
		tidy(before !== null && low >= before[0] ? before[0] : keepSign(flat ? down - step : down, low)),
		tidy(before !== null && high <= before[1] ? before[1] : flat ? up + step : up),
	];
}

/** From zero to the end that is known (the steps of the longest run), else to the next round number. */
export function stepOutwardX(before: Range | null, data: Range | null, knownEnd: number | null): Range | null {
	const end = Math.max(data?.[1] ?? 0, knownEnd ?? 0);
	if (end <= 0) return before;
	if (before !== null && end <= before[1]) return before;
	if (knownEnd !== null && end === knownEnd) return [0, knownEnd];
	return [0, tidy(roundUp(end))];
}

/** 1, 2 or 5 times a power of ten, not below `rough`. */
export function niceStep(rough: number): number {
	const power = 10 ** Math.floor(Math.log10(rough));
	const lead = rough / power;
	return (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10) * power;
}

/** The next of 1, 1.5, 2, 3, 5, 8 times a power of ten: about half as much again, so that steps are rare. */
function roundUp(value: number): number {
	const power = 10 ** Math.floor(Math.log10(value));
	const lead = [1, 1.5, 2, 3, 5, 8, 10].find((candidate) => value / power <= candidate + 1e-9) ?? 10;
	return lead * power;
}

/** A range of what cannot be negative does not begin below zero for the sake of a round number. */
function keepSign(bound: number, low: number): number {
	return low >= 0 && bound < 0 ? 0 : bound;
}

function tidy(value: number): number {
	return Number(value.toPrecision(12));
}
