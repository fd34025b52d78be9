import type { Sweep, SweepMethod } from '@graft/domain/sweep';
import { Field, ID, ObjectType } from 'type-graphql';
import { resultUnion } from '../error/result-union.js';
import { ConflictType, InvalidInputType, NotFoundType, TooLargeType } from '../error/user-error.type.js';
import { Cursor } from '../scalar/cursor.js';
import { DateTime } from '../scalar/date-time.js';
import { JsonScalar } from '../scalar/json.js';
import { SweepMethodEnum, SweepStatusEnum } from '../schema/enums.js';

@ObjectType('Sweep')
export class SweepType {
	@Field(() => ID) readonly id: string;
	@Field(() => String) readonly name: string;
	@Field(() => SweepStatusEnum) readonly status: string;
	@Field(() => SweepMethodEnum) readonly method: SweepMethod;
	@Field(() => JsonScalar) readonly space: unknown;
	@Field(() => JsonScalar) readonly budget: unknown;
	@Field(() => DateTime) readonly createdAt: Date;
}

@ObjectType('SweepLaunched')
export class SweepLaunchedType {
	@Field(() => SweepType) readonly sweep: Sweep;
}

@ObjectType('SweepChanged')
export class SweepChangedType {
	@Field(() => SweepType) readonly sweep: Sweep;
}

export const LaunchSweepResult = resultUnion(
	'LaunchSweepResult',
	SweepLaunchedType,
	InvalidInputType,
	NotFoundType,
	TooLargeType,
);
export const SweepResult = resultUnion('SweepResult', SweepChangedType, NotFoundType, ConflictType);

@ObjectType('SweepUpdate')
export class SweepUpdateType {
	@Field(() => Cursor) readonly cursor: string;
	@Field(() => SweepType) readonly sweep: Sweep;
}
