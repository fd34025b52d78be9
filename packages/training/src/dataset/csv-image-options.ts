import { GraftError } from '@graft/domain/error';
import type { JsonObject } from '@graft/domain/json';
import { SPLIT_NAMES, type SplitName } from './dataset-spec.js';

export interface CsvImageOptions {
	/** Height, width, channels; the pixel columns are in this order. */
	readonly shape: readonly number[];
	/** The largest pixel value; pixels are divided by it. */
	readonly scale: number;
	/** Name of the label column. */
	readonly label: string;
	/** Labels that count, in the order of the outputs; rows with others are left out. Null: all, sorted. */
	readonly classes: readonly string[] | null;
	readonly splitSeed: number;
	readonly fractions: Readonly<Record<SplitName, number>>;
}

const DEFAULTS: JsonObject = {
	scale: 255,
	label: 'label',
	classes: null,
	splitSeed: 0,
	fractions: { train: 0.5, validation: 0.2, test: 0.3 },
};
const FIELDS = ['shape', ...Object.keys(DEFAULTS)];

/** Checks the options and fills in what is missing. @throws GraftError DATA that names the field. */
export function parseCsvImageOptions(given: JsonObject): CsvImageOptions {
	for (const field of Object.keys(given)) {
		if (!FIELDS.includes(field)) wrong(field, `is unknown; there are ${FIELDS.join(', ')}`);
	}
	const options: JsonObject = { ...DEFAULTS, ...given };
	const { shape, scale, label, classes, splitSeed, fractions } = options;
	if (!isList(shape, isCount) || shape.length !== 3)
		wrong('shape', 'must be height, width, channels, such as [8, 8, 1]');
	if (!isPositive(scale)) wrong('scale', 'must be a number above 0');
	if (typeof label !== 'string' || label === '') wrong('label', 'must be the name of a column');
	if (classes !== null && !isList(classes, isText)) wrong('classes', 'must be a list of labels as texts');
	if (classes !== null && new Set(classes).size !== classes.length) wrong('classes', 'names a label twice');
	if (!Number.isSafeInteger(splitSeed)) wrong('splitSeed', 'must be a whole number');
	return { shape, scale, label, classes, splitSeed: splitSeed as number, fractions: parseFractions(fractions) };
}

function parseFractions(given: unknown): Record<SplitName, number> {
	const fractions = given as Record<SplitName, number>;
	const complete =
		typeof given === 'object' &&
		given !== null &&
		Object.keys(given).length === SPLIT_NAMES.length &&
		SPLIT_NAMES.every((name) => isPositive(fractions[name]));
	if (!complete) wrong('fractions', 'must give train, validation and test a share above 0 each');
	const sum = SPLIT_NAMES.reduce((total, name) => total + fractions[name], 0);
	if (Math.abs(sum - 1) > 1e-9) wrong('fractions', `must sum to 1, not to ${sum}`);
	return fractions;
}

const isText = (value: unknown): value is string => typeof value === 'string';
const isPositive = (value: unknown): value is number =>
	typeof value === 'number' && Number.isFinite(value) && value > 0;
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;
const isList = <T>(value: unknown, isItem: (item: unknown) => item is T): value is T[] =>
	Array.isArray(value) && value.every(isItem);

function wrong(field: string, what: string): never {
	throw new GraftError('DATA', `The data set's option ${field} ${what}.`, { field: `options.${field}` });
}
