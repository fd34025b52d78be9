import { Arg, Ctx, ID, Mutation, Resolver } from 'type-graphql';
import type { ApiContext } from '../context/api-context.js';
import { CreateRunInputType } from '../run/run.inputs.js';
import { JsonScalar } from '../scalar/json.js';
import { jsonObject } from '../schema/json-input.js';
import { FinishRunInputType, LeaseInputType } from './lease.inputs.js';
import {
	CreateRunResult,
	FinishRunResult,
	LeaseRunResult,
	RefuseCheckpointResult,
	ReleaseRunResult,
	RenewLeaseResult,
} from './lease.type.js';
import { parseFailure, parseProgress, parseVerification } from './report.js';

@Resolver()
export class LeaseResolver {
	@Mutation(() => LeaseRunResult)
	leaseRun(
		@Ctx() { engine }: ApiContext,
		@Arg('workerId', () => ID) workerId: string,
		@Arg('token', () => String, {
			nullable: true,
			description:
				'Token of the lease to come: 32 random bytes in base64url. Ask again with it when no answer came, and the answer is the same lease; without it, one that got lost keeps a slot until it runs out.',
		})
		token?: string,
	) {
		return engine.leaseRun(workerId, token ?? undefined);
	}

	@Mutation(() => RefuseCheckpointResult, {
		description: 'The checkpoint that leaseRun gave is broken: drop it, and answer the one before.',
	})
	refuseCheckpoint(
		@Ctx() { engine }: ApiContext,
		@Arg('lease', () => LeaseInputType) lease: LeaseInputType,
		@Arg('digest', () => String) digest: string,
		@Arg('reason', () => String) reason: string,
	) {
		return engine.refuseCheckpoint(lease, digest, reason);
	}

	@Mutation(() => RenewLeaseResult)
	renewLease(
		@Ctx() { engine }: ApiContext,
		@Arg('lease', () => LeaseInputType) lease: LeaseInputType,
		@Arg('progress', () => JsonScalar, { nullable: true }) progress?: unknown,
	) {
		return engine.renewLease(lease, parseProgress(progress));
	}

	@Mutation(() => FinishRunResult)
	finishRun(@Ctx() { engine }: ApiContext, @Arg('input', () => FinishRunInputType) input: FinishRunInputType) {
		return engine.finishRun({
			lease: input.lease,
			outcome: input.outcome,
			failure: parseFailure(input.failure),
			verification: parseVerification(input.verification),
			summary: input.summary == null ? null : jsonObject(input.summary, 'input.summary'),
			progress: parseProgress(input.progress, 'input.progress'),
			next: input.next ?? null,
		});
	}

	@Mutation(() => ReleaseRunResult, {
		description: 'Hand the run back: unharmed (shutdown, pause), or with the failure that kept this worker from it.',
	})
	async releaseRun(
		@Ctx() { engine }: ApiContext,
		@Arg('lease', () => LeaseInputType) lease: LeaseInputType,
		@Arg('reason', () => String) reason: string,
		@Arg('failure', () => JsonScalar, { nullable: true }) failure?: unknown,
	) {
		const result = await engine.releaseRun(lease, reason, parseFailure(failure));
		return 'kind' in result ? result : { kind: 'RunReleased', run: result };
	}

	@Mutation(() => CreateRunResult, {
		description: 'A script that trains by itself, in any language: create, log, finish.',
	})
	createRun(@Ctx() { engine }: ApiContext, @Arg('input', () => CreateRunInputType) input: CreateRunInputType) {
		return engine.createRun({
			experimentId: input.experimentId,
			name: input.name ?? null,
			config: jsonObject(input.config, 'input.config'),
			backboneId: input.backboneId ?? null,
			datasetId: input.datasetId ?? null,
			strategy: input.strategy ?? null,
			seed: input.seed ?? null,
			tags: input.tags ?? [],
		});
	}
}
