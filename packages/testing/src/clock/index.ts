/** A clock that stands still until it is moved. */
export interface FakeClock {
	now(): Date;
	advance(ms: number): void;
}

export function createFakeClock(start = new Date('2026-01-01T00:00:00Z')): FakeClock {
	let at = start.getTime();
	return {
		now: () => new Date(at),
		advance: (ms) => {
			at += ms;
		},
	};
}
