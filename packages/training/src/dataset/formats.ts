import { GraftError } from '@graft/domain/error';
import { idx, numpy } from './arrays/array-formats.js';
import { csvImage } from './csv-image.js';
import type { DatasetFormat } from './dataset-format.js';
import { imageFolder } from './image-folder/image-folder.js';
import { numberTable } from './table/number-table.js';
import { textTable } from './table/text-table.js';

const FORMATS: readonly DatasetFormat[] = [
	csvImage,
	imageFolder,
	numpy,
	idx,
	textTable('csv'),
	textTable('jsonl'),
	textTable('parquet'),
	textTable('plain'),
	numberTable('csv'),
	numberTable('jsonl'),
	numberTable('parquet'),
];

/** @throws GraftError DATA that names what there is. */
export function findFormat(name: string): DatasetFormat {
	const found = FORMATS.find((format) => format.name === name);
	if (found !== undefined) return found;
	const names = FORMATS.map((format) => format.name).join(', ');
	throw new GraftError('DATA', `The format ${name} is unknown; there is ${names}.`, { format: name });
}
