import { GraftError } from '@graft/domain/error';
import { type Labels, SPLIT_NAMES, type SplitName } from '../dataset-spec.js';
import { assignFractions, type Positions } from './assign-splits.js';
import { badRow, numberCell, type Row, textCell } from './row.js';
import { readRows, type TableFile, type TableKind } from './table-files.js';
import type { TableOptions } from './table-options.js';

export interface TableSource {
	readonly uri: string;
	readonly kind: TableKind;
	readonly files: readonly TableFile[];
	readonly options: TableOptions;
	/** What is read of the rows; null: everything. */
	readonly columns: readonly string[] | null;
}

export interface GatheredRows {
	/** Empty for a regression and for data without labels. */
	readonly classes: readonly string[];
	/** Of each row that was taken, in order. */
	readonly labels: Labels;
	readonly positions: Positions;
}

/**
 * Goes once through all rows. `take` keeps what it wants of a row and says whether there was anything; its rows are
 * numbered from 0. @throws GraftError DATA that names the file and the line.
 */
export async function gatherRows(source: TableSource, take: (row: Row) => boolean): Promise<GatheredRows> {
	const { uri, kind, files, options, columns } = source;
	const labelOf = labelReader(options);
	const labels: number[] = [];
	const splits: (SplitName | null)[] = [];
	for (const file of files) {
		for await (const row of readRows(file, kind, columns, options)) {
			const label = labelOf.read(row);
			if (label === null) continue;
			const split = file.split ?? splitIn(row, options);
			if (!take(row)) continue;
			labels.push(label);
			splits.push(split);
		}
	}
	if (labels.length === 0) throw new GraftError('DATA', `${uri} has no rows.`, { uri });
	const { classes, values } = labelOf.finish(labels);
	if (options.label !== null && classes.length < 2) {
		const message = `${uri} has ${classes.length} class (${classes.join()}); training needs two at least.`;
		throw new GraftError('DATA', message, { uri });
	}
	const positions = place(splits, values, classes, options);
	refuseMissing(classes, values, positions, uri);
	return { classes, labels: values, positions };
}

/** The split that a column names; null where fractions decide later. */
function splitIn(row: Row, { split }: TableOptions): SplitName | null {
	if (split.by !== 'column') return null;
	const value = textCell(row, split.column);
	const found = SPLIT_NAMES.find((name) => split.names[name] === value);
	if (found !== undefined) return found;
	const known = SPLIT_NAMES.map((name) => split.names[name]).join(', ');
	return badRow(row.place, `the column ${split.column} says ${JSON.stringify(value)}, which is none of ${known}`);
}

/** Reads labels while classes may still be unknown: numbers them as they come, and in order at the end. */
function labelReader({ label, target, classes: given }: TableOptions) {
	const numbers = new Map((given ?? []).map((name, index) => [name, index]));
	const readClass = (row: Row, column: string): number | null => {
		const name = textCell(row, column) ?? badRow(row.place, `there is no label in the column ${column}`);
		const known = numbers.get(name);
		if (known !== undefined) return known;
		if (given !== null) return null;
		numbers.set(name, numbers.size);
		return numbers.size - 1;
	};
	return {
		/** Null: a row of a class that does not count. */
		read: (row: Row): number | null => {
			if (label !== null) return readClass(row, label);
			if (target === null) return 0;
			return numberCell(row, target) ?? badRow(row.place, `there is no number in the column ${target}`);
		},
		finish: (labels: readonly number[]): { classes: readonly string[]; values: Labels } => {
			if (label === null)
				return { classes: [], values: target === null ? new Int32Array(0) : Float32Array.from(labels) };
			const names = [...numbers.keys()];
			const classes = given ?? [...names].sort(inOrder);
			const place = names.map((name) => classes.indexOf(name));
			return { classes, values: Int32Array.from(labels, (number) => place[number] ?? 0) };
		},
	};
}

/** Numbers by their size, all else as text. */
function inOrder(a: string, b: string): number {
	const [x, y] = [Number(a), Number(b)];
	return Number.isFinite(x) && Number.isFinite(y) && x !== y ? x - y : a < b ? -1 : 1;
}

function place(
	splits: readonly (SplitName | null)[],
	labels: Labels,
	classes: readonly string[],
	{ split }: TableOptions,
): Positions {
	if (split.by === 'fraction') {
		const strata = classes.length > 0 ? labels : new Uint8Array(splits.length);
		return assignFractions(strata, classes.length > 0 ? classes : [''], split.fractions, split.seed);
	}
	const positions: Record<SplitName, number[]> = { train: [], validation: [], test: [] };
	splits.forEach((name, row) => {
		if (name !== null) positions[name].push(row);
	});
	return positions;
}

function refuseMissing(classes: readonly string[], labels: Labels, { train }: Positions, uri: string): void {
	if (train.length === 0) throw new GraftError('DATA', `${uri} has no rows in the train split.`, { uri });
	const seen = new Set(train.map((row) => labels[row]));
	const missing = classes.filter((_, index) => !seen.has(index));
	if (missing.length === 0) return;
	throw new GraftError('DATA', `${uri} has no row of class ${missing.join(', ')} in the train split.`, { uri });
}
