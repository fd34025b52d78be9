import { readFileSync } from 'node:fs';
import { createLogger } from '@graft/runtime/logger';
import { createTestDatabase } from '@graft/testing/database';
import { expect, test } from 'vitest';
import { postgresCarrier } from '../notify/postgres-carrier.js';

/** Of /proc/net/tcp: the timer of a connection that the kernel probes when it is silent, and its unit. */
const [KEEP_ALIVE_TIMER, TICKS_PER_SECOND] = ['02', 100];

/** Seconds until each connection of this address is probed; infinite: never. */
function secondsUntilProbed(ports: readonly number[]): number[] {
	const rows = readFileSync('/proc/net/tcp', 'utf8').trim().split('\n').slice(1);
	return rows.flatMap((row) => {
		const [, local = '', , , , timer = ''] = row.trim().split(/\s+/);
		if (!ports.includes(Number.parseInt(local.split(':')[1] ?? '', 16))) return [];
		const [kind, ticks = ''] = timer.split(':');
		return kind === KEEP_ALIVE_TIMER ? Number.parseInt(ticks, 16) / TICKS_PER_SECOND : Number.POSITIVE_INFINITY;
	});
}

test.runIf(process.platform === 'linux')(
	'silent connections are probed soon, so that a dead server is noticed',
	async () => {
		const clone = await createTestDatabase('empty');
		const carrier = postgresCarrier(clone.database, createLogger('test', 'silent'));
		try {
			await carrier.listen(
				() => undefined,
				() => undefined,
			);
			const sessions = await clone.database.query<{ port: number }>({
				name: '',
				text: 'SELECT client_port AS port FROM pg_stat_activity WHERE datname = current_database()',
			});
			const seconds = secondsUntilProbed(sessions.map(({ port }) => port));
			expect(seconds).toHaveLength(2);
			expect(Math.max(...seconds)).toBeLessThanOrEqual(10);
		} finally {
			await carrier.close();
			await clone.drop();
		}
	},
);
