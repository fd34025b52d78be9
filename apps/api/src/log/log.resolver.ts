import { Arg, Ctx, Float, ID, Mutation, Resolver, Root, Subscription } from 'type-graphql';
import type { ApiContext } from '../context/api-context.js';
import { LeaseInputType } from '../lease/lease.inputs.js';
import { Cursor } from '../scalar/cursor.js';
import { type Subscribe, stream } from '../schema/stream.js';
import { RunEventInputType } from './log.inputs.js';
import { LogFrameType, LogLinesResult, RecordEventResult } from './log.type.js';

@Resolver()
export class LogResolver {
	@Mutation(() => LogLinesResult, {
		description:
			'10000 lines a call at the most (else TooLarge with the limit), of 100000 characters each (else InvalidInput with the field). `sequence` counts up by one per call of this attempt, from 1; a call that comes again is stored once.',
	})
	logLines(
		@Ctx() { engine }: ApiContext,
		@Arg('lease', () => LeaseInputType) lease: LeaseInputType,
		@Arg('sequence', () => Float) sequence: number,
		@Arg('lines', () => [String]) lines: readonly string[],
	) {
		return engine.logLines(lease, sequence, lines);
	}

	@Mutation(() => RecordEventResult)
	async recordEvent(
		@Ctx() { engine }: ApiContext,
		@Arg('lease', () => LeaseInputType) lease: LeaseInputType,
		@Arg('event', () => RunEventInputType) event: RunEventInputType,
	) {
		const { id, kind, message, step, data } = event;
		const input = { id: id ?? null, kind, message, step: step ?? null, data: data ?? null };
		const result = await engine.recordEvent(lease, input);
		// An event's own `kind` is free text; its position is what a refusal has not.
		return 'position' in result ? { kind: 'EventRecorded', event: result } : result;
	}

	@Subscription(() => LogFrameType, {
		subscribe: (({ args, context }) =>
			stream((signal) =>
				context.engine.logStream({ runId: args.runId, after: args.after ?? null }, signal),
			)) satisfies Subscribe<{ runId: string; after?: string | null }>,
	})
	logStream(
		@Root() frame: LogFrameType,
		@Arg('runId', () => ID) _runId: string,
		@Arg('after', () => Cursor, { nullable: true }) _after?: string | null,
	): LogFrameType {
		return frame;
	}
}
