import { betaDraw, fnv1a, mulberry32, shuffle } from '@graft/domain/random';

/** A batch's inputs and target rows, one example after the other. */
export interface Mixable {
	readonly values: Float32Array;
	readonly targets: Float32Array;
}

export interface Mix {
	/** Share of an example that stays its own. */
	readonly lambda: number;
	/** Position of the example that each one is mixed with. */
	readonly partners: readonly number[];
}

/** Drawn from seed and step alone, like everything that is drawn in a run. */
export function drawMix(alpha: number, count: number, seed: number, step: number): Mix {
	const random = mulberry32(fnv1a(`mixup/${seed}/${step}`));
	return { lambda: betaDraw(random, alpha, alpha), partners: shuffle(Array(count).keys(), random) };
}

/** Zhang et al. 2018: lambda of each example and 1 - lambda of its partner, inputs and targets alike. */
export function mixExamples(batch: Mixable, { lambda, partners }: Mix): Mixable {
	const blend = (rows: Float32Array): Float32Array => {
		const size = rows.length / partners.length;
		return rows.map((value, at) => {
			const partner = partners[Math.floor(at / size)] ?? 0;
			return lambda * value + (1 - lambda) * (rows[partner * size + (at % size)] ?? 0);
		});
	};
	return { values: blend(batch.values), targets: blend(batch.targets) };
}
