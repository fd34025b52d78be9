import { type LeaseInput, LogMetricsDocument, type SeriesInput } from '../gql/index.js';
import type { GraftClient } from '../transport/client.js';
import { encodeList } from '../transport/lists.js';
import { type PusherOptions, type PushOutcome, SequencedPusher } from './sequenced-pusher.js';

export interface MetricPoint {
	readonly key: string;
	readonly step: number;
	readonly value: number;
	/** Milliseconds since the epoch. */
	readonly time: number;
}

/** At worst each point is a series of its own, and a batch may hold METRIC_LIMITS.seriesPerBatch of them. */
export const POINTS_PER_BATCH = 5_000;
/** Longer series go out packed: a tenth of the time to write, and to read at the other end. */
const PACKED_FROM = 16;

/** Metric points of one attempt of one run, on their way to the API. */
export class MetricPusher extends SequencedPusher<MetricPoint, readonly SeriesInput[]> {
	constructor(client: GraftClient, lease: LeaseInput, options: PusherOptions = {}) {
		super(
			{
				encode: toSeries,
				send: async (sequence, series, signal) => {
					const input = { lease, sequence, series: [...series] };
					const { logMetrics } = await client.request(LogMetricsDocument, { input }, { signal });
					return outcomeOf(logMetrics);
				},
			},
			{
				...options,
				maxBatch: Math.min(options.maxBatch ?? POINTS_PER_BATCH, POINTS_PER_BATCH),
			},
		);
	}
}

/** One series a key, its points in the order of their arrival. */
export function toSeries(points: readonly MetricPoint[]): SeriesInput[] {
	const byKey = new Map<string, MetricPoint[]>();
	for (const point of points) {
		const points = byKey.get(point.key);
		if (points) points.push(point);
		else byKey.set(point.key, [point]);
	}
	return [...byKey].map(([key, points]) => ({
		key,
		steps: listOf(points, 'step') as number[] | string,
		values: listOf(points, 'value'),
		times: listOf(points, 'time'),
	}));
}

function listOf(points: readonly MetricPoint[], field: 'step' | 'value' | 'time'): string | (number | string)[] {
	if (points.length < PACKED_FROM) return encodeList(points.map((point) => point[field]));
	const bytes = Buffer.allocUnsafe(8 * points.length);
	points.forEach((point, index) => {
		bytes.writeDoubleLE(point[field], 8 * index);
	});
	return bytes.toString('base64');
}

/** Reads the unions that pushes are answered with. */
export function outcomeOf(
	answer:
		| { readonly __typename: 'LeaseLost'; readonly reason: string }
		| { readonly __typename: 'InvalidInput' | 'TooLarge'; readonly message: string }
		| { readonly __typename: 'MetricsLogged' | 'LinesLogged'; readonly duplicate: boolean }
		| { readonly __typename: 'EventRecorded' },
): PushOutcome {
	if ('reason' in answer) return { kind: 'lost', reason: answer.reason };
	if ('message' in answer) return { kind: 'refused', message: answer.message };
	return { kind: 'stored', duplicate: 'duplicate' in answer && answer.duplicate };
}
