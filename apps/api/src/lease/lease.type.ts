import type { Artifact } from '@graft/domain/artifact';
import type { Lease } from '@graft/domain/lease';
import type { Run, RunSpec } from '@graft/domain/run';
import type { LeaseAnswer } from '@graft/engine';
import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import { ArtifactType } from '../artifact/artifact.type.js';
import { resultUnion } from '../error/result-union.js';
import { InvalidInputType, NotFoundType } from '../error/user-error.type.js';
import { RunType } from '../run/run.type.js';
import { DateTime } from '../scalar/date-time.js';
import { JsonScalar } from '../scalar/json.js';
import { LeaseLostType } from './lease-lost.type.js';

@ObjectType('Lease')
export class LeaseType {
	@Field(() => ID) readonly runId: string;
	@Field(() => String) readonly token: string;
	@Field(() => Int) readonly attempt: number;
	@Field(() => DateTime) readonly expiresAt: Date;
}

@ObjectType('LeasedRun')
export class LeasedRunType {
	@Field(() => LeaseType) readonly lease: Lease;
	@Field(() => RunType) readonly run: Run;
	@Field(() => JsonScalar) readonly spec: RunSpec;
	@Field(() => ArtifactType, { nullable: true }) readonly resumeFrom: Artifact | null;
}

@ObjectType('CheckpointRefused', {
	description: 'Go on from resumeFrom instead (null: begin anew). The attempt supersedes the points after its step.',
})
export class CheckpointRefusedType {
	@Field(() => ArtifactType, { nullable: true }) readonly resumeFrom: Artifact | null;
}

@ObjectType('NothingToDo')
export class NothingToDoType {
	@Field(() => Float) readonly retryAfterSeconds: number;
	@Field(() => Boolean, { description: 'The worker is to take no more runs: it can end.' }) readonly draining: boolean;
}

@ObjectType('LeaseRenewed')
export class LeaseRenewedType {
	@Field(() => DateTime) readonly expiresAt: Date;
	@Field(() => Boolean) readonly cancelRequested: boolean;
	@Field(() => Boolean) readonly pauseRequested: boolean;
}

export const LeaseRunResult = resultUnion(
	'LeaseRunResult',
	LeasedRunType,
	NothingToDoType,
	NotFoundType,
	InvalidInputType,
);

@ObjectType('RunFinished')
export class RunFinishedType {
	@Field(() => RunType) readonly run: Run;
	@Field(() => LeaseRunResult, { nullable: true, description: 'Null where no next run was asked for.' })
	readonly next: LeaseAnswer | null;
}

@ObjectType('RunReleased')
export class RunReleasedType {
	@Field(() => RunType) readonly run: Run;
}

@ObjectType('RunCreated', {
	description: 'The script holds the lease: logMetrics, renewLease, finishRun as a trainer does.',
})
export class RunCreatedType {
	@Field(() => RunType) readonly run: Run;
	@Field(() => LeaseType) readonly lease: Lease;
}

export const RefuseCheckpointResult = resultUnion(
	'RefuseCheckpointResult',
	CheckpointRefusedType,
	LeaseLostType,
	InvalidInputType,
);
export const RenewLeaseResult = resultUnion('RenewLeaseResult', LeaseRenewedType, LeaseLostType);
export const FinishRunResult = resultUnion('FinishRunResult', RunFinishedType, LeaseLostType);
export const ReleaseRunResult = resultUnion('ReleaseRunResult', RunReleasedType, LeaseLostType);
export const CreateRunResult = resultUnion('CreateRunResult', RunCreatedType, InvalidInputType, NotFoundType);
