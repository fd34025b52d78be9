import type { Modality } from '@graft/domain/backbone';
import type { DatasetSplit, Task } from '@graft/domain/dataset';
import type { JsonObject } from '@graft/domain/json';

/** Where data are and how they are read. */
export interface DatasetSource {
	/** `builtin:optdigits` or `file:///…`. */
	readonly uri: string;
	/** `csv-image`: one image a row, pixel columns and a label column. */
	readonly format: string;
	readonly options: JsonObject;
}

/** A registered data set: bytes that no longer match the version are refused. */
export interface VersionedSource extends DatasetSource {
	readonly version: string;
}

/** What is to be registered about data. */
export interface DatasetInspection {
	/** sha256 over the file's sha256, the format and the options. */
	readonly version: string;
	readonly modality: Modality;
	readonly task: Task;
	readonly classes: readonly string[];
	readonly splits: readonly DatasetSplit[];
	readonly inputShape: readonly number[];
	readonly attribution: string | null;
}

export const SPLIT_NAMES = ['train', 'validation', 'test'] as const;
export type SplitName = (typeof SPLIT_NAMES)[number];

/** One number an example: the index of its class, or the number itself where it is a regression's. */
export type Labels = Int32Array | Float32Array;

/** Examples of one split, one after the other. */
export interface Examples {
	readonly count: number;
	/** `count` times the input shape, scaled. */
	readonly inputs: Float32Array;
	readonly labels: Labels;
}

export interface LoadedDataset {
	readonly version: string;
	readonly classes: readonly string[];
	readonly inputShape: readonly number[];
	readonly splits: Readonly<Record<SplitName, Examples>>;
	readonly attribution: string | null;
}
