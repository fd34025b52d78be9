import { METRIC_LIMITS } from '@graft/domain/metric';
import { Field, Float, InputType } from 'type-graphql';
import { LeaseInputType } from '../lease/lease.inputs.js';
import { FloatList } from '../scalar/float-list.js';
import { IntList } from '../scalar/int-list.js';

@InputType('SeriesInput', {
	description:
		"Steps may come in any order and again: every point counts and is drawn at its step, and of the highest step the point that came last is the last value. times: ms since the epoch; left out, the server's clock.",
})
export class SeriesInputType {
	@Field(() => String) readonly key: string;
	@Field(() => IntList) readonly steps: Float64Array;
	@Field(() => FloatList) readonly values: Float64Array;
	@Field(() => FloatList, { nullable: true }) readonly times?: Float64Array | null;
}

const { pointsPerBatch, seriesPerBatch, keyLength } = METRIC_LIMITS;

@InputType('LogMetricsInput', {
	description: `One batch: ${pointsPerBatch} points in ${seriesPerBatch} series at the most (else TooLarge with the limit), keys of 1 to ${keyLength} characters, each once (else InvalidInput with the field), in 64 MB over HTTP (else status 413, BODY_TOO_LARGE) and 16 MB over the socket (else it is closed with 1009). The answer is the back-pressure: it comes when the batch is durable, and the next one is sent after it.`,
})
export class LogMetricsInputType {
	@Field(() => LeaseInputType) readonly lease: LeaseInputType;
	@Field(() => Float, {
		description:
			'Counts up by one per batch of this attempt, from 1. A batch seen before is acknowledged again and stored once.',
	})
	readonly sequence: number;
	@Field(() => [SeriesInputType]) readonly series: readonly SeriesInputType[];
}
