import type { ComparisonGroup } from './comparison.js';

/** Half the 95 % interval of the mean: what stands behind every ± of Graft; null for a single seed. */
export const halfWidth = ({ mean, ciHigh }: ComparisonGroup): number | null => (ciHigh === null ? null : ciHigh - mean);

/** Decimals that show the typical half interval with two digits; 3 where nothing spreads. */
export function decimalsFor(groups: readonly ComparisonGroup[]): number {
	const spreads = groups.flatMap((group) => halfWidth(group) || []).sort((a, b) => a - b);
	const typical = spreads[Math.floor(spreads.length / 2)];
	if (typical === undefined) return 3;
	return Math.min(6, Math.max(0, 1 - Math.floor(Math.log10(typical))));
}

/** Never `-0.000`. */
export function rounded(value: number, decimals: number): string {
	const text = value.toFixed(decimals);
	return Number(text) === 0 ? text.replace('-', '') : text;
}

/** A sentence that lists a hundred groups of a sweep is none. */
const MOST_NAMES = 4;

/** `a`, `a and b`, `a, b and c`; of more than four the first three and how many others. */
export function listed(names: readonly string[]): string {
	const shown = names.length > MOST_NAMES ? names.slice(0, MOST_NAMES - 1) : names;
	const left = names.length - shown.length;
	const parts = left > 0 ? [...shown, `${left} others`] : shown;
	const last = parts.at(-1) ?? '';
	return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} and ${last}`;
}
