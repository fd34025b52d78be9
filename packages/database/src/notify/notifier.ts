import { randomUUID } from 'node:crypto';
import type { Logger } from '@graft/runtime/logger';
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

/** The way that messages take: PostgreSQL's own, or Redis. It connects anew by itself, for as long as it is listening. */
export interface Carrier {
	send(payloads: readonly string[]): Promise<void>;
	/** Resolves when it listens for the first time; `onGap` each time that it listens again after a break. */
	listen(onPayload: (payload: string) => void, onGap: () => void): Promise<void>;
	close(): Promise<void>;
}

/** Several batches of one moment become one message: it would otherwise halve the rate of small commits. */
const COLLECT_MS = 5;
/** What could not be sent is tried again this much later; beyond so many topics the others find out by themselves. */
const RETRY_MS = 1_000;
const MAX_OWED = 10_000;

export function notifierOver(carrier: Carrier, logger: Logger, events: NotifierEvents): Notifier {
	const origin = randomUUID();
	const pending = new Set<string>();
	let timer: NodeJS.Timeout | null = null;
	let sending: Promise<void> = Promise.resolve();
	let stopped = false;

	function flush(): void {
		timer = null;
		const topics = [...pending];
		pending.clear();
		sending = sending
			.then(() => carrier.send(packTopics(origin, topics)))
			.catch((error) => {
				logger.warn({ err: error }, 'news could not be sent to the other API processes');
				if (stopped || pending.size + topics.length > MAX_OWED) return;
				for (const topic of topics) pending.add(topic);
				timer ??= setTimeout(flush, RETRY_MS);
			});
	}

	return {
		publish: (topics) => {
			for (const topic of topics) pending.add(topic);
			if (pending.size > 0 && timer === null && !stopped) timer = setTimeout(flush, COLLECT_MS);
		},
		start: () =>
			carrier.listen((payload) => {
				const news = unpackTopics(payload);
				if (news !== null && news.origin !== origin) events.onTopics(news.topics);
			}, events.onGap),
		stop: async () => {
			stopped = true;
			if (timer !== null) {
				clearTimeout(timer);
				flush();
			}
			await sending;
			await carrier.close();
		},
	};
}
