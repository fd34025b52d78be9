import type { Artifact } from '@graft/domain/artifact';
import type { MetricBucketSeries, MetricSummary } from '@graft/domain/metric';
import type { MetricBand, XAxis } from '@graft/engine';
import { Arg, Ctx, FieldResolver, Float, ID, Int, Mutation, Query, Resolver, Root, Subscription } from 'type-graphql';
import { ArtifactType } from '../artifact/artifact.type.js';
import type { ApiContext } from '../context/api-context.js';
import { orBadUserInput } from '../error/bad-user-input.js';
import { Cursor } from '../scalar/cursor.js';
import { XAxisEnum } from '../schema/enums.js';
import { type Subscribe, stream } from '../schema/stream.js';
import { LogMetricsInputType } from './metric.inputs.js';
import {
	LiveMetricsType,
	LogMetricsResult,
	MetricBandType,
	MetricFrameType,
	MetricSeriesType,
	MetricSummaryType,
} from './metric.type.js';

interface MetricStreamArgs {
	runIds: readonly string[];
	keys?: readonly string[] | null;
	after?: string | null;
	replay?: boolean | null;
}

@Resolver(() => MetricSummaryType)
export class MetricResolver {
	@Query(() => [MetricSeriesType])
	async metricSeries(
		@Ctx() { engine }: ApiContext,
		@Arg('runIds', () => [ID]) runIds: readonly string[],
		@Arg('keys', () => [String]) keys: readonly string[],
		@Arg('buckets', () => Int, { nullable: true, defaultValue: 1000 }) buckets: number | null,
		@Arg('x', () => XAxisEnum, { nullable: true, defaultValue: 'STEP' }) x: XAxis | null,
		@Arg('from', () => Float, { nullable: true }) from?: number | null,
		@Arg('to', () => Float, { nullable: true }) to?: number | null,
		@Arg('attempt', () => Int, {
			nullable: true,
			description:
				'The record as it stood when this attempt of each run was its last one: with the points that later attempts superseded. Runs without such an attempt are left out.',
		})
		attempt?: number | null,
	): Promise<readonly MetricBucketSeries[]> {
		return orBadUserInput(
			await engine.metricSeries({
				runIds,
				keys,
				buckets: buckets ?? 1000,
				from: from ?? null,
				to: to ?? null,
				x: x ?? 'STEP',
				attempt: attempt ?? null,
			}),
		);
	}

	@Query(() => [MetricBandType])
	async metricBands(
		@Ctx() { engine }: ApiContext,
		@Arg('experimentId', () => ID) experimentId: string,
		@Arg('key', () => String) key: string,
		@Arg('groupBy', () => [String]) groupBy: readonly string[],
		@Arg('buckets', () => Int, { nullable: true, defaultValue: 200 }) buckets: number | null,
		@Arg('x', () => XAxisEnum, { nullable: true, defaultValue: 'STEP' }) x: XAxis | null,
		@Arg('from', () => Float, { nullable: true }) from?: number | null,
		@Arg('to', () => Float, { nullable: true }) to?: number | null,
	): Promise<readonly MetricBand[]> {
		const range = { from: from ?? null, to: to ?? null };
		const query = { experimentId, key, groupBy, buckets: buckets ?? 200, x: x ?? 'STEP', ...range };
		return orBadUserInput(await engine.metricBands(query));
	}

	@Mutation(() => LogMetricsResult)
	logMetrics(
		@Ctx() { engine, now }: ApiContext,
		@Arg('input', () => LogMetricsInputType) { lease, sequence, series }: LogMetricsInputType,
	) {
		const arrived = now().getTime();
		return engine.logMetrics(lease, {
			sequence,
			series: series.map(({ key, steps, values, times }) => ({
				key,
				steps,
				values,
				times: times ?? new Float64Array(steps.length).fill(arrived),
			})),
		});
	}

	@FieldResolver(() => ArtifactType, {
		nullable: true,
		description:
			'The checkpoint of that step, where one was committed; not that of an attempt whose step was superseded.',
	})
	async checkpoint(
		@Root() { runId, checkpointId }: MetricSummary & { readonly runId: string },
		@Ctx() { loaders }: ApiContext,
	): Promise<Artifact | null> {
		if (checkpointId === null) return null;
		const artifacts = await loaders.artifacts.load(runId);
		return artifacts.find(({ id }) => id === checkpointId) ?? null;
	}

	@Subscription(() => MetricFrameType, {
		description:
			'First what is stored after the cursor, then live. Frames are merged for a slow reader, never dropped from the record.',
		subscribe: (({ args: { runIds, keys, after }, context }) =>
			stream((signal) =>
				context.engine.metricStream({ runIds, keys: keys ?? null, after: after ?? null }, signal),
			)) satisfies Subscribe<MetricStreamArgs>,
	})
	metricStream(
		@Root() frame: MetricFrameType,
		@Arg('runIds', () => [ID]) _runIds: readonly string[],
		@Arg('keys', () => [String], { nullable: true }) _keys?: readonly string[] | null,
		@Arg('after', () => Cursor, { nullable: true }) _after?: string | null,
	): MetricFrameType {
		return frame;
	}

	@Subscription(() => LiveMetricsType, {
		description:
			'As metricStream, with everything that is new at one moment in one frame: for pages that follow many runs. The cursors are the same. With replay: false and no cursor it begins with what comes next, and the first frame, which has no series, has the cursor of that place.',
		subscribe: (({ args: { runIds, keys, after, replay }, context }) =>
			stream((signal) =>
				context.engine.liveMetrics(
					{ runIds, keys: keys ?? null, after: after ?? null, replay: replay ?? true },
					signal,
				),
			)) satisfies Subscribe<MetricStreamArgs>,
	})
	liveMetrics(
		@Root() frame: LiveMetricsType,
		@Arg('runIds', () => [ID]) _runIds: readonly string[],
		@Arg('keys', () => [String], { nullable: true }) _keys?: readonly string[] | null,
		@Arg('after', () => Cursor, { nullable: true }) _after?: string | null,
		@Arg('replay', () => Boolean, { nullable: true, defaultValue: true }) _replay?: boolean | null,
	): LiveMetricsType {
		return frame;
	}
}
