import type { Range } from '../chart/range';

/** Digits that a person would want to read of an end that was pointed at. */
const DIGITS = 4;

/** `1200..1450`, as the URL has it; null for anything else, and for a part that holds nothing. */
export function parseRange(text: string): Range | null {
	const [from = '', to = '', ...more] = text.split('..');
	const range = [Number(from), Number(to)] as const;
	const isRange = from !== '' && to !== '' && more.length === 0 && range.every(Number.isFinite);
	return isRange && range[0] < range[1] ? range : null;
}

export const formatRange = ([from, to]: Range): string => `${from}..${to}`;

/** To round ends that hold what was chosen: whole ones where the axis counts, else of a few digits of the part's width. */
export function tidyRange([from, to]: Range, whole: boolean): Range {
	const width = to - from;
	const digit = 10 ** (Math.floor(Math.log10(width)) - DIGITS + 1);
	const unit = whole ? Math.max(1, digit) : digit;
	const rounded = (value: number) => Number(value.toPrecision(12));
	return [Math.max(0, rounded(Math.floor(from / unit) * unit)), rounded(Math.ceil(to / unit) * unit)];
}
