import { incompleteBeta, logGamma } from './gamma.js';

/** P(|T| >= |t|): far from 0 computed as a tail, so that small probabilities keep their digits. */
export function studentTTwoSided(t: number, degreesOfFreedom: number): number {
	if (Number.isNaN(t)) return Number.NaN;
	if (!Number.isFinite(t)) return 0;
	const square = t * t;
	return square < 1
		? 1 - withinT(square, degreesOfFreedom)
		: incompleteBeta(degreesOfFreedom / (degreesOfFreedom + square), degreesOfFreedom / 2, 0.5);
}

/** P(T <= t) of Student's t; the degrees of freedom may be a fraction (Welch). */
export function studentTCdf(t: number, degreesOfFreedom: number): number {
	// Near 0 by the middle part, which then is the small one and keeps its digits.
	if (t * t < 1) return 0.5 + (Math.sign(t) * withinT(t * t, degreesOfFreedom)) / 2;
	const tail = studentTTwoSided(t, degreesOfFreedom) / 2;
	return t > 0 ? 1 - tail : tail;
}

/** P(|T| < t) from t squared. */
function withinT(square: number, degreesOfFreedom: number): number {
	return incompleteBeta(square / (degreesOfFreedom + square), 0.5, degreesOfFreedom / 2);
}

/** The t below which the share `probability` lies. */
export function studentTQuantile(probability: number, degreesOfFreedom: number): number {
	if (!(probability > 0 && probability < 1)) {
		return probability === 0 ? Number.NEGATIVE_INFINITY : probability === 1 ? Number.POSITIVE_INFINITY : Number.NaN;
	}
	if (probability === 0.5) return 0;
	// By symmetry the search is for a positive t whose two tails are twice the smaller share.
	const tails = 2 * Math.min(probability, 1 - probability);
	let low = 0;
	let high = 1;
	while (studentTTwoSided(high, degreesOfFreedom) > tails) {
		low = high;
		high *= 2;
	}
	// Newton's steps, each kept within the bracket; one that leaves it is replaced by the middle.
	let t = (low + high) / 2;
	for (let step = 0; step < 200; step++) {
		const excess = studentTTwoSided(t, degreesOfFreedom) - tails;
		if (excess > 0) low = t;
		else high = t;
		const newton = t + excess / (2 * studentTDensity(t, degreesOfFreedom));
		const next = newton > low && newton < high ? newton : (low + high) / 2;
		if (Math.abs(next - t) <= 1e-15 * t) break;
		t = next;
	}
	return probability < 0.5 ? -t : t;
}

function studentTDensity(t: number, degreesOfFreedom: number): number {
	const half = (degreesOfFreedom + 1) / 2;
	const scale = logGamma(half) - logGamma(degreesOfFreedom / 2) - Math.log(degreesOfFreedom * Math.PI) / 2;
	return Math.exp(scale - half * Math.log1p((t * t) / degreesOfFreedom));
}
