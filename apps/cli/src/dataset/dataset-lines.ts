import { TASK_NAMES, type Task } from '@graft/domain/dataset';
import { wholeNumber } from '../terminal/numbers.js';
import { type Column, renderTable } from '../terminal/table.js';

interface Distribution {
	readonly name: string;
	readonly unit: string;
	readonly min: number;
	readonly p5: number;
	readonly median: number;
	readonly p95: number;
	readonly max: number;
}

/** What is told about a data set, whether it was just imported or stands in the catalogue. */
export interface ShownDataset {
	readonly name: string;
	readonly version: string;
	readonly task: Task;
	readonly modality: string;
	readonly classes: readonly string[] | null;
	readonly splits: readonly {
		readonly name: string;
		readonly examples: number;
		readonly classCounts: readonly number[] | null;
	}[];
	readonly statistics: {
		readonly bytes: number;
		readonly distributions: readonly Distribution[];
		readonly duplicates: {
			readonly examples: number;
			readonly acrossSplits: number;
			readonly groups: readonly (readonly string[])[];
		};
		readonly broken: {
			readonly count: number;
			readonly named: readonly { readonly name: string; readonly reason: string }[];
		};
	} | null;
}

/** Classes that are counted one by one; of more there is a summary. */
const MOST_CLASSES = 40;
const NAMED = 5;

/** Counts a class a split, sizes, duplicates, what is broken. */
export function datasetLines({ name, version, task, modality, classes, splits, statistics }: ShownDataset): string[] {
	const into = classes === null ? '' : ` into ${classes.length} classes`;
	const lines = [`${name}  ${modality.toLowerCase()}, ${TASK_NAMES[task]}${into}, version ${version.slice(0, 12)}`, ''];
	lines.push(...countLines(classes, splits));
	if (statistics === null) return lines;
	const { distributions, duplicates, broken } = statistics;
	if (distributions.length > 0) lines.push('', ...distributionLines(distributions));
	if (duplicates.examples > 0) {
		const leak = duplicates.acrossSplits > 0 ? `, ${wholeNumber(duplicates.acrossSplits)} of them across splits` : '';
		lines.push('', `${wholeNumber(duplicates.examples)} duplicates${leak}:`);
		lines.push(...some(duplicates.groups.map((group) => `  ${shortened(group).join(' = ')}`)));
	}
	if (broken.count > 0) {
		lines.push('', `${wholeNumber(broken.count)} left out, for they cannot be read:`);
		lines.push(...some(broken.named.map((one) => `  ${one.name}: ${one.reason}`)));
	}
	return lines;
}

function countLines(classes: readonly string[] | null, splits: ShownDataset['splits']): string[] {
	const names = classes !== null && classes.length <= MOST_CLASSES ? classes : [];
	const right = (title: string): Column => ({ title, align: 'right' });
	const columns: Column[] = [{ title: 'class', align: 'left' }, ...splits.map((split) => right(split.name))];
	const counts = names.map((name, index) => [
		name,
		...splits.map(({ classCounts }) => (classCounts === null ? '' : wholeNumber(classCounts[index] ?? 0))),
	]);
	return renderTable(columns, [...counts, ['all', ...splits.map(({ examples }) => wholeNumber(examples))]]);
}

function distributionLines(distributions: readonly Distribution[]): string[] {
	const ranks = ['min', 'p5', 'median', 'p95', 'max'] as const;
	const columns: Column[] = [
		{ title: '', align: 'left' },
		...ranks.map((rank): Column => ({ title: rank === 'p5' ? '5 %' : rank === 'p95' ? '95 %' : rank, align: 'right' })),
	];
	return renderTable(
		columns,
		distributions.map((one) => [
			one.name === one.unit ? one.name : `${one.name} (${one.unit})`,
			...ranks.map((rank) => wholeNumber(one[rank])),
		]),
	);
}

const shortened = (group: readonly string[]): readonly string[] =>
	group.length > NAMED ? [...group.slice(0, NAMED - 1), `${group.length - NAMED + 1} more`] : group;

const some = (lines: readonly string[]): string[] =>
	lines.length > NAMED ? [...lines.slice(0, NAMED), `  … and ${lines.length - NAMED} more`] : [...lines];
