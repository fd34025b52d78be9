import { expect, it } from 'vitest';
import { FAULTS } from './chaos/faults.js';
import { runChaos } from './chaos/run-chaos.js';

const MINUTES = 3;
/** The storm, the undisturbed runs before it, the last leases and the looks of the oracle after it, on a slow machine. */
const TIMEOUT_MS = (MINUTES + 12) * 60_000;
/** Two cores alone make more than 200; half as fast is no failure, and a storm in which nothing trains is one. */
const LEAST_RUNS = 60;
/**
 * A lease of 12 s, a look at it each second, and room for a machine on which other tests take the cores: what is wrong in the
 * leases makes it a poll, a retry or never. `npm run chaos` asks for 15 and 20 s.
 */
const [DETECTED_SECONDS, AGAIN_SECONDS] = [30, 60];

it('loses nothing, does nothing twice and ends every run while the platform is broken on purpose', {
	timeout: TIMEOUT_MS,
}, async () => {
	const told: string[] = [];
	const log = (line: string) => void told.push(line);
	const report = await runChaos({ seed: 1, minutes: MINUTES, log }).catch((error) => {
		console.error(told.join('\n'));
		throw error;
	});
	const { faults, runs, findings, recoveries, leftOver, hasSmallDisk } = report;
	const detected = recoveries.map(({ detectSeconds }) => detectSeconds);
	const again = recoveries.flatMap(({ againSeconds }) => againSeconds ?? []);
	const figures = { runs, detected, again, faults: Object.fromEntries(faults) };
	const wrong = findings.filter(({ against }) => against.length > 0);
	if (wrong.length > 0) console.error(told.join('\n'));
	console.info(JSON.stringify(figures));

	expect(wrong).toEqual([]);
	expect(leftOver).toEqual([]);
	for (const { kind } of FAULTS.filter(({ needsSmallDisk }) => hasSmallDisk || !needsSmallDisk))
		expect({ kind, struck: faults.has(kind) }).toEqual({ kind, struck: true });
	expect(runs).toBeGreaterThan(LEAST_RUNS);
	expect(recoveries.length).toBeGreaterThan(0);
	expect(Math.max(...detected)).toBeLessThan(DETECTED_SECONDS);
	expect(Math.max(0, ...again)).toBeLessThan(AGAIN_SECONDS);
});
