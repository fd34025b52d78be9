import { createHistogram } from 'node:perf_hooks';

/**
 * Times of which there may be millions, as an HDR histogram (three significant digits), so that asking for a quantile costs the
 * measuring process no pause: sorting a million numbers takes it a second, in which it reads nothing and then finds
 * everything late.
 */
export class Spread {
	readonly #histogram = createHistogram({ lowest: 1, highest: 3_600_000_000, figures: 3 });

	/** Anything up to a thousandth of the unit counts as one thousandth. */
	add(value: number): void {
		this.#histogram.record(Math.max(1, Math.round(value * 1_000)));
	}

	/** In the unit that was added; NaN of nothing. */
	quantile(share: number): number {
		return this.count === 0 ? Number.NaN : this.#histogram.percentile(share * 100) / 1_000;
	}

	get count(): number {
		return this.#histogram.count;
	}

	clear(): void {
		this.#histogram.reset();
	}
}
