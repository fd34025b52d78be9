import type { Worker } from '@graft/domain/worker';
import type { WorkerCommand } from '@graft/engine';
import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import { resultUnion } from '../error/result-union.js';
import { InvalidInputType, NotFoundType } from '../error/user-error.type.js';
import { DateTime } from '../scalar/date-time.js';
import { JsonScalar } from '../scalar/json.js';
import { WorkerCommandKindEnum } from '../schema/enums.js';

@ObjectType('Worker')
export class WorkerType {
	@Field(() => ID) readonly id: string;
	@Field(() => String) readonly name: string;
	@Field(() => String) readonly backend: string;
	@Field(() => String, { nullable: true }) readonly backendReason: string | null;
	@Field(() => String, { nullable: true }) readonly device: string | null;
	@Field(() => Float, { nullable: true }) readonly memoryBytes: number | null;
	@Field(() => JsonScalar) readonly labels: object;
	@Field(() => Int) readonly slots: number;
	@Field(() => DateTime) readonly registeredAt: Date;
	@Field(() => DateTime) readonly lastSeenAt: Date;
}

@ObjectType('WorkerRegistered')
export class WorkerRegisteredType {
	@Field(() => WorkerType) readonly worker: Worker;
	@Field(() => Float) readonly heartbeatSeconds: number;
}

@ObjectType('WorkerDraining')
export class WorkerDrainingType {
	@Field(() => WorkerType) readonly worker: Worker;
}

export const DrainWorkerResult = resultUnion('DrainWorkerResult', WorkerDrainingType, NotFoundType);
export const RegisterWorkerResult = resultUnion('RegisterWorkerResult', WorkerRegisteredType, InvalidInputType);

@ObjectType('WorkerCommand')
export class WorkerCommandType {
	@Field(() => WorkerCommandKindEnum) readonly kind: WorkerCommand['kind'];
	@Field(() => ID, { nullable: true }) readonly runId: string | null;
}

@ObjectType('WorkersUpdate')
export class WorkersUpdateType {
	@Field(() => [WorkerType]) readonly workers: readonly Worker[];
}
