import { expect, it } from 'vitest';
import { runChaos } from './chaos/run-chaos.js';

const MINUTES = 3;
/** The storm, the undisturbed runs before it, and the last leases and looks of the oracle after it. */
const TIMEOUT_MS = (MINUTES + 7) * 60_000;
/** `npm run chaos` asks for 20; here other tests take the same cores. */
const AGAIN_SECONDS = 30;

it('loses nothing, does nothing twice and ends every run while the platform is broken on purpose', {
	timeout: TIMEOUT_MS,
}, async () => {
	const { runs, findings, recoveries, leftOver } = await runChaos({
		seed: 1,
		minutes: MINUTES,
		log: () => undefined,
	});
	for (const { sentence, against } of findings) expect({ sentence, against }).toEqual({ sentence, against: [] });
	expect(leftOver).toEqual([]);
	expect(runs).toBeGreaterThan(16);
	for (const { detectSeconds, againSeconds } of recoveries) {
		expect(detectSeconds).toBeLessThanOrEqual(15);
		expect(againSeconds ?? 0).toBeLessThanOrEqual(AGAIN_SECONDS);
	}
});
