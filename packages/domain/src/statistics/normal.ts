/** P(Z <= z) of the standard normal, to about 1e-15: a series near 0, a continued fraction in the tails. */
export function normalCdf(z: number): number {
	if (Number.isNaN(z)) return Number.NaN;
	const x = Math.abs(z);
	const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
	const upper = x < 3 ? 0.5 - density * centralSeries(x) : density * tailFraction(x);
	return z > 0 ? 1 - upper : upper;
}

/** The z below which the share `probability` lies, for shares from 1e-300 to 1 - 1e-16. */
export function normalQuantile(probability: number): number {
	let low = -40;
	let high = 40;
	for (let step = 0; step < 60; step++) {
		const middle = (low + high) / 2;
		if (normalCdf(middle) < probability) low = middle;
		else high = middle;
	}
	return (low + high) / 2;
}

/** x + x^3/3 + x^5/(3 5) + ... */
function centralSeries(x: number): number {
	let term = x;
	let sum = x;
	for (let k = 3; term > sum * 1e-17; k += 2) {
		term *= (x * x) / k;
		sum += term;
	}
	return sum;
}

/** 1/(x + 1/(x + 2/(x + 3/(x + ...)))), from below; from x = 3 on, 60 levels are enough for the last digit. */
function tailFraction(x: number): number {
	if (x > 39) return 0;
	let tail = x;
	for (let k = 60; k >= 1; k--) tail = x + k / tail;
	return 1 / tail;
}
