import { randomUUID } from 'node:crypto';
import { type LeaseInput, RecordEventDocument, type RunEventInput } from '../gql/index.js';
import type { GraftClient } from '../transport/client.js';
import { outcomeOf } from './metric-pusher.js';
import { type PusherOptions, SequencedPusher } from './sequenced-pusher.js';

/** Events of one attempt of one run, one request each. Each gets an id here, under which it is recorded once. */
export class EventPusher extends SequencedPusher<RunEventInput, RunEventInput> {
	constructor(client: GraftClient, lease: LeaseInput, options: PusherOptions = {}) {
		super(
			{
				encode: ([event]) => ({ id: randomUUID(), ...(event as RunEventInput) }),
				send: async (_sequence, event, signal) => {
					const { recordEvent } = await client.request(RecordEventDocument, { lease, event }, { signal });
					return outcomeOf(recordEvent);
				},
			},
			{ ...options, maxBatch: 1 },
		);
	}
}
