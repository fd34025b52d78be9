import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { GraftError } from '@graft/domain/error';
import { canonicalJson } from '@graft/domain/json';
import { asyncBufferFromFile } from 'hyparquet';
import type { DatasetPlace } from '../dataset-format.js';
import { SPLIT_NAMES, type SplitName } from '../dataset-spec.js';
import { localPlace } from '../local-place.js';
import { csvRows } from './csv-rows.js';
import { jsonlRows } from './jsonl-rows.js';
import { parquetRows } from './parquet-rows.js';
import { plainRows } from './plain-rows.js';
import type { Row } from './row.js';
import type { TableOptions } from './table-options.js';

/** `plain` is text alone: a row a line. */
export type TableKind = 'csv' | 'jsonl' | 'parquet' | 'plain';

/** A file of the table, and the split that all of its rows belong to where the files say it. */
export interface TableFile {
	readonly path: string;
	/** For messages and the manifest: the name within the folder, or the file's own. */
	readonly name: string;
	readonly split: SplitName | null;
}

/** @throws GraftError DATA where the address is of no known kind or there is no such file. */
export async function findFiles(place: DatasetPlace, { split }: TableOptions): Promise<readonly TableFile[]> {
	const { uri } = place;
	const bring = async (at: string, name: string, of: SplitName | null): Promise<TableFile> => {
		const file = { path: await localPlace({ ...place, uri: at }), name, split: of };
		if ((await stat(file.path)).isFile()) return file;
		throw new GraftError('DATA', `${name} is no file. A folder of tables needs split.files.`, { uri });
	};
	const folder = uri.replace(/\/+$/, '');
	if (split.by !== 'file') return [await bring(uri, decodeURIComponent(folder.split('/').at(-1) ?? ''), null)];
	const files: TableFile[] = [];
	for (const name of SPLIT_NAMES) {
		const file = split.files[name];
		if (file === undefined) continue;
		files.push(await bring(`${folder}/${file.split('/').map(encodeURIComponent).join('/')}`, file, name));
	}
	return files;
}

/** sha256 of the one file, or of a manifest of several. */
export async function digestFiles(files: readonly TableFile[]): Promise<string> {
	const manifest: { name: string; split: SplitName | null; sha256: string }[] = [];
	for (const { path: file, name, split } of files) {
		const hash = createHash('sha256');
		for await (const chunk of createReadStream(file)) hash.update(chunk as Uint8Array);
		manifest.push({ name, split, sha256: hash.digest('hex') });
	}
	const [only] = manifest;
	if (manifest.length === 1 && only?.split === null) return only.sha256;
	return createHash('sha256').update(canonicalJson(manifest)).digest('hex');
}

/** Rows of a file, a few at a time. `columns` spares a Parquet file the reading of others. */
export async function* readRows(
	file: TableFile,
	kind: TableKind,
	columns: readonly string[] | null,
	{ delimiter }: TableOptions,
): AsyncGenerator<Row> {
	const { path: at, name } = file;
	if (kind === 'csv') yield* csvRows(createReadStream(at), name, delimiter);
	else if (kind === 'jsonl') yield* jsonlRows(createReadStream(at), name);
	else if (kind === 'plain') yield* plainRows(createReadStream(at), name);
	else yield* parquetRows(await asyncBufferFromFile(at), name, columns);
}
