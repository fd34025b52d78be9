/** Narrow no-break space: between a number and its unit. */
const THIN = '\u202f';
const MINUS = '\u2212';

/**
 * Decimals that an interval of this half-width justifies: its own two leading digits, and none beyond. 0.946 ± 0.012,
 * not 0.94573.
 */
export function decimalsFor(halfWidth: number): number {
	// Seeds that agree to the last bit justify any number of digits, and nobody reads them.
	if (!Number.isFinite(halfWidth) || halfWidth < 1e-6) return 4;
	// Rounding may add a digit (0.0996 -> 0.10): ask the rounded number.
	const rounded = Number(halfWidth.toPrecision(2));
	return Math.min(8, Math.max(0, 1 - Math.floor(Math.log10(rounded))));
}

export interface IntervalText {
	readonly mean: string;
	/** Null where there is no interval (fewer than two seeds). */
	readonly halfWidth: string | null;
}

/** Mean and half-width with the same decimals. */
export function intervalText(mean: number, low: number | null, high: number | null): IntervalText {
	if (low === null || high === null || !Number.isFinite(high - low)) return { mean: plain(mean), halfWidth: null };
	const half = (high - low) / 2;
	const decimals = decimalsFor(half);
	return { mean: fixed(mean, decimals), halfWidth: half < 1e-6 ? '0' : fixed(half, decimals) };
}

/** A difference with its sign and its interval, such as `+0.043 [0.021, 0.065]`. */
export function differenceText(difference: number, low: number, high: number): string {
	const decimals = decimalsFor((high - low) / 2);
	return `${signed(difference, decimals)} [${fixed(low, decimals)}, ${fixed(high, decimals)}]`;
}

/** A measured number without an interval: three significant digits are what one run can claim. */
export function plain(value: number | null | undefined): string {
	if (value === null || value === undefined) return '–';
	if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : `${MINUS}∞`;
	if (value === 0) return '0';
	const size = Math.abs(value);
	if (size >= 1e6 || size < 1e-4) return withMinus(value.toExponential(2).replace('e+', 'e'));
	return size >= 1000 ? fixed(value, 0) : withMinus(value.toPrecision(3));
}

/** A place on an axis: steps are counted, seconds are measured. */
export function position(value: number): string {
	return Number.isInteger(value) ? whole(value) : plain(value);
}

/** A number that a person chose: as it was written, without added digits. */
export function setting(value: number): string {
	return withMinus(String(Number(value.toPrecision(4))));
}

export function fixed(value: number, decimals: number): string {
	return withMinus(value.toFixed(decimals));
}

export function signed(value: number, decimals: number): string {
	return value > 0 ? `+${fixed(value, decimals)}` : fixed(value, decimals);
}

/** p-values as journals print them. */
export function pText(p: number): string {
	return p < 0.001 ? 'p < 0.001' : `p = ${p.toFixed(p < 0.1 ? 3 : 2)}`;
}

const SCALES = [
	[1e15, 'P'],
	[1e12, 'T'],
	[1e9, 'G'],
	[1e6, 'M'],
	[1e3, 'k'],
] as const;

/** 23.5 M, 1.24 k, 812: at most three significant digits. */
export function count(value: number | null | undefined, unit = ''): string {
	if (value === null || value === undefined || !Number.isFinite(value)) return '–';
	for (const [size, letter] of SCALES) {
		// 999,950 and more reads as 1.00 M.
		if (Math.abs(value) >= size * 0.9995) return `${(value / size).toPrecision(3)}${THIN}${letter}${unit}`;
	}
	const text = Number.isInteger(value) ? String(value) : value.toPrecision(3);
	return unit ? `${text}${THIN}${unit}` : text;
}

/** A whole number with digits in groups of three, for tooltips where count() is too short. */
export function whole(value: number): string {
	return Math.round(value).toLocaleString('en-US').replaceAll(',', THIN);
}

export function bytes(value: number): string {
	const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
	let size = value;
	let unit = 0;
	while (size >= 1024 && unit < units.length - 1) {
		size /= 1024;
		unit += 1;
	}
	return `${unit === 0 ? size : size.toPrecision(3)}${THIN}${units[unit]}`;
}

export function percent(share: number): string {
	const value = share * 100;
	if (value > 0 && value < 0.1) return `< 0.1${THIN}%`;
	if (value < 100 && value > 99.9) return `> 99.9${THIN}%`;
	return `${value < 10 && value > 0 ? value.toFixed(1) : Math.round(value)}${THIN}%`;
}

function withMinus(text: string): string {
	return /^-0(\.0*)?$/.test(text) ? text.slice(1) : text.replace(/^-/, MINUS);
}
