import type { Json } from '@graft/domain/json';
import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import { resultUnion } from '../error/result-union.js';
import { InvalidInputType, TooLargeType } from '../error/user-error.type.js';
import { LeaseLostType } from '../lease/lease-lost.type.js';
import { Cursor } from '../scalar/cursor.js';
import { DateTime } from '../scalar/date-time.js';
import { JsonScalar } from '../scalar/json.js';

@ObjectType('RunEvent')
export class RunEventType {
	@Field(() => Cursor) readonly cursor: string;
	@Field(() => Int) readonly attempt: number;
	@Field(() => String) readonly kind: string;
	@Field(() => Float, { nullable: true }) readonly step: number | null;
	@Field(() => DateTime) readonly at: Date;
	@Field(() => String) readonly message: string;
	@Field(() => JsonScalar, { nullable: true }) readonly data: Json;
}

@ObjectType('EventRecorded')
export class EventRecordedType {
	@Field(() => RunEventType) readonly event: RunEventType;
}

export const RecordEventResult = resultUnion('RecordEventResult', EventRecordedType, LeaseLostType, InvalidInputType);

@ObjectType('LogLine')
export class LogLineType {
	@Field(() => Cursor) readonly cursor: string;
	@Field(() => Int, { description: 'In the run, from 1, over all attempts.' }) readonly number: number;
	@Field(() => String) readonly line: string;
}

@ObjectType('LogFrame')
export class LogFrameType {
	@Field(() => Cursor) readonly cursor: string;
	@Field(() => ID) readonly runId: string;
	@Field(() => [String]) readonly lines: readonly string[];
}

@ObjectType('LinesLogged')
export class LinesLoggedType {
	@Field(() => Float) readonly sequence: number;
	@Field(() => Boolean) readonly duplicate: boolean;
}

export const LogLinesResult = resultUnion(
	'LogLinesResult',
	LinesLoggedType,
	LeaseLostType,
	InvalidInputType,
	TooLargeType,
);
