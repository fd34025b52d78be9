import { randomUUID } from 'node:crypto';
import { backoffMs, sleep } from '@graft/runtime/backoff';
import type { Logger } from '@graft/runtime/logger';
import pg from 'pg';
import type { Database, Statement } from '../connection/index.js';
import { packTopics, unpackTopics } from './payload.js';

export interface NotifierEvents {
	/** Another process has news on these topics. */
	readonly onTopics: (topics: readonly string[]) => void;
	/** Notifications may have been missed: everything counts as news. */
	readonly onGap: () => void;
}

/** Tells the other API processes on this database which topics have news. Ids only: readers look for themselves. */
export interface Notifier {
	/** To be called after the commit. Topics are collected for some milliseconds and sent together. */
	publish(topics: readonly string[]): void;
	start(): Promise<void>;
	stop(): Promise<void>;
}

const CHANNEL = 'graft_news';
/** Several batches of one moment become one NOTIFY: it would otherwise halve the rate of small commits. */
const COLLECT_MS = 5;

const send: Statement = {
	name: 'notify-news',
	text: `SELECT pg_notify('${CHANNEL}', payload) FROM unnest($1::text[]) AS payload`,
};

export function createNotifier(database: Database, logger: Logger, events: NotifierEvents): Notifier {
	const origin = randomUUID();
	const stopped = new AbortController();
	const pending = new Set<string>();
	let timer: NodeJS.Timeout | null = null;
	let sending: Promise<void> = Promise.resolve();
	let listening: Promise<void> = Promise.resolve();
	let client: pg.Client | null = null;

	function flush(): void {
		timer = null;
		const payloads = packTopics(origin, [...pending]);
		pending.clear();
		sending = sending
			.then(() => database.query(send, [payloads]))
			.then(
				() => undefined,
				// The others look again by themselves after a while (streamPollSeconds).
				(error) => logger.warn({ err: error }, 'news could not be sent to the other API processes'),
			);
	}

	/** Listens on a connection of its own until it breaks. */
	async function listenOnce(onListening: () => void): Promise<void> {
		const connection = new pg.Client({
			connectionString: database.url,
			keepAlive: true,
			application_name: 'graft-news',
		});
		client = connection;
		const broken = new Promise<void>((resolve) => {
			connection.on('error', () => resolve());
			connection.on('end', () => resolve());
		});
		connection.on('notification', ({ payload }) => {
			const news = unpackTopics(payload ?? '');
			if (news !== null && news.origin !== origin) events.onTopics(news.topics);
		});
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

	async function listenAlways(onFirst: () => void): Promise<void> {
		let failures = 0;
		let first = true;
		while (!stopped.signal.aborted) {
			await listenOnce(() => {
				failures = 0;
				if (first) onFirst();
				// What was sent while nobody listened here is lost.
				else events.onGap();
				first = false;
			}).catch((error) => logger.warn({ err: error }, 'the connection that listens for news failed'));
			if (stopped.signal.aborted) return;
			await sleep(backoffMs(failures++), stopped.signal);
		}
	}

	return {
		publish: (topics) => {
			for (const topic of topics) pending.add(topic);
			if (pending.size > 0 && timer === null && !stopped.signal.aborted) timer = setTimeout(flush, COLLECT_MS);
		},
		start: () =>
			new Promise((resolve) => {
				listening = listenAlways(resolve);
			}),
		stop: async () => {
			stopped.abort();
			if (timer !== null) {
				clearTimeout(timer);
				flush();
			}
			await sending;
			await client?.end().catch(() => undefined);
			await listening;
		},
	};
}
