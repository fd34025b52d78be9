import type { Modality } from '@graft/domain/backbone';
import type { DatasetStatistics, Task } from '@graft/domain/dataset';
import type { JsonObject } from '@graft/domain/json';
import type { TextTokenizer } from '../tokenizer/index.js';
import type { DatasetContent } from './dataset-spec.js';
import type { RemoteAccess } from './remote/remote-access.js';

/** One way in which data lie somewhere. A format is one file that exports one of these, and a line in `formats.ts`. */
export interface DatasetFormat<Options extends object = object> {
	readonly name: string;
	readonly modality: Modality;
	/** Checks the options and fills in what is missing: equal data are equal options. @throws GraftError DATA. */
	parseOptions(given: JsonObject): Options;
	/** Looks at what is there. @throws GraftError DATA where it cannot be used. */
	open(place: DatasetPlace, options: Options): Promise<OpenDataset>;
}

export interface DatasetPlace {
	readonly uri: string;
	/** The version that is wanted; null where the data are looked at for the first time. */
	readonly version: string | null;
	readonly access: DatasetAccess;
	/** What was fetched before is not this version: it is fetched again. */
	readonly isStale?: boolean;
}

/** What reading may use of this machine, and whom it tells how far it is. */
export interface DatasetAccess {
	/** Folder for what was fetched or worked out; null: nothing is kept. */
	readonly cacheDir: string | null;
	/** Bytes that what was fetched or unpacked may take there. */
	readonly cacheBytes: number;
	readonly onProgress: (progress: DatasetProgress) => void;
	/** How the backbone's weights want pixels (`caffe`, `tf`, `torch`); null: it does not say. */
	readonly preprocessing: string | null;
	/** What turns texts into tokens: the backbone's; null where texts are only described. */
	readonly tokenizer: TextTokenizer | null;
	/** Tokens of a text, where the data set does not say them. */
	readonly length: number | null;
	/** Threads that decode images; 0: the calling one does. */
	readonly threads: number;
	readonly remote: RemoteAccess;
}

export interface DatasetProgress {
	/** `hash`, `decode`, `fetch`, `unpack`, `read`. */
	readonly stage: string;
	readonly done: number;
	readonly total: number;
}

/** Data of a known content. */
export interface OpenDataset {
	/** sha256 of the bytes, or of a manifest of them. The version is made of it, the format's name and the options. */
	readonly digest: string;
	readonly task: Task;
	/** Registered instead of the content's shape; null where the backbone decides it. */
	readonly inputShape?: readonly number[] | null;
	/** What a network is trained on. */
	readonly load: () => Promise<DatasetContent>;
	/** What a person wants to know before training: asked once, when the data are registered. */
	readonly statistics?: () => Promise<DatasetStatistics>;
}
