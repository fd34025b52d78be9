import { GraftError } from '@graft/domain/error';
import type { JsonObject } from '@graft/domain/json';
import { z } from '@graft/runtime/env';
import { PREPROCESSINGS } from '../../images/preprocess.js';
import { INTERPOLATIONS } from '../../images/resize.js';

const side = z.int().min(1).max(4096);
const share = z.number().min(0).lt(1);
const seed = z
	.int()
	.min(0)
	.max(2 ** 32 - 1)
	.default(0);

const split = z.discriminatedUnion('kind', [
	/** Subfolders train, validation (or val, valid) and test, each with a subfolder a class. */
	z.strictObject({ kind: z.literal('folders') }),
	/** Each class is shuffled and cut by itself. */
	z.strictObject({
		kind: z.literal('stratified'),
		seed,
		fractions: z
			.strictObject({ train: z.number().gt(0).max(1), validation: share, test: share })
			.refine(({ train, validation, test }) => Math.abs(train + validation + test - 1) < 1e-9, 'must sum to 1')
			.default({ train: 0.7, validation: 0.15, test: 0.15 }),
	}),
	/** As Keras' functions of these names split: into training and validation. */
	z.strictObject({ kind: z.literal('flow_from_directory'), validation: share.default(0.2) }),
	z.strictObject({ kind: z.literal('image_dataset_from_directory'), validation: share.default(0.2), seed }),
]);

const schema = z.strictObject({
	/** Height and width that images are brought to. */
	size: z.tuple([side, side]).default([224, 224]),
	color: z.enum(['rgb', 'grayscale']).default('rgb'),
	interpolation: z.enum(INTERPOLATIONS).default('bilinear'),
	/** `backbone`: as its weights were trained, and divided by 255 where it says nothing. */
	preprocessing: z.enum(['backbone', ...PREPROCESSINGS]).default('backbone'),
	/** Class folders that count, in the order of the outputs; null: all, sorted by name. */
	classes: z
		.array(z.string().min(1))
		.min(2)
		.refine((names) => new Set(names).size === names.length, 'names a class twice')
		.nullable()
		.default(null),
	/** False: pictures of whatever, for strategies that adapt to them. */
	labelled: z.boolean().default(true),
	/** Null: by subfolders where they are called train, validation and test, else stratified. */
	split: split.nullable().default(null),
	/** Leaves out images that do not decode, where an import refuses them else. */
	skipBroken: z.boolean().default(false),
});

export type ImageFolderOptions = z.output<typeof schema>;
export type ImageSplit = z.output<typeof split>;

/** @throws GraftError DATA that names the option. */
export function parseImageFolderOptions(given: JsonObject): ImageFolderOptions {
	const parsed = schema.safeParse(given);
	if (!parsed.success) {
		const { path, message } = parsed.error.issues[0] ?? { path: [], message: 'is wrong' };
		const field = ['options', ...path].join('.');
		throw new GraftError('DATA', `The data set's ${field}: ${message}.`, { field });
	}
	const { color, preprocessing } = parsed.data;
	if (color === 'grayscale' && (preprocessing === 'caffe' || preprocessing === 'torch')) {
		const message = `The data set's options.preprocessing: ${preprocessing} is for three channels, and color is grayscale.`;
		throw new GraftError('DATA', message, { field: 'options.preprocessing' });
	}
	return parsed.data;
}
