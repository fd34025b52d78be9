import { Field, Float, InputType } from 'type-graphql';
import { LeaseInputType } from '../lease/lease.inputs.js';
import { FloatList } from '../scalar/float-list.js';
import { IntList } from '../scalar/int-list.js';

@InputType('SeriesInput', { description: "times: ms since the epoch; left out, the server's clock." })
export class SeriesInputType {
	@Field(() => String) readonly key: string;
	@Field(() => IntList) readonly steps: Float64Array;
	@Field(() => FloatList) readonly values: Float64Array;
	@Field(() => FloatList, { nullable: true }) readonly times?: Float64Array | null;
}

@InputType('LogMetricsInput')
export class LogMetricsInputType {
	@Field(() => LeaseInputType) readonly lease: LeaseInputType;
	@Field(() => Float, {
		description:
			'Counts up by one per batch of this attempt, from 1. A batch seen before is acknowledged again and stored once.',
	})
	readonly sequence: number;
	@Field(() => [SeriesInputType]) readonly series: readonly SeriesInputType[];
}
