import { type LeaseInput, RecordEventDocument, type RunEventInput } from '../gql/index.js';
import type { GraftClient } from '../transport/client.js';
import { outcomeOf } from './metric-pusher.js';
import { type PusherOptions, SequencedPusher } from './sequenced-pusher.js';

/**
 * Events of one attempt of one run, one request each. Events carry no number: where the answer to one is lost, it may
 * be recorded twice.
 */
export class EventPusher extends SequencedPusher<RunEventInput> {
	constructor(client: GraftClient, lease: LeaseInput, options: PusherOptions = {}) {
		super(
			async (_sequence, [event], signal) => {
				if (event === undefined) return { kind: 'stored' };
				const { recordEvent } = await client.request(RecordEventDocument, { lease, event }, { signal });
				return outcomeOf(recordEvent);
			},
			{ ...options, maxBatch: 1 },
		);
	}
}
