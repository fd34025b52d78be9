import { GraftError } from '@graft/domain/error';
import { backoffMs } from '@graft/runtime/backoff';
import type { Logger } from '@graft/runtime/logger';
import { createClient } from '@redis/client';
import type { Database, Statement } from '../connection/index.js';
import type { Carrier } from './notifier.js';

const place: Statement = {
	name: 'place-of-news',
	text: `SELECT datname || '.' || oid AS place FROM pg_database WHERE datname = current_database()`,
};

/**
 * Redis publish and subscribe, for many API processes: PostgreSQL is then asked for points alone. The channel is named
 * after the database, since one Redis may serve several platforms; two that share a name would only look once too often.
 */
export function redisCarrier(url: string, database: Database, logger: Logger): Carrier {
	const reconnectStrategy = (tries: number) => backoffMs(tries, { maxMs: 2_000 });
	const options = { url, disableOfflineQueue: true, socket: { reconnectStrategy, connectTimeout: 5_000 } };
	const sender = createClient(options);
	const receiver = createClient(options);
	let failing = false;
	for (const client of [sender, receiver])
		client.on('error', (err: unknown) => {
			// It says so at each try; once is enough for the log.
			logger[failing ? 'debug' : 'warn']({ err }, 'Redis, which carries news between API processes, does not answer');
			failing = true;
		});
	let channel = '';

	/** At the start an address that is wrong should be said, and not tried for ever. */
	async function connect(client: typeof sender): Promise<void> {
		let refuse: (error: unknown) => void = () => undefined;
		const refused = new Promise<never>((_, reject) => {
			refuse = reject;
		});
		client.once('error', refuse);
		try {
			await Promise.race([client.connect(), refused]);
		} catch (cause) {
			const { host } = new URL(url);
			const message = `Redis at ${host} does not answer (${cause instanceof Error ? cause.message : cause}). Start it, correct GRAFT_REDIS_URL, or leave that out: PostgreSQL then carries the news.`;
			throw new GraftError('UNAVAILABLE', message, {}, { cause });
		} finally {
			client.off('error', refuse);
		}
	}

	return {
		send: async (payloads) => {
			await Promise.all(payloads.map((payload) => sender.publish(channel, payload)));
		},
		listen: async (onPayload, onGap) => {
			const [row] = await database.query<{ place: string }>(place);
			channel = `graft:news:${row?.place}`;
			try {
				await connect(sender);
				await connect(receiver);
				await receiver.subscribe(channel, onPayload);
			} catch (error) {
				for (const client of [sender, receiver]) client.destroy();
				throw error;
			}
			// Subscribed again by the client itself by then; what was sent meanwhile is lost.
			receiver.on('ready', () => {
				failing = false;
				onGap();
			});
		},
		close: async () => {
			for (const client of [receiver, sender]) if (client.isOpen) client.destroy();
		},
	};
}
