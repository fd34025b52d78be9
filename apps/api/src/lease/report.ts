import type { Failure, FreezeVerification, Progress } from '@graft/domain/run';
import { z } from '@graft/runtime/env';
import { parseJson } from '../schema/json-input.js';

const count = z.number().nullable().default(null);
const progress = z.object({
	phase: count,
	epoch: count,
	epochs: count,
	step: count,
	steps: count,
	etaSeconds: count,
});
const failure = z.object({ kind: z.string(), message: z.string(), retryable: z.boolean() });
const verification = z.object({
	ok: z.boolean(),
	groups: z.array(
		z.object({
			group: z.string(),
			planned: z.string(),
			changed: z.boolean(),
			maxAbsDelta: z.number(),
			batchNormMoved: z.boolean(),
		}),
	),
});

/** What a trainer reports as JSON, checked here, so that a broken report is refused and not stored. */
export const parseProgress = (value: unknown, field = 'progress'): Progress | null =>
	value == null ? null : parseJson<Progress>(progress, value, field);
export const parseFailure = (value: unknown): Failure | null =>
	value == null ? null : parseJson<Failure>(failure, value, 'input.failure');
export const parseVerification = (value: unknown): FreezeVerification | null =>
	value == null ? null : parseJson<FreezeVerification>(verification, value, 'input.verification');
