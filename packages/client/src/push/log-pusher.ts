import { type LeaseInput, LogLinesDocument } from '../gql/index.js';
import type { GraftClient } from '../transport/client.js';
import { outcomeOf } from './metric-pusher.js';
import { type PusherOptions, SequencedPusher } from './sequenced-pusher.js';

/** Lines of a batch: with the longest lines it stays below the megabyte that servers like to take. */
const LINES_PER_BATCH = 500;
/** A longer line is cut; it is somebody's tensor, not a message. */
const MAX_LINE_LENGTH = 2_000;
const INTERVAL_MS = 200;

/** Log lines of one attempt of one run, on their way to the API. */
export class LogPusher extends SequencedPusher<string> {
	constructor(client: GraftClient, lease: LeaseInput, options: PusherOptions = {}) {
		super(
			{
				encode: (lines) => lines,
				send: async (sequence, lines, signal) => {
					const variables = { lease, sequence, lines: [...lines] };
					const { logLines } = await client.request(LogLinesDocument, variables, { signal });
					return outcomeOf(logLines);
				},
			},
			{ maxBatch: LINES_PER_BATCH, maxQueued: 10 * LINES_PER_BATCH, intervalMs: INTERVAL_MS, ...options },
		);
	}

	/** One text, which may hold several lines. */
	write(text: string): void {
		const lines = text.replace(/\n$/, '').split('\n');
		this.push(lines.map((line) => (line.length > MAX_LINE_LENGTH ? `${line.slice(0, MAX_LINE_LENGTH)}…` : line)));
	}
}
