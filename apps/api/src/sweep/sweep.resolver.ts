import type { Run } from '@graft/domain/run';
import type { Sweep } from '@graft/domain/sweep';
import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root, Subscription } from 'type-graphql';
import type { ApiContext } from '../context/api-context.js';
import { orBadUserInput } from '../error/bad-user-input.js';
import { experimentOf } from '../experiment/experiment.inputs.js';
import { ExperimentType } from '../experiment/experiment.type.js';
import { connection, pageRequest } from '../page/connection.js';
import { RunOrderInput } from '../run/run.inputs.js';
import { RunConnectionType, RunType } from '../run/run.type.js';
import { Cursor } from '../scalar/cursor.js';
import { type Subscribe, stream } from '../schema/stream.js';
import { LaunchSweepInputType } from './sweep.inputs.js';
import { LaunchSweepResult, SweepResult, SweepType, SweepUpdateType } from './sweep.type.js';

@Resolver(() => SweepType)
export class SweepResolver {
	@Query(() => SweepType, { nullable: true })
	sweep(@Ctx() { engine }: ApiContext, @Arg('id', () => ID) id: string): Promise<SweepType | null> {
		return engine.sweep(id);
	}

	@Mutation(() => LaunchSweepResult)
	async launchSweep(
		@Ctx() { engine }: ApiContext,
		@Arg('input', () => LaunchSweepInputType) { base, ...input }: LaunchSweepInputType,
	) {
		const result = await engine.launchSweep({
			...experimentOf(input),
			name: input.name,
			method: input.method,
			space: input.space,
			trials: input.trials,
			seed: input.seed ?? 0,
			base: {
				backboneId: base.backboneId,
				datasetId: base.datasetId,
				targetDatasetId: base.targetDatasetId ?? null,
				strategy: base.strategy,
				seeds: base.seeds,
				head: base.head ?? null,
				epochs: base.epochs,
				batchSize: base.batchSize,
				optimizer: base.optimizer ?? null,
				training: base.training ?? null,
				trainExamplesPerClass: base.trainExamplesPerClass ?? null,
				priority: base.priority ?? 0,
				requires: base.requires ?? null,
				tags: base.tags ?? [],
			},
		});
		return 'kind' in result ? result : { kind: 'SweepLaunched', sweep: result };
	}

	@Mutation(() => SweepResult)
	pauseSweep(@Ctx() context: ApiContext, @Arg('id', () => ID) id: string) {
		return changeSweep(context, id, 'PAUSED');
	}

	@Mutation(() => SweepResult)
	resumeSweep(@Ctx() context: ApiContext, @Arg('id', () => ID) id: string) {
		return changeSweep(context, id, 'RUNNING');
	}

	@Mutation(() => SweepResult)
	stopSweep(@Ctx() context: ApiContext, @Arg('id', () => ID) id: string) {
		return changeSweep(context, id, 'STOPPED');
	}

	@FieldResolver(() => ExperimentType)
	experiment(@Root() { experimentId }: Sweep, @Ctx() { loaders }: ApiContext): Promise<ExperimentType | null> {
		return loaders.experiment.load(experimentId);
	}

	@FieldResolver(() => RunConnectionType)
	async trials(
		@Root() { id }: Sweep,
		@Ctx() { engine }: ApiContext,
		@Arg('first', () => Int, { nullable: true, defaultValue: 50 }) first: number | null,
		@Arg('after', () => String, { nullable: true }) after?: string | null,
		@Arg('orderBy', () => [RunOrderInput], { nullable: true }) orderBy?: readonly RunOrderInput[] | null,
	) {
		const request = { ...pageRequest(first, after), filter: { sweepId: id }, orderBy: orderBy ?? [] };
		return connection<RunType>(orBadUserInput(await engine.runs(request)));
	}

	@FieldResolver(() => RunType, { nullable: true })
	async best(@Root() { id, experimentId }: Sweep, @Ctx() { engine, loaders }: ApiContext): Promise<Run | null> {
		const experiment = await loaders.experiment.load(experimentId);
		if (experiment === null) return null;
		const { metric, direction } = experiment;
		const page = await engine.runs({
			first: 1,
			after: null,
			filter: { sweepId: id, status: ['SUCCEEDED'] },
			orderBy: [{ by: `metric.${metric}.best`, direction: direction === 'MAXIMIZE' ? 'DESC' : 'ASC' }],
		});
		return orBadUserInput(page).items[0]?.node ?? null;
	}

	@Subscription(() => SweepUpdateType, {
		subscribe: (({ args, context }) =>
			stream((signal) =>
				context.engine.sweepUpdates({ sweepId: args.sweepId, after: args.after ?? null }, signal),
			)) satisfies Subscribe<{ sweepId: string; after?: string | null }>,
	})
	sweepUpdates(
		@Root() update: SweepUpdateType,
		@Arg('sweepId', () => ID) _sweepId: string,
		@Arg('after', () => Cursor, { nullable: true }) _after?: string | null,
	): SweepUpdateType {
		return update;
	}
}

async function changeSweep({ engine }: ApiContext, id: string, to: 'PAUSED' | 'RUNNING' | 'STOPPED') {
	const result = await engine.changeSweep(id, to);
	return 'kind' in result ? result : { kind: 'SweepChanged', sweep: result };
}
