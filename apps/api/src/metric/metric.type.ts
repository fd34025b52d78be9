import type { Json } from '@graft/domain/json';
import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import { resultUnion } from '../error/result-union.js';
import { InvalidInputType, TooLargeType } from '../error/user-error.type.js';
import { LeaseLostType } from '../lease/lease-lost.type.js';
import { Cursor } from '../scalar/cursor.js';
import { JsonScalar } from '../scalar/json.js';

@ObjectType('MetricSummary')
export class MetricSummaryType {
	@Field(() => Float, { nullable: true }) readonly value: number | null;
	@Field(() => Float, { nullable: true }) readonly step: number | null;
	@Field(() => Boolean) readonly finite: boolean;
}

@ObjectType('NonFinitePoint')
export class NonFinitePointType {
	@Field(() => Float) readonly step: number;
	@Field(() => String) readonly value: string;
}

/** The lists of points are fields with an argument: MetricSeriesResolver has them. */
@ObjectType('MetricSeries')
export class MetricSeriesType {
	@Field(() => String) readonly key: string;
	@Field(() => Float) readonly points: number;
	@Field(() => [NonFinitePointType]) readonly nonFinite: readonly NonFinitePointType[];
}

@ObjectType('MetricBand', {
	description:
		'Mean over the runs of a group with its 95 % t interval; low, high and sd are NaN where fewer than two runs have a point.',
})
export class MetricBandType {
	@Field(() => JsonScalar) readonly group: Json;
	@Field(() => Int) readonly runs: number;
}

@ObjectType('MetricFrame')
export class MetricFrameType {
	@Field(() => Cursor) readonly cursor: string;
	@Field(() => ID) readonly runId: string;
	@Field(() => Int) readonly attempt: number;
	@Field(() => String) readonly key: string;
}

/** The lists of points are fields with an argument, as those of MetricFrame. */
@ObjectType('LiveSeries', { description: 'What is new of one series of one run.' })
export class LiveSeriesType {
	@Field(() => ID) readonly runId: string;
	@Field(() => Int) readonly attempt: number;
	@Field(() => String) readonly key: string;
}

@ObjectType('LiveMetrics')
export class LiveMetricsType {
	@Field(() => Cursor) readonly cursor: string;
	@Field(() => [LiveSeriesType]) readonly series: readonly LiveSeriesType[];
}

@ObjectType('MetricsLogged')
export class MetricsLoggedType {
	@Field(() => Float) readonly sequence: number;
	@Field(() => Float) readonly points: number;
	@Field(() => Boolean) readonly duplicate: boolean;
}

export const LogMetricsResult = resultUnion(
	'LogMetricsResult',
	MetricsLoggedType,
	LeaseLostType,
	InvalidInputType,
	TooLargeType,
);
