import { GraftError } from '@graft/domain/error';
import type { JsonObject } from '@graft/domain/json';
import { SPLIT_NAMES, type SplitName } from '../dataset-spec.js';

/** Which rows are for what. */
export type SplitOption =
	| { readonly by: 'fraction'; readonly seed: number; readonly fractions: Readonly<Record<SplitName, number>> }
	/** A column holds the split's name; `names` says what each split is called there. */
	| { readonly by: 'column'; readonly column: string; readonly names: Readonly<Record<SplitName, string>> }
	/** Files in the folder that the address names; a split may have none, but for train. */
	| { readonly by: 'file'; readonly files: Readonly<Partial<Record<SplitName, string>>> };

/** What all tables have in common, whatever their rows are about. */
export interface TableOptions {
	/** Column of the class; null where there is none. */
	readonly label: string | null;
	/** Column of the number that is to be foretold; null for a classification. */
	readonly target: string | null;
	/** Classes in the order of the outputs; rows of others are left out. Null: all, sorted. */
	readonly classes: readonly string[] | null;
	readonly split: SplitOption;
	/** Between the cells of a CSV file. */
	readonly delimiter: string;
}

const FRACTIONS = { train: 0.8, validation: 0.1, test: 0.1 };
const NAMES = { train: 'train', validation: 'validation', test: 'test' };
export const TABLE_FIELDS = ['label', 'target', 'classes', 'split', 'delimiter'];

/** Checks the common options and fills in what is missing. @throws GraftError DATA that names the field. */
export function parseTableOptions(given: JsonObject, fields: readonly string[]): TableOptions {
	const known = [...TABLE_FIELDS, ...fields];
	const unknown = Object.keys(given).find((field) => !known.includes(field));
	if (unknown !== undefined) wrongOption(unknown, `is unknown; there are ${known.join(', ')}`);
	const { label = null, target = null, classes = null, split = {}, delimiter = ',' } = given;
	if (!isColumn(label)) wrongOption('label', 'must be the name of a column');
	if (!isColumn(target)) wrongOption('target', 'must be the name of a column');
	if (label !== null && target !== null) wrongOption('target', 'cannot stand beside label: a row has one of them');
	if (classes !== null && !isTexts(classes)) wrongOption('classes', 'must be a list of labels as texts');
	if (classes !== null && new Set(classes).size !== classes.length) wrongOption('classes', 'names a label twice');
	if (classes !== null && label === null) wrongOption('classes', 'needs the column of the labels (label)');
	if (typeof delimiter !== 'string' || delimiter.length !== 1) wrongOption('delimiter', 'must be one character');
	return { label, target, classes, split: parseSplit(split), delimiter };
}

function parseSplit(given: unknown): SplitOption {
	if (!isObject(given)) wrongOption('split', 'must say fractions, column or files');
	const { column, names, files, fractions, seed, by, ...rest } = given as JsonObject;
	const ways = { fraction: fractions, column, file: files };
	const asked = Object.entries(ways).flatMap(([way, value]) => (value === undefined ? [] : [way]));
	const [way = 'fraction'] = asked;
	if (asked.length > 1 || Object.keys(rest).length > 0 || (by !== undefined && by !== way)) {
		wrongOption('split', 'must be one of {fractions, seed}, {column, names} and {files}');
	}
	if (way === 'column') return parseColumn(column, names);
	if (way === 'file') return { by: 'file', files: parseFiles(files) };
	if (seed !== undefined && !Number.isSafeInteger(seed)) wrongOption('split.seed', 'must be a whole number');
	return { by: 'fraction', seed: (seed as number | undefined) ?? 0, fractions: parseFractions(fractions ?? FRACTIONS) };
}

function parseColumn(column: unknown, names: unknown = {}): SplitOption {
	if (!isText(column)) wrongOption('split.column', 'must be the name of a column');
	if (!isObject(names)) wrongOption('split.names', 'must say what train, validation and test are called');
	const all = { ...NAMES, ...names };
	if (Object.keys(all).length > SPLIT_NAMES.length || !Object.values(all).every(isText)) {
		wrongOption('split.names', 'must say what train, validation and test are called');
	}
	if (new Set(Object.values(all)).size < SPLIT_NAMES.length) wrongOption('split.names', 'calls two splits the same');
	return { by: 'column', column, names: all };
}

function parseFiles(given: unknown): Readonly<Partial<Record<SplitName, string>>> {
	if (!isObject(given)) wrongOption('split.files', 'must name a file for train and, if there are, validation and test');
	const odd = Object.keys(given).find((name) => !(SPLIT_NAMES as readonly string[]).includes(name));
	if (odd !== undefined) wrongOption(`split.files.${odd}`, 'is no split; there are train, validation, test');
	for (const [split, file] of Object.entries(given)) {
		const isInside = isText(file) && !file.startsWith('/') && !file.split(/[/\\]/).includes('..');
		if (!isInside) wrongOption(`split.files.${split}`, 'must be the name of a file in the folder');
	}
	if (given.train === undefined) wrongOption('split.files', 'must name a file for train');
	return given as Readonly<Partial<Record<SplitName, string>>>;
}

function parseFractions(given: unknown): Readonly<Record<SplitName, number>> {
	const fractions = { train: 0, validation: 0, test: 0, ...(isObject(given) ? given : {}) };
	const values = Object.values(fractions) as number[];
	const isComplete = Object.keys(fractions).length === SPLIT_NAMES.length && values.every((one) => one >= 0);
	if (!isComplete || !(fractions.train > 0)) {
		wrongOption('split.fractions', 'must give train a share above 0, and validation and test one from 0');
	}
	const sum = values.reduce((total, one) => total + one, 0);
	if (Math.abs(sum - 1) > 1e-9) wrongOption('split.fractions', `must sum to 1, not to ${sum}`);
	return fractions;
}

const isObject = (value: unknown): value is JsonObject =>
	typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isColumn = (value: unknown): value is string | null => value === null || isText(value);
export const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);

export function wrongOption(field: string, what: string): never {
	throw new GraftError('DATA', `The data set's option ${field} ${what}.`, { field: `options.${field}` });
}
