import { expect, it } from 'vitest';
import { DEFAULT_LEASE_SETTINGS } from '../lease/index.js';
import { workerStatus } from './index.js';

it('is silent after three missed heartbeats, not before', () => {
	const seen = new Date('2030-01-01T00:00:00Z');
	const after = (seconds: number) => workerStatus(seen, new Date(seen.getTime() + seconds * 1000), 4);
	expect(after(0)).toBe('ONLINE');
	expect(after(12)).toBe('ONLINE');
	expect(after(12.001)).toBe('SILENT');
	expect(after(-5)).toBe('ONLINE');
});

it('renews a lease often enough to lose two renewals and live', () => {
	const { leaseSeconds, heartbeatSeconds, maxAttempts } = DEFAULT_LEASE_SETTINGS;
	expect(leaseSeconds).toBeGreaterThanOrEqual(3 * heartbeatSeconds);
	expect(maxAttempts).toBeGreaterThanOrEqual(1);
});
