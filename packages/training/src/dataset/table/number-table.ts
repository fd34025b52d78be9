import type { DatasetStatistics } from '@graft/domain/dataset';
import type { JsonObject } from '@graft/domain/json';
import type { DatasetFormat, OpenDataset } from '../dataset-format.js';
import type { DatasetContent, MemoryExamples } from '../dataset-spec.js';
import { duplicateFinder } from '../find-duplicates.js';
import { pickLabels } from '../pick-labels.js';
import { columnsOf, type FeatureColumn } from './feature-columns.js';
import { type GatheredRows, gatherRows, type TableSource } from './gather-rows.js';
import { type Row, textCell } from './row.js';
import { digestFiles, findFiles, type TableKind } from './table-files.js';
import { isTexts, parseTableOptions, type TableOptions, wrongOption } from './table-options.js';

export interface NumberTableOptions extends TableOptions {
	/** Columns that the network sees, in this order; null: all but label, target and split, in the file's order. */
	readonly features: readonly string[] | null;
	/** Those of them that hold words: each word of the train split becomes an input of 0 or 1. */
	readonly categorical: readonly string[];
	/** Numbers less the train split's mean, by its standard deviation. */
	readonly standardize: boolean;
	/** What an empty cell is: an error, or the train split's mean. */
	readonly missing: 'refuse' | 'mean';
}

/** Numbers and words in each row. */
export const numberTable = (kind: TableKind): DatasetFormat<NumberTableOptions> => ({
	name: `${kind}-table`,
	modality: 'TABULAR',
	parseOptions,
	open: async (place, options): Promise<OpenDataset> => {
		const files = await findFiles(place, options);
		const source = { uri: place.uri, kind, files, options, columns: wanted(options) };
		let reading: Promise<ReadTable> | null = null;
		const read = () => {
			reading ??= readTable(source, options, place.version === null);
			return reading;
		};
		return {
			digest: await digestFiles(files),
			task: options.target === null ? 'CLASSIFICATION' : 'REGRESSION',
			load: async () => contentOf(await read()),
			statistics: async () => (await read()).statistics,
		};
	},
});

function parseOptions(given: JsonObject): NumberTableOptions {
	const { features = null, categorical = [], standardize = true, missing = 'refuse', ...rest } = given;
	if (features !== null && !isTexts(features)) wrongOption('features', 'must be a list of columns');
	if (!isTexts(categorical)) wrongOption('categorical', 'must be a list of columns');
	if (features?.length === 0) wrongOption('features', 'names no column: there would be nothing to learn from');
	const foreign = features === null ? undefined : categorical.find((name) => !features.includes(name));
	if (foreign !== undefined) wrongOption('categorical', `names ${foreign}, which features does not`);
	if (typeof standardize !== 'boolean') wrongOption('standardize', 'must be true or false');
	if (missing !== 'refuse' && missing !== 'mean') wrongOption('missing', 'must be refuse or mean');
	const common = parseTableOptions(rest, ['features', 'categorical', 'standardize', 'missing']);
	return { ...common, features, categorical, standardize, missing };
}

/** What is no feature. */
const others = ({ label, target, split }: TableOptions): readonly string[] =>
	[label, target, split.by === 'column' ? split.column : null].flatMap((name) => name ?? []);

const wanted = (options: NumberTableOptions): readonly string[] | null =>
	options.features === null ? null : [...options.features, ...others(options)];

interface ReadTable extends GatheredRows {
	readonly features: readonly FeatureColumn[];
	readonly statistics: DatasetStatistics;
}

async function readTable(source: TableSource, options: NumberTableOptions, describe: boolean): Promise<ReadTable> {
	let features: readonly FeatureColumn[] | null = null;
	const duplicates = duplicateFinder();
	let bytes = 0;
	const gathered = await gatherRows(source, (row) => {
		features ??= columnsOf(featureNames(row, options), options);
		for (const feature of features) feature.add(row);
		if (!describe) return true;
		const content = features.map(({ name }) => textCell(row, name) ?? '').join('\u0000');
		bytes += Buffer.byteLength(content);
		duplicates.add(content, row.place);
		return true;
	});
	const found = duplicates.find(gathered.positions);
	const broken = { count: 0, named: [] };
	return { ...gathered, features: features ?? [], statistics: { bytes, distributions: [], duplicates: found, broken } };
}

function featureNames({ cells }: Row, options: NumberTableOptions): readonly string[] {
	if (options.features !== null) return options.features;
	const names = Object.keys(cells).filter((name) => !others(options).includes(name));
	if (names.length === 0) wrongOption('features', 'finds no column beside label, target and split');
	return names;
}

function contentOf({ classes, labels, positions, features }: ReadTable): DatasetContent {
	const encoders = features.map((feature) => feature.encoder(positions.train));
	const width = encoders.reduce((sum, { units }) => sum + units, 0);
	const examples = (rows: readonly number[]): MemoryExamples => {
		const inputs = new Float32Array(rows.length * width);
		rows.forEach((row, index) => {
			let at = index * width;
			for (const { units, write } of encoders) {
				write(row, inputs, at);
				at += units;
			}
		});
		return { count: rows.length, inputs, labels: pickLabels(labels, rows) };
	};
	const [train, validation, test] = [positions.train, positions.validation, positions.test].map(examples) as [
		MemoryExamples,
		MemoryExamples,
		MemoryExamples,
	];
	return { classes, inputShape: [width], splits: { train, validation, test }, attribution: null };
}
