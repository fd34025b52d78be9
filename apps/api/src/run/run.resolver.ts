import type { MetricSummary, SummaryPoint } from '@graft/domain/metric';
import type { Run } from '@graft/domain/run';
import { strategyLabel } from '@graft/domain/strategy';
import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import { ArtifactType } from '../artifact/artifact.type.js';
import { BackboneType } from '../backbone/backbone.type.js';
import type { ApiContext } from '../context/api-context.js';
import { DatasetType } from '../dataset/dataset.type.js';
import { ExperimentType } from '../experiment/experiment.type.js';
import { LogLineType, RunEventType } from '../log/log.type.js';
import { MetricSummaryType } from '../metric/metric.type.js';
import { pageSize } from '../page/connection.js';
import { Cursor } from '../scalar/cursor.js';
import { SummaryPointEnum } from '../schema/enums.js';
import { SweepType } from '../sweep/sweep.type.js';
import { AttemptType, RunType } from './run.type.js';

/** What a run's row refers to. Its commands and lists are in run-changes.resolver.ts. */
@Resolver(() => RunType)
export class RunResolver {
	@FieldResolver(() => ExperimentType)
	experiment(@Root() { experimentId }: Run, @Ctx() { loaders }: ApiContext): Promise<ExperimentType | null> {
		return loaders.experiment.load(experimentId);
	}

	@FieldResolver(() => BackboneType, { nullable: true })
	backbone(@Root() { backboneId }: Run, @Ctx() { loaders }: ApiContext): Promise<BackboneType | null> {
		return backboneId === null ? Promise.resolve(null) : loaders.backbone.load(backboneId);
	}

	@FieldResolver(() => DatasetType, { nullable: true })
	dataset(@Root() { datasetId }: Run, @Ctx() { loaders }: ApiContext): Promise<DatasetType | null> {
		return datasetId === null ? Promise.resolve(null) : loaders.dataset.load(datasetId);
	}

	@FieldResolver(() => SweepType, { nullable: true })
	sweep(@Root() { sweepId }: Run, @Ctx() { loaders }: ApiContext): Promise<SweepType | null> {
		return sweepId === null ? Promise.resolve(null) : loaders.sweep.load(sweepId);
	}

	@FieldResolver(() => String, {
		nullable: true,
		description: 'Short name of the strategy, the same everywhere, such as `fine-tune from block3`.',
	})
	strategyLabel(@Root() { strategy }: Run): string | null {
		return strategy === null ? null : strategyLabel(strategy);
	}

	@FieldResolver(() => Boolean)
	cancelRequested(@Root() { cancelRequestedAt }: Run): boolean {
		return cancelRequestedAt !== null;
	}

	@FieldResolver(() => Boolean)
	pauseRequested(@Root() { pauseRequestedAt }: Run): boolean {
		return pauseRequestedAt !== null;
	}

	@FieldResolver(() => [AttemptType])
	attempts(@Root() { id }: Run, @Ctx() { loaders }: ApiContext): Promise<readonly AttemptType[]> {
		return loaders.attempts.load(id);
	}

	@FieldResolver(() => [ArtifactType])
	artifacts(@Root() { id }: Run, @Ctx() { loaders }: ApiContext): Promise<readonly ArtifactType[]> {
		return loaders.artifacts.load(id);
	}

	@FieldResolver(() => [String], {
		description:
			'By name. `search` takes those that contain it, in either case; `first` so many at the most, and all of them where it is left out.',
	})
	metricKeys(
		@Root() { id: runId }: Run,
		@Ctx() { loaders }: ApiContext,
		@Arg('search', () => String, { nullable: true }) search?: string | null,
		@Arg('first', () => Int, { nullable: true }) first?: number | null,
	): Promise<readonly string[]> {
		const most = first === null || first === undefined ? null : Math.max(0, first);
		return loaders.metricKeys.load({ runId, search: search ?? null, first: most });
	}

	@FieldResolver(() => MetricSummaryType, { nullable: true })
	async summary(
		@Root() { id }: Run,
		@Ctx() { loaders }: ApiContext,
		@Arg('metric', () => String) metric: string,
		@Arg('at', () => SummaryPointEnum, { nullable: true, defaultValue: 'BEST' }) at: SummaryPoint | null,
	): Promise<(MetricSummary & { readonly runId: string }) | null> {
		const summary = await loaders.summary.load({ runId: id, metric, at: at ?? 'BEST' });
		return summary === null ? null : { ...summary, runId: id };
	}

	@FieldResolver(() => [RunEventType])
	events(
		@Root() { id }: Run,
		@Ctx() { engine }: ApiContext,
		@Arg('first', () => Int, { nullable: true, defaultValue: 100 }) first: number | null,
		@Arg('after', () => Cursor, { nullable: true }) after?: string | null,
	): Promise<readonly RunEventType[]> {
		return engine.events(id, after ?? null, pageSize(first ?? 100));
	}

	@FieldResolver(() => [LogLineType], {
		description:
			'In the order in which they were written. `search` takes those that contain it, in either case, character for character: there are no wildcards.',
	})
	logLines(
		@Root() { id }: Run,
		@Ctx() { engine }: ApiContext,
		@Arg('first', () => Int, { nullable: true, defaultValue: 1000 }) first: number | null,
		@Arg('after', () => Cursor, { nullable: true }) after?: string | null,
		@Arg('search', () => String, { nullable: true }) search?: string | null,
	): Promise<readonly LogLineType[]> {
		return engine.logLinesOf(id, { after: after ?? null, first: pageSize(first ?? 1000), search: search ?? null });
	}

	@FieldResolver(() => Int, { description: 'Lines that contain `search`; all lines without it.' })
	logLineCount(
		@Root() { id }: Run,
		@Ctx() { engine }: ApiContext,
		@Arg('search', () => String, { nullable: true }) search?: string | null,
	): Promise<number> {
		return engine.logLineCount(id, search ?? null);
	}
}
