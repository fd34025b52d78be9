import type { Run } from '@graft/domain/run';
import { type Worker, type WorkerStatus, workerStatus } from '@graft/domain/worker';
import { Arg, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root, Subscription } from 'type-graphql';
import type { ApiContext } from '../context/api-context.js';
import { RunType } from '../run/run.type.js';
import { WorkerStatusEnum } from '../schema/enums.js';
import { jsonObject } from '../schema/json-input.js';
import { type Subscribe, stream } from '../schema/stream.js';
import { RegisterWorkerInputType } from './worker.inputs.js';
import {
	DrainWorkerResult,
	RegisterWorkerResult,
	WorkerCommandType,
	WorkersUpdateType,
	WorkerType,
} from './worker.type.js';

@Resolver(() => WorkerType)
export class WorkerResolver {
	@Query(() => [WorkerType])
	workers(@Ctx() { engine }: ApiContext): Promise<readonly WorkerType[]> {
		return engine.workers();
	}

	@Mutation(() => RegisterWorkerResult)
	async registerWorker(
		@Ctx() { engine }: ApiContext,
		@Arg('input', () => RegisterWorkerInputType) input: RegisterWorkerInputType,
	) {
		const result = await engine.registerWorker({
			name: input.name,
			backend: input.backend,
			backendReason: input.backendReason ?? null,
			device: input.device ?? null,
			memoryBytes: input.memoryBytes ?? null,
			labels: jsonObject(input.labels ?? {}, 'input.labels'),
			slots: input.slots ?? 1,
		});
		return 'kind' in result ? result : { kind: 'WorkerRegistered', ...result };
	}

	@Mutation(() => DrainWorkerResult, {
		description: 'The worker finishes the runs that it holds, takes no more, and ends.',
	})
	async drainWorker(@Ctx() { engine }: ApiContext, @Arg('id', () => ID) id: string) {
		const result = await engine.drainWorker(id);
		return 'kind' in result ? result : { kind: 'WorkerDraining', worker: result };
	}

	@FieldResolver(() => Boolean, { description: 'It takes no more runs.' })
	draining(@Root() { drainRequestedAt }: Worker): boolean {
		return drainRequestedAt !== null;
	}

	@FieldResolver(() => WorkerStatusEnum)
	status(@Root() { lastSeenAt }: Worker, @Ctx() { engine, now }: ApiContext): WorkerStatus {
		return workerStatus(lastSeenAt, now(), engine.heartbeatSeconds);
	}

	@FieldResolver(() => [RunType])
	currentRuns(@Root() { id }: Worker, @Ctx() { loaders }: ApiContext): Promise<readonly Run[]> {
		return loaders.currentRuns.load(id);
	}

	@Subscription(() => WorkerCommandType, {
		description: 'What a trainer listens to: WORK_AVAILABLE, CANCEL_RUN, PAUSE_RUN, DRAIN.',
		subscribe: (({ args, context }) =>
			stream((signal) => context.engine.workerCommands(args.workerId, signal))) satisfies Subscribe<{
			workerId: string;
		}>,
	})
	workerCommands(@Root() command: WorkerCommandType, @Arg('workerId', () => ID) _workerId: string): WorkerCommandType {
		return command;
	}

	@Subscription(() => WorkersUpdateType, {
		description: 'All workers, at once and then whenever something about one has changed.',
		subscribe: (({ context }) => stream((signal) => context.engine.workerUpdates(signal))) satisfies Subscribe<object>,
	})
	workerUpdates(@Root() workers: readonly Worker[]): WorkersUpdateType {
		return { workers };
	}
}
