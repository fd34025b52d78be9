/** `1,234` */
export const wholeNumber = (value: number): string => Math.round(value).toLocaleString('en-US');

/** `8 s`, `1 min 20 s`, `2 h 5 min` */
export function duration(seconds: number): string {
	const whole = Math.max(0, Math.round(seconds));
	if (whole < 60) return `${whole} s`;
	if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
	return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/**
 * Decimals that a value deserves: as many as show the first two digits of its uncertainty, at least one and at most five.
 * 0.946 +- 0.012, not 0.94573.
 */
export function decimalsFor(uncertainty: number | null): number {
	if (uncertainty === null || !(uncertainty > 0)) return 3;
	return Math.min(5, Math.max(1, 1 - Math.floor(Math.log10(uncertainty))));
}
