export type { DatasetAccess, DatasetFormat, DatasetPlace, DatasetProgress, OpenDataset } from './dataset-format.js';
export type {
	DatasetContent,
	DatasetInspection,
	DatasetSource,
	Examples,
	InputReader,
	Labels,
	LoadedDataset,
	MemoryExamples,
	SplitName,
	VersionedSource,
} from './dataset-spec.js';
export { inspectDataset, loadDataset } from './load-dataset.js';
export { labelSize, pickLabels } from './pick-labels.js';
export type { RemoteAccess } from './remote/remote-access.js';
export { type TokenText, tokenDataset } from './token-dataset.js';
