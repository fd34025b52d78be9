import type { FreezePlan } from '@graft/domain/freeze-plan';
import type { Failure, FreezeVerification, Progress, Run, RunStatus } from '@graft/domain/run';
import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import { resultUnion } from '../error/result-union.js';
import { ConflictType, InvalidInputType, NotFoundType } from '../error/user-error.type.js';
import { FreezePlanType } from '../freeze-plan/freeze-plan.type.js';
import { connectionFields } from '../page/page.type.js';
import { Cursor } from '../scalar/cursor.js';
import { DateTime } from '../scalar/date-time.js';
import { JsonScalar } from '../scalar/json.js';
import { RunStatusEnum } from '../schema/enums.js';

@ObjectType('Progress')
export class ProgressType {
	@Field(() => Int, { nullable: true }) readonly phase: number | null;
	@Field(() => Int, { nullable: true }) readonly epoch: number | null;
	@Field(() => Int, { nullable: true }) readonly epochs: number | null;
	@Field(() => Float, { nullable: true }) readonly step: number | null;
	@Field(() => Float, { nullable: true }) readonly steps: number | null;
	@Field(() => Float, { nullable: true }) readonly etaSeconds: number | null;
}

@ObjectType('Failure')
export class FailureType {
	@Field(() => String) readonly kind: string;
	@Field(() => String) readonly message: string;
	@Field(() => Boolean) readonly retryable: boolean;
}

@ObjectType('GroupVerification')
export class GroupVerificationType {
	@Field(() => String) readonly group: string;
	@Field(() => String) readonly planned: string;
	@Field(() => Boolean) readonly changed: boolean;
	@Field(() => Float) readonly maxAbsDelta: number;
	@Field(() => Boolean) readonly batchNormMoved: boolean;
}

@ObjectType('FreezeVerification')
export class FreezeVerificationType {
	@Field(() => Boolean) readonly ok: boolean;
	@Field(() => [GroupVerificationType]) readonly groups: readonly GroupVerificationType[];
}

@ObjectType('Run')
export class RunType {
	@Field(() => ID) readonly id: string;
	@Field(() => String) readonly name: string;
	@Field(() => RunStatusEnum) readonly status: RunStatus;
	@Field(() => JsonScalar, { nullable: true }) readonly strategy: object | null;
	@Field(() => FreezePlanType, { nullable: true }) readonly freezePlan: FreezePlan | null;
	@Field(() => JsonScalar) readonly config: object;
	@Field(() => JsonScalar, {
		nullable: true,
		description: 'What a trainer carries out, as LeasedRun.spec; null for a run that a script trains by itself.',
	})
	readonly spec: object | null;
	@Field(() => Int, { nullable: true }) readonly seed: number | null;
	@Field(() => [String]) readonly tags: readonly string[];
	@Field(() => Int) readonly priority: number;
	@Field(() => JsonScalar, { description: 'What a worker must have to be given it: {backend, memoryBytes, labels}.' })
	readonly requires: object;
	@Field(() => ProgressType, { nullable: true }) readonly progress: Progress | null;
	@Field(() => FailureType, { nullable: true }) readonly failure: Failure | null;
	@Field(() => FreezeVerificationType, {
		nullable: true,
		description: 'What the weights say after training: per group, did it change? Null until finished.',
	})
	readonly verification: FreezeVerification | null;
	@Field(() => DateTime) readonly queuedAt: Date;
	@Field(() => DateTime, { nullable: true }) readonly startedAt: Date | null;
	@Field(() => DateTime, { nullable: true }) readonly finishedAt: Date | null;
	@Field(() => DateTime, { nullable: true }) readonly deletedAt: Date | null;
	@Field(() => DateTime, {
		nullable: true,
		description: 'A queued run that failed before waits until then; null: it only waits for a worker.',
	})
	readonly retryAt: Date | null;
	@Field(() => Int) readonly revision: number;
}

@ObjectType('RunConnection')
export class RunConnectionType extends connectionFields(
	'Run',
	() => RunType,
	'Counted when it is asked for, and up to 10,000: 10,001 says that there are more.',
) {
	@Field(() => Boolean, {
		description:
			'The search ended at its bound before the page was full, which a filter that few runs pass can make it: there may be more behind `endCursor`, and the page may have no run at all.',
	})
	readonly isPartial: boolean;
	@Field(() => Boolean, {
		description:
			'There may be more than `totalCount` says: the count ended at 10,001, or at a bound like that of a page.',
	})
	readonly totalCountIsLeast: boolean;
}

@ObjectType('Attempt')
export class AttemptType {
	@Field(() => Int) readonly number: number;
	@Field(() => DateTime) readonly startedAt: Date;
	@Field(() => DateTime, { nullable: true }) readonly endedAt: Date | null;
	@Field(() => String, { nullable: true }) readonly outcome: string | null;
	@Field(() => Float, { nullable: true }) readonly resumedFromStep: number | null;
}

@ObjectType('RunsChanged')
export class RunsChangedType {
	@Field(() => [RunType]) readonly runs: readonly Run[];
}

export const RunsResult = resultUnion('RunsResult', RunsChangedType, NotFoundType, ConflictType, InvalidInputType);

@ObjectType('RunUpdate', { description: 'Deleted runs come with changed: ["deleted"].' })
export class RunUpdateType {
	@Field(() => Cursor) readonly cursor: string;
	@Field(() => RunType) readonly run: Run;
	@Field(() => [String]) readonly changed: readonly string[];
}
