import type { InputSpec, Modality } from '../backbone/index.js';
import type { JsonObject } from '../json/index.js';

export type Task = 'CLASSIFICATION' | 'REGRESSION';

export interface DatasetSplit {
	readonly name: string;
	readonly examples: number;
	/** Examples of each class, in the order of `Dataset.classes`; null for regression. */
	readonly classCounts: readonly number[] | null;
}

/** How a quantity is spread over the examples. */
export interface Distribution {
	/** `width`, `height`, `bytes`, `tokens`. */
	readonly name: string;
	/** `px`, `bytes`, `tokens`. */
	readonly unit: string;
	readonly min: number;
	readonly p5: number;
	readonly median: number;
	readonly p95: number;
	readonly max: number;
}

/** What was found at import, for people: nothing of it changes training. */
export interface DatasetStatistics {
	readonly bytes: number;
	readonly distributions: readonly Distribution[];
	readonly duplicates: {
		/** Examples whose content another example before them has. */
		readonly examples: number;
		/** Of these, those whose twin is in another split: what is tested was seen. */
		readonly acrossSplits: number;
		/** Names of examples with equal content; the first of them. */
		readonly groups: readonly (readonly string[])[];
	};
	/** Examples that cannot be read; they are left out. */
	readonly broken: { readonly count: number; readonly named: readonly BrokenExample[] };
}

export interface BrokenExample {
	readonly name: string;
	readonly reason: string;
}

/** Data that a trainer can read. Immutable: other bytes or other options make another version. */
export interface Dataset {
	readonly id: string;
	readonly name: string;
	/** sha256 over the bytes, the format and the options. */
	readonly version: string;
	readonly modality: Modality;
	readonly task: Task;
	readonly classes: readonly string[] | null;
	readonly splits: readonly DatasetSplit[];
	readonly input: InputSpec;
	/** Where a trainer reads it: `builtin:optdigits` (shipped with Graft) or `file:///…`. */
	readonly uri: string;
	/** How the bytes are read; `csv-image` is one image a row, pixel columns and a label column. */
	readonly format: string;
	readonly options: JsonObject;
	readonly attribution: string | null;
	/** Null where nothing was counted at import. */
	readonly statistics: DatasetStatistics | null;
	readonly createdAt: Date;
}

/** Units of the last layer: one a class, or a single one for a regression. Unlabelled data have none. */
export const outputsOf = ({ task, classes }: Pick<Dataset, 'task' | 'classes'>): number =>
	task === 'REGRESSION' ? 1 : (classes?.length ?? 0);
