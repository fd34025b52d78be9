/** The next number in [0, 1). A value of this kind is the only source of chance: nothing here calls Math.random. */
export type Random = () => number;

/** T. Ettinger's mulberry32: small, fast, the same on every machine. Enough to shuffle and to initialise, not for secrets. */
export function mulberry32(seed: number): Random {
	let state = seed | 0;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
	};
}

/** A whole number from 0 to limit - 1. */
export function integerBelow(random: Random, limit: number): number {
	return Math.floor(random() * limit);
}

/** A shuffled copy (Fisher-Yates, from the end). */
export function shuffle<T>(items: Iterable<T>, random: Random): T[] {
	const shuffled = [...items];
	for (let last = shuffled.length - 1; last > 0; last--) {
		const other = integerBelow(random, last + 1);
		[shuffled[last], shuffled[other]] = [shuffled[other] as T, shuffled[last] as T];
	}
	return shuffled;
}

/** One draw from N(0, 1) by Box and Muller; uses up two numbers of `random`. */
export function normal(random: Random): number {
	const radius = Math.sqrt(-2 * Math.log(1 - random()));
	return radius * Math.cos(2 * Math.PI * random());
}
