/** t(0.975, n - 1) for 2 to 9 values, from a table. */
const TABLE = [
	...[12.706204736174705, 4.302652729911275, 3.182446305284263, 2.7764451051977987],
	...[2.5705818356363155, 2.4469118511449692, 2.3646242515927844, 2.3060041352041662],
];
export const tOf = (n: number): number => TABLE[n - 2] ?? Number.NaN;

export const meanOfAll = (values: readonly number[]): number =>
	values.reduce((sum, value) => sum + value / values.length, 0);

/** With n - 1 in the denominator; NaN for fewer than two. */
export function sdOf(values: readonly number[]): number {
	const mean = meanOfAll(values);
	const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
	return values.length < 2 ? Number.NaN : Math.sqrt(squares / (values.length - 1));
}

/** Two-sided p of Student's t for 1 and 2 degrees of freedom, where the distribution has a closed form. */
export function twoSided(t: number, freedom: 1 | 2): number {
	const size = Math.abs(t);
	return freedom === 1 ? 1 - (2 / Math.PI) * Math.atan(size) : 1 - size / Math.sqrt(2 + size * size);
}
