import { logGamma } from './gamma.js';
import { normalCdf, normalQuantile } from './normal.js';
import { studentTQuantile } from './student-t.js';

export interface PowerSettings {
	readonly alpha: number;
	readonly power: number;
}
const CONVENTION: PowerSettings = { alpha: 0.05, power: 0.8 };
/** Two pairs have one degree of freedom: an interval of that is no evidence. */
const FEWEST_SEEDS = 3;

/**
 * Seeds that a paired t test needs to see a mean difference of `effect` standard deviations (of the differences) with the
 * given power. Null where more than `most` would be needed.
 */
export function seedsNeeded(effect: number, settings: PowerSettings = CONVENTION, most = 1000): number | null {
	const size = Math.abs(effect);
	if (!(pairedTPower(most, size, settings.alpha) >= settings.power)) return null;
	const enough = (n: number) => pairedTPower(n, size, settings.alpha) >= settings.power;
	// The normal approximation is off by one at most in practice; from there it is a walk of a step or two.
	const level = normalQuantile(1 - settings.alpha / 2);
	const guess = ((level + normalQuantile(settings.power)) / size) ** 2 + level ** 2 / 2;
	let n = Math.min(most, Math.max(FEWEST_SEEDS, Math.ceil(guess)));
	while (!enough(n)) n++;
	while (n > FEWEST_SEEDS && enough(n - 1)) n--;
	return n;
}

/**
 * Chance that a two-sided paired t test on n pairs rejects at `alpha` where the true effect is `effect` standard
 * deviations. The noncentral t as a mixture: given s = S / sigma the test statistic is normal, and s has a scaled chi
 * density, over which Simpson's rule integrates.
 */
export function pairedTPower(n: number, effect: number, alpha: number): number {
	if (!Number.isFinite(effect)) return Number.isNaN(effect) ? Number.NaN : 1;
	const freedom = n - 1;
	const critical = studentTQuantile(1 - alpha / 2, freedom);
	const shift = effect * Math.sqrt(n);
	const logScale = Math.log(2) + (freedom / 2) * Math.log(freedom / 2) - logGamma(freedom / 2);
	const density = (s: number) =>
		s === 0
			? freedom === 1
				? Math.exp(logScale)
				: 0
			: Math.exp(logScale + (freedom - 1) * Math.log(s) - (freedom * s * s) / 2);
	const rejects = (s: number) => normalCdf(shift - critical * s) + normalCdf(-shift - critical * s);

	const reach = 9 / Math.sqrt(2 * freedom);
	const from = Math.max(0, 1 - reach);
	// As a function of s the chance to reject falls within about 1 / critical: sixteen points for that stretch.
	const steps = 2 * Math.ceil(Math.max(100, 8 * critical * (1 + reach - from)));
	const width = (1 + reach - from) / steps;
	let sum = 0;
	for (let i = 0; i <= steps; i++) {
		const s = from + i * width;
		const weight = i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2;
		sum += weight * density(s) * rejects(s);
	}
	return Math.min(1, (sum * width) / 3);
}
