import type { Attempt } from '@graft/domain/run';
import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { ApiContext } from '../context/api-context.js';
import { WorkerType } from '../worker/worker.type.js';
import { AttemptType } from './run.type.js';

@Resolver(() => AttemptType)
export class AttemptResolver {
	@FieldResolver(() => WorkerType, { nullable: true })
	worker(@Root() { workerId }: Attempt, @Ctx() { loaders }: ApiContext): Promise<WorkerType | null> {
		return workerId === null ? Promise.resolve(null) : loaders.worker.load(workerId);
	}
}
