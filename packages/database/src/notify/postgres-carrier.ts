import { backoffMs, sleep } from '@graft/runtime/backoff';
import type { Logger } from '@graft/runtime/logger';
import pg from 'pg';
import { KEEP_ALIVE } from '../connection/data-source.js';
import type { Database, Statement } from '../connection/index.js';
import type { Carrier } from './notifier.js';

const CHANNEL = 'graft_news';

const notify: Statement = {
	name: 'notify-news',
	text: `SELECT pg_notify('${CHANNEL}', payload) FROM unnest($1::text[]) AS payload`,
};

/** LISTEN and NOTIFY: one server for everything, and enough for a handful of API processes. */
export function postgresCarrier(database: Database, logger: Logger): Carrier {
	const stopped = new AbortController();
	let listening: Promise<void> = Promise.resolve();
	let client: pg.Client | null = null;

	/** Listens on a connection of its own until it breaks. */
	async function listenOnce(onPayload: (payload: string) => void, onListening: () => void): Promise<void> {
		const connection = new pg.Client({
			connectionString: database.url,
			...KEEP_ALIVE,
			application_name: 'graft-news',
		});
		client = connection;
		const broken = new Promise<void>((resolve) => {
			connection.on('error', () => resolve());
			connection.on('end', () => resolve());
		});
		connection.on('notification', ({ payload }) => onPayload(payload ?? ''));
		try {
			await connection.connect();
			await connection.query(`LISTEN ${CHANNEL}`);
			onListening();
			await broken;
		} finally {
			client = null;
			await connection.end().catch(() => undefined);
		}
	}

	async function listenAlways(onPayload: (payload: string) => void, onListening: () => void): Promise<void> {
		let failures = 0;
		while (!stopped.signal.aborted) {
			await listenOnce(onPayload, () => {
				failures = 0;
				onListening();
			}).catch((error) => logger.warn({ err: error }, 'the connection that listens for news failed'));
			if (stopped.signal.aborted) return;
			await sleep(backoffMs(failures++), stopped.signal);
		}
	}

	return {
		send: async (payloads) => void (await database.query(notify, [payloads])),
		listen: (onPayload, onGap) =>
			new Promise((resolve) => {
				let first = true;
				listening = listenAlways(onPayload, () => {
					if (first) resolve();
					// What was sent while nobody listened here is lost.
					else onGap();
					first = false;
				});
			}),
		close: async () => {
			stopped.abort();
			await client?.end().catch(() => undefined);
			await listening;
		},
	};
}
