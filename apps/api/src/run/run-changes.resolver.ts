import { Arg, Ctx, ID, Int, Mutation, Query, Resolver, Root, Subscription } from 'type-graphql';
import type { ApiContext } from '../context/api-context.js';
import { orBadUserInput } from '../error/bad-user-input.js';
import { connection, pageRequest } from '../page/connection.js';
import { Cursor } from '../scalar/cursor.js';
import { type Subscribe, stream } from '../schema/stream.js';
import { RunFilterInput, RunOrderInput } from './run.inputs.js';
import { RunConnectionType, RunsResult, RunType, RunUpdateType } from './run.type.js';

interface RunUpdatesArgs {
	experimentId?: string | null;
	runIds?: readonly string[] | null;
	after?: string | null;
}

@Resolver()
export class RunChangesResolver {
	@Query(() => RunType, { nullable: true })
	run(@Ctx() { engine }: ApiContext, @Arg('id', () => ID) id: string): Promise<RunType | null> {
		return engine.run(id);
	}

	@Query(() => RunConnectionType)
	async runs(
		@Ctx() { engine }: ApiContext,
		@Arg('first', () => Int, { nullable: true, defaultValue: 50 }) first: number | null,
		@Arg('after', () => String, { nullable: true }) after?: string | null,
		@Arg('filter', () => RunFilterInput, { nullable: true }) filter?: RunFilterInput | null,
		@Arg('orderBy', () => [RunOrderInput], { nullable: true }) orderBy?: readonly RunOrderInput[] | null,
	) {
		const request = { ...pageRequest(first, after), filter: filter ?? null, orderBy: orderBy ?? [] };
		return connection<RunType>(orBadUserInput(await engine.runs(request)));
	}

	@Mutation(() => RunsResult)
	cancelRuns(@Ctx() context: ApiContext, @Arg('ids', () => [ID]) ids: readonly string[]) {
		return changeRuns(context, ids, 'cancel');
	}

	@Mutation(() => RunsResult)
	retryRuns(@Ctx() context: ApiContext, @Arg('ids', () => [ID]) ids: readonly string[]) {
		return changeRuns(context, ids, 'retry');
	}

	@Mutation(() => RunsResult)
	pauseRuns(@Ctx() context: ApiContext, @Arg('ids', () => [ID]) ids: readonly string[]) {
		return changeRuns(context, ids, 'pause');
	}

	@Mutation(() => RunsResult)
	resumeRuns(@Ctx() context: ApiContext, @Arg('ids', () => [ID]) ids: readonly string[]) {
		return changeRuns(context, ids, 'resume');
	}

	@Mutation(() => RunsResult, {
		description: 'Runs that have succeeded train for so many epochs more, from the checkpoint of their end.',
	})
	async continueRuns(
		@Ctx() { engine }: ApiContext,
		@Arg('ids', () => [ID]) ids: readonly string[],
		@Arg('epochs', () => Int) epochs: number,
	) {
		const result = await engine.continueRuns(ids, epochs);
		return 'kind' in result ? result : { kind: 'RunsChanged', runs: result };
	}

	@Mutation(() => RunsResult)
	deleteRuns(@Ctx() context: ApiContext, @Arg('ids', () => [ID]) ids: readonly string[]) {
		return changeRuns(context, ids, 'delete');
	}

	@Mutation(() => RunsResult)
	restoreRuns(@Ctx() context: ApiContext, @Arg('ids', () => [ID]) ids: readonly string[]) {
		return changeRuns(context, ids, 'restore');
	}

	@Mutation(() => RunsResult)
	async tagRuns(
		@Ctx() { engine }: ApiContext,
		@Arg('ids', () => [ID]) ids: readonly string[],
		@Arg('add', () => [String], { nullable: true }) add?: readonly string[] | null,
		@Arg('remove', () => [String], { nullable: true }) remove?: readonly string[] | null,
	) {
		const result = await engine.tagRuns(ids, { add: add ?? [], remove: remove ?? [] });
		return 'kind' in result ? result : { kind: 'RunsChanged', runs: result };
	}

	@Subscription(() => RunUpdateType, {
		subscribe: (({ args: { experimentId, runIds, after }, context }) => {
			const query = { experimentId: experimentId ?? null, runIds: runIds ?? null, after: after ?? null };
			return stream((signal) => context.engine.runUpdates(query, signal));
		}) satisfies Subscribe<RunUpdatesArgs>,
	})
	runUpdates(
		@Root() update: RunUpdateType,
		@Arg('experimentId', () => ID, { nullable: true }) _experimentId?: string | null,
		@Arg('runIds', () => [ID], { nullable: true }) _runIds?: readonly string[] | null,
		@Arg('after', () => Cursor, { nullable: true }) _after?: string | null,
	): RunUpdateType {
		return update;
	}
}

async function changeRuns(
	{ engine }: ApiContext,
	ids: readonly string[],
	change: 'cancel' | 'retry' | 'pause' | 'resume' | 'delete' | 'restore',
) {
	const result = await engine.changeRuns(ids, change);
	return 'kind' in result ? result : { kind: 'RunsChanged', runs: result };
}
