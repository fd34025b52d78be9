const SIZE = 624;
const SHIFT = 397;

/** A list in the order that `numpy.random.RandomState(seed).shuffle` gives it: the 1998 Mersenne Twister, masked draws. */
export function numpyShuffle<T>(items: readonly T[], seed: number): T[] {
	const draw = mersenneTwister(seed);
	const shuffled = [...items];
	for (let last = shuffled.length - 1; last > 0; last--) {
		// The smallest mask of ones that covers `last`; numbers above are drawn again.
		const mask = 2 ** (32 - Math.clz32(last)) - 1;
		let other = (draw() & mask) >>> 0;
		while (other > last) other = (draw() & mask) >>> 0;
		[shuffled[last], shuffled[other]] = [shuffled[other] as T, shuffled[last] as T];
	}
	return shuffled;
}

/** M. Matsumoto and T. Nishimura's MT19937 with their init_genrand; 32 bits a call. */
function mersenneTwister(seed: number): () => number {
	const state = new Uint32Array(SIZE);
	state[0] = seed;
	for (let at = 1; at < SIZE; at++) {
		const before = state[at - 1] ?? 0;
		state[at] = Math.imul(before ^ (before >>> 30), 1812433253) + at;
	}
	let position = SIZE;
	return () => {
		if (position === SIZE) {
			for (let at = 0; at < SIZE; at++) {
				const mixed = ((state[at] ?? 0) & 0x80000000) | ((state[(at + 1) % SIZE] ?? 0) & 0x7fffffff);
				state[at] = (state[(at + SHIFT) % SIZE] ?? 0) ^ (mixed >>> 1) ^ (mixed & 1 ? 0x9908b0df : 0);
			}
			position = 0;
		}
		let value = state[position++] ?? 0;
		value ^= value >>> 11;
		value ^= (value << 7) & 0x9d2c5680;
		value ^= (value << 15) & 0xefc60000;
		return (value ^ (value >>> 18)) >>> 0;
	};
}
