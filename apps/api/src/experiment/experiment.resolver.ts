import type { Experiment } from '@graft/domain/experiment';
import type { SummaryPoint } from '@graft/domain/metric';
import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { ComparisonType } from '../comparison/comparison.type.js';
import type { ApiContext } from '../context/api-context.js';
import { orBadUserInput } from '../error/bad-user-input.js';
import { connection, pageRequest } from '../page/connection.js';
import { RunFilterInput, RunOrderInput } from '../run/run.inputs.js';
import { RunConnectionType, type RunType } from '../run/run.type.js';
import { SummaryPointEnum } from '../schema/enums.js';
import { SweepType } from '../sweep/sweep.type.js';
import {
	CreateExperimentInputType,
	experimentOf,
	LaunchComparisonInputType,
	newExperimentOf,
} from './experiment.inputs.js';
import {
	ChangeExperimentResult,
	CreateExperimentResult,
	ExperimentConnectionType,
	ExperimentType,
	LaunchComparisonResult,
	StatusCountType,
} from './experiment.type.js';

@Resolver(() => ExperimentType)
export class ExperimentResolver {
	@Query(() => ExperimentType, { nullable: true })
	experiment(
		@Ctx() { engine }: ApiContext,
		@Arg('id', () => ID, { nullable: true }) id?: string | null,
		@Arg('name', () => String, { nullable: true }) name?: string | null,
	): Promise<ExperimentType | null> {
		return engine.experiment({ id: id ?? undefined, name: name ?? undefined });
	}

	@Query(() => ExperimentConnectionType)
	async experiments(
		@Ctx() { engine }: ApiContext,
		@Arg('first', () => Int, { nullable: true, defaultValue: 50 }) first: number | null,
		@Arg('after', () => String, { nullable: true }) after?: string | null,
		@Arg('deleted', () => Boolean, { nullable: true, description: 'Those in the trash; else all others.' })
		deleted?: boolean | null,
	) {
		return connection<ExperimentType>(await engine.experiments(pageRequest(first, after), deleted ?? false));
	}

	@Mutation(() => ChangeExperimentResult, {
		description: 'Into the trash with all its runs. For 7 days it can be restored; then it goes, with its files.',
	})
	deleteExperiment(@Ctx() context: ApiContext, @Arg('id', () => ID) id: string) {
		return change(context, id, 'delete');
	}

	@Mutation(() => ChangeExperimentResult, { description: 'Out of the trash, with the runs that went with it.' })
	restoreExperiment(@Ctx() context: ApiContext, @Arg('id', () => ID) id: string) {
		return change(context, id, 'restore');
	}

	@Mutation(() => CreateExperimentResult)
	async createExperiment(
		@Ctx() { engine }: ApiContext,
		@Arg('input', () => CreateExperimentInputType) input: CreateExperimentInputType,
	) {
		const result = await engine.createExperiment(newExperimentOf(input));
		return 'kind' in result ? result : { kind: 'ExperimentCreated', experiment: result };
	}

	@Mutation(() => LaunchComparisonResult, {
		description: 'The product of backbones, datasets, strategies and seeds becomes queued runs: all of them or none.',
	})
	async launchComparison(
		@Ctx() { engine }: ApiContext,
		@Arg('input', () => LaunchComparisonInputType) input: LaunchComparisonInputType,
	) {
		const result = await engine.launchComparison({
			...experimentOf(input),
			backboneIds: input.backboneIds,
			datasetIds: input.datasetIds,
			targetDatasetId: input.targetDatasetId ?? null,
			strategies: input.strategies,
			seeds: input.seeds,
			head: input.head ?? null,
			epochs: input.epochs,
			batchSize: input.batchSize,
			optimizer: input.optimizer ?? null,
			training: input.training ?? null,
			trainExamplesPerClass: input.trainExamplesPerClass ?? null,
			priority: input.priority ?? 0,
			requires: input.requires ?? null,
			tags: input.tags ?? [],
		});
		return 'kind' in result ? result : { kind: 'ComparisonLaunched', runs: result };
	}

	@FieldResolver(() => RunConnectionType)
	async runs(
		@Root() { id }: Experiment,
		@Ctx() { engine }: ApiContext,
		@Arg('first', () => Int, { nullable: true, defaultValue: 50 }) first: number | null,
		@Arg('after', () => String, { nullable: true }) after?: string | null,
		@Arg('filter', () => RunFilterInput, { nullable: true }) filter?: RunFilterInput | null,
		@Arg('orderBy', () => [RunOrderInput], { nullable: true }) orderBy?: readonly RunOrderInput[] | null,
	) {
		const runs = await engine.runs({
			...pageRequest(first, after),
			filter: { ...filter, experimentId: id },
			orderBy: orderBy ?? [],
		});
		return connection<RunType>(orBadUserInput(runs));
	}

	@FieldResolver(() => [StatusCountType])
	statusCounts(@Root() { id }: Experiment, @Ctx() { loaders }: ApiContext): Promise<readonly StatusCountType[]> {
		return loaders.statusCounts.load(id);
	}

	@FieldResolver(() => [SweepType])
	sweeps(@Root() { id }: Experiment, @Ctx() { loaders }: ApiContext): Promise<readonly SweepType[]> {
		return loaders.sweeps.load(id);
	}

	@FieldResolver(() => ComparisonType)
	comparison(
		@Root() { id }: Experiment,
		@Ctx() { engine }: ApiContext,
		@Arg('at', () => SummaryPointEnum, { nullable: true, defaultValue: 'BEST' }) at: SummaryPoint | null,
		@Arg('metric', () => String, { nullable: true }) metric?: string | null,
	): Promise<ComparisonType> {
		return engine.comparison({ experimentId: id, metric: metric ?? null, at: at ?? 'BEST' });
	}
}

async function change({ engine }: ApiContext, id: string, what: 'delete' | 'restore') {
	const result = await engine.changeExperiment(id, what);
	return 'kind' in result ? result : { kind: 'ExperimentChanged', experiment: result };
}
