/** Tommy Ettinger's mulberry32: a seed gives one and the same schedule. Numbers from 0 up to 1. */
export function randomOf(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let t = Math.imul(state ^ (state >>> 15), state | 1);
		t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
		return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
	};
}

export const between = (random: () => number, from: number, to: number): number => from + random() * (to - from);
export function oneOf<T>(random: () => number, list: readonly T[]): T {
	const chosen = list[Math.floor(random() * list.length)];
	if (chosen === undefined) throw new Error('nothing to choose from');
	return chosen;
}
