import { GraftError } from '@graft/domain/error';
import type { JsonObject } from '@graft/domain/json';
import { z } from '@graft/runtime/env';

const share = z.number().min(0).lt(1);

const schema = z.strictObject({
	/** Names of the arrays in an archive, or of the files: of the whole, where there are no x_train, x_test. */
	inputs: z.string().min(1).nullable().default(null),
	labels: z.string().min(1).nullable().default(null),
	/** Inputs are divided by it; null: 255 for bytes, 1 for other numbers. */
	scale: z.number().gt(0).nullable().default(null),
	/** `number`: labels are what a regression learns. */
	task: z.enum(['class', 'number']).default('class'),
	/** Names of the classes 0, 1, 2 …; null: their numbers. */
	classes: z.array(z.string().min(1)).min(2).nullable().default(null),
	splitSeed: z.int().min(0).default(0),
	/** Shares of what is in no split yet: all of it, or of the train arrays where there are no validation ones. */
	fractions: z
		.strictObject({ train: z.number().gt(0).max(1), validation: share, test: share })
		.refine(({ train, validation, test }) => Math.abs(train + validation + test - 1) < 1e-9, 'must sum to 1')
		.default({ train: 0.7, validation: 0.15, test: 0.15 }),
});

export type ArrayOptions = z.output<typeof schema>;

/** @throws GraftError DATA that names the option. */
export function parseArrayOptions(given: JsonObject): ArrayOptions {
	const parsed = schema.safeParse(given);
	if (parsed.success) return parsed.data;
	const { path, message } = parsed.error.issues[0] ?? { path: [], message: 'is wrong' };
	const field = ['options', ...path].join('.');
	throw new GraftError('DATA', `The data set's ${field}: ${message}.`, { field });
}
