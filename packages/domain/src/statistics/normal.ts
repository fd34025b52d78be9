/** P(Z <= z) of the standard normal, to about 1e-15: a series near 0, a continued fraction in the tails. */
export function normalCdf(z: number): number {
	if (Number.isNaN(z)) return Number.NaN;
	const x = Math.abs(z);
	const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
	const upper = x < 3 ? 0.5 - density * centralSeries(x) : density * tailFraction(x);
	return z > 0 ? 1 - upper : upper;
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

/** 1/(x + 1/(x + 2/(x + 3/(x + ...)))), from below; 100 levels are enough from x = 3. */
function tailFraction(x: number): number {
	if (x > 39) return 0;
	let tail = x;
	for (let k = 100; k >= 1; k--) tail = x + k / tail;
	return 1 / tail;
}
